"""What administrators do about the work that is done later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.jobs import ATTEMPTS, Job, JobPut
from convivium.core.transaction import Transaction
from convivium.leaving.service import FORGET_PERSON
from convivium.moderation import audit
from convivium.moderation.audit import Entry

JobState = Literal["waiting", "running", "failed"]
# It is counted no further: with more than that, something is wrong in any case.
COUNTED_MOST = 1000
# A page without a cursor begins below this.
ABOVE_ALL = 2**31 - 1


class JobNotFound(NotFound):
    """It was done, or never there."""

    code = "job_not_found"
    title = "This job is not there any more"
    detail = "It was done meanwhile, or somebody has dropped it."


class JobNotFailed(Conflict):
    """Only what was given up is tried again or dropped."""

    code = "job_not_failed"
    title = "This job has not failed"
    detail = "It is still tried by itself. Look again in a while."


class JobNeeded(Conflict):
    """What was promised to somebody is not dropped."""

    code = "job_needed"
    title = "This job cannot be dropped"
    detail = "Somebody was promised that their account is deleted. Let it be tried again."


def is_in(state: JobState, now: datetime) -> ColumnElement[bool]:
    """Ask of a job how it stands."""
    if state == "running":
        return Job.leased_until > now
    is_free = or_(Job.leased_until.is_(None), Job.leased_until <= now)
    # Nothing is begun more often than that, so an index finds what was given up.
    return is_free & (Job.attempts == ATTEMPTS if state == "failed" else Job.attempts < ATTEMPTS)


async def jobs(
    session: AsyncSession, state: JobState, now: datetime, *, before: int | None, limit: int
) -> Sequence[Job]:
    """List the jobs of a state, those put down last first."""
    query = select(Job).where(is_in(state, now), Job.number < (before or ABOVE_ALL))
    return (await session.scalars(query.order_by(Job.number.desc()).limit(limit))).all()


async def count_jobs(session: AsyncSession, state: JobState, now: datetime) -> int:
    """Count the jobs of a state, as far as `COUNTED_MOST`."""
    some = select(Job.number).where(is_in(state, now)).limit(COUNTED_MOST).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def try_again(tx: Transaction, actor: Actor, number: int) -> None:
    """Let what was given up be tried anew, at once. Raises JobNotFound, JobNotFailed."""
    job = await _given_up(tx, number)
    job.attempts, job.run_at, job.leased_until = 0, tx.now, None
    await tx.session.flush()
    await tx.announce(JobPut(tx.now))
    await audit.write(tx, Entry("job_retried", actor.id, data={"kind": job.kind}))


async def drop(tx: Transaction, actor: Actor, number: int) -> None:
    """Let what was given up be forgotten. Raises JobNotFound, JobNotFailed, JobNeeded."""
    job = await _given_up(tx, number)
    if job.kind == FORGET_PERSON:
        raise JobNeeded
    await tx.session.delete(job)
    await tx.session.flush()
    await audit.write(tx, Entry("job_dropped", actor.id, data={"kind": job.kind}))


async def _given_up(tx: Transaction, number: int) -> Job:
    job = await tx.session.get(Job, number)
    if job is None:
        raise JobNotFound
    is_leased = job.leased_until is not None and job.leased_until > tx.now
    if job.attempts < ATTEMPTS or is_leased:
        raise JobNotFailed
    return job
