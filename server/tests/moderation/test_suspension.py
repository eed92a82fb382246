"""A suspended account: everything of it ends at once, and no door opens to what was saved."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from convivium.accounts import service as accounts
from convivium.accounts.models import Person, SignIn
from convivium.accounts.passwords import Passwords
from convivium.app import Instance
from convivium.core.actor import ALL_SCOPES
from convivium.core.clock import ManualClock
from convivium.core.errors import NotSignedIn
from convivium.media.fake import FakeEngine
from convivium.spaces.models import Space
from tests.accounts.authenticator import Authenticator
from tests.conftest import PASSWORD, Appoint, Browser, OpenTable, SignUp
from tests.notifications.test_stream import look
from tests.table import OFFER, SDP, Table, actor_of, until, watch

FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
RESTART = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
IN_A_DAY = "2026-01-02T12:00:00Z"

Suspend = Callable[..., Awaitable[None]]


@pytest.fixture
async def mod(appoint: Appoint) -> Browser:
    return await appoint("mod")


@pytest.fixture
def suspend(mod: Browser) -> Suspend:
    async def do(name: str, until: str | None = IN_A_DAY, words: str = "Threats.") -> None:
        path = f"/moderation/people/@{name}/suspension"
        await mod.do("PUT", path, {"until": until, "words": words})

    return do


async def sign_in(browser: Browser, name: str, password: str = PASSWORD) -> Any:  # noqa: ANN401
    return await browser.ask("POST", "/sessions", json={"name": name, "password": password})


async def script_of(instance: Instance, app: FastAPI, person: Browser) -> Browser:
    """Make a browser that shows a token of somebody's, with every scope."""
    async with instance.transactions.begin() as tx:
        secret = await accounts.make_token(tx, str(person.name), ALL_SCOPES)
    script = Browser(app, bearer=secret)
    script.id = person.id
    return script


@dataclass
class Zoe:
    """Somebody who is about to be suspended, with all that they opened and saved."""

    table: Table
    browser: Browser
    script: Browser
    call: str
    script_call: str
    cookies: dict[str, str]


@pytest.fixture
async def zoe(open_table: OpenTable, sign_up: SignUp, instance: Instance, app: FastAPI) -> Zoe:
    table, browser = await open_table(), await sign_up("zoe")
    script = await script_of(instance, app, browser)
    call, script_call = await table.join(browser), await table.join(script)
    await table.seat(browser)
    return Zoe(table, browser, script, call, script_call, dict(browser.http.cookies))


async def test_everything_that_is_open_ends_before_the_answer(
    zoe: Zoe, suspend: Suspend, instance: Instance, sign_up: SignUp
) -> None:
    """Seat, microphone, both calls, both kinds of streams; of others nothing."""
    table, ben = zoe.table, await sign_up("ben")
    await table.join(ben)
    assert await table.heard() == {zoe.browser.id}
    async with AsyncExitStack() as stack:
        room = await watch(table, stack, zoe.browser)
        own = await look(instance, zoe.browser, stack)
        other = await watch(table, stack, ben)

        await suspend("zoe")

        # Nothing is waited for from here on: it is so when the moderator has the answer.
        assert await table.heard() == set()
        assert instance.calls.registry.everywhere(zoe.browser.id) == []
        assert len(table.engine.peers) == 2
        await room.catch_up()
        await own.catch_up()
        goodbye = {"reason": "suspended", "reconnect": False}
        assert room.events[-1]["data"] == own.events[-1]["data"] == goodbye
        await other.catch_up()
        assert "goodbye" not in other.types()
        assert [seat["person"]["name"] for seat in other.snapshot["stage"]] == ["ama"]


