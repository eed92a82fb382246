"""The routes of administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from convivium.accounts.needs import let_admin
from convivium.admin import service
from convivium.admin.service import JobState
from convivium.admin.view import JobPage, OverviewView, job_view, overview
from convivium.calls.service import Calls
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.web import API, GivenTransactions, Reading, Writing, given

router = APIRouter(prefix=API, tags=["administration"])

JOB_PAGE = 50


class AdminLimits:
    """How often one administrator may act: a script that runs wild is one too."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenCalls = Annotated[Calls, Depends(given(Calls))]
GivenLimits = Annotated[AdminLimits, Depends(given(AdminLimits))]
Admin = Annotated[Actor, Depends(let_admin)]
JobNumber = Annotated[str, Path(pattern=r"^\d{1,18}$")]
Cursor = Annotated[str | None, Query(pattern=r"^\d{1,18}$")]
PageSize = Annotated[int, Query(ge=1, le=100)]


async def _acting(actor: Admin, limits: GivenLimits) -> Actor:
    """Let administrators act, as often as anybody may."""
    limits.acts.take(actor.id)
    return actor


Acting = Annotated[Actor, Depends(_acting)]


@router.get("/admin/overview")
async def look_over(
    actor: Admin, session: Reading, transactions: GivenTransactions, calls: GivenCalls
) -> OverviewView:
    """Tell what goes on now: who listens where, what waits, and how much the engine has to do."""
    return await overview(session, calls, actor.id, transactions.now())


# What is done later


@router.get("/admin/jobs")
async def list_jobs(
    _actor: Admin,
    session: Reading,
    transactions: GivenTransactions,
    state: JobState = "failed",
    cursor: Cursor = None,
    limit: PageSize = JOB_PAGE,
) -> JobPage:
    """List what is to be done, is being done, or was given up; never what it is about."""
    before = int(cursor) if cursor else None
    # One more than asked for tells whether there is another page.
    found = await service.jobs(session, state, transactions.now(), before=before, limit=limit + 1)
    shown = [job_view(job) for job in found[:limit]]
    return {"items": shown, "next_cursor": shown[-1]["id"] if len(found) > limit else None}


@router.post("/admin/jobs/{job}/retry", status_code=204)
async def try_again(job: JobNumber, actor: Acting, tx: Writing) -> None:
    """Try anew, at once, what was given up."""
    await service.try_again(tx, actor, int(job))


@router.delete("/admin/jobs/{job}", status_code=204)
async def drop(job: JobNumber, actor: Acting, tx: Writing) -> None:
    """Forget what was given up."""
    await service.drop(tx, actor, int(job))
