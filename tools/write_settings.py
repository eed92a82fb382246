"""Write the table of settings into the operator's page, from the class that the server reads.

    write_settings.py [--check]

With --check nothing is written: it fails if the page says something else than the code.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from convivium.core.config import PREFIX, Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operate.md"
START = "<!-- settings: written by `make fix` from the code -->\n"
END = "<!-- end of settings -->"


def main(arguments: Sequence[str]) -> int:
    """Bring the page up to date, or say that it is not."""
    page = PAGE.read_text()
    wanted = with_table(page, "".join(rows()))
    if "--check" not in arguments:
        PAGE.write_text(wanted)
    elif page != wanted:
        print("docs/operate.md: the settings have changed; `make fix` writes them anew")
        return 1
    return 0


def with_table(page: str, table: str) -> str:
    """Put a table between the two marks of a page."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}{table}{END}{after}"


def rows() -> Iterator[str]:
    """Yield the table's lines, one for each setting."""
    yield "| variable | default | what it says |\n|---|---|---|\n"
    for name, field in Settings.model_fields.items():
        yield f"| `{PREFIX}{name.upper()}` | {shown(field.default)} | {field.description} |\n"


def shown(default: object) -> str:
    """Show a default as one would write it into the environment."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`{','.join(default)}`" if default else "none"
    return f"`{default}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
