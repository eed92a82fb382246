"""Joining, restarting and leaving, over HTTP."""

import asyncio
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from convivium.accounts import service as accounts
from convivium.app import Instance
from convivium.calls.entrance import Entrance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.engine import Lagged, PeerConnected
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import FRAGMENT, OFFER, RESTART, SDP, until


async def settle(instance: Instance) -> None:
    """Let the engine's events be followed."""
    for _ in range(5):
        await asyncio.sleep(0)
    await instance.calls.finish()


async def test_a_call_has_an_address_and_a_version(open_table: OpenTable, sign_up: SignUp) -> None:
    """The answer says where the call is found; a restart gives it a new version."""
    table = await open_table()
    ben = await sign_up("ben")

    joined = await ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert joined.headers["content-type"] == "application/sdp"
    assert joined.text.startswith("v=0")
    path = joined.headers["Location"].removeprefix("/api/v1")
    restarted = await ben.ask(
        "PATCH", path, content=RESTART, headers=FRAGMENT | {"If-Match": joined.headers["ETag"]}
    )

    assert restarted.status_code == 200
    assert restarted.headers["content-type"] == "application/trickle-ice-sdpfrag"
    assert "a=ice-ufrag" in restarted.text
    assert restarted.headers["ETag"] != joined.headers["ETag"]
    crossed = await ben.ask(
        "PATCH", path, content=RESTART, headers=FRAGMENT | {"If-Match": joined.headers["ETag"]}
    )
    assert (crossed.status_code, crossed.json()["code"]) == (412, "call_changed")


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"not sdp", SDP, (422, "bad_offer")),
        (b"", SDP, (422, "bad_offer")),
        (b"v=0\xff\xfe", SDP, (422, "bad_offer")),
        (b"v=0", {"Content-Type": "text/plain"}, (415, "wrong_type")),
        (b"v=0", {}, (415, "wrong_type")),
    ],
)
async def test_offers_that_are_none(
    open_table: OpenTable,
    content: bytes,
    headers: dict[str, str],
    expected: tuple[int, str],
    engine: FakeEngine,
) -> None:
    """What is not an offer is refused with words, and leaves no peer."""
    table = await open_table()

    answer = await table.host.ask("POST", f"{table.path}/call", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == expected
    assert len(engine.peers) == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("no_common_profile", (422, "no_common_profile")),
        ("too_large", (422, "bad_offer")),
        ("busy", (503, "engine_busy")),
        ("silent", (503, "engine_busy")),
        ("unknown_space", (409, "space_not_live")),
    ],
)
async def test_what_the_engine_refuses_is_put_into_words(
    open_table: OpenTable, engine: FakeEngine, code: str, expected: tuple[int, str]
) -> None:
    """Each of the engine's words becomes a refusal for the person who calls."""
    table = await open_table()
    engine.refuse_with = code

    answer = await table.host.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert (answer.status_code, answer.json()["code"]) == expected
    assert ("retry-after" in answer.headers) == (expected[0] == 503)


