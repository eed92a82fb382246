"""What people are told outside the room: who, when, once, and nobody whom it does not concern."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.media.fake import FakeEngine
from convivium.notifications import service, subscribers
from convivium.notifications.events import NotificationsChanged
from convivium.notifications.rules import KEPT_PEOPLE, joined
from convivium.notifications.service import About
from tests.conftest import Browser, OpenTable, SignUp

# The clock of tests stands at 2026-01-01T12:00:00Z.
TOMORROW = "2026-01-02T19:30:00Z"
TO_TOMORROW_S = 31.5 * 3600

Pass = Callable[[float], Awaitable[None]]


@pytest.fixture
def pass_s(instance: Instance, clock: ManualClock) -> Pass:
    """Let time pass and everything be done that is due."""

    async def go(seconds: float = 0) -> None:
        clock.advance(seconds)
        await instance.jobs.run_due()

    return go


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


async def scheduled(host: Browser, **words: object) -> str:
    card = await host.do("POST", "/spaces", {"title": "Bread", "starts_at": TOMORROW, **words})
    return f"/spaces/{card['id']}"


async def told(browser: Browser) -> list[Any]:
    """Give what somebody was told, the newest first."""
    items: list[Any] = (await browser.do("GET", "/notifications"))["items"]
    return items


async def kinds(browser: Browser) -> list[str]:
    return [item["kind"] for item in await told(browser)]


# Scheduled spaces


async def test_the_host_is_reminded_twice(ama: Browser, ben: Browser, pass_s: Pass) -> None:
    """Half an hour before and at the start, the co-hosts too; not before, and each once."""
    path = await scheduled(ama)
    await pass_s(TO_TOMORROW_S - 1801)
    assert await kinds(ama) == []
    await pass_s(1)
    assert await kinds(ama) == ["starts_soon"]
    await pass_s(1800)
    [now, soon] = await told(ama)
    assert (now["kind"], soon["kind"]) == ("time_to_start", "starts_soon")
    assert now["space"] == {
        "id": path.removeprefix("/spaces/"),
        "title": "Bread",
        "state": "scheduled",
        "starts_at": TOMORROW,
    }
    await pass_s(600)

    assert await kinds(ama) == ["time_to_start", "starts_soon"]
    assert await kinds(ben) == []


@pytest.mark.parametrize(("in_s", "expected"), [(1700, []), (1801, ["starts_soon"])])
async def test_scheduled_for_so_soon(
    ama: Browser, clock: ManualClock, pass_s: Pass, in_s: int, expected: list[str]
) -> None:
    """Nobody is told that it is half an hour when it is less."""
    starts_at = (clock.now() + timedelta(seconds=in_s)).isoformat()
    await scheduled(ama, starts_at=starts_at)
    await pass_s(2)

    assert await kinds(ama) == expected


async def test_moved_it_reminds_at_the_new_time(ama: Browser, pass_s: Pass) -> None:
    """The reminders of the old time are no more, also when the new one is earlier."""
    path = await scheduled(ama)
    await ama.do("PATCH", path, {"starts_at": "2026-01-03T19:30:00Z"})
    await pass_s(TO_TOMORROW_S)
    assert await kinds(ama) == []
    await ama.do("PATCH", path, {"starts_at": "2026-01-02T19:35:00Z"})
    await pass_s(299)
    assert await kinds(ama) == []
    await pass_s(1)

    assert await kinds(ama) == ["time_to_start"]


async def test_started_early_nobody_is_reminded(ama: Browser, pass_s: Pass) -> None:
    """And what was told before is taken back: it is done."""
    path = await scheduled(ama)
    await pass_s(TO_TOMORROW_S - 1800)
    assert await kinds(ama) == ["starts_soon"]
    await ama.do("POST", f"{path}/start")
    assert await kinds(ama) == []
    await pass_s(1800)

    assert await kinds(ama) == []


async def test_who_asked_is_told_at_the_start(
    ama: Browser, ben: Browser, sign_up: SignUp, pass_s: Pass
) -> None:
    """When it really starts, with the host's name; not who took it back, not the host."""
    eve, dan = await sign_up("eve"), await sign_up("dan")
    path = await scheduled(ama)
    for browser in (ama, ben, eve):
        await browser.do("PUT", f"{path}/reminders/me")
    await eve.do("DELETE", f"{path}/reminders/me")
    await pass_s(TO_TOMORROW_S)
    assert await kinds(ben) == []
    await ama.do("POST", f"{path}/start")
    await pass_s(0)

    [item] = await told(ben)
    assert (item["kind"], item["read"], item["count"]) == ("started", False, 1)
    assert [person["name"] for person in item["people"]] == ["ama"]
    assert item["space"]["state"] == "live"
    assert [await kinds(browser) for browser in (eve, dan)] == [[], []]
    assert "started" not in await kinds(ama)


