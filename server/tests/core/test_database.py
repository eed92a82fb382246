"""The database: one writer, a full disk, a schema that is as the models say."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

import convivium.app  # noqa: F401 - every feature's tables
from convivium.app import Instance
from convivium.core import database as database_module
from convivium.core.bus import Bus, Fact
from convivium.core.clock import ManualClock
from convivium.core.database import READERS, Base, Database, schema_version
from convivium.core.errors import Busy, DiskFull
from convivium.core.logging import set_up_logging
from convivium.core.migrate import known_versions
from convivium.core.transaction import Transaction, Transactions
from tests.conftest import SignUp


@pytest.fixture
async def transactions(data_folder: Path) -> AsyncIterator[Transactions]:
    transactions = Transactions(Database(data_folder / "x.sqlite3"), Bus(), ManualClock())
    yield transactions
    await transactions.database.close()


def test_migrations_make_what_the_models_say(empty_database: Path) -> None:
    """The schema that servers run on is the one the code is written for."""
    engine = create_engine(f"sqlite:///{empty_database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
    assert schema_version(empty_database) == known_versions()[-1]


async def test_a_connection_that_nobody_waits_for_any_more_is_closed(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives up while it opens leaves no thread that answers when the loop has ended."""
    connect, begun, goes_on = sqlite3.connect, threading.Event(), threading.Event()

    def slowly(*how: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401
        begun.set()
        assert goes_on.wait(10)
        opened: sqlite3.Connection = connect(*how, **named)
        return opened

    async def look() -> None:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))

    monkeypatch.setattr(sqlite3, "connect", slowly)
    before = set(threading.enumerate())
    database = Database(data_folder / "x.sqlite3")
    looking = asyncio.create_task(look())
    assert await asyncio.to_thread(begun.wait, 10)
    own = [each for each in threading.enumerate() if "connection_worker" in each.name]
    looking.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not looking.done(), "it waits until there is something to close"
    goes_on.set()

    with pytest.raises(asyncio.CancelledError):
        await looking

    await database.close()
    [thread] = set(own) - before
    # It has nothing left to say to the loop; it ends by itself.
    thread.join(10)
    assert not thread.is_alive()


async def test_writers_wait_for_one_another(transactions: Transactions, data_folder: Path) -> None:
    """Reading and then writing is safe, also beside another process: twenty count to twenty."""
    beside = Transactions(Database(data_folder / "x.sqlite3"), Bus(), ManualClock())
    async with transactions.begin() as tx:
        await tx.session.execute(text("CREATE TABLE counter (value INTEGER)"))
        await tx.session.execute(text("INSERT INTO counter VALUES (0)"))

    async def count(writer: Transactions) -> None:
        async with writer.begin() as tx:
            value = await tx.session.scalar(text("SELECT value FROM counter"))
            await asyncio.sleep(0)
            await tx.session.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})

    await asyncio.gather(*(count((transactions, beside)[number % 2]) for number in range(20)))

    async with transactions.database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 20
    await beside.database.close()


async def test_every_connection_is_prepared(transactions: Transactions) -> None:
    """Readers and the writer keep foreign keys and lose nothing in a power cut."""
    async with transactions.begin() as tx:
        writer = tx.session
        assert await writer.scalar(text("PRAGMA synchronous")) == 2
        assert await writer.scalar(text("PRAGMA foreign_keys")) == 1
        assert await writer.scalar(text("PRAGMA journal_mode")) == "wal"
    async with transactions.database.read() as session:
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1


async def test_a_full_disk_is_told_and_loses_nothing(instance: Instance, sign_up: SignUp) -> None:
    """What does not fit is refused with 507; what was there stays, and works again with room."""
    ama = await sign_up("ama")
    async with instance.database.write() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))

    refused = set()
    for number in range(60):
        answer = await ama.ask(
            "POST", "/spaces", json={"title": f"{number}", "description": "d" * 1000}
        )
        if not answer.is_success:
            refused.add((answer.status_code, answer.json()["code"]))
    assert refused == {(507, "disk_full")}
    assert (await ama.do("GET", "/me"))["name"] == "ama"

    async with instance.database.write() as session:
        await session.execute(text("PRAGMA max_page_count = 100000"))
    await ama.do("POST", "/spaces", {"title": "There is room again"})


