"""What people write is shown in one line and turns nothing around."""

from hypothesis import given
from hypothesis import strategies as st

from convivium.core.text import one_line, paragraphs


def test_one_line() -> None:
    """Lines are joined; controls and direction marks are gone; letters of all kinds stay."""
    assert one_line("  a\r\nb\t c ") == "a b c"
    assert one_line("ab\u202ecd\u2066\u0007\x1b[31m") == "abcd[31m"
    assert one_line("\u200b \u2060") == ""
    assert one_line("Adébáyọ̀ 你好 👩‍👩‍👧 שלום") == "Adébáyọ̀ 你好 👩‍👩‍👧 שלום"


@given(st.text())
def test_once_is_enough(text: str) -> None:
    """What was made safe is not changed by doing it again, and has no line end."""
    line = one_line(text)

    assert one_line(line) == line
    assert "\n" not in line
    assert paragraphs(paragraphs(text)) == paragraphs(text)
