"""A map that names what is gone is found out."""

from pathlib import Path

from check_paths import missing_paths, named_paths

TREE = """```tree
server/
  app.py    composition root
  core/
    bus.py  the bus
web/
```"""


def test_a_tree_gives_full_paths() -> None:
    assert list(named_paths(TREE)) == [
        "server/",
        "server/app.py",
        "server/core/",
        "server/core/bus.py",
        "web/",
    ]


def test_links_and_words_in_backticks_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "MAP.md").write_text(
        "See [a](docs/a.md), `b/c.py` and `d/`, not `a word`, `text/plain` or https://x.y/z."
    )

    assert missing_paths(tmp_path, "MAP.md") == ["docs/a.md", "b/c.py", "d/"]


def test_what_exists_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "server" / "core").mkdir(parents=True)
    (tmp_path / "web").mkdir()
    (tmp_path / "server" / "app.py").touch()
    (tmp_path / "server" / "core" / "bus.py").touch()
    (tmp_path / "MAP.md").write_text(TREE + "\nEvery `server/*.py`.")

    assert missing_paths(tmp_path, "MAP.md") == []


def test_a_pattern_that_matches_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "MAP.md").write_text("`docs/decisions/*.md`")

    assert missing_paths(tmp_path, "MAP.md") == ["docs/decisions/*.md"]
