"""The doors that somebody tries again who was sent away, with what they had saved before.

A reason sends somebody away. From then on each of its doors is shut, at once and a second later,
and each of the others is answered as it was before: nothing is shut by accident either.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import Response

from convivium.accounts import service as accounts
from convivium.core.clock import ManualClock
from tests.company import Company, Kept
from tests.conftest import PASSWORD, Browser
from tests.table import FRAGMENT, OFFER, RESTART, SDP, Witness, watch
from tests.test_permissions import ask_for_stream

SCOPES = frozenset[Any]({"read", "write", "speak", "host"})
OK = "ok"


@dataclass
class Way:
    """A credential, the call that was made with it, and the call's peer in the engine."""

    kept: Kept
    call: str
    peer: int


@dataclass
class Visitor:
    """Somebody inside with everything they can save: cookie, token, calls, a stream, two links.

    link: one of the host's. own_link: one they made themselves, if they could.
    """

    company: Company
    id: str
    name: str
    cookie: Way
    token: Way | None
    stream: Witness
    last_id: str
    link: str
    own_link: str

    @property
    def path(self) -> str:
        """The address of the space."""
        return self.company.table.path

    def ways(self, names: tuple[str, ...] = ("cookie", "token")) -> list[Way]:
        """List the ways of these names that they have."""
        return [way for way in (getattr(self, name) for name in names) if way is not None]

    def browser(self, way: Way) -> Browser:
        """Open a browser that has what was saved, and nothing that it was given since."""
        return way.kept.browser(self.company.app)

    async def ask(self, method: str, path: str, **how: Any) -> Response:  # noqa: ANN401
        """Ask with the cookie."""
        return await self.browser(self.cookie).ask(method, path, **how)


async def inside(company: Company, name: str, stack: AsyncExitStack) -> Visitor:
    """Let somebody save what they can."""
    table, browser = company.table, company.browsers[name]
    [first] = table.instance.calls.registry.of_person(table.id, browser.id)
    own_link = await make_link(browser, table.path, "listener") if name == "co_host" else ""
    stream = await watch(table, stack, browser)
    return Visitor(
        company,
        browser.id,
        name,
        Way(Kept.of(browser), f"/calls/{first.id}", first.peer),
        await with_token(company, name) if name != "guest" else None,
        stream,
        stream.events[-1]["id"],
        await make_link(table.host, table.path, "listener" if name == "guest" else "speaker"),
        own_link,
    )


async def make_link(host: Browser, path: str, role: str) -> str:
    made = await host.do("POST", f"{path}/invitation-links", {"role": role, "uses": 9})
    return str(made["token"])


async def with_token(company: Company, name: str) -> Way:
    """Let a program of somebody call in too."""
    table, person = company.table, company.browsers[name].id
    async with table.instance.transactions.begin() as tx:
        kept = Kept(person, {}, await accounts.make_token(tx, name, SCOPES))
    call = await table.join(kept.browser(company.app))
    return Way(kept, call, table.instance.calls.registry.of_person(table.id, person)[-1].peer)


# The doors

Door = Callable[[Visitor], Awaitable[str]]


def word(answer: Response) -> str:
    """Say how a request was answered: `ok`, or the code of the refusal."""
    return OK if answer.is_success or answer.is_redirect else str(answer.json()["code"])


def door(method: str, path: str, **how: Any) -> Door:  # noqa: ANN401
    """Make a door of the space that is tried with the cookie."""

    async def try_it(visitor: Visitor) -> str:
        return word(await visitor.ask(method, visitor.path + path, **how))

    return try_it


def token_door(method: str, path: str, **how: Any) -> Door:  # noqa: ANN401
    """Make a door that is tried with the token, by whoever has one."""

    async def try_it(visitor: Visitor) -> str:
        if visitor.token is None:
            return "no_token"
        script = visitor.browser(visitor.token)
        return word(await script.ask(method, visitor.path + path, **how))

    return try_it


def stream_door(which: str = "cookie", *, resumes: bool = False, own: bool = False) -> Door:
    """Make the door of the event stream: from the beginning, or after what was seen last.

    own: the stream of the person instead of that of the space.
    """

    async def try_it(visitor: Visitor) -> str:
        way: Way | None = getattr(visitor, which)
        if way is None:
            return "no_token"
        headers = {"Last-Event-ID": visitor.last_id} if resumes else {}
        path = "/me/events" if own else f"{visitor.path}/events"
        return word(await ask_for_stream(visitor.company, visitor.browser(way), path, headers))

    return try_it


