"""How one wants to be told: by which ways of what, and when one is left in peace."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convivium.notifications.rules import ALWAYS_IN_APP, MATTER_OF, USUAL, channels_of, quiet_until
from tests.conftest import Browser, SignUp

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (22 * 60, 7 * 60)
PATH = "/me/notification-settings"


@pytest.fixture
async def ama(sign_up: SignUp) -> Browser:
    return await sign_up("ama")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


async def kinds(browser: Browser) -> list[str]:
    return [item["kind"] for item in (await browser.do("GET", "/notifications"))["items"]]


async def test_what_everybody_has(ama: Browser) -> None:
    """What is meant for oneself rings, a like does not; nobody is quiet."""
    found = await ama.do("GET", PATH)

    assert (found["zone"], found["quiet"]) == ("UTC", None)
    assert set(found["kinds"]) == set(USUAL) == set(MATTER_OF.values())
    assert found["kinds"]["invitations"] == {"app": True, "push": True, "mail": True}
    assert found["kinds"]["likes"] == {"app": True, "push": False, "mail": False}


async def test_changing_some_of_it(ama: Browser, ben: Browser) -> None:
    """What is not said stays; somebody else's are theirs."""
    changed = await ama.do("PATCH", PATH, {"kinds": {"likes": {"push": True}}})
    assert changed["kinds"]["likes"] == {"app": True, "push": True, "mail": False}
    changed = await ama.do("PATCH", PATH, {"kinds": {"likes": {"app": False}, "live": {}}})
    assert changed["kinds"]["likes"] == {"app": False, "push": True, "mail": False}
    body = {"zone": "Europe/Berlin", "quiet": {"from": "22:00", "to": "07:30"}}
    changed = await ama.do("PATCH", PATH, body)
    assert (changed["zone"], changed["quiet"]) == ("Europe/Berlin", body["quiet"])
    assert (await ama.do("PATCH", PATH, {}))["quiet"] == body["quiet"]
    assert (await ama.do("PATCH", PATH, {"quiet": None}))["quiet"] is None

    assert (await ama.do("GET", PATH))["zone"] == "Europe/Berlin"
    assert (await ben.do("GET", PATH))["zone"] == "UTC"


@pytest.mark.parametrize(
    "body",
    [
        {"zone": "Middle/Earth"},
        {"zone": "../../etc/passwd"},
        {"quiet": {"from": "24:00", "to": "07:00"}},
        {"quiet": {"from": "07:00", "to": "07:00"}},
        {"quiet": {"from": "7:00", "to": "08:00"}},
        {"kinds": {"everything": {"push": True}}},
        {"kinds": {"likes": {"push": "loud"}}},
    ],
)
async def test_what_makes_no_sense(ama: Browser, body: object) -> None:
    """Is refused, and changes nothing."""
    assert await ama.refused("PATCH", PATH, body) == (422, "invalid")
    assert (await ama.do("GET", PATH))["zone"] == "UTC"


async def test_not_in_the_app(ama: Browser, ben: Browser) -> None:
    """It neither stands in the list nor counts, until it is wanted again."""
    await ama.do("PATCH", PATH, {"kinds": {"follows": {"app": False}}})
    await ben.do("PUT", "/people/@ama/follow")
    page = await ama.do("GET", "/notifications")
    assert (page["items"], page["unread"]) == ([], 0)
    await ama.do("PATCH", PATH, {"kinds": {"follows": {"app": True}}})
    await ben.do("DELETE", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/follow")

    assert await kinds(ama) == ["followed"]


async def test_by_other_ways_alone(ama: Browser, ben: Browser) -> None:
    """Who wants a push and no list has a row that no list shows."""
    await ama.do("PATCH", PATH, {"kinds": {"follows": {"app": False, "push": True}}})
    await ben.do("PUT", "/people/@ama/follow")
    page = await ama.do("GET", "/notifications")

    assert (page["items"], page["unread"]) == ([], 0)


async def test_what_moderators_say_is_always_there(ama: Browser) -> None:
    """Nobody can say afterwards that they were not told."""
    said = {"moderation": {"app": False, "push": False, "mail": False}}
    changed = await ama.do("PATCH", PATH, {"kinds": said})

    assert changed["kinds"]["moderation"] == {"app": True, "push": False, "mail": False}
    assert channels_of(ALWAYS_IN_APP, {"moderation": []}) == {"app"}


# Quiet hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-10T21:59:59+01:00", None),
        ("2026-01-10T22:00:00+01:00", "2026-01-11T07:00:00+01:00"),
        ("2026-01-11T06:59:59+01:00", "2026-01-11T07:00:00+01:00"),
        ("2026-01-11T07:00:00+01:00", None),
        # The night in which summer comes is an hour shorter, that in which it goes an hour longer.
        ("2026-03-28T22:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-24T22:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T07:00:00+01:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T07:00:00+01:00"),
    ],
)
def test_a_night_in_berlin(now: str, until: str | None) -> None:
    """By the clock on their wall."""
    assert quiet_until(at(now), NIGHT, BERLIN) == (until and at(until))


def test_an_hour_that_there_is_not() -> None:
    """Quiet until half past two is until half past three, in the night without one."""
    hours = (22 * 60, 2 * 60 + 30)
    now = at("2026-03-29T01:59:00+01:00")

    assert quiet_until(now, hours, BERLIN) == at("2026-03-29T03:30:00+02:00")


def test_an_hour_that_there_is_twice() -> None:
    """It ends the first time that the clock says so after now."""
    hours = (22 * 60, 2 * 60 + 30)

    assert quiet_until(at("2026-10-25T01:59:00+02:00"), hours, BERLIN) == at(
        "2026-10-25T02:30:00+02:00"
    )
    assert quiet_until(at("2026-10-25T02:10:00+01:00"), hours, BERLIN) == at(
        "2026-10-25T02:30:00+01:00"
    )


MINUTES = st.integers(0, 24 * 60 - 1)
ZONES = st.sampled_from(
    ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
     "Pacific/Apia", "America/Santiago", "Africa/Casablanca")
)  # fmt: skip


@given(
    seconds=st.integers(0, 4 * 366 * 24 * 3600),
    hours=st.tuples(MINUTES, MINUTES).filter(lambda both: both[0] != both[1]),
    zone=ZONES,
)
def test_it_ends_after_now_and_within_a_day(
    seconds: int, hours: tuple[int, int], zone: str
) -> None:
    """Everywhere and always: nothing is held back for ever, nothing is sent into the past."""
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    until = quiet_until(now, hours, ZoneInfo(zone))
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    begin, end = hours
    inside = begin <= minute < end if begin < end else not end <= minute < begin

    assert (until is not None) == inside
    if until is not None:
        assert now < until <= now + timedelta(hours=26)


def test_the_ways_are_in_one_order() -> None:
    """So that a grid can be read from top to bottom: what rings most stands first."""
    counts = [len(ways) for matter, ways in USUAL.items() if matter != ALWAYS_IN_APP]

    assert counts[0] == max(counts)
    assert all(first in range(1, 4) for first, _ in pairwise(counts))
