"""An instance with a fake engine and a clock that stands still, and people with browsers."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from convivium.accounts.models import Person
from convivium.accounts.passwords import Passwords
from convivium.app import Instance, http
from convivium.core.actor import Role
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.databases import kind
from convivium.core.databases.sqlite import Sqlite
from convivium.core.migrate import bring_up_to_date
from convivium.media.fake import FakeEngine
from tests.databases import POSTGRES, Beginning, InFile, Stock

if TYPE_CHECKING:
    from tests.company import Company, Saved
    from tests.table import Table

API = "/api/v1"
PASSWORD = "correct horse"  # noqa: S105 - of people who exist for one test


def pytest_collection_finish() -> None:
    """Let the garbage collector not look at all that was imported again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run what has a database; without one, leave out what asks for PostgreSQL."""
    left = [item for item in items if not _runs_here(set(getattr(item, "fixturenames", ())))]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _runs_here(fixtures: set[str]) -> bool:
    if POSTGRES:
        return bool(fixtures & {"empty_database", "stock"}) and "on_sqlite" not in fixtures
    return "stock" not in fixtures


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run on the loop that the server runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Let the databases of all tests share the statements that SQLAlchemy has compiled.

    Each would compile them again, which takes a fifth of the time of a short test.
    """
    make, firsts = create_async_engine, dict[str, Engine]()

    def make_sharing(url: str, **how: Any) -> AsyncEngine:  # noqa: ANN401
        made = make(url, **how)
        engine = made.sync_engine
        first = firsts.setdefault(engine.dialect.name, engine)
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "create_async_engine", make_sharing)
        yield


class Browser:
    """One person's browser: keeps cookies, and says which site its pages are from."""

    def __init__(
        self, app: FastAPI, *, bearer: str | None = None, address: str = "127.0.0.1"
    ) -> None:
        headers = {"Sec-Fetch-Site": "same-origin"}
        if bearer:
            headers = {"Authorization": f"Bearer {bearer}"}
        self.http = AsyncClient(
            transport=ASGITransport(app, raise_app_exceptions=False, client=(address, 1)),
            base_url="https://convivium.test",
            headers=headers,
        )
        self.id = ""
        self.name: str | None = None

    async def ask(self, method: str, path: str, **how: Any) -> Response:  # noqa: ANN401
        """Send a request below the API's prefix."""
        return await self.http.request(method, f"{API}{path}", **how)

    async def do(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Send a request that must succeed, and give what it answers."""
        answer = await self.ask(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Send a request that must be refused, and give status and code."""
        answer = await self.ask(method, path, json=body)
        assert not answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["detail"], "a refusal has words for its reader"
        return answer.status_code, problem["code"]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> InFile:
    """A database file at the newest schema, to be copied: migrating takes longer than a test."""
    path = tmp_path_factory.mktemp("template") / "convivium.sqlite3"
    asyncio.run(bring_up_to_date(Sqlite(path)))
    return InFile(path)


@pytest.fixture(scope="session")
def stock() -> Iterator[Stock]:
    """The databases of PostgreSQL."""
    stock = Stock(POSTGRES or "")
    yield stock
    stock.close()


@pytest.fixture(scope="session")
def postgres(stock: Stock) -> Beginning:
    """A database of PostgreSQL at the newest schema, in which nothing is."""
    return stock.empty


@pytest.fixture(scope="session")
def empty_database(request: pytest.FixtureRequest) -> Beginning:
    """The database of this run, at the newest schema, in which nothing is."""
    empty: Beginning = request.getfixturevalue("postgres" if POSTGRES else "empty_file")
    return empty


def memory_folder() -> TemporaryDirectory[str]:
    """Make a folder in memory where there is one: every commit waits for the disk otherwise."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return TemporaryDirectory(dir=memory if memory.is_dir() else None)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    with memory_folder() as folder:
        yield Path(folder)


@pytest.fixture
def on_sqlite() -> None:
    """What is asked of SQLite alone, as how it finds rows."""


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    # Nobody here links to a page that is there.
    return empty_database.settings(data_folder, link_cards=False)


@pytest.fixture(scope="session")
def saved_company(empty_database: Beginning) -> "Saved":
    """A company that sat down once: its rows are the beginning of every test that has one."""
    from tests.company import save_company  # noqa: PLC0415 - it needs the browsers of this file

    return save_company(empty_database)


@pytest.fixture
async def company(saved_company: "Saved") -> AsyncIterator["Company"]:
    """Let everybody of that company come to the table, on a server of their own."""
    from tests.company import lay  # noqa: PLC0415 - the same

    async with lay(saved_company) as company:
        yield company


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def quick_passwords() -> Passwords:
    """Hash as weakly as Argon2 allows: tests sign up hundreds of people."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def instance(
    settings: Settings, clock: ManualClock, engine: FakeEngine
) -> AsyncIterator[Instance]:
    instance = Instance(settings, engine=engine, clock=clock, passwords=quick_passwords())
    async with instance.running():
        yield instance


OpenTable = Callable[..., Awaitable["Table"]]
SignUp = Callable[[str], Awaitable[Browser]]
Appoint = Callable[..., Awaitable[Browser]]


@pytest.fixture
def app(instance: Instance) -> FastAPI:
    return http(instance)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Callable[[], Browser]]:
    """Make browsers of people nobody knows yet."""
    browsers: list[Browser] = []

    def make() -> Browser:
        browsers.append(Browser(app))
        return browsers[-1]

    yield make
    for browser in browsers:
        await browser.http.aclose()


@pytest.fixture
def sign_up(visitor: Callable[[], Browser]) -> SignUp:
    """Make browsers of people with an account."""

    async def make(name: str) -> Browser:
        browser = visitor()
        me = await browser.do(
            "POST", "/accounts", {"name": name, "password": PASSWORD, "display_name": name.title()}
        )
        browser.id, browser.name = me["id"], me["name"]
        return browser

    return make


@pytest.fixture
def appoint(instance: Instance, sign_up: SignUp) -> Appoint:
    """Make browsers of people who moderate the instance."""

    async def make(name: str, role: Role = "moderator") -> Browser:
        browser = await sign_up(name)
        async with instance.transactions.begin() as tx:
            (await tx.session.get_one(Person, browser.id)).role = role
        return browser

    return make


@pytest.fixture
def open_table(instance: Instance, engine: FakeEngine, sign_up: SignUp) -> "OpenTable":
    """Make a live space whose host has called in."""
    from tests.table import Table  # noqa: PLC0415 - it needs the browsers of this file

    async def make(host_name: str = "ama", **words: object) -> Table:
        host = await sign_up(host_name)
        card = await host.do("POST", "/spaces", {"title": "Kitchen table", **words})
        table = Table(instance, engine, host, card)
        await host.do("POST", f"{table.path}/start")
        await table.join(host)
        return table

    return make
