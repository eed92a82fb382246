"""Where one is signed in, ending that from elsewhere, and changing what one signs in with."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI

from convivium.accounts import service
from convivium.accounts.devices import UNKNOWN, Device, device_of
from convivium.accounts.models import SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.media.fake import FakePeer
from tests.conftest import PASSWORD, Browser, OpenTable, SignUp
from tests.table import Table, Witness, until, watch

DAY_S = 24 * 3600
NEW = "long river stones"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/150.0.0.0 Mobile Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"
)

SignInAs = Callable[..., Awaitable[Browser]]


@pytest.fixture
def sign_in(visitor: Callable[[], Browser]) -> SignInAs:
    """Let somebody sign in with another browser."""

    async def make(name: str, password: str = PASSWORD, user_agent: str = FIREFOX) -> Browser:
        browser = visitor()
        browser.http.headers["User-Agent"] = user_agent
        me = await browser.do("POST", "/sessions", {"name": name, "password": password})
        browser.id, browser.name = me["id"], me["name"]
        return browser

    return make


async def session_of(browser: Browser) -> str:
    """Give the id of the session that this browser has."""
    sessions = (await browser.do("GET", "/me/sign-ins"))["sessions"]
    [own] = [session["id"] for session in sessions if session["this"]]
    return str(own)


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (CHROME, ("Chrome", "Android")),
        (SAFARI, ("Safari", "iPhone")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0 Edg/150.0", ("Edge", "Windows")),
        ("python-httpx/0.28", ("", "")),
        ("", ("", "")),
        ("x" * 100_000 + "Firefox/", ("", "")),
    ],
)
def test_what_a_browser_calls_itself(said: str, device: tuple[str, str]) -> None:
    """Coarsely, and nothing where it says nothing that is known."""
    assert device_of(said) == Device(*device)
    assert device_of("") == UNKNOWN


async def test_one_sees_where_one_is_signed_in(
    sign_up: SignUp, sign_in: SignInAs, clock: ManualClock
) -> None:
    """Which of them this is, since when, and the day it was used last; nobody else's."""
    ama = await sign_up("ama")
    await sign_up("ben")
    phone = await sign_in("ama", user_agent=SAFARI)
    clock.advance(3 * DAY_S)
    await phone.do("GET", "/me")

    listed = await phone.do("GET", "/me/sign-ins")

    mine, other = listed["sessions"]
    assert mine == {
        "id": mine["id"],
        "this": True,
        "browser": "Safari",
        "system": "iPhone",
        "since": "2026-01-01T12:00:00Z",
        "seen": "2026-01-04",
    }
    assert (other["this"], other["seen"], other["browser"]) == (False, "2026-01-01", "")
    assert listed["password"] is True
    assert other["id"] == await session_of(ama)


