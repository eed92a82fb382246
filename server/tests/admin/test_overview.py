"""What goes on now: who listens where, what waits for somebody, how much the engine has to do."""

import pytest
from fastapi import FastAPI

from convivium.app import Instance
from convivium.media.engine import Load
from tests.admin.jobs import fail_for_good, put_down
from tests.conftest import Appoint, Browser, OpenTable, SignUp


@pytest.fixture
async def boss(appoint: Appoint) -> Browser:
    return await appoint("boss", "admin")


async def test_nothing_goes_on(boss: Browser) -> None:
    """Nobody is live, nothing was reported, and the engine has said nothing yet."""
    shown = await boss.do("GET", "/admin/overview")

    assert (shown["live"], shown["listeners"], shown["on_stage"], shown["spaces"]) == (0, 0, 0, [])
    assert (shown["accounts"], shown["engine"]) == (1, None)
    assert shown["reports"] == {"open_cases": 0, "urgent": 0, "last_at": None}
    assert shown["jobs"]["failed"] == 0


async def test_live_spaces_stand_with_who_is_there(
    boss: Browser, open_table: OpenTable, sign_up: SignUp
) -> None:
    """The fullest first, each with its listeners and its stage, which are not the same people."""
    quiet, full = await open_table("ama"), await open_table("ben", title="Choir")
    for name in ("chidi", "dora"):
        await full.join(await sign_up(name))
    seated = await sign_up("eve")
    await full.join(seated)
    await full.seat(seated)
    scheduled = {"title": "Later", "starts_at": "2026-01-02T12:00:00Z"}
    await full.host.do("POST", "/spaces", scheduled)

    shown = await boss.do("GET", "/admin/overview")

    assert [space["id"] for space in shown["spaces"]] == [full.id, quiet.id]
    first = shown["spaces"][0]
    assert (first["title"], first["host"]["name"]) == ("Choir", "ben")
    assert (first["listeners"], first["on_stage"]) == (2, 2)
    assert (shown["live"], shown["listeners"], shown["on_stage"]) == (2, 2, 3)
    assert shown["accounts"] == 6


async def test_what_waits_for_somebody(
    instance: Instance, boss: Browser, open_table: OpenTable, sign_up: SignUp
) -> None:
    """Open reports, at the spaces they are about too, and jobs that wait or were given up."""
    table, ben = await open_table("ama"), await sign_up("ben")
    before = (await boss.do("GET", "/admin/overview"))["jobs"]["waiting"]
    await ben.do("POST", "/reports", {"space": table.id, "reason": "danger", "words": "look"})
    await put_down(instance, "bell")
    await fail_for_good(instance, "bell")

    shown = await boss.do("GET", "/admin/overview")

    assert (shown["reports"]["open_cases"], shown["reports"]["urgent"]) == (1, 1)
    assert [space["cases"] for space in shown["spaces"]] == [1]
    assert shown["jobs"] == {"waiting": before + 1, "failed": 1}


async def test_the_engine_says_how_it_is(instance: Instance, boss: Browser) -> None:
    """As it said last: what it leaves out, how many more it can carry, and why."""
    instance.calls.entrance.follow(Load("events", 120, busy=870, late=3, lost=1))

    shown = await boss.do("GET", "/admin/overview")

    assert shown["engine"] == {"step": "events", "room": 120, "busy": 870, "late": 3, "lost": 1}


@pytest.mark.parametrize("scope", ["read", "moderate"])
async def test_a_token_has_to_say_that_it_is_for_this(
    boss: Browser, app: FastAPI, scope: str
) -> None:
    """An administrator's script reaches no further than it was made to."""
    made = await boss.do("POST", "/tokens", {"name": "Bot", "scopes": [scope]})
    script = Browser(app, bearer=made["secret"])

    assert await script.refused("GET", "/admin/overview") == (403, "missing_scope")
    await script.http.aclose()
