"""What SQLite does in a way of its own: every connection is prepared, a full disk is told."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from convivium.app import Instance
from convivium.core.bus import Bus
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Database
from convivium.core.databases.sqlite import Sqlite
from convivium.core.errors import Busy, DiskFull
from convivium.core.transaction import Transactions
from tests.conftest import SignUp
from tests.databases import InFile


@pytest.fixture
def settings(data_folder: Path, empty_file: InFile) -> Settings:
    return empty_file.settings(data_folder)


@pytest.fixture
async def transactions(data_folder: Path) -> AsyncIterator[Transactions]:
    database = Database(Sqlite(data_folder / "x.sqlite3"))
    yield Transactions(database, Bus(), ManualClock())
    await database.close()


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
    database = Database(Sqlite(data_folder / "x.sqlite3"))
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