async def test_who_asked_or_is_invited_is_told_of_changes(
    ama: Browser, ben: Browser, sign_up: SignUp, pass_s: Pass
) -> None:
    """Moved twice is one notification with the last time; cancelled is another."""
    eve = await sign_up("eve")
    path = await scheduled(ama)
    await ben.do("PUT", f"{path}/reminders/me")
    await ama.do("PUT", f"{path}/invitations/@eve", {"role": "speaker"})
    for hour in (20, 21):
        await ama.do("PATCH", path, {"starts_at": f"2026-01-02T{hour}:30:00Z"})
        await pass_s(0)
    [item] = await told(ben)
    assert (item["kind"], item["starts_at"], item["was"]) == (
        "rescheduled",
        "2026-01-02T21:30:00Z",
        "2026-01-02T20:30:00Z",
    )
    await ama.do("POST", f"{path}/cancel")
    await pass_s(0)

    assert await kinds(ben) == ["cancelled", "rescheduled"]
    assert await kinds(eve) == ["cancelled", "rescheduled", "invited"]
    assert await kinds(ama) == []


async def test_who_may_not_come_any_more_is_not_told(
    ama: Browser, ben: Browser, sign_up: SignUp, pass_s: Pass
) -> None:
    """Nor is who blocked or muted the host after asking to be told."""
    eve, dan, fay = await sign_up("eve"), await sign_up("dan"), await sign_up("fay")
    path = await scheduled(ama)
    for browser in (ben, eve, dan, fay):
        await browser.do("PUT", f"{path}/reminders/me")
    await eve.do("PUT", "/people/@ama/block")
    await dan.do("PUT", "/people/@ama/mute")
    await ama.do("PATCH", path, {"starts_at": "2026-01-02T20:30:00Z"})
    await pass_s(0)
    everybody = (ben, eve, dan, fay)
    assert [await kinds(browser) for browser in everybody] == [
        ["rescheduled"],
        [],
        [],
        ["rescheduled"],
    ]

    await ama.do("PUT", f"{path}/invitations/@fay", {"role": "listener"})
    await ama.do("PATCH", path, {"listen_policy": "invited"})
    await ama.do("POST", f"{path}/cancel")
    await pass_s(0)
    assert "cancelled" not in await kinds(ben)
    assert "cancelled" in await kinds(fay)


async def test_nobody_started_it(ama: Browser, ben: Browser, pass_s: Pass) -> None:
    """Everybody is told that it is off, the host too, and nobody is said to have done it."""
    path = await scheduled(ama)
    for browser in (ama, ben):
        await browser.do("PUT", f"{path}/reminders/me")
    await pass_s(TO_TOMORROW_S + 3600)

    [item] = await told(ben)
    assert (item["kind"], item["people"]) == ("cancelled", [])
    assert "cancelled" in await kinds(ama)