async def sign_in_anew(visitor: Visitor) -> str:
    """Try the name and the password, from another browser."""
    if visitor.name == "guest":
        return "no_account"
    words = {"name": visitor.name, "password": PASSWORD}
    browser = Kept("", {}).browser(visitor.company.app)
    return word(await browser.ask("POST", "/sessions", json=words))


def call_door(which: str, method: str, **how: Any) -> Door:  # noqa: ANN401
    """Make the door of a call that was made before, asked for with what made it."""

    async def try_it(visitor: Visitor) -> str:
        way: Way | None = getattr(visitor, which)
        if way is None:
            return "no_token"
        return word(await visitor.browser(way).ask(method, way.call, **how))

    return try_it


async def speak_on_the_channel(visitor: Visitor) -> str:
    """Let a word of the old call's data channel come late: is anybody still told anything?"""
    table = visitor.company.table
    table.engine.open_channel(visitor.cookie.peer)
    for _ in range(50):
        await asyncio.sleep(0)
    is_told = visitor.cookie.peer in table.instance.live._channels[table.id].peers
    return OK if is_told else "nobody_there"


async def come_by_own_link(visitor: Visitor) -> str:
    """Let somebody else come by a link which the visitor made."""
    if not visitor.own_link:
        return "no_link"
    listener, body = visitor.company.browsers["listener"], {"token": visitor.own_link}
    return word(await listener.ask("POST", f"{visitor.path}/invitations", json=body))


def host_door(method: str, path: str, **how: Any) -> Door:  # noqa: ANN401
    """Make a door at which the host does something for the visitor."""

    async def try_it(visitor: Visitor) -> str:
        host, about = visitor.company.table.host, path.format(visitor.id)
        return word(await host.ask(method, visitor.path + about, **how))

    return try_it


async def look_at_notifications(visitor: Visitor) -> str:
    return word(await visitor.ask("GET", "/notifications"))


async def write_to_host(visitor: Visitor) -> str:
    """Write to the host, whom the visitor wrote to before."""
    return word(await visitor.ask("POST", "/messages", json={"to": "@host", "text": "still here"}))


async def write_by_token(visitor: Visitor) -> str:
    if visitor.token is None:
        return "no_token"
    script = visitor.browser(visitor.token)
    return word(await script.ask("POST", "/messages", json={"to": "@host", "text": "still here"}))


async def read_with_host(visitor: Visitor) -> str:
    return word(await visitor.ask("GET", "/messages/@host"))


async def come_by_link(visitor: Visitor) -> str:
    body = {"token": visitor.link}
    return word(await visitor.ask("POST", f"{visitor.path}/invitations", json=body))


# What opens or ends something that another tries stands behind it.
DOORS: dict[str, Door] = {
    "card": door("GET", ""),
    "calendar": door("GET", "/calendar.ics"),
    "notifications": look_at_notifications,
    "own events": stream_door(own=True),
    "sign in": sign_in_anew,
    "events": stream_door(),
    "events by token": stream_door("token"),
    "messages": read_with_host,
    "message": write_to_host,
    "message by token": write_by_token,
    "events resumed": stream_door(resumes=True),
    "channel": speak_on_the_channel,
    "restart": call_door("cookie", "PATCH", content=RESTART, headers=FRAGMENT),
    "restart by token": call_door("token", "PATCH", content=RESTART, headers=FRAGMENT),
    "microphone": door("DELETE", "/mutes/me"),
    "microphone by token": token_door("DELETE", "/mutes/me"),
    "mute all": door("PUT", "/mutes"),
    "remove": door("PUT", "/removals/@absent"),
    "remove by token": token_door("PUT", "/removals/@absent"),
    "rename": door("PATCH", "", json={"title": "Kitchen table"}),
    "own link": come_by_own_link,
    "reaction": door("POST", "/reactions", json={"emoji": "👏"}),
    "read chat": door("GET", "/chat"),
    "chat": door("POST", "/chat", json={"text": "still here"}),
    "chat by token": token_door("POST", "/chat", json={"text": "still here"}),
    "read table": door("GET", "/shared"),
    "table": door("POST", "/shared", json={"text": "still here"}),
    "listeners": door("GET", "/listeners"),
    "request": door("POST", "/requests"),
    "queued request": host_door("POST", "/requests/{}/accept"),
    "pending invitation": door("PUT", "/stage/me", json={"role": "speaker"}),
    "new invitation": host_door("PUT", "/invitations/{}", json={"role": "listener"}),
    "link": come_by_link,
    "call": door("POST", "/call", content=OFFER, headers=SDP),
    "call by token": token_door("POST", "/call", content=OFFER, headers=SDP),
    "hanging up": call_door("cookie", "DELETE"),
    "hanging up by token": call_door("token", "DELETE"),
}


