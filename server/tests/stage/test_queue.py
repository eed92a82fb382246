"""How turns are given: order, places, time, and who is next."""

import asyncio
from typing import Any

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table


async def ask(table: Table, *people: Browser, note: str = "") -> None:
    """Let people call in, where they have not, and ask one after the other."""
    for person in people:
        if not table.peers(person):
            await table.join(person)
        await person.do("POST", f"{table.path}/requests", {"note": note})


async def line(table: Table) -> list[str]:
    """Tell the names in line, in order, as the host sees them."""
    return [request["person"]["name"] for request in await queue(table)]


async def queue(table: Table) -> list[dict[str, Any]]:
    picture = await table.instance.live.picture(table.id)
    shown: list[dict[str, Any]] = picture.parts["queue"]
    return shown


async def floor(table: Table) -> dict[str, Any]:
    await table.instance.live.refresh(table.id, at_once=True)
    shown: dict[str, Any] = (await table.instance.live.picture(table.id)).parts["floor"]
    return shown


async def stage(table: Table) -> dict[str, dict[str, Any]]:
    """Tell the seats by their people's names."""
    seats = (await table.host.do("GET", table.path))["stage"]
    return {seat["person"]["name"]: seat for seat in seats}


async def waits(table: Table, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    await table.instance.sweep()


async def set_floor(table: Table, **rules: object) -> None:
    await table.host.do("PUT", f"{table.path}/queue", rules)


async def next_up(table: Table) -> str:
    seat = await table.host.do("POST", f"{table.path}/queue/next")
    return str(seat["person"]["name"])


@pytest.fixture
async def table(open_table: OpenTable) -> Table:
    return await open_table()


@pytest.fixture
async def three(table: Table, sign_up: SignUp) -> list[Browser]:
    """Ben, Chidi and Dora, in line in this order."""
    people = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    await ask(table, *people)
    return people


# Order


async def test_a_host_moves_people_in_line(table: Table, three: list[Browser]) -> None:
    """Before somebody, or to the end; everybody is told their new place."""
    ben, _, dora = three

    await table.host.do("PUT", f"{table.path}/requests/@dora/place", {"before": ben.id})
    assert await line(table) == ["dora", "ben", "chidi"]
    await table.host.do("PUT", f"{table.path}/requests/@dora/place", {"before": "@chidi"})
    assert await line(table) == ["ben", "dora", "chidi"]
    await table.host.do("PUT", f"{table.path}/requests/@ben/place", {"before": None})

    assert await line(table) == ["dora", "chidi", "ben"]
    assert (await dora.do("GET", table.path))["you"]["request"]["place"] == 1
    assert (await ben.do("GET", table.path))["you"]["request"]["place"] == 3


async def test_nobody_is_moved_before_somebody_who_left(table: Table, three: list[Browser]) -> None:
    """Who is not in line any more is no place to stand; the line stays as it was."""
    _, chidi, _ = three
    await chidi.do("DELETE", f"{table.path}/requests/me")

    for who, before in (("dora", chidi.id), ("chidi", None)):
        refused = await table.host.refused(
            "PUT", f"{table.path}/requests/@{who}/place", {"before": before}
        )
        assert refused == (404, "no_request")
    assert await line(table) == ["ben", "dora"]


async def test_a_note_can_be_changed_and_the_place_is_kept(
    table: Table, three: list[Browser]
) -> None:
    """Asking again is to write another note."""
    answer = await three[0].ask("POST", f"{table.path}/requests", json={"note": "salt"})

    assert (answer.status_code, answer.json()["place"]) == (200, 1)
    assert (await queue(table))[0]["note"] == "salt"


async def test_first_time_speakers_go_first(
    table: Table, three: list[Browser], sign_up: SignUp
) -> None:
    """Who was heard here stands behind those who were not; a host may still move anybody."""
    ben, _, _ = three
    assert await next_up(table) == "ben"
    await ben.do("DELETE", f"{table.path}/mutes/me")
    await ben.do("DELETE", f"{table.path}/stage/me")
    await ask(table, ben)
    emil = await sign_up("emil")

    await set_floor(table, policy="first_timers")
    await ask(table, emil)
    assert await line(table) == ["chidi", "dora", "emil", "ben"]
    await table.host.do("PUT", f"{table.path}/requests/@ben/place", {"before": "@chidi"})
    assert await line(table) == ["ben", "chidi", "dora", "emil"]


async def test_a_seat_without_a_word_is_no_first_time(table: Table, three: list[Browser]) -> None:
    """Who sat there muted has not spoken."""
    await next_up(table)
    await three[0].do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    await three[0].do("DELETE", f"{table.path}/stage/me")
    await ask(table, three[0])

    assert (await queue(table))[-1]["about"]["spoke"] == 0


# Who is brought up


@pytest.mark.usefixtures("three")
async def test_next_brings_up_the_first_in_line(table: Table) -> None:
    """One after the other, until nobody waits."""
    assert [await next_up(table) for _ in range(3)] == ["ben", "chidi", "dora"]

    assert await table.host.refused("POST", f"{table.path}/queue/next") == (404, "no_request")
    assert set(await stage(table)) == {"ama", "ben", "chidi", "dora"}


async def test_two_who_press_next_at_once_bring_up_one(
    table: Table, three: list[Browser], sign_up: SignUp
) -> None:
    """Both saw Ben as the next; one is told that the line has moved."""
    helper = await sign_up("helper")
    await table.join(helper)
    await table.seat(helper, "co_host")
    saw = {"expected": three[0].id}

    answers = await asyncio.gather(
        *(host.ask("POST", f"{table.path}/queue/next", json=saw) for host in (table.host, helper))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {a.json().get("code") for a in answers} == {None, "not_next"}
    assert set(await stage(table)) == {"ama", "helper", "ben"}


@pytest.mark.usefixtures("three")
async def test_a_seat_waits_fifteen_seconds_for_a_yes(table: Table, clock: ManualClock) -> None:
    """Who does not say yes loses nothing but the place: back at the end of the line."""
    await table.host.do("POST", f"{table.path}/requests/@ben/accept")
    await waits(table, clock, 14)
    assert "ben" in await stage(table)
    await waits(table, clock, 1)

    assert "ben" not in await stage(table)
    assert await line(table) == ["chidi", "dora", "ben"]


@pytest.mark.parametrize("yes", [("PUT", "/stage/me"), ("DELETE", "/mutes/me")])
async def test_saying_yes_keeps_the_seat(
    table: Table, three: list[Browser], clock: ManualClock, yes: tuple[str, str]
) -> None:
    """By going up, or by opening the microphone at once."""
    await table.host.do("POST", f"{table.path}/requests/@ben/accept")
    assert (await stage(table))["ben"]["confirm_by"] is not None

    await three[0].do(yes[0], table.path + yes[1], {"role": "speaker"})
    await waits(table, clock, 20)

    assert (await stage(table))["ben"]["confirm_by"] is None


async def test_leaving_the_line_while_being_brought_up(table: Table, three: list[Browser]) -> None:
    """Whoever does not want to any more is not on the stage either, whichever came first."""
    ben, chidi, _ = three
    for who, first in ((ben, "accept"), (chidi, "leave")):
        accept = table.host.ask("POST", f"{table.path}/requests/{who.id}/accept")
        leave = who.ask("DELETE", f"{table.path}/requests/me")
        answers = await asyncio.gather(*((accept, leave) if first == "accept" else (leave, accept)))
        assert {answer.status_code for answer in answers} <= {200, 204, 404}

    assert set(await stage(table)) == {"ama"}
    assert await line(table) == ["dora"]


async def test_one_person_has_one_seat_however_many_tabs(
    table: Table, three: list[Browser]
) -> None:
    """Two tabs that say yes at once, and two hosts' taps, make one seat."""
    ben = three[0]
    await table.join(ben)

    await asyncio.gather(
        *(table.host.ask("POST", f"{table.path}/requests/{ben.id}/accept") for _ in range(3)),
        *(ben.ask("PUT", f"{table.path}/stage/me", json={"role": "speaker"}) for _ in range(2)),
    )

    seats = (await table.host.do("GET", table.path))["stage"]
    assert [seat["person"]["name"] for seat in seats] == ["ama", "ben"]


# Turns


async def test_a_timed_turn_ends_softly(
    table: Table, three: list[Browser], clock: ManualClock
) -> None:
    """At zero a sentence may be finished; then the microphone is shut and the seat given back."""
    ben = three[0]
    await set_floor(table, turn_seconds=60)
    await next_up(table)
    await waits(table, clock, 10)
    await ben.do("DELETE", f"{table.path}/mutes/me")
    ends = (await stage(table))["ben"]["turn_ends_at"]
    assert ends == (clock.now().replace(minute=1, second=10)).isoformat().replace("+00:00", "Z")

    await waits(table, clock, 64)
    assert await table.heard() == {ben.id}
    await waits(table, clock, 1)

    assert await table.heard() == set()
    assert "ben" not in await stage(table)
    assert (await ben.do("GET", table.path))["you"]["may_ask"]


async def test_a_turn_is_counted_over_a_restart(
    table: Table, three: list[Browser], clock: ManualClock, instance: Instance
) -> None:
    """It is a row: the server that comes back goes on counting."""
    await set_floor(table, turn_seconds=60)
    await next_up(table)
    await three[0].do("DELETE", f"{table.path}/mutes/me")
    ends = (await stage(table))["ben"]["turn_ends_at"]
    await instance._rebuild()
    await instance.calls.note_presence(table.id, three[0].id)

    await table.instance.live.refresh(table.id, at_once=True)
    assert (await stage(table))["ben"]["turn_ends_at"] == ends
    await waits(table, clock, 66)
    assert "ben" not in await stage(table)


async def test_a_host_gives_more_time(
    table: Table, three: list[Browser], clock: ManualClock
) -> None:
    """Also in the last moment; a turn without an end is not made longer."""
    await set_floor(table, turn_seconds=60)
    await next_up(table)
    await three[0].do("DELETE", f"{table.path}/mutes/me")
    await waits(table, clock, 63)
    await table.host.do("POST", f"{table.path}/stage/@ben/turn", {"seconds": 30})
    await waits(table, clock, 34)
    assert "ben" in await stage(table)

    await set_floor(table, turn_seconds=None)
    await waits(table, clock, 1000)

    assert (await stage(table))["ben"]["turn_ends_at"] is None
    refused = await table.host.refused("POST", f"{table.path}/stage/@ben/turn", {"seconds": 30})
    assert refused == (409, "not_timed")


async def test_hosts_have_all_the_time(
    table: Table, three: list[Browser], clock: ManualClock
) -> None:
    """The clock takes no seat from a co-host, nor from who was up before there was a clock."""
    await table.seat(three[1])
    await set_floor(table, turn_seconds=10)
    await table.seat(three[0], "co_host")
    await waits(table, clock, 100)

    assert set(await stage(table)) == {"ama", "ben", "chidi"}


# The fast lane


async def test_next_swaps_singers_in_one_moment(table: Table, three: list[Browser]) -> None:
    """Who is ready is heard from the first packet on; who was up listens again."""
    ben, chidi, dora = three
    await set_floor(table, policy="fast_lane")
    for singer in (ben, chidi):
        await singer.do("PUT", f"{table.path}/requests/me/ready")
    assert await table.heard() == set()

    assert await next_up(table) == "ben"
    assert await table.heard() == {ben.id}
    assert await next_up(table) == "chidi"
    assert await table.heard() == {chidi.id}
    assert set(await stage(table)) == {"ama", "chidi"}

    # Not ready, so the seat waits for a yes; nobody's microphone is opened by another.
    assert await next_up(table) == "dora"
    assert await table.heard() == set()
    await dora.do("DELETE", f"{table.path}/mutes/me")
    assert await table.heard() == {dora.id}


async def test_invited_speakers_stay_in_a_fast_lane(table: Table, three: list[Browser]) -> None:
    """Only who came up by the line makes way; a band at the table plays on."""
    await table.seat(three[2], "co_host")
    await set_floor(table, policy="fast_lane")
    await next_up(table)
    await next_up(table)

    assert set(await stage(table)) == {"ama", "dora", "chidi"}
    assert await line(table) == ["ben"]


async def test_nobody_is_ready_who_has_left(table: Table, three: list[Browser]) -> None:
    """A browser that comes back has its microphone shut, so its owner is asked again."""
    ben = three[0]
    await ben.do("PUT", f"{table.path}/requests/me/ready")
    calls = table.instance.calls
    await calls.end(*calls.registry.of_person(table.id, ben.id))
    await table.join(ben)

    await next_up(table)

    assert (await stage(table))["ben"]["muted"]


async def test_everyone_sees_that_it_is_fair(table: Table, three: list[Browser]) -> None:
    """The rules, the head of the line and who is next; names only of those who show theirs."""
    await three[1].do("PATCH", "/me", {"listed": False})
    await set_floor(table, policy="fast_lane", turn_seconds=20)
    await three[2].do("PUT", f"{table.path}/requests/me/ready")

    shown = await floor(table)

    assert [person and person["name"] for person in shown["line"]] == ["ben", None, "dora"]
    assert (shown["next"], shown["policy"], shown["turn_seconds"]) == (3, "fast_lane", 20)
    assert "note" not in str(shown)


async def test_the_wait_is_told_once_it_is_known(
    table: Table, three: list[Browser], clock: ManualClock
) -> None:
    """Nothing is promised until two have come up."""
    _, chidi, dora = three
    for singer in three:
        await singer.do("PUT", f"{table.path}/requests/me/ready")
    await next_up(table)
    assert (await chidi.do("GET", table.path))["you"]["request"]["expected_at"] is None
    clock.advance(40)
    await next_up(table)

    expected = (await dora.do("GET", table.path))["you"]["request"]["expected_at"]

    assert expected == "2026-01-01T12:01:20Z"


# What a host may know of who asks


async def test_hosts_see_who_asks(table: Table, sign_up: SignUp, clock: ManualClock) -> None:
    """How old the account is, how often heard here, from how many other spaces removed."""
    other = await sign_up("other")
    ben = await sign_up("ben")
    elsewhere = await other.do("POST", "/spaces", {"title": "Elsewhere"})
    await other.do("POST", f"/spaces/{elsewhere['id']}/start")
    await other.do("PUT", f"/spaces/{elsewhere['id']}/removals/{ben.id}")
    clock.advance(3600)
    await ask(table, ben)
    await table.host.do("POST", f"{table.path}/requests/@ben/accept")
    await ben.do("DELETE", f"{table.path}/mutes/me")
    await ben.do("DELETE", f"{table.path}/stage/me")
    await ask(table, ben)

    [asker] = await queue(table)

    assert asker["about"] == {
        "since": "2026-01-01T12:00:00Z",
        "follows_host": False,
        "followed_by_host": False,
        "spoke": 1,
        "removed": 1,
    }
    assert "about" not in (await ben.do("GET", table.path))["you"]["request"]


async def test_hosts_see_who_follows(table: Table, three: list[Browser]) -> None:
    """Also when it comes to be so while somebody waits."""
    ben, chidi, _ = three
    await ben.do("PUT", f"/people/{table.host.id}/follow")
    await table.host.do("PUT", f"/people/{chidi.id}/follow")
    about = [request["about"] for request in await queue(table)]
    assert [a["follows_host"] for a in about] == [True, False, False]
    assert [a["followed_by_host"] for a in about] == [False, True, False]

    await ben.do("DELETE", f"/people/{table.host.id}/follow")

    assert not (await queue(table))[0]["about"]["follows_host"]


# Lock and gates


async def test_a_locked_stage_lets_nobody_up(
    table: Table, three: list[Browser], sign_up: SignUp
) -> None:
    """No new seat, no new request; who is up stays, and may change roles."""
    ben, _, _ = three
    await table.seat(ben)
    emil = await sign_up("emil")
    await table.join(emil)
    await table.host.do("PUT", f"{table.path}/invitations/@emil", {"role": "speaker"})

    await set_floor(table, locked=True)

    for who, method, path in (
        (emil, "POST", "/requests"),
        (emil, "PUT", "/stage/me"),
        (table.host, "POST", "/requests/@chidi/accept"),
        (table.host, "POST", "/queue/next"),
    ):
        assert await who.refused(method, table.path + path, {}) == (403, "stage_locked"), path
    assert not (await emil.do("GET", table.path))["you"]["may_ask"]
    await table.host.do("PUT", f"{table.path}/stage/@ben", {"role": "co_host"})
    await set_floor(table, locked=False)
    await emil.do("PUT", f"{table.path}/stage/me", {})
    assert set(await stage(table)) == {"ama", "ben", "emil"}


async def test_new_accounts_wait_at_the_gate(
    table: Table, sign_up: SignUp, clock: ManualClock
) -> None:
    """Until they are as old as the host wants."""
    await set_floor(table, account_age_hours=2)
    ben = await sign_up("ben")
    await table.join(ben)
    refused = await ben.refused("POST", f"{table.path}/requests")
    assert refused == (403, "account_too_new")
    clock.advance(2 * 3600)

    await ben.do("POST", f"{table.path}/requests")


async def test_followers_only(table: Table, sign_up: SignUp) -> None:
    """Whoever follows the host may ask, from that moment on."""
    await set_floor(table, followers_only=True)
    ben = await sign_up("ben")
    await table.join(ben)
    refused = await ben.refused("POST", f"{table.path}/requests")
    assert refused == (403, "followers_only")

    await ben.do("PUT", f"/people/{table.host.id}/follow")

    await ben.do("POST", f"{table.path}/requests")


async def test_slow_mode_of_asking(table: Table, sign_up: SignUp, clock: ManualClock) -> None:
    """One request of one person in this time, withdrawn or declined or not; notes are free."""
    await set_floor(table, slow_seconds=60)
    ben = await sign_up("ben")
    await ask(table, ben)
    await ben.do("POST", f"{table.path}/requests", {"note": "another note"})
    await ben.do("DELETE", f"{table.path}/requests/me")
    clock.advance(20)
    answer = await ben.ask("POST", f"{table.path}/requests")
    assert (answer.status_code, answer.json()["code"]) == (429, "asked_too_soon")
    assert answer.headers["retry-after"] == "40"
    clock.advance(40)

    await ben.do("POST", f"{table.path}/requests")


@pytest.mark.parametrize(
    "rules",
    [
        {"policy": "loudest"},
        {"turn_seconds": 9},
        {"turn_seconds": 3601},
        {"account_age_hours": -1},
        {"slow_seconds": 3601},
    ],
)
async def test_rules_that_make_no_sense(table: Table, rules: dict[str, object]) -> None:
    """Nothing is changed by what is not understood."""
    assert (await table.host.refused("PUT", f"{table.path}/queue", rules))[0] == 422
    assert (await floor(table))["policy"] == "in_order"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/queue", {}),
        ("POST", "/queue/next", {}),
        ("PUT", "/requests/@ben/place", {"before": None}),
        ("PUT", "/requests/me/ready", None),
        ("DELETE", "/requests/me/ready", None),
        ("POST", "/stage/@ben/turn", {"seconds": 30}),
        ("POST", "/clearings", {"seconds": 30}),
        ("DELETE", "/clearings/any", None),
        ("DELETE", "/removals/@ben", None),
    ],
)
@pytest.mark.usefixtures("three")
async def test_nothing_is_decided_in_a_space_that_is_over(
    table: Table, method: str, path: str, body: object
) -> None:
    """Whoever was its host is told that it has ended."""
    await table.host.do("POST", f"{table.path}/end")

    assert await table.host.refused(method, table.path + path, body) == (409, "space_not_live")