async def test_many_are_told_some_at_a_time(
    ama: Browser, sign_up: SignUp, pass_s: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, each is told, and once."""
    monkeypatch.setattr(subscribers, "TOLD_AT_ONCE", 2)
    path = await scheduled(ama)
    people = [await sign_up(f"guest_{number}") for number in range(5)]
    for browser in people:
        await browser.do("PUT", f"{path}/reminders/me")
    await ama.do("POST", f"{path}/cancel")
    await pass_s(0)

    assert [await kinds(browser) for browser in people] == [["cancelled"]] * 5


async def test_a_server_that_was_down_tells_late_what_is_still_so(
    ama: Browser,
    ben: Browser,
    instance: Instance,
    engine: FakeEngine,
    clock: ManualClock,
    pass_s: Pass,
) -> None:
    """What fell due meanwhile is done once by the next server; nobody is reminded of the past."""
    path = await scheduled(ama)
    await ben.do("PUT", f"{path}/reminders/me")
    clock.advance(TO_TOMORROW_S + 7200)
    again = Instance(instance.settings, engine=engine, clock=clock, passwords=instance.passwords)
    await again.jobs.run_due()
    await again.database.close()
    await pass_s(0)

    assert await kinds(ben) == ["cancelled"]


# In and around a space


async def test_an_invitation(ama: Browser, ben: Browser) -> None:
    """It names who invites, to what, where; a later one takes its place."""
    path = await scheduled(ama, listen_policy="invited")
    for role in ("listener", "speaker"):
        await ama.do("PUT", f"{path}/invitations/@ben", {"role": role})
    [item] = await told(ben)
    assert (item["kind"], item["role"], item["count"]) == ("invited", "speaker", 1)
    assert item["people"][0]["name"] == "ama"
    assert item["space"]["id"] in path
    await ama.do("PUT", f"{path}/removals/@ben")

    assert await told(ben) == []


async def test_guests_are_told_nothing(
    open_table: OpenTable, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """They have no list; inviting them works as ever."""
    table, guest = await open_table(), visitor()
    await table.join(guest)
    await table.host.do("PUT", f"{table.path}/invitations/{guest.id}", {"role": "listener"})

    async with instance.database.read() as session:
        assert await service.newest(session, guest.id, limit=10) == []
    assert await guest.refused("GET", "/notifications") == (403, "guest")


async def test_brought_up(open_table: OpenTable, ben: Browser) -> None:
    """Who asked is told that they may speak, also when they look elsewhere."""
    table = await open_table("host")
    await table.join(ben)
    await ben.do("POST", f"{table.path}/requests", {"note": ""})
    await table.host.do("POST", f"{table.path}/requests/@ben/accept")

    [item] = await told(ben)
    assert (item["kind"], item["people"][0]["name"]) == ("brought_up", "host")


# Between people


async def test_followers_are_one_notification(
    ama: Browser, sign_up: SignUp, clock: ManualClock
) -> None:
    """The newest in front, each counted once; read, it begins anew with the next one."""
    people = [await sign_up(name) for name in ("ben", "eve", "dan", "kim")]
    for browser in [*people, people[0]]:
        await browser.do("PUT", "/people/@ama/follow")
        clock.advance(1)
    [item] = await told(ama)
    assert (item["kind"], item["count"], len(item["people"])) == ("followed", 4, 3)
    assert item["people"][0]["name"] == "kim"
    await people[3].do("DELETE", "/people/@ama/follow")
    assert (await told(ama))[0]["count"] == 3
    await ama.do("PUT", "/notifications/read", {"up_to": item["id"]})
    await people[3].do("PUT", "/people/@ama/follow")

    [item] = await told(ama)
    assert (item["count"], item["read"], item["people"][0]["name"]) == (1, False, "kim")
    await people[3].do("DELETE", "/people/@ama/follow")
    assert await told(ama) == []


async def test_one_of_several_followers_who_goes_is_told(
    ama: Browser, sign_up: SignUp, instance: Instance
) -> None:
    """What one sees live counts as many as the list does."""
    people = [await sign_up(name) for name in ("ben", "eve")]
    for browser in people:
        await browser.do("PUT", "/people/@ama/follow")
    changed: list[str] = []

    async def note(fact: NotificationsChanged) -> None:
        changed.append(fact.person_id)

    instance.bus.after(NotificationsChanged, note)
    await people[0].do("DELETE", "/people/@ama/follow")

    assert changed == [ama.id]
    assert [item["count"] for item in await told(ama)] == [1]


@pytest.mark.parametrize(("who", "does"), [("ben", "block"), ("ben", "mute"), ("ama", "block")])
async def test_nobody_hears_of_whom_they_want_nothing_of(
    ama: Browser, ben: Browser, who: str, does: str
) -> None:
    """A block works both ways; a mute is one's own."""
    people = {"ama": ama, "ben": ben}
    other = "ama" if who == "ben" else "ben"
    path = await scheduled(ama)
    await ama.do("PUT", f"{path}/invitations/@ben", {"role": "speaker"})
    await people[who].do("PUT", f"/people/@{other}/{does}")
    if does == "block":
        assert await told(ben) == []
    await ama.ask("PUT", f"{path}/invitations/@ben", json={"role": "listener"})

    assert [item["role"] for item in await told(ben)] == (["speaker"] if does == "mute" else [])


# The list


async def test_the_list_in_pages(ama: Browser, instance: Instance, clock: ManualClock) -> None:
    """Each once and in order, also those of one moment; what comes meanwhile moves nothing."""
    async with instance.transactions.begin() as tx:
        for number in range(7):
            await service.tell(tx, ama.id, About("followed", f"{number}"))
    first = await ama.do("GET", "/notifications?limit=3")
    clock.advance(1)
    async with instance.transactions.begin() as tx:
        await service.tell(tx, ama.id, About("followed", "late"))
    ids = [item["id"] for item in first["items"]]
    page = first
    while page["next_cursor"]:
        page = await ama.do("GET", f"/notifications?limit=3&cursor={page['next_cursor']}")
        ids += [item["id"] for item in page["items"]]

    assert ids == [str(number) for number in range(7, 0, -1)]
    assert first["unread"] == 7
    assert page["unread"] == 8


async def test_reading(ama: Browser, ben: Browser, instance: Instance) -> None:
    """One says up to which; newer ones stay unread, and others' are none of one's business."""
    async with instance.transactions.begin() as tx:
        for number in range(3):
            await service.tell(tx, ama.id, About("followed", f"{number}"))
    [third, second, first] = await told(ama)
    assert await ben.refused("PUT", "/notifications/read", {"up_to": second["id"]}) == (
        404,
        "notification_not_found",
    )
    await ama.do("PUT", "/notifications/read", {"up_to": second["id"]})

    assert [item["read"] for item in await told(ama)] == [False, True, True]
    assert (await ama.do("GET", "/notifications"))["unread"] == 1
    assert {third["read"], first["read"]} == {False}


async def test_what_is_old_or_far_down_is_forgotten(
    ama: Browser,
    ben: Browser,
    instance: Instance,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each keeps so many, and for so long."""
    monkeypatch.setattr(service, "KEPT_OF_ONE", 2)
    async with instance.transactions.begin() as tx:
        for number in range(4):
            await service.tell(tx, ama.id, About("followed", f"{number}"))
        await service.tell(tx, ben.id, About("followed", "0"))
    await instance.forget_old()
    assert [item["id"] for item in await told(ama)] == ["4", "3"]
    assert len(await told(ben)) == 1
    clock.advance(service.KEPT_DAYS * 24 * 3600 + 1)
    async with instance.transactions.begin() as tx:
        await service.forget_old(tx)
    async with instance.database.read() as session:
        assert await service.newest(session, ama.id, limit=10) == []


def test_only_so_many_people_are_kept() -> None:
    """Those beyond are counted, and nobody kept is counted twice."""
    people: list[str] = []
    count = 0
    for number in range(KEPT_PEOPLE + 5):
        people, count = joined(people, count, f"p{number}")

    assert (len(people), count) == (KEPT_PEOPLE, KEPT_PEOPLE + 5)
    assert joined(people, count, people[-1]) == ([people[-1], *people[:-1]], count)
    assert joined(people, count, "") == (people, count)
