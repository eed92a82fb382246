"""What is read out of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convivium.posts.rules import MENTIONS_MAX, TAGS_MAX, names_in, tags_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ama, and @Chidi!", ["ama", "chidi"]),
        ("(@ama) @ama @AMA", ["ama"]),
        ("mail@example.org and @example.org", ["example"]),
        ("https://example.org/@ama #@ama", []),
        ("@a @" + "x" * 31 + " @ä", []),
        ("@@ama @ama@example.org", []),
        (" ".join(f"@name{n}" for n in range(30)), [f"name{n}" for n in range(MENTIONS_MAX)]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    """A name stands by itself, and is small."""
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Dialect evening, #SingYourDialect!", ["dialect", "singyourdialect"]),
        ("#Straße #STRASSE", ["strasse"]),
        ("#1 #2026 #2026er", ["2026er"]),
        ("https://example.org/#top a#b &#39; ##x", []),
        ("#日本語 #übung #हिन्दी", ["日本語", "übung", "हिन्दी"]),
        ("#" + "x" * 51, []),
        (" ".join(f"#t{n}" for n in range(30)), [f"t{n}" for n in range(TAGS_MAX)]),
    ],
)
def test_tags(text: str, tags: list[str]) -> None:
    """A tag has a letter, and is the same however it is written."""
    assert tags_in(text) == tags


@given(st.text(alphabet="@#ab1 _./é", max_size=300))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    """Nothing is made up, and nothing takes long."""
    assert all(f"@{name}" in text.lower() for name in names_in(text))
    assert all(f"#{tag}" in text.casefold() for tag in tags_in(text))