async def test_a_full_disk_inside_a_transaction(transactions: Transactions) -> None:
    """A service that runs out of room gets the same refusal."""

    async def write_too_much() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(text("PRAGMA max_page_count = 2"))
            await tx.session.execute(text("CREATE TABLE a (x)"))
            await tx.session.execute(text("INSERT INTO a VALUES (zeroblob(100000))"))

    with pytest.raises(DiskFull):
        await write_too_much()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("SQLITE_FULL", DiskFull),
        ("SQLITE_IOERR_WRITE", DiskFull),
        ("SQLITE_BUSY_SNAPSHOT", Busy),
        ("SQLITE_LOCKED", Busy),
        ("SQLITE_ERROR", OperationalError),
    ],
)
async def test_what_sqlite_complains_of_is_a_refusal_where_it_can_pass(
    transactions: Transactions, name: str, refusal: type[Exception]
) -> None:
    """A disk that fails is told as a full one, another writer as a moment's wait; a fault stays."""
    complaint = sqlite3.OperationalError()
    complaint.sqlite_errorname = name

    with pytest.raises(refusal):
        async with transactions.begin():
            raise OperationalError("INSERT", None, complaint)


class Happened(Fact):
    """Something to announce."""


async def test_inside_subscribers_can_refuse(data_folder: Path) -> None:
    """What one of them raises takes everything back, and nobody else hears of it."""
    bus = Bus()
    heard = []

    async def refuse(_tx: Transaction, _fact: Happened) -> None:
        raise ValueError("no")

    async def hear(fact: Happened) -> None:
        heard.append(fact)

    bus.inside(Happened, refuse)
    bus.after(Happened, hear)
    transactions = Transactions(Database(data_folder / "x.sqlite3"), bus, ManualClock())

    async def happen() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(text("CREATE TABLE a (x)"))
            await tx.announce(Happened())

    with pytest.raises(ValueError, match="no"):
        await happen()

    async with transactions.database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    assert heard == []
    await transactions.database.close()


async def test_after_subscribers_hear_of_what_is_committed(data_folder: Path) -> None:
    """They see the rows; one that fails keeps neither the rows nor the others back."""
    bus = Bus()
    database = Database(data_folder / "x.sqlite3")
    seen = []

    async def fail(_fact: Happened) -> None:
        raise ValueError("after all")

    async def look(_fact: Fact) -> None:
        async with database.read() as session:
            seen.append(await session.scalar(text("SELECT count(*) FROM a")))

    bus.after(Happened, fail)
    bus.after(Fact, look)
    async with Transactions(database, bus, ManualClock()).begin() as tx:
        await tx.session.execute(text("CREATE TABLE a (x)"))
        await tx.session.execute(text("INSERT INTO a VALUES (1)"))
        await tx.announce(Happened())
        assert seen == []

    assert seen == [1]
    await database.close()


async def test_no_free_reader_is_told(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds all readers taken is told to come again, not that the server made a mistake."""
    monkeypatch.setattr(database_module, "READER_WAIT_S", 0.05)
    database = Database(data_folder / "x.sqlite3")
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            session = await stack.enter_async_context(database.read())
            await session.execute(text("SELECT 1"))

        with pytest.raises(Busy):
            async with database.read() as session:
                await session.execute(text("SELECT 1"))

    await database.close()


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Logging may be set up, and is afterwards as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("json", [True, False])
async def test_what_people_wrote_is_in_no_log(
    transactions: Transactions, capsys: pytest.CaptureFixture[str], *, json: bool
) -> None:
    """The trace of a failure names neither parameters of statements nor local variables."""
    set_up_logging(json=json)
    note = "a private note"

    async def fail() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(text("INSERT INTO nowhere VALUES (:note)"), {"note": note})

    try:
        await fail()
    except OperationalError:
        structlog.get_logger("test").exception("failed")

    logged = capsys.readouterr().err
    assert "INSERT INTO nowhere" in logged
    assert note not in logged