async def test_a_day_of_use_is_written_once(
    sign_up: SignUp, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later on the same day nothing is written; past midnight it is, though no day went by."""
    ama = await sign_up("ama")
    prolonged: list[int] = []
    prolong = service.prolong

    async def counted(*args: object) -> None:
        prolonged.append(1)
        await prolong(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "prolong", counted)
    clock.advance(11 * 3600)
    await ama.do("GET", "/me")
    assert prolonged == []
    clock.advance(3600)
    await ama.do("GET", "/me")
    await ama.do("GET", "/me")

    assert prolonged == [1]


def is_there(table: Table, peer: FakePeer) -> bool:
    """Tell whether the engine has this very peer: those of one person are alike."""
    return any(there is peer for there in table.engine.peers.values())


async def everything_open(
    table: Table, browser: Browser, stack: AsyncExitStack
) -> tuple[FakePeer, Witness]:
    """Let a browser listen and watch; gives its call's peer and what it is told."""
    await table.join(browser)
    return table.peers(browser)[-1], await watch(table, stack, browser)


async def test_signing_out_another_browser_ends_what_it_opened(
    open_table: OpenTable, sign_up: SignUp, sign_in: SignInAs
) -> None:
    """Before the answer: its stream says goodbye, its call is gone, its cookie is worth nothing."""
    table = await open_table()
    ben = await sign_up("ben")
    phone = await sign_in("ben")
    async with AsyncExitStack() as stack:
        own_peer, own = await everything_open(table, ben, stack)
        peer, told = await everything_open(table, phone, stack)

        await ben.do("DELETE", f"/sessions/{await session_of(phone)}")

        assert not is_there(table, peer)
        await told.catch_up()
        assert told.events[-1]["data"] == {"reason": "signed_out", "reconnect": False}
        assert is_there(table, own_peer)
        await own.catch_up()
        assert "goodbye" not in own.types()
    assert await phone.refused("GET", "/me") == (401, "not_signed_in")
    assert len((await ben.do("GET", "/me/sign-ins"))["sessions"]) == 1


async def test_asking_again_asks_whether_it_ended(sign_up: SignUp, sign_in: SignInAs) -> None:
    """A lost answer is no trouble, for one browser or for all others."""
    ben = await sign_up("ben")
    phone = await session_of(await sign_in("ben"))

    for _ in range(2):
        await ben.do("DELETE", f"/sessions/{phone}")
        await ben.do("DELETE", "/sessions")


async def test_nobody_signs_out_somebody_else(sign_up: SignUp) -> None:
    """A session of another is as one that never was."""
    ben, mallory = await sign_up("ben"), await sign_up("mallory")
    session = await session_of(ben)

    for refused in (session, "x"):
        assert await mallory.refused("DELETE", f"/sessions/{refused}") == (
            404,
            "session_not_found",
        )
    await mallory.do("DELETE", "/sessions")

    assert (await ben.do("GET", "/me"))["name"] == "ben"


async def test_signing_out_everywhere_else(
    open_table: OpenTable, sign_up: SignUp, sign_in: SignInAs
) -> None:
    """All but this one, and what they opened; nobody else's."""
    table = await open_table()
    ben = await sign_up("ben")
    others = [await sign_in("ben") for _ in range(2)]
    async with AsyncExitStack() as stack:
        opened = [await everything_open(table, other, stack) for other in others]
        own_peer, _ = await everything_open(table, ben, stack)

        await ben.do("DELETE", "/sessions")

        assert [is_there(table, peer) for peer, _ in opened] == [False, False]
        assert is_there(table, own_peer)
    for other in others:
        assert await other.refused("GET", "/me") == (401, "not_signed_in")
    assert (await ben.do("GET", "/me"))["name"] == "ben"
    assert (await table.host.do("GET", "/me"))["name"] == "ama"


async def test_in_very_many_browsers_the_one_used_longest_ago_is_signed_out(
    sign_up: SignUp, sign_in: SignInAs, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one person can have open is bounded, and what is in use stays."""
    monkeypatch.setattr(service, "SESSIONS_OF_ONE", 3)
    first = await sign_up("ben")
    second, third = await sign_in("ben"), await sign_in("ben")
    clock.advance(DAY_S)
    for used in (first, third):
        await used.do("GET", "/me")

    await sign_in("ben")

    assert await second.refused("GET", "/me") == (401, "not_signed_in")
    for used in (first, third):
        assert (await used.do("GET", "/me"))["name"] == "ben"


async def test_another_password(open_table: OpenTable, sign_in: SignInAs, app: FastAPI) -> None:
    """The new one counts, every other browser is out, and one's own call goes on.

    What somebody may have seen of the cookie is worth nothing either: it is another one.
    """
    table = await open_table("ama")
    ama = table.host
    [peer] = table.peers(ama)
    other = await sign_in("ama")
    stolen = Browser(app)
    stolen.http.cookies.update(dict(ama.http.cookies))

    await ama.do("PUT", "/me/password", {"old": PASSWORD, "new": NEW})

    for gone in (other, stolen):
        assert await gone.refused("GET", "/me") == (401, "not_signed_in")
    assert is_there(table, peer)
    assert (await ama.do("GET", "/me"))["name"] == "ama"
    wrong = {"name": "ama", "password": PASSWORD}
    assert await other.refused("POST", "/sessions", wrong) == (401, "wrong_credentials")
    await sign_in("ama", NEW)
    await stolen.http.aclose()


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"old": "not the old one", "new": NEW}, (403, "wrong_password")),
        ({"old": PASSWORD, "new": "short"}, (422, "invalid")),
        ({"new": NEW}, (403, "old_password_needed")),
    ],
)
async def test_what_does_not_change_a_password(
    sign_up: SignUp, sign_in: SignInAs, body: dict[str, str], refused: tuple[int, str]
) -> None:
    """Without the old one somebody at an open browser could keep its owner out."""
    ama, other = await sign_up("ama"), await sign_in("ama")

    assert await ama.refused("PUT", "/me/password", body) == refused

    assert (await other.do("GET", "/me"))["name"] == "ama"
    await sign_in("ama")


async def test_without_a_password_it_takes_a_recent_sign_in(
    sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """Whoever came in by another way may have none, or have forgotten it; ten minutes long."""
    ama = await sign_up("ama")
    await proved_by_code(instance, ama)
    clock.advance(600)
    assert await ama.refused("PUT", "/me/password", {"new": NEW}) == (403, "sign_in_again")
    await proved_by_code(instance, ama)
    clock.advance(599)

    await ama.do("PUT", "/me/password", {"new": NEW})


async def proved_by_code(instance: Instance, browser: Browser) -> None:
    session_id = await session_of(browser)
    async with instance.transactions.begin() as tx:
        session = await tx.session.get_one(SignIn, session_id)
        session.proved_at, session.proved_by = tx.now, "recovery_code"


async def test_who_signs_in_while_the_password_changes_does_not_with_the_old_one(
    sign_up: SignUp, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """Checked before, begun after: that sign-in would outlive what ended all others."""
    ama, mallory = await sign_up("ama"), visitor()
    database = instance.database
    # The one writer is taken until both have checked what they were shown.
    async with database.write():
        changing = asyncio.create_task(ama.do("PUT", "/me/password", {"old": PASSWORD, "new": NEW}))
        await until(lambda: database._waiting == 1)
        late = asyncio.create_task(
            mallory.ask("POST", "/sessions", json={"name": "ama", "password": PASSWORD})
        )
        await until(lambda: database._waiting == 2)
    await changing

    assert (await late).json()["code"] == "wrong_credentials"


async def test_showing_once_more_that_it_is_them(sign_up: SignUp) -> None:
    """The right password does; wrong ones are counted as guesses are."""
    ama = await sign_up("ama")

    await ama.do("PUT", "/sessions/current", {"password": PASSWORD})
    for _ in range(9):
        wrong = await ama.refused("PUT", "/sessions/current", {"password": "wrong password"})
        assert wrong == (403, "wrong_password")

    right = {"password": PASSWORD}
    assert await ama.refused("PUT", "/sessions/current", right) == (429, "slow_down")
