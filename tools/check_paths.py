"""Check that every path which a document names exists, so that a map never shows what is gone.

    check_paths.py DOCUMENT ...

Looked at: links to files, words in backticks with a slash that end as a folder or a file does,
and trees drawn by indentation in a block that says `tree`.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
QUOTED = re.compile(r"`([\w.@-]+(?:/[\w.@*-]+)*/?)`")
TREE = re.compile(r"^(\s*)([\w.-]+/?)(?:\s{2,}.*)?$")


def main(documents: Sequence[str]) -> int:
    """Print each path that does not exist; 1 if there is one."""
    missing = [
        f"{name}: {path} does not exist" for name in documents for path in missing_paths(ROOT, name)
    ]
    print("\n".join(missing))
    return 1 if missing else 0


def missing_paths(root: Path, document: str) -> list[str]:
    """List the paths a document names that are neither below `root` nor beside the document."""
    text = (root / document).read_text()
    beside = (root / document).parent
    return [
        path
        for path in named_paths(text)
        if not any(exists(folder, path) for folder in (root, beside))
    ]


def exists(folder: Path, path: str) -> bool:
    """Tell whether a path, which may hold a `*`, names something."""
    return any(folder.glob(path.rstrip("/"))) if "*" in path else (folder / path).exists()


def named_paths(text: str) -> Iterator[str]:
    """Yield the paths in links, in backticks and in fenced trees."""
    for number, part in enumerate(text.split("```")):
        if number % 2:
            yield from paths_in_tree(part)
        else:
            yield from LINK.findall(part)
            yield from (word for word in QUOTED.findall(part) if looks_like_path(word))


def looks_like_path(word: str) -> bool:
    """Tell a path from a media type and any other word in backticks."""
    *above, last = word.split("/")
    return bool(above) and (not last or "." in last)


def paths_in_tree(part: str) -> Iterator[str]:
    """Yield the full paths of a tree drawn by indentation; its language line must be `tree`."""
    if not part.startswith("tree\n"):
        return
    above: list[tuple[int, str]] = []
    for line in part.splitlines()[1:]:
        drawn = TREE.match(line)
        if not drawn:
            continue
        depth, name = len(drawn[1]), drawn[2]
        above = [(indent, folder) for indent, folder in above if indent < depth]
        yield "".join(folder for _, folder in above) + name
        if name.endswith("/"):
            above.append((depth, name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