# The reasons

Act = Callable[[Company, str], Awaitable[object]]


async def remove(company: Company, name: str) -> None:
    person = company.browsers[name].id
    await company.table.host.do("PUT", f"{company.table.path}/removals/{person}")


async def block(company: Company, name: str) -> None:
    await company.table.host.do("PUT", f"/people/@{name}/block")


async def clear(company: Company, name: str) -> None:
    del name
    path = f"{company.table.path}/clearings"
    assert (await company.table.host.do("POST", path, {"seconds": 30}))["removed"] == 1


async def suspend(company: Company, name: str) -> None:
    path = f"/moderation/people/@{name}/suspension"
    body = {"words": "hateful", "until": None}
    await company.browsers["moderator"].do("PUT", path, body)


async def suspend_where_names_are_asked(company: Company, name: str) -> None:
    body = {"anonymous_listening": False}
    await company.table.host.do("PATCH", company.table.path, body)
    await suspend(company, name)


async def sign_out(company: Company, name: str) -> None:
    await company.browsers[name].do("DELETE", "/sessions/current")


async def sign_out_from_elsewhere(company: Company, name: str) -> None:
    other = Browser(company.app)
    await other.do("POST", "/sessions", {"name": name, "password": PASSWORD})
    await other.do("DELETE", "/sessions")
    await other.http.aclose()


async def narrow(company: Company, name: str) -> None:
    del name
    await company.table.host.do("PATCH", company.table.path, {"listen_policy": "invited"})


async def move_back(company: Company, name: str) -> None:
    await company.table.host.do("DELETE", f"{company.table.path}/stage/@{name}")


async def do_nothing(company: Company, name: str) -> None:
    del company, name


Shut = dict[str, str]


@dataclass(frozen=True)
class Reason:
    """Why somebody has to go.

    goodbye: what the open stream says, if it ends. ends: which of their calls end.
    shut: with which word each door is shut from then on. opens: what is open that was not.
    is_for_all: whether everybody who is there as they are has to go as well.
    """

    act: Act
    goodbye: str = ""
    ends: tuple[str, ...] = ()
    shut: Shut = field(default_factory=dict)
    opens: frozenset[str] = frozenset()
    is_for_all: bool = False


def shut(word: str, *doors: str) -> Shut:
    """Write which doors are shut with a word."""
    return dict.fromkeys(doors, word)


POWERS = ("mute all", "remove", "rename")
TOKEN_POWERS = ("remove by token",)
INSIDE = (
    "events", "events by token", "events resumed", "read chat", "read table",
    "call", "call by token",
)  # fmt: skip
DEEDS = ("chat", "chat by token", "table", "listeners", "request", "pending invitation")
MICROPHONES = ("microphone", "microphone by token")

CALL_GONE = shut("call_not_found", "restart", "hanging up") | {"channel": "nobody_there"}
CALLS_GONE = CALL_GONE | shut("call_not_found", "restart by token", "hanging up by token")
NO_PLACE = {"queued request": "no_request", "own link": "link_void"}
NO_POWERS = shut("hosts_only", *POWERS, *TOKEN_POWERS) | shut("no_seat", *MICROPHONES)
REMOVED = (
    CALLS_GONE
    | NO_PLACE
    | NO_POWERS
    | shut("removed", *INSIDE, *DEEDS, "link")
    | {"reaction": "not_in_space", "new invitation": "removed_here"}
)
NEVER_WAS = (
    CALLS_GONE
    | NO_PLACE
    | shut("space_not_found", *INSIDE, *DEEDS, *POWERS, *TOKEN_POWERS, *MICROPHONES)
    | shut("space_not_found", "card", "calendar", "link")
    | {"reaction": "not_in_space", "new invitation": "blocked_here"}
    | shut("person_not_found", "messages", "message", "message by token")
)
# A cookie that is worth nothing: whoever has it is somebody unknown, who may listen as such.
UNKNOWN = (
    CALL_GONE
    | shut("not_signed_in", *POWERS, *DEEDS, "microphone", "notifications", "own events")
    | shut("not_signed_in", "messages", "message")
    | {"reaction": "not_in_space", "link": "guest"}
)
del UNKNOWN["chat by token"]
# The same, whose tokens are nobody's either, and whose place is another's.
SUSPENDED = (
    UNKNOWN
    | NO_PLACE
    | shut("not_signed_in", *(at for at in DOORS if at.endswith("by token")))
    | {"sign in": "suspended"}
)
NOT_A_GUEST = shut("sign_in_to_listen", *(at for at in INSIDE if not at.endswith("by token")))
OUTSIDE = (
    CALLS_GONE
    | {"queued request": "no_request", "reaction": "not_in_space"}
    | shut("not_invited", *INSIDE, "chat", "chat by token", "listeners", "request")
)

