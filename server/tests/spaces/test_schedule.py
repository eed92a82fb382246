"""Spaces for later: how far ahead, how many, moved, cancelled, started, forgotten by their host."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, SignUp
from tests.live.protocol import Json
from tests.table import Table, watch

# The clock of tests stands at 2026-01-01T12:00:00Z.
TOMORROW = "2026-01-02T19:30:00Z"
DAY_S = 24 * 3600.0

Schedule = Callable[..., Awaitable[Json]]


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
def schedule(ama: Browser) -> Schedule:
    """Let Ama schedule a space."""

    async def make(starts_at: str = TOMORROW, **words: object) -> Json:
        body = {"title": "Bread", "starts_at": starts_at, **words}
        card: Json = await ama.do("POST", "/spaces", body)
        return card

    return make


async def run(instance: Instance, clock: ManualClock, seconds: float) -> None:
    """Let time pass and everything be done that is due."""
    clock.advance(seconds)
    await instance.jobs.run_due()


async def test_a_scheduled_space_has_its_link_from_the_start(
    schedule: Schedule, visitor: Callable[[], Browser]
) -> None:
    """Everybody finds it, sees when it starts, and is not let in yet."""
    card = await schedule("2026-01-02T21:30:00.5+02:00")
    seen = await visitor().do("GET", f"/spaces/{card['id']}")

    assert (seen["state"], seen["starts_at"]) == ("scheduled", TOMORROW)
    assert (seen["started_at"], seen["reminders"]) == (None, 0)
    assert seen["stage"][0]["role"] == "host"


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("2026-01-01T12:00:00Z", "bad_time"),
        ("2026-01-01T13:59:00+02:00", "bad_time"),
        ("2026-01-15T12:00:01Z", "bad_time"),
        ("9999-12-31T23:59:59-12:00", "bad_time"),
        ("0001-01-01T00:00:00+12:00", "bad_time"),
        ("2026-01-02T19:30:00", "invalid"),
        ("tomorrow", "invalid"),
        ("", "invalid"),
    ],
)
async def test_times_at_which_no_space_starts(ama: Browser, starts_at: str, code: str) -> None:
    """What has passed, is too far ahead, or says no time zone; nothing is made of it."""
    body = {"title": "Bread", "starts_at": starts_at}

    assert await ama.refused("POST", "/spaces", body) == (422, code)
    assert (await ama.do("GET", "/spaces?state=draft"))["items"] == []


async def test_up_to_fourteen_days_and_ten_spaces(schedule: Schedule, ama: Browser) -> None:
    """The eleventh has to wait until one is over, also when it was a draft first."""
    cards = [await schedule(f"2026-01-15T11:59:{second:02}Z") for second in range(10)]
    body = {"title": "Bread", "starts_at": TOMORROW}
    assert await ama.refused("POST", "/spaces", body) == (409, "too_many_scheduled")
    draft = await ama.do("POST", "/spaces", {"title": "Bread"})
    refused = await ama.refused("PATCH", f"/spaces/{draft['id']}", {"starts_at": TOMORROW})
    assert refused == (409, "too_many_scheduled")

    await ama.do("POST", f"/spaces/{cards[0]['id']}/cancel")
    card = await ama.do("PATCH", f"/spaces/{draft['id']}", {"starts_at": TOMORROW})
    assert card["state"] == "scheduled"


async def test_the_same_request_twice_schedules_once(ama: Browser) -> None:
    """A repeated Idempotency-Key finds the space that was made."""
    body = {"title": "Bread", "starts_at": TOMORROW}
    key = {"Idempotency-Key": "1"}
    made = [(await ama.ask("POST", "/spaces", json=body, headers=key)).json() for _ in "12"]

    assert made[0]["id"] == made[1]["id"]
    assert len((await ama.do("GET", "/spaces?state=scheduled"))["items"]) == 1


@pytest.mark.parametrize("at_s", [0, DAY_S + 7.5 * 3600, DAY_S + 8 * 3600])
async def test_started_early_at_its_time_or_late(
    schedule: Schedule,
    ama: Browser,
    instance: Instance,
    engine: FakeEngine,
    clock: ManualClock,
    at_s: float,
) -> None:
    """A host starts when ready; nothing closes the space after that."""
    table = Table(instance, engine, ama, await schedule())
    path = table.path
    await run(instance, clock, at_s)
    card = await ama.do("POST", f"{path}/start")
    assert (card["state"], card["starts_at"]) == ("live", TOMORROW)
    for method, what, body in (("PATCH", "", {"starts_at": TOMORROW}), ("POST", "/cancel", None)):
        assert await ama.refused(method, path + what, body) == (409, "not_scheduled")
    await table.join(ama)

    await run(instance, clock, 2 * 3600)
    assert (await ama.do("GET", path))["state"] == "live"


async def test_nobody_starts_it(
    schedule: Schedule,
    ama: Browser,
    instance: Instance,
    clock: ManualClock,
    settings: Settings,
) -> None:
    """It is closed after a grace, which is counted anew when it is moved."""
    path = f"/spaces/{(await schedule())['id']}"
    await ama.do("PATCH", path, {"starts_at": "2026-01-03T19:30:00Z"})
    until_start_s = 2 * DAY_S + 7.5 * 3600
    await run(instance, clock, until_start_s + settings.unstarted_s - 1)
    assert (await ama.do("GET", path))["state"] == "scheduled"
    await run(instance, clock, 1)

    card = await ama.do("GET", path)
    assert (card["state"], card["ended_at"]) == ("cancelled", "2026-01-03T20:30:00Z")
    assert await ama.refused("POST", f"{path}/start") == (409, "space_not_live")


async def test_it_is_closed_also_by_a_server_that_was_down(
    schedule: Schedule,
    ama: Browser,
    instance: Instance,
    engine: FakeEngine,
    clock: ManualClock,
    settings: Settings,
) -> None:
    """What fell due while no server ran is done by the next one, by itself."""
    path = f"/spaces/{(await schedule())['id']}"
    clock.advance(30 * DAY_S)
    again = Instance(settings, engine=engine, clock=clock, passwords=instance.passwords)
    await again.jobs.run_due()
    await again.database.close()
    # The server that made it may have been about to look, and have taken it; it is done now.
    await instance.jobs.run_due()

    assert (await ama.do("GET", path))["state"] == "cancelled"


async def test_a_cancelled_space(
    schedule: Schedule, ama: Browser, sign_up: SignUp, instance: Instance, engine: FakeEngine
) -> None:
    """Its link goes on to work and says so; whoever looks at it is told."""
    ben = await sign_up("ben")
    table = Table(instance, engine, ama, await schedule())
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, ben)
        card = await ama.do("POST", f"{table.path}/cancel")
        assert card["state"] == "cancelled"
        await witness.catch_up()
    assert witness.snapshot["space"]["state"] == "cancelled"
    assert witness.events[-1]["data"] == {"reason": "ended", "reconnect": False}
    assert (await ama.do("POST", f"{table.path}/cancel"))["state"] == "cancelled"

    assert (await ben.do("GET", table.path))["title"] == "Bread"
    for what in ("/start", "/invitations/@ben"):
        method, body = ("PUT", {"role": "speaker"}) if "@" in what else ("POST", None)
        assert await ama.refused(method, table.path + what, body) == (409, "space_not_live")
    assert await ben.refused("PUT", f"{table.path}/reminders/me") == (409, "not_scheduled")


async def test_to_end_what_has_not_begun_is_to_cancel_it(schedule: Schedule, ama: Browser) -> None:
    """A space that never was is not shown as one that was held."""
    path = f"/spaces/{(await schedule())['id']}"

    assert (await ama.do("POST", f"{path}/end"))["state"] == "cancelled"


async def test_reminders(schedule: Schedule, sign_up: SignUp, ama: Browser) -> None:
    """Who asks is asked once; everybody sees how many, only oneself that one is among them."""
    ben, eve = await sign_up("ben"), await sign_up("eve")
    path = f"/spaces/{(await schedule())['id']}"
    for _ in "12":
        await ben.do("PUT", f"{path}/reminders/me")
    seen = {browser.name: await browser.do("GET", path) for browser in (ben, eve)}
    assert [seen[name]["reminders"] for name in ("ben", "eve")] == [1, 1]
    assert [seen[name]["you"]["reminded"] for name in ("ben", "eve")] == [True, False]
    await ben.do("DELETE", f"{path}/reminders/me")
    assert (await ben.do("GET", path))["reminders"] == 0

    await ben.do("PUT", f"{path}/reminders/me")
    await ama.do("PUT", f"{path}/removals/@ben")
    assert (await ama.do("GET", path))["reminders"] == 0, "who was removed is told nothing more"
    assert await ben.refused("PUT", f"{path}/reminders/me") == (403, "removed")


async def test_a_restricted_space_keeps_its_reminders(schedule: Schedule, sign_up: SignUp) -> None:
    """Who may not listen can neither be reminded nor see how many are."""
    ben = await sign_up("ben")
    path = f"/spaces/{(await schedule(listen_policy='invited'))['id']}"

    card = await ben.do("GET", path)
    assert (card["title"], card["starts_at"], card["reminders"]) == ("Bread", TOMORROW, None)
    assert await ben.refused("PUT", f"{path}/reminders/me") == (403, "not_invited")


async def test_what_is_ahead_is_listed_as_it_will_start(
    schedule: Schedule, visitor: Callable[[], Browser], ama: Browser, sign_up: SignUp
) -> None:
    """Also across pages, and with several at the same time; restricted ones to whom they admit."""
    ids = [(await schedule(f"2026-01-0{day}T10:00:00Z"))["id"] for day in (4, 2, 3, 2)]
    await schedule("2026-01-02T10:00:00Z", listen_policy="invited")
    ben = await sign_up("ben")
    await ben.do("POST", "/spaces", {"title": "Ben's", "starts_at": "2026-01-02T09:00:00Z"})
    listed: list[str] = []
    cursor = ""
    while True:
        where = f"/spaces?state=scheduled&limit=2&host=@ama{cursor}"
        page = await visitor().do("GET", where)
        listed += [card["id"] for card in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert listed == [ids[1], ids[3], ids[2], ids[0]]
    everything = (await ama.do("GET", "/spaces?state=scheduled"))["items"]
    assert [card["title"] for card in everything] == ["Ben's", *["Bread"] * 5]
    assert await ama.refused("GET", "/spaces?host=@nobody") == (404, "person_not_found")


async def test_an_old_cursor_of_another_list(schedule: Schedule, ama: Browser) -> None:
    """It begins somewhere, and fails never."""
    await schedule()

    for cursor in ("5", "99999999999-1"):
        await ama.do("GET", f"/spaces?state=scheduled&cursor={cursor}")
        await ama.do("GET", f"/spaces?state=live&cursor={cursor}")


def test_the_clock_of_these_tests(clock: ManualClock) -> None:
    assert clock.now() + timedelta(hours=31.5) == datetime.fromisoformat(TOMORROW)
    assert clock.now().tzinfo == UTC
