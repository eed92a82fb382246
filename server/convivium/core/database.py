"""One writer, many readers, through SQLAlchemy: SQLite, or PostgreSQL where a setting names one.

What the two do in ways of their own is in `core/databases`. Nothing here commits on its own;
`core/transaction.py` does, in one place.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from convivium.core.config import Settings
from convivium.core.databases.kind import BUSY, FULL, WRITER_WAIT_S, DatabaseUnusable, Kind
from convivium.core.databases.sqlite import Sqlite
from convivium.core.errors import Busy, DiskFull

WRITERS_WAITING = 500

# A statement takes 32,766 values of SQLite, and one more of PostgreSQL.
VALUES_AT_ONCE = 10_000

T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Give many values in lists that one statement takes each."""
    left = list(values)
    for at in range(0, len(left), VALUES_AT_ONCE):
        yield left[at : at + VALUES_AT_ONCE]


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; it is kept without its zone, which is put back on reading."""

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

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own shape
        datetime: UtcDateTime,
        # 64 bits, as every number of SQLite has.
        int: Integer().with_variant(BigInteger(), "postgresql"),
    }
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def database_of(settings: Settings) -> Kind:
    """Choose the database that the settings name: without an address, a file in the folder."""
    if settings.database_url is None:
        return Sqlite(settings.database_path)
    from convivium.core.databases.postgres import Postgres  # noqa: PLC0415 - only where it is used

    return Postgres(settings.database_url.get_secret_value())


class Database:
    """The database: `read` for looking, `write` for one transaction at a time."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._writer = kind.open_writer()
        self._reader = kind.open_reader()
        # A connection broke during a commit: nobody knows whether the rows are so.
        self.unsure = asyncio.Event()
        self._turn = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Look at one consistent state; nothing written here would be kept.

        Never opened while another is held. Raises Busy when all readers are taken for too long.
        """
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            with _in_plain_words(self._kind):
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Be the only writer until the end; commits there, or takes everything back.

        Raises Busy when the line is too long, DiskFull when there is no room.
        """
        await self._take_turn()
        try:
            with _in_plain_words(self._kind):
                session = AsyncSession(self._writer, expire_on_commit=False)
                async with session, self._committing(session):
                    yield session
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def _committing(self, session: AsyncSession) -> AsyncIterator[None]:
        is_through = False
        try:
            async with session.begin():
                yield
                is_through = True
        except DBAPIError as error:
            if is_through and error.connection_invalidated:
                self.unsure.set()
            raise

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


@contextmanager
def _in_plain_words(kind: Kind) -> Iterator[None]:
    """Turn complaints about a full disk, another writer or no free reader into refusals."""
    try:
        yield
    except NoConnection as error:
        raise Busy from error
    except Exception as error:
        match kind.trouble(error):
            case "full":
                raise DiskFull from error
            case "busy":
                raise Busy from error
            case None:
                raise


@contextmanager
def database_in_words(kind: Kind) -> Iterator[None]:
    """Turn what goes wrong with a database at a start into a sentence for its operator.

    Raises DatabaseUnusable.
    """
    try:
        yield
    except Exception as error:
        complaint = _complaint(kind, error)
        if complaint is None:
            raise
        raise DatabaseUnusable(f"The database {kind.name} {complaint}") from error


def _complaint(kind: Kind, error: Exception) -> str | None:
    if isinstance(error, DiskFull):
        return FULL
    if isinstance(error, Busy):
        return kind.complaint(error.__cause__ or error) or BUSY
    return kind.complaint(error)
