"""One file, one writer, many readers: SQLite in WAL mode through SQLAlchemy.

Every writing transaction starts with BEGIN IMMEDIATE on the only writing connection: a deferred one
that reads first fails at its first write with "database is locked" however long the timeout is.
Nothing here commits on its own; `core/transaction.py` does, in one place.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from convivium.core.errors import Busy, DiskFull, StartFailed
from convivium.core.folder import folder_in_words

# Longer than any transaction of ours takes; who waits longer is told to come again.
WRITER_WAIT_S = 10.0
WRITERS_WAITING = 500
READERS = 4
READER_WAIT_S = 5.0


# A statement of SQLite takes 32,766 values.
VALUES_AT_ONCE = 10_000

T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Give many values in lists that one statement takes each."""
    left = list(values)
    for at in range(0, len(left), VALUES_AT_ONCE):
        yield left[at : at + VALUES_AT_ONCE]


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store without zone, in UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back with its zone."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Parent of every table; constraints have names, so that migrations can find them."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's own shape
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """The database file: `read` for looking, `write` for one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = _connect(path, begin="BEGIN IMMEDIATE", connections=1)
        self._reader = _connect(path, begin="BEGIN", connections=READERS)
        self._turn = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Look at one consistent state; nothing written here would be kept.

        Never opened while another is held. Raises Busy when all readers are taken for too long.
        """
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            with _in_plain_words():
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Be the only writer until the end; commits there, or takes everything back.

        Raises Busy when the line is too long, DiskFull when there is no room.
        """
        await self._take_turn()
        try:
            with _in_plain_words():
                session = AsyncSession(self._writer, expire_on_commit=False)
                async with session, session.begin():
                    yield session
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()

    async def _take_turn(self) -> None:
        if self._waiting >= WRITERS_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(WRITER_WAIT_S):
                await self._turn.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1


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


def _connect(path: Path, *, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        async_creator=partial(_opened, path),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=READER_WAIT_S,
        # An error's text would carry names and notes into the log.
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
        # None: the driver begins nothing by itself, or the SELECT before a write is outside.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _in_plain_words:  # noqa: N801 - reads as a phrase where it is used
    """Turns complaints about a full disk, a locked file or no free reader into refusals."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, NoConnection):
            raise Busy from error
        if not isinstance(error, OperationalError):
            return
        name = getattr(error.orig, "sqlite_errorname", "")
        if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
            raise DiskFull from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Busy from error


class DatabaseUnusable(StartFailed):
    """The database file cannot be worked with; the text says why and what to do."""


@contextmanager
def database_in_words(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a database file at a start into a sentence for its operator.

    Raises DatabaseUnusable.
    """
    try:
        yield
    except (sqlite3.Error, DBAPIError, Busy, DiskFull) as error:
        raise DatabaseUnusable(f"The database {path} {_complaint(error)}") from error


def _complaint(error: Exception) -> str:
    name = str(getattr(getattr(error, "orig", error), "sqlite_errorname", ""))
    if isinstance(error, DiskFull) or name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
        return "cannot be written: its disk is full or fails. Make room and try again."
    if isinstance(error, Busy) or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "is in use by another program. Try again when that is done."
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return "cannot be opened or written. Give this user the right to, and try again."
    return "is damaged. Put back a copy of the folder, or choose another with --data."


def schema_version(path: Path) -> str | None:
    """Tell which migration a database file is at; None for a file that does not exist yet."""
    with folder_in_words(path.parent):
        if not path.exists():
            return None
    connection = sqlite3.connect(path)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.close()
    return None if row is None else str(row[0])
