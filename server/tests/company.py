"""Everybody at one table, each in a place of their own: sat down once, laid again for every test.

To bring a dozen people to their places takes longer than most tests. So they are brought there
once, and a test begins as a server does after a crash: with the rows, and everybody calls in again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from convivium.accounts import service as accounts
from convivium.accounts.models import Person, Waiting
from convivium.app import Instance, http
from convivium.core.actor import Role, Scope
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine
from tests.conftest import PASSWORD, Browser, memory_folder, quick_passwords
from tests.databases import Beginning
from tests.table import Table

# Who has an account, and who of them calls in; "guest" calls in too, "nobody" never does.
# "stranger" hosts a space of their own, "absent" is nowhere, "helper" is a second co-host.
ACCOUNTS = (
    "host", "co_host", "speaker", "listener", "removed", "blocked", "stranger",
    "asker", "patient", "other", "helper", "absent", "moderator", "admin", "suspended", "waiting",
)  # fmt: skip
CALLERS = ("host", "co_host", "speaker", "listener", "guest", "asker", "patient", "other", "helper")
STAFF: tuple[Role, ...] = ("moderator", "admin")
TOKENS: dict[str, Scope] = {"reader": "read", "writer": "write"}


@dataclass(frozen=True)
class Kept:
    """What one browser keeps: who its person is, and the credentials they have."""

    id: str
    cookies: dict[str, str]
    bearer: str | None = None

    @classmethod
    def of(cls, browser: Browser) -> "Kept":
        """Take down what a browser has now."""
        cookies = {cookie.name: cookie.value or "" for cookie in browser.http.cookies.jar}
        return cls(browser.id, cookies)

    def browser(self, app: FastAPI) -> Browser:
        """Make a browser with these credentials, whatever became of them meanwhile."""
        browser = Browser(app, bearer=self.bearer)
        browser.id = self.id
        for name, value in self.cookies.items():
            browser.http.cookies.set(name, value, domain="convivium.test")
        return browser


@dataclass(frozen=True)
class Saved:
    """The rows of a company, and what its browsers keep; spaces by what they are."""

    rows: Beginning
    people: dict[str, Kept]
    spaces: dict[str, str]


@dataclass
class Company:
    """Everybody in their places; call: one that none of them made.

    spaces: "right" is where they are, "other" is the stranger's and live, in "ended" they all were.
    """

    app: FastAPI
    table: Table
    browsers: dict[str, Browser]
    call: str
    spaces: dict[str, str]

    def writer_of(self, name: str) -> Browser | None:
        """Give who can write as this person: a token's owner for it, nobody without an account."""
        owner = "co_host" if name in TOKENS else name
        has_one = owner in ACCOUNTS and owner not in ("suspended", "waiting")
        return self.browsers[owner] if has_one else None


def settings_of(folder: Path, rows: Beginning) -> Settings:
    """Give everybody a seat who has one, and let one person write a lot."""
    return rows.settings(
        folder,
        max_co_hosts=3,
        chat_burst=50,
        messages_burst=200,
        message_requests_burst=200,
    )


def save_company(empty_database: Beginning) -> Saved:
    """Let everybody sit down once, and keep the rows."""
    with memory_folder() as folder:
        settings = settings_of(Path(folder), empty_database)
        people, spaces = asyncio.run(_sit_down(settings))
        return Saved(empty_database.kept(settings), people, spaces)


@asynccontextmanager
async def lay(saved: Saved) -> AsyncIterator[Company]:
    """Start a server on the rows of a company, and let everybody call in again."""
    async with AsyncExitStack() as open_:
        settings = settings_of(Path(open_.enter_context(memory_folder())), saved.rows)
        instance, engine = await _start(settings, open_)
        app = http(instance)
        browsers = {name: kept.browser(app) for name, kept in saved.people.items()}
        for browser in browsers.values():
            open_.push_async_callback(browser.http.aclose)
        table = Table(instance, engine, browsers["host"], {"id": saved.spaces["right"]})
        for name in CALLERS:
            call = await table.join(browsers[name])
        yield Company(app, table, browsers, call, saved.spaces)