@pytest.mark.parametrize("later_s", [0, 1])
async def test_no_door_opens_to_what_was_saved(
    zoe: Zoe, suspend: Suspend, clock: ManualClock, later_s: float
) -> None:
    """The cookie is nobody's and the token nobody's, at once and a second later."""
    path = zoe.table.path
    await suspend("zoe")
    clock.advance(later_s)
    zoe.browser.http.cookies.update(zoe.cookies)

    for method, where, body in (
        ("GET", "/me", None),
        ("PATCH", "/me", {"display_name": "Zoe again"}),
        ("POST", "/spaces", {"title": "Mine"}),
        ("POST", f"{path}/requests", None),
        ("PUT", f"{path}/stage/me", {"role": "speaker"}),
        ("DELETE", f"{path}/mutes/me", None),
        ("POST", f"{path}/chat", {"text": "still here"}),
        ("POST", f"{path}/shared", {"text": "still here"}),
        ("PUT", "/people/@ama/follow", None),
        ("GET", "/notifications", None),
        ("GET", "/me/events", None),
        ("POST", "/reports", {"user": "@ama", "reason": "spam"}),
    ):
        assert await zoe.browser.refused(method, where, body) == (401, "not_signed_in"), where
        assert await zoe.script.refused(method, where, body) == (401, "not_signed_in"), where
    restart = await zoe.browser.ask("PATCH", zoe.call, content=RESTART, headers=FRAGMENT)
    assert (restart.status_code, restart.json()["code"]) == (404, "call_not_found")
    assert await zoe.browser.refused("DELETE", zoe.call) == (404, "call_not_found")
    for what in (
        {"method": "POST", "path": f"{path}/call", "content": OFFER, "headers": SDP},
        {"method": "PATCH", "path": zoe.script_call, "content": RESTART, "headers": FRAGMENT},
        {"method": "DELETE", "path": zoe.script_call},
        {"method": "GET", "path": f"{path}/events"},
        {"method": "GET", "path": path},
    ):
        answer = await zoe.script.ask(**what)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), what
    # Listening is open to everybody here, and so to whoever has no name.
    card = await zoe.browser.do("GET", path)
    assert (card["you"]["kind"], card["you"]["role"]) == ("anonymous", "listener")


@pytest.mark.usefixtures("zoe")
async def test_signing_in_says_until_when_and_why_to_the_right_password_only(
    suspend: Suspend, visitor: Callable[[], Browser]
) -> None:
    """Nobody else learns that an account is suspended."""
    await suspend("zoe", words="Threats,\nagain.")

    wrong = await sign_in(visitor(), "zoe", "wrong password")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    right = await sign_in(visitor(), "zoe")
    problem = right.json()
    assert (right.status_code, problem["code"]) == (403, "suspended")
    assert (problem["until"], problem["words"]) == (IN_A_DAY, "Threats,\nagain.")
    assert "set-cookie" not in right.headers


async def test_when_it_is_over_one_signs_in_and_tokens_are_worth_something(
    zoe: Zoe, suspend: Suspend, clock: ManualClock, visitor: Callable[[], Browser]
) -> None:
    """By itself, at the time that was said; the old cookie stays worthless."""
    await suspend("zoe")
    clock.advance(24 * 3600 - 1)
    assert (await sign_in(visitor(), "zoe")).status_code == 403
    assert await zoe.script.refused("GET", "/me") == (401, "not_signed_in")
    clock.advance(1)

    assert (await sign_in(visitor(), "zoe")).status_code == 201
    assert (await zoe.script.do("GET", "/me"))["name"] == "zoe"
    zoe.browser.http.cookies.update(zoe.cookies)
    assert await zoe.browser.refused("GET", "/me") == (401, "not_signed_in")


async def test_for_good_is_for_good(
    zoe: Zoe, suspend: Suspend, mod: Browser, clock: ManualClock, visitor: Callable[[], Browser]
) -> None:
    """However far the clock goes; a time so far away is refused, since it would say the same."""
    path = "/moderation/people/@zoe/suspension"
    for ends in ("9999-12-31T00:00:00Z", "2026-01-01T12:00:00Z", "2025-12-31T00:00:00Z"):
        assert await mod.refused("PUT", path, {"until": ends, "words": "x"}) == (422, "invalid")
    assert await mod.refused("PUT", path, {"words": "x"}) == (422, "invalid")
    await suspend("zoe", None)
    clock.advance(400 * 366 * 24 * 3600)

    answer = await sign_in(visitor(), "zoe")
    assert (answer.status_code, answer.json()["until"]) == (403, None)
    assert await zoe.script.refused("GET", "/me") == (401, "not_signed_in")


async def test_lifted_it_is_told_and_nothing_comes_back_by_itself(
    zoe: Zoe, suspend: Suspend, mod: Browser, visitor: Callable[[], Browser]
) -> None:
    """Whoever was suspended signs in anew and reads that they may; once more changes nothing."""
    await suspend("zoe")
    for _ in range(2):
        await mod.do("DELETE", "/moderation/people/@zoe/suspension")

    again = visitor()
    assert (await sign_in(again, "zoe")).status_code == 201
    items = (await again.do("GET", "/notifications"))["items"]
    assert [item["kind"] for item in items if item["kind"] == "suspension_lifted"] == [
        "suspension_lifted"
    ]
    assert (await again.do("GET", zoe.table.path))["you"]["role"] == "listener"
    assert (await mod.do("GET", "/moderation/people/@zoe"))["suspension"] is None


