"""PostgreSQL: a server that was given by its address, with one writer at a time as in SQLite.

A writing transaction takes one lock of the database before it reads anything, so that what was read
is still so when it is written; each of its statements sees what is committed (READ COMMITTED), or
it would see what was so before it had the lock. See docs/decisions/0027-postgresql.md.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import BigInteger, Column, String, event, types
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine

from convivium.core.databases.kind import (
    BUSY,
    FULL,
    WRITER_WAIT_S,
    DatabaseInUse,
    DatabaseUnusable,
    Trouble,
    open_engine,
)

OLDEST = 15
CONNECT_S = 10.0
CLOSE_S = 1.0
# Longer than any statement of ours takes; one that hangs must not keep its connection for ever.
STATEMENT_MS = 30_000
# How often a lock that is not to be had, or was lost, is tried again.
RETRY_S = 0.5

# Advisory locks are numbers with a meaning that both sides know; "conv", and which one.
LOCKS = 0x636F6E76
WRITER, SERVER = 1, 2

# What every connection says of itself. UTC: times are kept without a zone. No JIT: it costs short
# statements more than it gives them.
ABOUT = {"application_name": f"convivium {os.getpid()}", "timezone": "UTC", "jit": "off"}

# Classes and codes of PostgreSQL's errors (its manual, appendix A).
NO_ROOM = ("53100", "58030")
PASSES = ("08", "40", "53", "55P03", "57")
# Where an error's text begins to tell what people wrote.
_TOLD = re.compile(r"(query argument \$\d+|invalid input syntax for [^:]+): .*", re.DOTALL)


class Unreachable(Exception):  # noqa: N818 - it is what is so, and passes
    """No connection to the server could be made."""


class Postgres:
    """A database of a PostgreSQL server."""

    readers = 8

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def name(self) -> str:
        """Name the database and where it is."""
        where = urlsplit(self._url)
        return f"{where.path.removeprefix('/')} at {where.hostname or 'this machine'}"

    def open_writer(self) -> AsyncEngine:
        """Make the engine of the one connection that writes."""
        engine = self._open(
            1,
            default_transaction_isolation="read committed",
            lock_timeout=f"{WRITER_WAIT_S}s",
            statement_timeout=str(STATEMENT_MS),
        )
        _begin_alone(engine)
        return engine

    def open_reader(self) -> AsyncEngine:
        """Make the engine of those that read."""
        return self._open(
            self.readers,
            default_transaction_isolation="repeatable read",
            default_transaction_read_only="on",
            statement_timeout=str(STATEMENT_MS),
        )

    async def version(self) -> str | None:
        """Tell which migration it is at; None for an empty database.

        Raises DatabaseUnusable for a server that is too old, or whose text is no Unicode.
        """
        connection = await self._connect()
        try:
            self._check(connection, await connection.fetchval("SHOW server_encoding"))
            if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
                return None
            found = await connection.fetchval("SELECT version_num FROM alembic_version")
            return None if found is None else str(found)
        finally:
            await connection.close()

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """Run this as a writer does, however long it takes."""
        engine = self._open(1, default_transaction_isolation="read committed")
        engine.dialect.ddl_compiler = _AsInSqlite
        _begin_alone(engine)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def alone(self, *, wait_s: float = 0.0) -> AsyncIterator[asyncio.Event]:
        """Hold the lock of the one server on a connection of its own; it goes with the process.

        When that connection is lost, the lock is taken again as soon as there is another.
        """
        lost = asyncio.Event()
        held = [await self._lock(wait_s)]
        watch = asyncio.create_task(self._keep(held, lost))
        try:
            yield lost
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            await _let_go(held[0])

    def trouble(self, error: BaseException) -> Trouble | None:
        """Tell a full disk and a server that is away or busy from a fault."""
        if isinstance(error, Unreachable):
            return "busy"
        if not isinstance(error, DBAPIError):
            return None
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state in NO_ROOM:
            return "full"
        return "busy" if error.connection_invalidated or state.startswith(PASSES) else None

    def complaint(self, error: BaseException) -> str | None:
        """Say why it cannot be worked with, in PostgreSQL's words where it has said something."""
        if isinstance(error, Unreachable):
            return f"cannot be reached: {error}. Start it, or correct database_url, and try again."
        if not isinstance(error, DBAPIError | asyncpg.PostgresError):
            return None
        if trouble := self.trouble(error):
            return FULL if trouble == "full" else BUSY
        cause = error.orig if isinstance(error, DBAPIError) else error
        return f"cannot be used: {cause}. Put that right and try again."

    def _open(self, connections: int, **settings: str) -> AsyncEngine:
        async def connect() -> Any:  # noqa: ANN401 - the driver's own
            return await self._connect(**settings)

        engine = open_engine(
            "postgresql+asyncpg://", connections=connections, async_creator=connect
        )
        event.listen(engine.sync_engine, "handle_error", _tell_no_values)
        event.listen(engine.sync_engine, "checkout", _leave_the_dead)
        return engine

    async def _connect(self, **settings: str) -> Any:  # noqa: ANN401 - the driver's own
        """Connect; raises Unreachable with words of which none is a password."""
        try:
            return await asyncpg.connect(
                self._url, timeout=CONNECT_S, server_settings=ABOUT | settings
            )
        except TimeoutError:
            raise Unreachable(f"nobody answered within {CONNECT_S:.0f} s") from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise Unreachable(_one_line(error)) from None

    def _check(self, connection: Any, encoding: str) -> None:  # noqa: ANN401 - the driver's own
        major = connection.get_server_version().major
        if major < OLDEST:
            raise DatabaseUnusable(
                f"The database {self.name} is PostgreSQL {major}; it takes {OLDEST} or newer."
            )
        if encoding != "UTF8":
            raise DatabaseUnusable(
                f"The database {self.name} keeps its text as {encoding}; make one with"
                " ENCODING 'UTF8'."
            )

    async def _lock(self, wait_s: float) -> Any:  # noqa: ANN401 - the driver's own
        """Connect, and take the lock of the one server. Raises DatabaseInUse."""
        connection = await self._connect()
        try:
            await self._take_lock(connection, wait_s)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _take_lock(self, connection: Any, wait_s: float) -> None:  # noqa: ANN401
        until = asyncio.get_running_loop().time() + wait_s
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCKS, SERVER):
            if asyncio.get_running_loop().time() >= until:
                holder = await connection.fetchval(_HOLDER, LOCKS, SERVER)
                raise DatabaseInUse(
                    f"Another server ({holder or 'unknown'}) is using the database {self.name}."
                    " Stop it first, or give this one a database of its own."
                )
            await asyncio.sleep(RETRY_S)

    async def _keep(self, held: list[Any], lost: asyncio.Event) -> None:
        """Have the lock until cancelled; say so when another server has taken it meanwhile."""
        with suppress(DatabaseInUse):
            while True:
                ended = asyncio.Event()
                held[0].add_termination_listener(lambda _, ended=ended: ended.set())
                if not held[0].is_closed():
                    await ended.wait()
                held[0] = await self._lock_again()
        lost.set()

    async def _lock_again(self) -> Any:  # noqa: ANN401 - the driver's own
        while True:
            with suppress(Unreachable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # For a while: what is left of the own connection may have the lock.
                return await self._lock(wait_s=WRITER_WAIT_S)
            await asyncio.sleep(RETRY_S)


_HOLDER = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = $1::bigint AND objid = $2::bigint AND granted
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class _AsInSqlite(PGDDLCompiler):
    """Makes columns that hold what they hold in SQLite, whatever the database was made with.

    Numbers have 64 bits, and text is compared and ordered by its code points.
    """

    def get_column_specification(self, column: Column[Any], **how: Any) -> str:  # noqa: ANN401
        kind = column.type
        if isinstance(kind, types.Integer):
            column.type = BigInteger()
        elif isinstance(kind, String) and kind.collation is None:
            column.type = type(kind)(kind.length, collation="C")
        return str(super().get_column_specification(column, **how))  # type: ignore[no-untyped-call]


async def _let_go(connection: Any) -> None:  # noqa: ANN401 - the driver's own
    """Give the lock back at once; where nobody answers, it goes with the connection."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.execute("SELECT pg_advisory_unlock_all()", timeout=CLOSE_S)
        await connection.close(timeout=CLOSE_S)
    connection.terminate()


def _begin_alone(engine: AsyncEngine) -> None:
    """Let every transaction wait until it is the only one that writes; its end gives that back."""

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCKS}, {WRITER})")


def _leave_the_dead(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Take another connection when the server has closed this one since it was last used."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _tell_no_values(context: ExceptionContext) -> None:
    """Take what people wrote out of an error's text: errors are logged."""
    error: BaseException | None = context.sqlalchemy_exception
    for each in (error, context.original_exception, context.original_exception.__cause__):
        if each is None:
            continue
        if getattr(each, "detail", None):
            each.detail = None  # type: ignore[attr-defined] # the driver's
        each.args = tuple(_TOLD.sub(r"\1", a) if isinstance(a, str) else a for a in each.args)


def _one_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
