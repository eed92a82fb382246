"""The databases of the tests, of both kinds: made once, and as they should be when a test begins.

SQLite's are files, which are copied. PostgreSQL's are made as seldom as can be, since each takes a
tenth of a second: whatever the last test left in one goes, and the rows it should begin with come.
A database belongs to the data folder it was asked for, and is free again when that is gone.
"""

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg  # type: ignore[import-untyped]
from pydantic import SecretStr

from convivium.core.config import Settings
from convivium.core.databases.kind import Kind
from convivium.core.databases.postgres import Postgres
from convivium.core.databases.sqlite import Sqlite
from convivium.core.migrate import bring_up_to_date

# Where a PostgreSQL for tests is, with a place for the database's name; tools/postgres.py says it.
POSTGRES = os.environ.get("CONVIVIUM_TESTS_ON_POSTGRES")

T = TypeVar("T")


class Beginning(Protocol):
    """What is in a database when a test begins."""

    def settings(self, folder: Path, **words: Any) -> Settings:  # noqa: ANN401
        """Give settings for this data folder, with a database in which this is."""

    def kept(self, settings: Settings) -> "Beginning":
        """Take what is in that database now for other tests to begin with."""

    def blank(self, folder: Path) -> Kind:
        """Give a database for this data folder in which nothing is at all."""


@dataclass(frozen=True)
class InFile:
    """SQLite: a file."""

    path: Path

    def settings(self, folder: Path, **words: Any) -> Settings:  # noqa: ANN401
        """Copy the file."""
        settings = Settings(data=folder, **words)
        shutil.copy(self.path, settings.database_path)
        return settings

    def kept(self, settings: Settings) -> "InFile":
        """Copy it the other way; what is in the log beside the file counts too."""
        path = self.path.with_name(f"{len(list(self.path.parent.iterdir()))}.sqlite3")
        file = sqlite3.connect(settings.database_path)
        with closing(file) as rows, closing(sqlite3.connect(path)) as kept:
            rows.backup(kept)
        return InFile(path)

    def blank(self, folder: Path) -> Sqlite:
        """Name a file that is not there yet."""
        return Sqlite(folder / "x.sqlite3")


class Beside:
    """A loop in a thread of its own: a database may be asked for while a test's loop runs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this there, and wait for what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Taken:
    """One database of PostgreSQL, the connection to look after it, and the folder that has it."""

    name: str
    url: str
    connection: Any
    folder: Path | None = None


class Stock:
    """The databases of PostgreSQL that one process of tests has made."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._made: dict[bool, list[Taken]] = {True: [], False: []}
        self.do = Beside()
        first = self._make(None)
        self.do(bring_up_to_date(Postgres(first.url)))
        self.empty = InTables(self, self.do(_script_of(first, rows=False)))
        self.do(first.connection.close())
        self._model = first.name

    def take(self, folder: Path, *, blank: bool = False) -> Taken:
        """Give the folder a database, in which anything may be. blank: one without tables."""
        made = self._made[blank]
        for taken in made:
            if taken.folder == folder or not (taken.folder and taken.folder.exists()):
                break
        else:
            taken = self._make("template0" if blank else self._model)
            made.append(taken)
        taken.folder = folder
        self.do(taken.connection.execute(_LEAVE))
        return taken

    def close(self) -> None:
        """Close every connection; the databases go with their server."""
        for taken in (*self._made[True], *self._made[False]):
            self.do(taken.connection.close())
        self.do.close()

    def _make(self, model: str | None) -> Taken:
        number = sum(map(len, self._made.values()))
        name = f"tests_{os.getpid()}_{number}{'' if model else '_model'}"
        return self.do(self._create(name, model or "template0"))

    async def _create(self, name: str, model: str) -> Taken:
        server = await asyncpg.connect(self._address.format(database="postgres"))
        try:
            await server.execute(f"CREATE DATABASE {name} TEMPLATE {model}")
        finally:
            await server.close()
        url = self._address.format(database=name)
        return Taken(name, url, await asyncpg.connect(url))


@dataclass(frozen=True)
class InTables:
    """PostgreSQL: a script that puts the rows in the place of all that is in a database."""

    stock: Stock = field(repr=False)
    script: str = field(repr=False)

    def settings(self, folder: Path, **words: Any) -> Settings:  # noqa: ANN401
        """Take a database and run the script."""
        taken = self.stock.take(folder)
        self.stock.do(taken.connection.execute(self.script))
        return Settings(data=folder, database_url=SecretStr(taken.url), **words)

    def kept(self, settings: Settings) -> "InTables":
        """Write a script of the rows that are there."""
        return InTables(self.stock, self.stock.do(_script_of(self.stock.take(settings.data))))

    def blank(self, folder: Path) -> Postgres:
        """Take one without tables."""
        taken = self.stock.take(folder, blank=True)
        self.stock.do(taken.connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        return Postgres(taken.url)


# Whatever a test has left open.
_LEAVE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = """
    SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
# What a database reckons by itself it is not given.
_COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences"


async def _script_of(taken: Taken, *, rows: bool = True) -> str:
    """Write what puts these rows into any database of the same tables; without them, none.

    A replica looks neither at foreign keys nor at what the log says of being rewritten.
    """
    ask = taken.connection
    script = ["SET session_replication_role = replica"]
    for (table,) in await ask.fetch(_TABLES):
        script.append(f"DELETE FROM {table}")  # noqa: S608 - a name that the database gave
        kept = await ask.fetchval(f"SELECT json_agg(r) FROM {table} r") if rows else None  # noqa: S608
        if kept:
            values = f"json_populate_recordset(null::{table}, $rows${kept}$rows$)"
            names = await ask.fetchval(_COLUMNS, table)
            script.append(f"INSERT INTO {table} ({names}) SELECT {names} FROM {values}")  # noqa: S608
    for (sequence,) in await ask.fetch(_SEQUENCES):
        at, called = 1, False
        if rows:
            at, called = await ask.fetchrow(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
        script.append(f"SELECT setval('{sequence}', {at}, {called})")
    return ";\n".join([*script, "RESET session_replication_role"])
