"""Work that is done later, as administrators see it: what waits, what was given up, another try."""

from typing import Any

import pytest

from convivium.app import Instance
from convivium.core import jobs
from convivium.core.jobs import ATTEMPTS, Due
from convivium.core.transaction import Transaction
from convivium.leaving.service import FORGET_PERSON
from tests.admin.jobs import fail_for_good, put_down
from tests.conftest import Appoint, Browser
from tests.test_plans import explained, said_to, whole_tables


@pytest.fixture
async def boss(appoint: Appoint) -> Browser:
    return await appoint("boss", "admin")


async def numbers(boss: Browser, state: str) -> list[str]:
    page = await boss.do("GET", f"/admin/jobs?state={state}")
    return [job["id"] for job in page["items"]]


async def acts(boss: Browser) -> list[tuple[str, Any]]:
    page = await boss.do("GET", "/moderation/log")
    return [(entry["act"], entry["data"]) for entry in page["entries"]]


async def test_jobs_stand_where_they_are(instance: Instance, boss: Browser) -> None:
    """What waits, what is being done and what was given up, each in one list, the last first."""
    first, second = await put_down(instance, "bell"), await put_down(instance, "bell", attempts=2)
    running = await put_down(instance, "bell", attempts=ATTEMPTS, leased_s=30)
    failed = await fail_for_good(instance, "bell")

    assert await numbers(boss, "waiting") == [second, first]
    assert await numbers(boss, "running") == [running]
    assert await numbers(boss, "failed") == [failed]


async def test_nothing_of_what_it_is_about_is_told(instance: Instance, boss: Browser) -> None:
    """A job is shown by its kind, when, how often, and the kind of what it failed with."""
    await fail_for_good(instance, "bell")

    [job] = (await boss.do("GET", "/admin/jobs"))["items"]

    assert job.keys() == {"id", "kind", "run_at", "attempts", "last_error"}
    assert (job["kind"], job["attempts"], job["last_error"]) == ("bell", ATTEMPTS, "OSError")


async def test_pages_follow_one_another(instance: Instance, boss: Browser) -> None:
    """Each begins where the last ended, and none is shown twice."""
    failed = [await fail_for_good(instance, "bell") for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await boss.do("GET", f"/admin/jobs?limit=2{cursor}")
        seen += [job["id"] for job in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == failed[::-1]
    assert page["next_cursor"] is None


async def test_what_was_given_up_is_tried_again(instance: Instance, boss: Browser) -> None:
    """At once, as if it had never failed; the log says who wanted it."""
    rung: list[str] = []

    async def ring(_tx: Transaction, due: Due) -> None:
        rung.append(str(due.number))

    instance.jobs.on("bell", ring)
    failed = await fail_for_good(instance, "bell")
    await boss.do("POST", f"/admin/jobs/{failed}/retry")
    await instance.jobs.run_due()

    assert rung == [failed]
    assert (await acts(boss))[0] == ("job_retried", {"kind": "bell"})


async def test_what_was_given_up_is_dropped(instance: Instance, boss: Browser) -> None:
    """It is gone, and the log says so; dropped twice it was not there."""
    failed = await fail_for_good(instance, "bell")
    await boss.do("DELETE", f"/admin/jobs/{failed}")

    assert await numbers(boss, "failed") == []
    assert (await acts(boss))[0] == ("job_dropped", {"kind": "bell"})
    for method, path in (("DELETE", ""), ("POST", "/retry")):
        refused = await boss.refused(method, f"/admin/jobs/{failed}{path}")
        assert refused == (404, "job_not_found")


@pytest.mark.parametrize(("attempts", "leased_s"), [(2, 0), (ATTEMPTS, 30)])
async def test_what_is_still_tried_is_left_alone(
    instance: Instance, boss: Browser, attempts: int, leased_s: float
) -> None:
    """What waits for its next try, or is in hand for the last time, nobody takes away."""
    job = await put_down(instance, "bell", attempts=attempts, leased_s=leased_s)

    for method, path in (("DELETE", ""), ("POST", "/retry")):
        refused = await boss.refused(method, f"/admin/jobs/{job}{path}")
        assert refused == (409, "job_not_failed")


async def test_a_promised_deletion_is_not_dropped(instance: Instance, boss: Browser) -> None:
    """Whoever deleted their account is gone in the end, whatever failed: it is tried again."""
    failed = await fail_for_good(instance, FORGET_PERSON)

    assert await boss.refused("DELETE", f"/admin/jobs/{failed}") == (409, "job_needed")
    await boss.do("POST", f"/admin/jobs/{failed}/retry")


@pytest.mark.parametrize("state", ["waiting", "running", "failed"])
async def test_jobs_are_found_by_an_index(instance: Instance, boss: Browser, state: str) -> None:
    """However many wait, what was given up is found at once, and counted."""
    async with instance.transactions.begin() as tx:
        await jobs.put_new(tx, "bell", {str(number): tx.now for number in range(300)})
    await fail_for_good(instance, "bell")
    with said_to(instance) as said:
        await boss.do("GET", f"/admin/jobs?state={state}")
        await boss.do("GET", "/admin/overview")

    async with instance.database.read() as session:
        for statement, values in said:
            plan = await explained(session, statement, values)
            assert "job" not in whole_tables(plan), f"{statement}\n{plan}"
