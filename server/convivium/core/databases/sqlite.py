"""SQLite: one file in WAL mode, one writer, many readers.

Every writing transaction starts with BEGIN IMMEDIATE on the only writing connection: a deferred one
that reads first fails at its first write with "database is locked" however long the timeout is.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from convivium.core.databases.kind import BUSY, FULL, Trouble, open_engine
from convivium.core.folder import folder_in_words

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    # What is deleted is written over: an account that is deleted leaves no words in free pages.
    "secure_delete=ON",
)


class Sqlite:
    """A database file."""

    readers = 4

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """Name the file."""
        return str(self.path)

    def open_writer(self) -> AsyncEngine:
        """Make the engine of the one connection that writes."""
        return self._open("BEGIN IMMEDIATE", connections=1)

    def open_reader(self) -> AsyncEngine:
        """Make the engine of those that read."""
        return self._open("BEGIN", connections=self.readers)

    async def version(self) -> str | None:
        """Tell which migration the file is at; None while it does not exist."""
        with folder_in_words(self.path.parent):
            if not self.path.exists():
                return None
        connection = sqlite3.connect(self.path)
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        finally:
            connection.close()
        return None if row is None else str(row[0])

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """Run this with foreign keys off: a table that is made anew would take others' rows along.

        Nobody is waited for, so that no loop is needed.
        """
        engine = create_engine(f"sqlite:///{self.path}")
        _begin_by(engine, "BEGIN IMMEDIATE")
        try:
            with engine.begin() as connection:
                upgrade(connection)
        finally:
            engine.dispose()

    @asynccontextmanager
    async def alone(self, *, wait_s: float = 0.0) -> AsyncIterator[asyncio.Event]:
        """Be content: the file lies in the data folder, which has a lock."""
        del wait_s
        yield asyncio.Event()

    def trouble(self, error: BaseException) -> Trouble | None:
        """Tell a disk that is full or fails from a file that somebody else writes."""
        name = _name_of(error) if isinstance(error, OperationalError | sqlite3.Error) else ""
        if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
            return "full"
        return "busy" if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) else None

    def complaint(self, error: BaseException) -> str | None:
        """Say what is wrong with the file."""
        if not isinstance(error, sqlite3.Error | DBAPIError):
            return None
        if trouble := self.trouble(error):
            return FULL if trouble == "full" else BUSY
        if _name_of(error).startswith(
            ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")
        ):
            return "cannot be opened or written. Give this user the right to, and try again."
        return "is damaged. Put back a copy of the folder, or choose another with --data."

    def _open(self, begin: str, *, connections: int) -> AsyncEngine:
        engine = open_engine(
            f"sqlite+aiosqlite:///{self.path}",
            connections=connections,
            async_creator=partial(_opened, self.path),
        )
        _begin_by(engine.sync_engine, begin, PRAGMAS)
        return engine


async def _opened(path: Path) -> aiosqlite.Connection:
    """Open a connection whole or not at all: one that nobody waits for would never be closed.

    Its thread would open the file when the folder is gone, or answer a loop that has ended.
    """
    connection = aiosqlite.connect(path)
    # As SQLAlchemy does where it opens by itself: no thread keeps the process from ending.
    connection._thread.daemon = True  # noqa: SLF001 - aiosqlite offers no other way
    opening = asyncio.ensure_future(connection)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.gather(opening, return_exceptions=True)
        await connection.close()
        raise


def _begin_by(engine: Engine, begin: str, pragmas: tuple[str, ...] = ()) -> None:
    """Let every transaction begin with this, on connections that are prepared so."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
        # None: the driver begins nothing by itself, or the SELECT before a write is outside, and
        # a migration that is cut short stays half done.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _name_of(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", error), "sqlite_errorname", ""))
