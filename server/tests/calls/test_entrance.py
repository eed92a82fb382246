"""Who is let in when there is little room, and who waits."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from httpx import Response
from structlog.testing import capture_logs

from convivium.calls import entrance
from convivium.calls.entrance import RESERVED_CALLS, RESERVED_INSIDE, WAIT_HERE_S, Entrance
from convivium.calls.registry import Registry
from convivium.core.actor import Actor
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.live import service as live_service
from convivium.media.engine import Load, Step
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, until, watch


async def call(table: Table, browser: Browser, ticket: str | None = None) -> Response:
    """Ask to come in."""
    headers = SDP if ticket is None else SDP | {"Convivium-Ticket": ticket}
    return await browser.ask("POST", f"{table.path}/call", content=OFFER, headers=headers)


def use(table: Table, **changed: float) -> None:
    """Let the entrance of a table's server be one with other settings."""
    calls, settings = table.instance.calls, table.instance.settings.model_copy(update=changed)
    calls.entrance = Entrance(calls.registry, settings, table.instance.clock)


async def govern(table: Table, step: Step, room: int = 5_000) -> None:
    """Let the engine say how much it has to do, and wait until that has been heard."""
    table.engine.tell(Load(step, room))
    await until(lambda: table.instance.calls.entrance.step == step)


async def test_a_closed_door_opens_for_those_who_speak_and_those_inside(
    open_table: OpenTable, visitor: Callable[[], Browser], sign_up: SignUp
) -> None:
    """Strangers and listeners are told when to come again; nobody who speaks is kept out."""
    table = await open_table()
    speaker, invited, member, guest = [await sign_up(name) for name in ("ben", "cy", "di", "ed")]
    for browser in (speaker, guest):
        await table.join(browser)
    await table.seat(speaker)
    await table.host.do("PUT", f"{table.path}/invitations/{invited.id}", {"role": "speaker"})
    await govern(table, "closed")

    for known in (table.host, speaker, invited, guest):
        assert (await call(table, known)).status_code == 201
        assert table.peers(known)[-1].expected, "the engine has a place for them too"
    for stranger in (visitor(), member):
        answer = await call(table, stranger)
        assert (answer.status_code, answer.json()["code"]) == (503, "admission_closed")
        assert entrance.CLOSED_S <= int(answer.headers["Retry-After"]) <= 2 * entrance.CLOSED_S + 1

    await govern(table, "packets")
    assert (await call(table, member)).status_code == 201
    use(table, close_when_busy=False)
    table.engine.tell(Load("closed", 0))
    # The door stays open, and nobody is told otherwise.
    await until(lambda: table.instance.calls.entrance.step == "packets")
    assert (await call(table, visitor())).status_code == 201
    assert not table.peers(member)[-1].expected


@pytest.mark.parametrize("trouble", ["line", "closed", "full"])
async def test_who_may_not_come_in_is_told_so_however_busy_it_is(
    open_table: OpenTable, visitor: Callable[[], Browser], sign_up: SignUp, trouble: str
) -> None:
    """Whom the host blocks finds no space to wait for, and who was removed no hope."""
    table = await open_table()
    blocked, removed = await sign_up("ben"), await sign_up("cy")
    await table.host.do("PUT", "/people/@ben/block")
    await table.host.do("PUT", f"{table.path}/removals/@cy")
    match trouble:
        case "line":
            use(table, joins_burst=1, joins_per_s=0.01)
            assert (await call(table, visitor())).status_code == 201
        case "closed":
            await govern(table, "closed")
        case _:
            use(table, max_calls_per_space=1)
    assert (await call(table, visitor())).status_code == 503

    refusals = [(await call(table, each)).json()["code"] for each in (blocked, removed)]
    assert refusals == ["space_not_found", "removed"]
    await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    assert (await call(table, visitor())).json()["code"] == "sign_in_to_listen"


async def test_a_step_that_is_left_out_is_not_logged_again_and_again(open_table: OpenTable) -> None:
    """Where the door stays open, a busy engine is said once."""
    table = await open_table()
    use(table, close_when_busy=False)
    with capture_logs() as logged:
        steps: list[Step] = ["packets", "closed", "closed", "packets", "closed", "none"]
        for step in steps:
            await table.instance.calls.follow(Load(step, 5_000))

    said = [line["step"] for line in logged if line["event"] == "governor_stepped"]
    assert said == ["packets", "none"]