REASONS: dict[str, Reason] = {
    "nothing": Reason(do_nothing),
    "removed": Reason(remove, "removed", ("cookie", "token"), REMOVED),
    "blocked": Reason(block, "removed", ("cookie", "token"), NEVER_WAS),
    "cleared": Reason(clear, "removed", ("cookie", "token"), REMOVED),
    "suspended": Reason(suspend, "suspended", ("cookie", "token"), SUSPENDED),
    "suspended where names are asked": Reason(
        suspend_where_names_are_asked,
        "suspended",
        ("cookie", "token"),
        SUSPENDED | NOT_A_GUEST,
    ),
    "signed out": Reason(sign_out, "signed_out", ("cookie",), UNKNOWN),
    "signed out from elsewhere": Reason(
        sign_out_from_elsewhere, "signed_out", ("cookie",), UNKNOWN
    ),
    "narrowed": Reason(narrow, "narrowed", ("cookie", "token"), OUTSIDE, is_for_all=True),
    "moved back": Reason(
        move_back,
        shut=NO_POWERS | {"own link": "link_void", "table": "stage_shares"},
        opens=frozenset(("request",)),
    ),
}

# What is shut for somebody anyway, before anything happens.
LISTENS = (
    shut("hosts_only", *POWERS, *TOKEN_POWERS)
    | shut("no_seat", *MICROPHONES)
    | {"table": "stage_shares", "own link": "no_link"}
)
STRANGER = LISTENS | {"pending invitation": "ask_first"}
HAS_NO_TOKEN = shut("no_token", *(name for name in DOORS if name.endswith("by token")))
ANYWAY: dict[str, Shut] = {
    "co_host": {"request": "already_seated"},
    "asker": LISTENS,
    "patient": STRANGER,
    "raider": STRANGER,
    "guest": HAS_NO_TOKEN
    | shut("guest", "chat", "listeners", "request", "pending invitation", "notifications")
    | {"own events": "guest", "sign in": "no_account"}
    | shut("guest", "messages", "message")
    | shut("missing_scope", *POWERS, "microphone")
    | {"table": "stage_shares", "own link": "no_link", "queued request": "no_request"},
}
# What those who have no account are told instead.
TO_GUESTS = {"not_invited": "sign_in_to_listen"}

CASES = [
    *(("nothing", name) for name in ANYWAY),
    *(("removed", name) for name in ("co_host", "asker", "guest")),
    *(("blocked", name) for name in ("co_host", "asker")),
    ("cleared", "raider"),
    *(("suspended", name) for name in ("co_host", "asker")),
    ("suspended where names are asked", "asker"),
    *(("signed out", name) for name in ("co_host", "asker")),
    ("signed out from elsewhere", "asker"),
    *(("narrowed", name) for name in ("patient", "guest")),
    ("moved back", "co_host"),
]


@pytest.mark.parametrize(("why", "name"), CASES)
async def test_every_door_is_shut(company: Company, why: str, name: str) -> None:
    """At once and a second later, with what was saved before; the others are as they were."""
    reason, anyway = REASONS[why], ANYWAY[name]
    newly = {at: as_told(name, how) for at, how in reason.shut.items() if at not in anyway}
    still = [at for at in anyway if at not in reason.opens]
    async with AsyncExitStack() as stack:
        await bring_in(company, name)
        visitor = await inside(company, name, stack)

        await reason.act(company, name)

        await expect_silence(visitor, reason)
        if reason.goodbye and "token" in reason.ends:
            left = () if reason.is_for_all else ("asker", "patient")
            await expect_absence(visitor, left)
        for later_s in (0, 1):
            await let_time_go_by(company, later_s)
            assert await try_doors(visitor, newly) == newly
            assert OK not in (await try_doors(visitor, still)).values()
        others = [at for at in DOORS if at not in newly and at not in still]
        assert await try_doors(visitor, others) == shut(OK, *others)


