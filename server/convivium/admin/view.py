"""What goes on in the instance, as administrators see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium import __version__
from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.admin import service
from convivium.calls.service import Calls
from convivium.core.jobs import Job
from convivium.media.engine import Load, Step
from convivium.moderation.models import Case
from convivium.moderation.service import look_over
from convivium.moderation.view import OpenCases
from convivium.spaces.models import Space
from convivium.spaces.view import time_view
from convivium.stage.models import Seat

# So many of the live spaces are shown, those with the most people.
SHOWN_SPACES = 50
# Accounts are counted as far as that: nobody waits for more.
COUNTED_ACCOUNTS = 100_000


class SpaceOfNow(TypedDict):
    """A live space. room: for how many more there is, null while nobody knows.

    cases: open ones about it, or about somebody in it.
    """

    id: str
    title: str
    host: PersonView
    started_at: str | None
    listeners: int
    on_stage: int
    room: int | None
    cases: int


class EngineOfNow(TypedDict):
    """How much the media engine has to do; busy, late, lost: in thousandths.

    step: what it leaves out. room: how many more listeners it can carry.
    """

    step: Step
    room: int
    busy: int
    late: int
    lost: int


class JobsOfNow(TypedDict):
    """How much is still to be done, and how much was given up; both counted as far as 1,000."""

    waiting: int
    failed: int


class OverviewView(TypedDict):
    """What goes on now. spaces: the fullest of those that are live; live: how many there are.

    accounts: counted as far as 100,000. engine: null until it has said something.
    """

    version: str
    live: int
    listeners: int
    on_stage: int
    accounts: int
    spaces: list[SpaceOfNow]
    reports: OpenCases
    jobs: JobsOfNow
    engine: EngineOfNow | None


class JobView(TypedDict):
    """Something to be done later. last_error: the kind of what it failed with last."""

    id: str
    kind: str
    run_at: str
    attempts: int
    last_error: str | None


class JobPage(TypedDict):
    """One page of jobs; the cursor is null on the last."""

    items: list[JobView]
    next_cursor: str | None


async def overview(
    session: AsyncSession, calls: Calls, person_id: str, now: datetime
) -> OverviewView:
    """Put together what goes on now, for one administrator."""
    live = await _live(session)
    seated = await _seated(session)
    listeners = {space.id: _listeners(calls, space.id, seated[space.id]) for space in live}
    fullest = sorted(live, key=lambda space: listeners[space.id], reverse=True)[:SHOWN_SPACES]
    open_cases, urgent, last_at = await look_over(session, person_id)
    return {
        "version": __version__,
        "live": len(live),
        "listeners": sum(listeners.values()),
        "on_stage": sum(len(seated[space.id]) for space in live),
        "accounts": await _accounts(session),
        "spaces": await _spaces(session, calls, fullest, seated),
        "reports": {"open_cases": open_cases, "urgent": urgent, "last_at": time_view(last_at)},
        "jobs": {
            "waiting": await service.count_jobs(session, "waiting", now),
            "failed": await service.count_jobs(session, "failed", now),
        },
        "engine": _engine(calls.entrance.load),
    }


def job_view(job: Job) -> JobView:
    """Show a job: never what it is about."""
    return {
        "id": str(job.number),
        "kind": job.kind,
        "run_at": time_view(job.run_at),
        "attempts": job.attempts,
        "last_error": job.last_error,
    }


async def _live(session: AsyncSession) -> Sequence[Any]:
    columns = (Space.id, Space.title, Space.host_id, Space.started_at)
    return (await session.execute(select(*columns).where(Space.state == "live"))).all()


async def _seated(session: AsyncSession) -> Mapping[str, AbstractSet[str]]:
    """Find who sits on each live stage and is there; those of the demo are, without a call."""
    rows = await session.execute(
        select(Seat.space_id, Seat.person_id)
        .join(Space, Space.id == Seat.space_id)
        .where(Space.state == "live", Seat.absent_since.is_(None))
    )
    found = defaultdict[str, set[str]](set)
    for space_id, person_id in rows:
        found[space_id].add(person_id)
    return found


def _listeners(calls: Calls, space_id: str, seated: AbstractSet[str]) -> int:
    people = calls.registry.people(space_id)
    return len(people) - len(people.keys() & seated)


async def _accounts(session: AsyncSession) -> int:
    """Count those who have a name, which guests have not."""
    some = select(Person.name).where(Person.name > "").limit(COUNTED_ACCOUNTS).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def _spaces(
    session: AsyncSession,
    calls: Calls,
    shown: Sequence[Any],
    seated: Mapping[str, AbstractSet[str]],
) -> list[SpaceOfNow]:
    ids = [space.id for space in shown]
    people = await session.scalars(
        select(Person).where(Person.id.in_({space.host_id for space in shown}))
    )
    hosts = {person.id: person_view(person) for person in people}
    cases = await _cases(session, ids)
    return [
        {
            "id": space.id,
            "title": space.title,
            "host": hosts[space.host_id],
            "started_at": time_view(space.started_at),
            "listeners": _listeners(calls, space.id, seated[space.id]),
            "on_stage": len(seated[space.id]),
            "room": calls.entrance.room(space.id),
            "cases": cases.get(space.id, 0),
        }
        for space in shown
    ]


async def _cases(session: AsyncSession, spaces: Sequence[str]) -> Mapping[str | None, int]:
    rows = await session.execute(
        select(Case.space_id, func.count())
        .where(Case.settled_at.is_(None), Case.space_id.in_(spaces))
        .group_by(Case.space_id)
    )
    return dict(rows.all())


def _engine(load: Load | None) -> EngineOfNow | None:
    if load is None:
        return None
    return {
        "step": load.step,
        "room": load.room,
        "busy": load.busy,
        "late": load.late,
        "lost": load.lost,
    }
