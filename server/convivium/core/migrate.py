"""Brings a database file to the schema of this version when the server starts.

Alembic is imported only when there is something to do: it costs a tenth of a second, and a server
that comes back after a crash is waited for.
"""

import re
from pathlib import Path

from convivium.core.database import schema_version
from convivium.core.errors import StartFailed
from convivium.core.folder import own_folder

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Longer than another command takes that makes the same folder.
COMMAND_WAIT_S = 5.0


class FolderTooNew(StartFailed):
    """The data folder was written by a newer version, which this one would damage."""


def known_versions() -> list[str]:
    """List the migrations that this version has, oldest first; their files are named by number."""
    names = (path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    return sorted(match[1] for name in names if (match := re.match(r"(\d{4})_", name)))


def is_up_to_date(path: Path) -> bool:
    """Tell whether there is a database file at this version's schema. Raises FolderTooNew."""
    known = known_versions()
    found = schema_version(path)
    if found is not None and found not in known:
        raise FolderTooNew(
            f"The folder {path.parent} was written by a newer version of Convivium ({found}; this"
            f" one knows {known[-1]}). Start that version, or choose another folder."
        )
    return found == known[-1]


def bring_up_to_date(path: Path) -> None:
    """Run what is missing on this database file, making it if need be. Raises FolderTooNew.

    For whoever has the folder alone.
    """
    if not is_up_to_date(path):
        _upgrade(path)


def bring_up_to_date_beside_others(path: Path) -> None:
    """Do so for a command: never under a server that runs on an older schema.

    Raises FolderInUse, FolderUnusable, FolderTooNew.
    """
    if not is_up_to_date(path):
        with own_folder(path.parent, wait_s=COMMAND_WAIT_S):
            bring_up_to_date(path)


def _upgrade(path: Path) -> None:
    from alembic import command  # noqa: PLC0415 - see the head of this file
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "head")