@pytest.mark.parametrize("name", ANYWAY)
async def test_what_is_shut_anyway(company: Company, name: str) -> None:
    """Doors that are not theirs say why: the words that a reason is measured by."""
    async with AsyncExitStack() as stack:
        await bring_in(company, name)
        visitor = await inside(company, name, stack)

        assert await try_doors(visitor, ANYWAY[name]) == ANYWAY[name]


async def test_the_cookie_of_a_guest_opens_no_more_to_who_is_suspended(company: Company) -> None:
    """Whoever came as a guest and signed in has two cookies; neither is worth anything."""
    browser, table = company.browsers["guest"], company.table
    as_guest = Kept.of(browser)
    words = {"name": "dora", "password": PASSWORD}
    account = (await browser.do("POST", "/accounts", words))["id"]
    both = Kept(account, as_guest.cookies | Kept.of(browser).cookies)
    await table.join(browser)

    await suspend(company, "dora")

    for later_s in (0, 1):
        await let_time_go_by(company, later_s)
        for kept in (as_guest, both):
            again = kept.browser(company.app)
            assert await again.refused("GET", "/me") == (401, "not_signed_in")
            assert (await again.do("GET", table.path))["you"]["kind"] == "anonymous"
    assert account not in {c.actor.id for c in table.instance.calls.registry.in_space(table.id)}


def as_told(name: str, word: str) -> str:
    return TO_GUESTS.get(word, word) if name == "guest" else word


async def try_doors(visitor: Visitor, which: Iterable[str]) -> dict[str, str]:
    """Try some of the doors, in the order of the list."""
    tried = set(which)
    return {name: await try_it(visitor) for name, try_it in DOORS.items() if name in tried}


async def bring_in(company: Company, name: str) -> None:
    """Let somebody be as the reason finds them: invited as well, or new and come with a raid."""
    table = company.table
    if name == "asker":
        await table.host.do("PUT", f"{table.path}/invitations/@asker", {"role": "speaker"})
    if name == "raider":
        # Whoever comes within a minute after a start counts as having been there.
        await let_time_go_by(company, 61)
        raider = company.browsers["raider"] = Kept("", {}).browser(company.app)
        words = {"name": "raider", "password": PASSWORD}
        raider.id = (await raider.do("POST", "/accounts", words))["id"]
        await table.join(raider)
        await raider.do("POST", f"{table.path}/requests")


async def let_time_go_by(company: Company, seconds: float) -> None:
    clock = company.table.instance.clock
    assert isinstance(clock, ManualClock)
    clock.advance(seconds)
    await company.table.instance.sweep()


async def expect_silence(visitor: Visitor, reason: Reason) -> None:
    """Fail unless the open stream has ended for good, and no call that ends is left."""
    table = visitor.company.table
    ended = {way.peer for way in visitor.ways(reason.ends)}
    assert not ended & set(table.engine.peers)
    assert {way.peer for way in visitor.ways()} - ended <= set(table.engine.peers)
    if len(ended) == len(visitor.ways()):
        assert visitor.id not in await table.heard()
    await table.host.do("POST", f"{table.path}/chat", {"text": "among ourselves"})
    await table.instance.live.refresh(table.id, at_once=True)
    await visitor.stream.catch_up()
    if reason.goodbye:
        last = visitor.stream.events[-1]
        assert last["data"] == {"reason": reason.goodbye, "reconnect": False}
    else:
        assert "goodbye" not in visitor.stream.types()
        assert visitor.stream.snapshot["chat"]["lines"][-1]["text"] == "among ourselves"


async def expect_absence(visitor: Visitor, left: Iterable[str]) -> None:
    """Fail if the hosts still see somebody on the stage or in line, or miss there who is left."""
    table = visitor.company.table
    picture = (await table.instance.live.picture(table.id)).parts
    waiting = [request["person"]["id"] for request in picture["queue"]]
    seated = {seat["person"]["id"] for seat in picture["stage"]}
    others = {visitor.company.browsers[name].id for name in left} - {visitor.id}
    assert visitor.id not in seated
    assert set(waiting) == others
    assert len(waiting) == len(others)