async def _start(settings: Settings, open_: AsyncExitStack) -> tuple[Instance, FakeEngine]:
    engine = FakeEngine()
    instance = Instance(settings, engine=engine, clock=ManualClock(), passwords=quick_passwords())
    await open_.enter_async_context(instance.running())
    return instance, engine


async def _sit_down(settings: Settings) -> tuple[dict[str, Kept], dict[str, str]]:
    async with AsyncExitStack() as open_:
        instance, engine = await _start(settings, open_)
        app = http(instance)

        def come() -> Browser:
            browser = Browser(app)
            open_.push_async_callback(browser.http.aclose)
            return browser

        browsers = await _sign_up(come)
        spaces = {}
        for name, host in (("ended", "host"), ("other", "stranger"), ("right", "host")):
            table = await _open_table(instance, engine, browsers[host])
            spaces[name] = table.id
            if host == "host":
                await _fill(table, browsers)
        await browsers["host"].do("PUT", "/people/@blocked/block")
        await browsers["host"].do("POST", f"/spaces/{spaces['ended']}/end")
        people = {name: Kept.of(browser) for name, browser in browsers.items()}
        # Whoever is suspended has the cookie from before, whoever waits has it for later.
        await _suspend(instance, browsers)
        await _let_wait(instance, browsers["waiting"].id)
        return people | await _make_tokens(instance, browsers["co_host"].id), spaces


async def _sign_up(come: Callable[[], Browser]) -> dict[str, Browser]:
    browsers = {"nobody": come(), "guest": come()}
    for name in ACCOUNTS:
        browser = browsers[name] = come()
        words = {"name": name, "password": PASSWORD, "display_name": name.title()}
        browser.id = (await browser.do("POST", "/accounts", words))["id"]
    return browsers


async def _open_table(instance: Instance, engine: FakeEngine, host: Browser) -> Table:
    card = await host.do("POST", "/spaces", {"title": "Kitchen table"})
    table = Table(instance, engine, host, card)
    await host.do("POST", f"{table.path}/start")
    await table.join(host)
    return table


async def _fill(table: Table, browsers: dict[str, Browser]) -> None:
    for name in (*CALLERS[1:], "removed", "blocked"):
        await table.join(browsers[name])
    for name, role in (
        ("co_host", "co_host"),
        ("helper", "co_host"),
        ("speaker", "speaker"),
        ("other", "speaker"),
    ):
        await table.seat(browsers[name], role)
    for name in ("asker", "patient"):
        await browsers[name].do("POST", f"{table.path}/requests", {"note": "me"})
    await table.host.do("PUT", f"{table.path}/removals/@removed")


async def _suspend(instance: Instance, browsers: dict[str, Browser]) -> None:
    """Let two people moderate the instance, and one of them suspend somebody."""
    async with instance.transactions.begin() as tx:
        for role in STAFF:
            (await tx.session.get_one(Person, browsers[role].id)).role = role
    path = "/moderation/people/@suspended/suspension"
    await browsers["admin"].do("PUT", path, {"words": "hateful", "until": None})


async def _let_wait(instance: Instance, person_id: str) -> None:
    """Let staff have still to say whether somebody may have the account."""
    async with instance.transactions.begin() as tx:
        (await tx.session.get_one(Person, person_id)).kind = "waiting"
        tx.session.add(Waiting(person_id=person_id, since=tx.now, note="me"))


async def _make_tokens(instance: Instance, owner_id: str) -> dict[str, Kept]:
    """Make tokens of the co-host which do not reach as far as their owner."""
    made = {}
    async with instance.transactions.begin() as tx:
        for name, scope in TOKENS.items():
            secret = await accounts.make_token(tx, "co_host", frozenset({scope}))
            made[name] = Kept(owner_id, {}, secret)
    return made
