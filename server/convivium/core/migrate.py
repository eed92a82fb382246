"""Brings a database to the schema of this version when the server starts.

Alembic is imported only when there is something to do: it costs a tenth of a second, and a server
that comes back after a crash is waited for.
"""

import re
from pathlib import Path

from sqlalchemy.engine import Connection

from convivium.core.databases.kind import Kind
from convivium.core.errors import StartFailed
from convivium.core.folder import own_folder

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Longer than another command takes that makes the same folder.
COMMAND_WAIT_S = 5.0


class DatabaseTooNew(StartFailed):
    """The database was written by a newer version, which this one would damage."""


def known_versions() -> list[str]:
    """List the migrations that this version has, oldest first; their files are named by number."""
    names = (path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    return sorted(match[1] for name in names if (match := re.match(r"(\d{4})_", name)))


async def is_up_to_date(kind: Kind) -> bool:
    """Tell whether a database is there at this version's schema. Raises DatabaseTooNew."""
    known = known_versions()
    found = await kind.version()
    if found is not None and found not in known:
        raise DatabaseTooNew(
            f"The database {kind.name} was written by a newer version of Convivium ({found}; this"
            f" one knows {known[-1]}). Start that version, or choose another with --data or"
            " database_url."
        )
    return found == known[-1]


async def bring_up_to_date(kind: Kind) -> None:
    """Run what is missing on this database, making it if need be. Raises DatabaseTooNew.

    For whoever has it alone.
    """
    if not await is_up_to_date(kind):
        await kind.migrate(_upgrade)


async def bring_up_to_date_beside_others(kind: Kind, data: Path) -> None:
    """Do so for a command: never under a server that runs on an older schema.

    Raises FolderInUse, FolderUnusable, DatabaseInUse, DatabaseTooNew.
    """
    if not await is_up_to_date(kind):
        with own_folder(data, wait_s=COMMAND_WAIT_S):
            async with kind.alone(wait_s=COMMAND_WAIT_S):
                await bring_up_to_date(kind)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the head of this file
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")