# Who suspends whom


async def test_who_moderates_whom(
    sign_up: SignUp,
    appoint: Appoint,
    mod: Browser,
    open_table: OpenTable,
    visitor: Any,  # noqa: ANN401
) -> None:
    """Nobody themselves, moderators no staff, members nobody, and guests have no account."""
    ben, other = await sign_up("ben"), await appoint("other")
    boss, second = await appoint("boss", "admin"), await appoint("second", "admin")
    table, guest = await open_table(), visitor()
    await table.join(guest)
    body = {"until": None, "words": "x"}

    async def tried(who: Browser, whom: Browser) -> tuple[int, str]:
        path = f"/moderation/people/{whom.id}/suspension"
        answer = await who.ask("PUT", path, json=body)
        return answer.status_code, "" if answer.is_success else answer.json()["code"]

    assert await tried(ben, other) == (403, "staff_only")
    assert await tried(mod, mod) == (403, "not_oneself")
    assert await tried(mod, other) == (403, "moderates_staff")
    assert await tried(mod, boss) == (403, "moderates_staff")
    assert await tried(boss, boss) == (403, "not_oneself")
    assert await tried(mod, guest) == (403, "guest")
    assert await tried(boss, other) == (204, "")
    assert await tried(boss, second) == (204, "")
    assert await tried(other, ben) == (401, "not_signed_in"), "who is suspended moderates nobody"


async def test_a_token_moderates_only_with_that_scope(
    appoint: Appoint, sign_up: SignUp, instance: Instance, app: FastAPI
) -> None:
    """A moderator's token for reading opens nothing of it."""
    mod, ben = await appoint("mod"), await sign_up("ben")
    async with instance.transactions.begin() as tx:
        reads = await accounts.make_token(tx, "mod", frozenset({"read", "write", "host"}))
        moderates = await accounts.make_token(tx, "mod", frozenset({"moderate"}))
    path = f"/moderation/people/{ben.id}"

    assert await Browser(app, bearer=reads).refused("GET", path) == (403, "missing_scope")
    assert (await Browser(app, bearer=moderates).do("GET", path))["person"]["name"] == "ben"
    assert mod.id


# At the same time