async def test_a_guest_is_made_by_the_first_call(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """Somebody unknown gets a cookie with the first call, and is the same guest in the next."""
    table = await open_table()
    guest = visitor()

    first = await guest.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert first.headers["set-cookie"].startswith("__Host-convivium_guest=")
    me = await guest.do("GET", "/me")
    second = await guest.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert (me["kind"], me["name"], me["display_name"]) == ("guest", None, "Guest")
    assert "set-cookie" not in second.headers
    assert (await guest.do("GET", "/me"))["id"] == me["id"]


async def test_a_draft_has_no_calls(sign_up: SignUp) -> None:
    """Before the start there is nothing to hear."""
    ama = await sign_up("ama")
    card = await ama.do("POST", "/spaces", {"title": "Soon"})

    answer = await ama.ask("POST", f"/spaces/{card['id']}/call", content=OFFER, headers=SDP)

    assert (answer.status_code, answer.json()["code"]) == (409, "space_not_live")


async def test_a_second_call_takes_over_speaking(
    open_table: OpenTable, engine: FakeEngine, instance: Instance
) -> None:
    """The newer call is heard, the older one only listens; when it ends, the older one is heard."""
    table = await open_table()
    await table.host.do("DELETE", f"{table.path}/mutes/me")
    second = await table.join(table.host)
    first_peer, second_peer = [
        call.peer for call in instance.calls.registry.of_person(table.id, table.host.id)
    ]

    assert (engine.peers[first_peer].gate_open, engine.peers[second_peer].gate_open) == (
        False,
        True,
    )
    await table.host.do("DELETE", second)
    assert engine.peers[first_peer].gate_open


async def test_a_call_that_never_connects_takes_over_nothing(
    open_table: OpenTable, engine: FakeEngine, instance: Instance
) -> None:
    """Whoever is heard stays heard until the newer call can carry sound."""
    table = await open_table()
    await table.host.do("DELETE", f"{table.path}/mutes/me")
    [first] = instance.calls.registry.of_person(table.id, table.host.id)
    await instance.calls.follow(PeerConnected(first.peer))
    await table.join(table.host)
    second = instance.calls.registry.of_person(table.id, table.host.id)[1]

    assert engine.peers[first.peer].gate_open
    assert not engine.peers[second.peer].gate_open
    await instance.calls.follow(PeerConnected(second.peer))
    await instance.calls.finish()
    assert not engine.peers[first.peer].gate_open
    assert engine.peers[second.peer].gate_open


async def test_a_token_without_speak_only_listens(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, app: FastAPI
) -> None:
    """A script is heard if its token says so, however its person sits."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    for call in instance.calls.registry.of_person(table.id, ben.id):
        await instance.calls.end(call)
    scripts = []
    async with instance.transactions.begin() as tx:
        for scopes in ({"read", "write"}, {"read", "speak"}):
            secret = await accounts.make_token(tx, "ben", frozenset(scopes))  # type: ignore[arg-type]
            scripts.append(Browser(app, bearer=secret))
            scripts[-1].id = ben.id

    await table.join(scripts[0])
    assert await table.heard() == set()
    await table.join(scripts[1])
    assert await table.heard() == {ben.id}


async def test_one_hundred_calls_at_once_are_no_flood(
    open_table: OpenTable, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """A hundred people behind one address come in together."""
    table = await open_table()
    guests = [visitor() for _ in range(100)]

    answers = await asyncio.gather(
        *(guest.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP) for guest in guests)
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len(instance.calls.registry.in_space(table.id)) == 101
    await instance.live.refresh(table.id, at_once=True)
    assert (await table.host.do("GET", table.path))["counts"]["listeners"] == 100


async def test_a_flood_of_calls_is_answered(
    open_table: OpenTable, instance: Instance, settings: Settings, clock: ManualClock
) -> None:
    """More than that is told when to come again."""
    table = await open_table()
    for _ in range(settings.calls_burst - 1):
        instance.calls.count_attempt(
            await instance.identify(bearer=None, cookies=[], network="127.0.0.1")
        )

    answer = await table.host.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    clock.advance(float(answer.headers["retry-after"]))
    await table.join(table.host)


async def test_calls_of_one_person_are_bounded(
    open_table: OpenTable, instance: Instance, settings: Settings, engine: FakeEngine
) -> None:
    """A page that is loaded again and again pushes out its own oldest calls."""
    table = await open_table()
    for _ in range(settings.max_calls_per_person + 3):
        await table.join(table.host)

    own = instance.calls.registry.of_person(table.id, table.host.id)
    assert len(own) == settings.max_calls_per_person == len(engine.peers)


async def test_calls_in_one_space_are_bounded(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, settings: Settings
) -> None:
    """A full space says so and when to come again; who hangs up makes room for another."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    small = settings.model_copy(update={"max_calls_per_space": 2})
    instance.calls.entrance = Entrance(instance.calls.registry, small, instance.clock)
    call = await table.join(ben)

    crowded = await chidi.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    assert (crowded.status_code, crowded.json()["code"]) == (503, "space_crowded")
    assert crowded.headers["Retry-After"] == "10"
    await ben.do("DELETE", call)

    await table.join(chidi)


async def test_a_lost_call_keeps_the_seat_for_a_while(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    engine: FakeEngine,
    clock: ManualClock,
) -> None:
    """For thirty seconds the seat waits, shown as not connected; then it is freed."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    [call] = instance.calls.registry.of_person(table.id, ben.id)
    engine.lose(call.peer)
    await settle(instance)

    def bens_seat(card: dict) -> list[dict]:  # type: ignore[type-arg] # JSON
        return [seat for seat in card["stage"] if seat["person"]["id"] == ben.id]

    assert bens_seat(await ben.do("GET", table.path))[0]["connected"] is False
    clock.advance(29)
    await instance.sweep()
    assert bens_seat(await ben.do("GET", table.path))
    await table.join(ben)
    [seat] = bens_seat(await ben.do("GET", table.path))
    assert (seat["connected"], seat["muted"]) == (True, False)
    assert ben.id in await table.heard()

    engine.lose(instance.calls.registry.of_person(table.id, ben.id)[0].peer)
    await settle(instance)
    clock.advance(30)
    await instance.sweep()
    assert not bens_seat(await ben.do("GET", table.path))


async def test_calls_are_found_out_after_events_were_lost(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, engine: FakeEngine
) -> None:
    """When the engine says that events were lost, ended peers are noticed all the same."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    [call] = instance.calls.registry.of_person(table.id, ben.id)
    del engine.peers[call.peer]

    engine.tell(Lagged())
    await settle(instance)
    await until(lambda: instance.calls.registry.of_peer(call.peer) is None)

    assert len(instance.calls.registry.in_space(table.id)) == 1


async def test_a_call_says_which_run_of_the_server_it_belongs_to(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """By it a page knows a server that was away from one that it has lost alone."""
    table, guest = await open_table(), visitor()
    call = await guest.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
    alive = await guest.http.get("/healthz")

    assert call.headers["Convivium-Life"] == alive.headers["Convivium-Life"]
    assert call.headers["Convivium-Life"] == table.instance.calls.life