async def test_a_full_space_keeps_places_for_those_who_speak(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """A space that is full of listeners lets its host in, up to the places kept."""
    table = await open_table()
    use(table, max_calls_per_space=2)
    listeners = [await sign_up(name) for name in ("ben", "cy", "di")]
    assert [(await call(table, each)).status_code for each in listeners] == [201, 503, 503]
    for _ in range(3):
        assert (await call(table, table.host)).status_code == 201
    assert (await call(table, listeners[0])).status_code == 201

    registry = table.instance.calls.registry
    for number in range(RESERVED_INSIDE):
        registry.add(table.id, Actor(kind="guest", id=f"p{number}"))
    assert (await call(table, listeners[0])).json()["code"] == "space_crowded"
    assert (await call(table, table.host)).status_code == 201, "listeners have not used up all"
    for number in range(RESERVED_CALLS - RESERVED_INSIDE):
        registry.add(table.id, Actor(kind="guest", id=f"q{number}"))
    assert (await call(table, table.host)).json()["code"] == "space_crowded"


async def test_whoever_was_inside_a_moment_ago_is_not_new(
    open_table: OpenTable, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """A page that is loaded anew hangs up first; its guest comes back through a closed door."""
    table, guest = await open_table(), visitor()
    address = await table.join(guest)
    await guest.do("DELETE", address)
    await govern(table, "closed")

    clock.advance(entrance.COMES_BACK_S - 1)
    again = await call(table, guest)
    assert again.status_code == 201
    await guest.do("DELETE", again.headers["Location"].removeprefix("/api/v1"))
    clock.advance(entrance.COMES_BACK_S + 1)
    assert (await call(table, guest)).json()["code"] == "admission_closed"


def test_those_who_left_are_not_remembered_without_end(
    settings: Settings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earliest are forgotten first."""
    monkeypatch.setattr(entrance, "LEFT_KEPT", 2)
    door = Entrance(Registry(), settings, clock)
    for person in ("ama", "ben", "cy"):
        door.note_leaving("kitchen", person)

    assert [door.was_inside("kitchen", each) for each in ("ama", "ben", "cy")] == [
        False,
        True,
        True,
    ]


def test_who_is_not_expected_back_is_not_kept(settings: Settings, clock: ManualClock) -> None:
    """However many come and go: those of the last moment are remembered, and no others."""
    door = Entrance(Registry(), settings, clock)
    for person in range(50):
        door.note_leaving("kitchen", f"person{person}")
        clock.advance(entrance.COMES_BACK_S / 10)

    assert door.remembered == 10
    assert door.was_inside("kitchen", "person49")


async def test_a_crowd_at_the_door_gets_places_in_line(
    open_table: OpenTable, visitor: Callable[[], Browser], sign_up: SignUp, clock: ManualClock
) -> None:
    """Who comes too late for a token is told their place, and keeps it; the host walks past."""
    table, ben = await open_table(), await sign_up("ben")
    use(table, joins_burst=2, joins_per_s=0.5)
    strangers = [visitor() for _ in range(4)]
    answers = [await call(table, each) for each in strangers]
    assert [answer.status_code for answer in answers] == [201, 201, 503, 503]

    third, fourth = (answer.json() for answer in answers[2:])
    assert third["code"] == fourth["code"] == "in_line"
    assert (third["place"], fourth["place"]) == (1, 2)
    assert third["detail"] == "You are number 1 in line. Your place is kept."
    assert [answer.headers["Retry-After"] for answer in answers[2:]] == ["2", "4"]
    for _ in range(3):
        assert (await call(table, table.host)).status_code == 201

    clock.advance(2.0)
    again = (await call(table, strangers[3], fourth["ticket"])).json()
    assert (again["place"], again["ticket"]) == (1, fourth["ticket"])
    assert (await call(table, ben)).json()["place"] == 2, "it is not ben's turn"
    assert (await call(table, strangers[2], third["ticket"])).status_code == 201
    twice = await call(table, visitor(), third["ticket"])
    assert twice.json()["place"] == 3, "a ticket is good for once"


async def test_nobody_stands_in_line_for_a_space_that_is_not_there(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """What was never opened, or is over, is refused at once and takes nobody's place."""
    table = await open_table()
    over, draft = [await table.host.do("POST", "/spaces", {"title": "Cellar"}) for _ in range(2)]
    await table.host.do("POST", f"/spaces/{over['id']}/start")
    await table.host.do("POST", f"/spaces/{over['id']}/end")
    use(table, joins_burst=1, joins_per_s=0.5)
    assert (await call(table, visitor())).status_code == 201

    for space_id, status, code in [
        ("nowhere", 404, "space_not_found"),
        (over["id"], 409, "space_not_live"),
        (draft["id"], 404, "space_not_found"),
    ] * 3:
        answer = await visitor().ask("POST", f"/spaces/{space_id}/call", content=OFFER, headers=SDP)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await call(table, visitor())).json()["place"] == 1


async def test_one_network_cannot_fill_the_line(
    app: FastAPI, open_table: OpenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever rents many addresses has a share of the places; others find one behind those."""
    monkeypatch.setattr(entrance, "NETWORK_SHARE", 2 / entrance.LINE_S)
    table = await open_table()
    use(table, joins_burst=1, joins_per_s=0.5)
    codes = []
    for address in ["203.0.113.1", "203.0.113.2", "203.0.113.3", "198.51.100.1"]:
        stranger = Browser(app, address=address)
        answer = await call(table, stranger)
        codes.append(answer.json()["code"] if answer.status_code == 503 else answer.status_code)
        await stranger.http.aclose()

    assert codes == [201, "in_line", "line_full", "in_line"]


async def test_a_short_wait_is_waited_here_and_in_order(
    clock: ManualClock, settings: Settings
) -> None:
    """Nobody is sent away for half a second, and whoever came first goes first."""
    quick = settings.model_copy(update={"joins_burst": 1, "joins_per_s": 100.0})
    door = Entrance(Registry(), quick, clock)
    came: list[int] = []

    async def come(number: int) -> None:
        await door.stand_in_line(entrance.Visitor("kitchen"))
        came.append(number)

    await asyncio.gather(*(come(number) for number in range(8)))
    assert came == list(range(8))


async def test_the_line_is_bounded_here_and_outside(clock: ManualClock, settings: Settings) -> None:
    """A flood keeps few requests open, few tickets in memory, and everybody is answered."""
    slow = settings.model_copy(update={"joins_burst": 1, "joins_per_s": 10.0})
    door = Entrance(Registry(), slow, clock)
    waiting = [
        asyncio.create_task(door.stand_in_line(entrance.Visitor("kitchen"))) for _ in range(2_000)
    ]
    await until(lambda: sum(task.done() for task in waiting) >= 2_000 - 10 * WAIT_HERE_S)
    refused = [task.exception() for task in waiting if task.done()]
    for task in waiting:
        task.cancel()

    kinds = [type(refusal) for refusal in refused]
    assert kinds.count(entrance.InLine) <= 600
    assert kinds.count(entrance.LineFull) >= 1_300


async def test_hosts_see_the_room_and_the_step_and_nobody_else_does(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Told when it changes noticeably, in a round number, at most twice a second."""
    table = await open_table()
    listener = await sign_up("ben")
    async with AsyncExitStack() as stack:
        host = await watch(table, stack, table.host)
        other = await watch(table, stack, listener)
        assert host.snapshot["capacity"] == {"room": None, "step": "none"}
        assert other.snapshot["capacity"] is None

        table.engine.tell(Load("none", 8_730))
        table.engine.tell(Load("packets", 8_650))
        for room in range(8_500, 8_700):
            table.engine.tell(Load("packets", room))
        settled = {"room": 8_500, "step": "packets"}
        await host.until(lambda: host.snapshot["capacity"] == settled)
        await other.catch_up()

        assert host.types().count("capacity_changed") <= 2
        assert "capacity_changed" not in other.types()


async def test_a_limit_below_the_engines_room_is_what_is_shown(
    clock: ManualClock, settings: Settings
) -> None:
    """The least of engine, limit and memory counts."""
    registry = Registry()
    memory: list[int | None] = [None]
    door = Entrance(
        registry,
        settings.model_copy(update={"max_calls_per_space": 1_000}),
        clock,
        lambda: memory[0],
    )
    assert door.room("kitchen") is None
    door.follow(Load("none", 50_000))
    assert door.room("kitchen") == 1_000

    for number in range(300):
        registry.add("kitchen", Actor(kind="guest", id=f"p{number}"))
    assert door.room("kitchen") == 700
    memory[0] = 0
    door.follow(Load("none", 50_000))
    assert door.room("kitchen") == 0


async def test_an_engine_without_time_is_told_of_less(open_table: OpenTable) -> None:
    """From the second step on what can wait is told more rarely, and as ever when it is over."""
    table = await open_table()
    async with AsyncExitStack() as stack:
        await watch(table, stack, table.host)
        live = table.instance.live
        loop = asyncio.get_running_loop()

        async def told_in(step: Step) -> float:
            await govern(table, step)
            channel = live._channels[table.id]
            if channel.later is not None:
                channel.later.cancel()
                channel.later = None
            live.refresh_soon(table.id)
            assert channel.later is not None
            return channel.later.when() - loop.time()

        # The loop counts from its machine's start, in floats.
        assert await told_in("encoding") <= live_service.SOON_S + 1e-3
        assert await told_in("events") > live_service.SOON_S * 3
        assert await told_in("none") <= live_service.SOON_S + 1e-3