async def test_suspended_between_the_password_and_the_session(
    zoe: Zoe,
    suspend: Suspend,
    visitor: Callable[[], Browser],
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever was let through before has no session after."""
    is_right = Passwords.is_right

    async def slowly(self: Passwords, stored: str | None, password: str) -> bool:
        right = await is_right(self, stored, password)
        await suspend("zoe")
        return right

    monkeypatch.setattr(Passwords, "is_right", slowly)
    answer = await sign_in(visitor(), "zoe")

    assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
    async with instance.database.read() as session:
        own = select(SignIn.id).where(
            SignIn.person_id == zoe.browser.id, SignIn.expires_at > instance.clock.now()
        )
        assert (await session.scalars(own)).all() == []


async def test_suspended_during_a_join_there_is_no_peer(
    open_table: OpenTable, sign_up: SignUp, suspend: Suspend, engine: FakeEngine, instance: Instance
) -> None:
    """Whoever is on the way in is not in."""
    table, ben = await open_table(), await sign_up("ben")
    actor = await actor_of(instance, ben)
    async with instance.transactions.begin() as tx:
        secret = await accounts.make_token(tx, "ben", ALL_SCOPES)
    by_token = await instance.identify(bearer=secret, cookies=[], network="192.0.2.1")
    engine.hold.clear()
    joining = asyncio.create_task(ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP))
    await engine.waits.wait()

    await suspend("ben")
    engine.hold.set()

    assert (await joining).status_code in (401, 404)
    assert len(engine.peers) == 1
    for known_before in (actor, by_token):
        with pytest.raises(NotSignedIn):
            await instance.calls.join(known_before, table.id, OFFER)


async def test_a_door_that_is_stuck_is_said_and_tried_again(
    zoe: Zoe, mod: Browser, engine: FakeEngine
) -> None:
    """It is written down; asked again it tells how that went."""
    peer = zoe.table.peers(zoe.browser)[0]
    engine.stuck |= {number for number, each in engine.peers.items() if each is peer}
    ask = ("PUT", "/moderation/people/@zoe/suspension", {"until": None, "words": "x"})
    assert await mod.refused(*ask) == (503, "door_stuck")
    assert await zoe.script.refused("GET", "/me") == (401, "not_signed_in")
    engine.stuck.clear()

    await mod.do(*ask)
    assert len(engine.peers) == 1


# What they had


async def test_what_was_granted_is_void(
    zoe: Zoe, suspend: Suspend, sign_up: SignUp, mod: Browser, visitor: Callable[[], Browser]
) -> None:
    """Invitations, links they made, requests and lines in the chat; lifting restores nothing."""
    table = zoe.table
    await table.host.do("PUT", f"{table.path}/stage/@zoe", {"role": "co_host"})
    made = await zoe.browser.do("POST", f"{table.path}/invitation-links", {"role": "speaker"})
    await zoe.browser.do("POST", f"{table.path}/chat", {"text": "hateful"})
    ben = await sign_up("ben")
    other = await ben.do("POST", "/spaces", {"title": "Other"})
    await ben.do("POST", f"/spaces/{other['id']}/start")
    await ben.do("PUT", f"/spaces/{other['id']}/invitations/@zoe", {"role": "speaker"})
    await zoe.browser.do("POST", f"/spaces/{other['id']}/requests")
    later = await ben.do("POST", "/spaces", {"title": "Later", "starts_at": IN_A_DAY})
    await ben.do("PUT", f"/spaces/{later['id']}/invitations/@zoe", {"role": "speaker"})

    await suspend("zoe")

    use = ("POST", f"{table.path}/invitations", {"token": made["token"]})
    assert await ben.refused(*use) == (404, "link_void")
    assert (await table.host.do("GET", f"{table.path}/chat"))["items"] == []
    assert (await table.instance.live.picture(other["id"])).parts["queue"] == []
    await mod.do("DELETE", "/moderation/people/@zoe/suspension")
    again = visitor()
    assert (await sign_in(again, "zoe")).status_code == 201
    for path in (table.path, f"/spaces/{other['id']}", f"/spaces/{later['id']}"):
        you = (await again.do("GET", path))["you"]
        assert (you["role"], you["invitation"], you["request"]) == ("listener", None, None)
    await table.join(again)
    await table.seat(again, "co_host")
    assert await ben.refused(*use) == (404, "link_void")
    kinds = {item["kind"] for item in (await again.do("GET", "/notifications"))["items"]}
    assert "invited" not in kinds


async def test_their_space_goes_to_the_co_host_who_was_there_longest(
    open_table: OpenTable, sign_up: SignUp, suspend: Suspend, instance: Instance
) -> None:
    """For good: the former host comes back to nothing."""
    table = await open_table()
    chidi, ben = await sign_up("chidi"), await sign_up("ben")
    for person in (chidi, ben):
        await table.join(person)
        await table.seat(person, "co_host")

    await suspend("ama")

    card = await ben.do("GET", table.path)
    assert (card["state"], card["host"]["name"]) == ("live", "chidi")
    assert {seat["person"]["name"] for seat in card["stage"]} == {"chidi", "ben"}
    async with instance.database.read() as session:
        [space] = await session.scalars(select(Space))
    assert space.returns_to is None


async def test_a_co_host_who_lost_the_line_a_moment_ago_still_inherits(
    open_table: OpenTable, sign_up: SignUp, suspend: Suspend, instance: Instance
) -> None:
    """A crowd is not sent home for that; nobody present at all is waited for as any host."""
    table, ben = await open_table(), await sign_up("ben")
    await table.join(ben)
    await table.seat(ben, "co_host")
    await instance.calls.end(*instance.calls.registry.of_person(table.id, ben.id))

    await suspend("ama")

    assert (await ben.do("GET", table.path))["host"]["name"] == "ben"


async def test_their_space_ends_where_nobody_helps(
    zoe: Zoe, suspend: Suspend, engine: FakeEngine
) -> None:
    """A speaker is nobody's heir."""
    await suspend("ama")

    assert (await zoe.browser.do("GET", zoe.table.path))["state"] == "ended"
    assert not engine.peers


async def test_whoever_only_held_a_space_gives_it_back(
    open_table: OpenTable, sign_up: SignUp, suspend: Suspend, instance: Instance, clock: ManualClock
) -> None:
    """It is the owner's, who is away; and an owner who is suspended gets it back from nobody."""
    table, ben = await open_table(), await sign_up("ben")
    await table.join(ben)
    await table.seat(ben, "co_host")
    await instance.calls.end(*instance.calls.registry.of_person(table.id, table.host.id))
    clock.advance(601)
    await instance.sweep()
    assert (await ben.do("GET", table.path))["host"]["name"] == "ben"

    await suspend("ama")

    async with instance.database.read() as session:
        [space] = await session.scalars(select(Space))
    assert (space.host_id, space.returns_to) == (ben.id, None)


async def test_their_scheduled_spaces_are_cancelled(
    sign_up: SignUp, suspend: Suspend, instance: Instance
) -> None:
    """And those who asked are told."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    body = {"title": "Bread", "starts_at": "2026-01-02T19:30:00Z"}
    card = await ama.do("POST", "/spaces", body)
    await ben.do("PUT", f"/spaces/{card['id']}/reminders/me")

    await suspend("ama")
    await instance.jobs.run_due()

    assert (await ben.do("GET", f"/spaces/{card['id']}"))["state"] == "cancelled"
    [item] = (await ben.do("GET", "/notifications"))["items"]
    assert (item["kind"], item["people"][0]["name"]) == ("cancelled", "ama")


# Appeals


@pytest.mark.usefixtures("zoe")
async def test_one_appeals_once(
    suspend: Suspend, mod: Browser, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """With name and password; it stands first in the list, and another suspension is another."""
    await suspend("zoe")
    await sign_up("ben")
    await suspend("ben")
    somebody = visitor()
    said = {"name": "zoe", "password": PASSWORD, "words": "It was not me."}
    for wrong, refused in (
        ({"password": "wrong password"}, (401, "wrong_credentials")),
        ({"name": "ama"}, (409, "not_suspended")),
        ({"words": "x" * 1001}, (422, "invalid")),
        ({"words": " "}, (422, "invalid")),
    ):
        assert await somebody.refused("POST", "/appeals", said | wrong) == refused
    assert (await somebody.ask("POST", "/appeals", json=said)).status_code == 202
    assert await somebody.refused("POST", "/appeals", said) == (409, "appealed_already")

    page = await mod.do("GET", "/moderation/suspensions?limit=1")
    [first] = page["suspensions"]
    assert (first["person"]["name"], first["appeal"]["words"]) == ("zoe", "It was not me.")
    assert (first["by"]["name"], first["words"], first["until"]) == ("mod", "Threats.", IN_A_DAY)
    rest = await mod.do("GET", f"/moderation/suspensions?before={page['next']}")
    assert [each["person"]["name"] for each in rest["suspensions"]] == ["ben"]
    assert rest["next"] is None
    record = await mod.do("GET", "/moderation/people/@zoe")
    assert record["suspension"]["appeal"]["words"] == "It was not me."

    await suspend("zoe", None)
    assert (await somebody.ask("POST", "/appeals", json=said)).status_code == 202
    listed = await mod.do("GET", "/moderation/suspensions")
    assert len(listed["suspensions"]) == 2


async def test_one_appeals_by_a_passkey(
    suspend: Suspend, mod: Browser, visitor: Callable[[], Browser]
) -> None:
    """Whoever has no password is heard as well; each answer of a passkey counts once."""
    device, somebody = Authenticator(), visitor()
    options = await somebody.do("POST", "/accounts/passkey/options", {"name": "zoe"})
    await somebody.do("POST", "/accounts", {"name": "zoe", "passkey": device.make(options)})
    await suspend("zoe")
    shown = device.show(await somebody.do("POST", "/sessions/passkey/options"))
    assert await somebody.refused("POST", "/sessions/passkey", {"passkey": shown}) == (
        403,
        "suspended",
    )

    shown = device.show(await somebody.do("POST", "/sessions/passkey/options"))
    said = {"passkey": shown, "words": "It was not me."}
    assert (await somebody.ask("POST", "/appeals", json=said)).status_code == 202

    assert await somebody.refused("POST", "/appeals", said) == (401, "passkey_unknown")
    [listed] = (await mod.do("GET", "/moderation/suspensions"))["suspensions"]
    assert listed["appeal"]["words"] == "It was not me."
    assert await somebody.refused("POST", "/appeals", {"words": "Let me in."}) == (
        401,
        "wrong_credentials",
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/chat", {"text": "too late"}),
        ("PUT", "/stage/me", {"role": "speaker"}),
        ("POST", "", {"title": "Mine"}),
    ],
)
async def test_suspended_while_one_waits_to_write(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    method: str,
    path: str,
    body: dict[str, str],
) -> None:
    """What was asked before and comes to its turn after is not done."""
    table, ben = await open_table(speak_policy="everyone"), await sign_up("ben")
    where = f"{table.path}{path}" if path else "/spaces"
    async with instance.transactions.begin() as tx:
        asking = asyncio.create_task(ben.ask(method, where, json=body))
        await until(lambda: instance.database._waiting == 1)
        person = await tx.session.get_one(Person, ben.id)
        await accounts.suspend(tx, person, until=None, by=table.host.id)

    answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
