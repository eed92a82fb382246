"""A space for later: its time, who wants to be told, and what happens if nobody starts it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from convivium.accounts.service import AccountsOnly
from convivium.core import jobs
from convivium.core.actor import Actor
from convivium.core.config import Settings
from convivium.core.errors import Conflict, Malformed
from convivium.core.transaction import Transaction
from convivium.spaces import service
from convivium.spaces.events import ReminderChanged, SpaceRescheduled, SpaceScheduled
from convivium.spaces.models import Reminder, Space

# The job that closes a space which nobody started.
EXPIRE = "expire_space"


class BadTime(Malformed):
    """A time at which no space can start."""

    code = "bad_time"
    title = "A space cannot start at this time"


class NotScheduled(Conflict):
    """This can be done with a space that is still to come only."""

    code = "not_scheduled"
    title = "This space is not scheduled"
    detail = "It has no time yet, has started already, or was cancelled."


class TooManyScheduled(Conflict):
    """The host has as many spaces ahead as one may have."""

    code = "too_many_scheduled"
    title = "You have many spaces ahead already"
    detail = "Hold one of them or cancel one, then schedule another."


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead one can schedule, how much of it, and how long a space waits to be started."""

    days: int
    spaces: int
    unstarted_s: float


def horizon_of(settings: Settings) -> Horizon:
    """Read the limits of scheduling."""
    return Horizon(settings.scheduled_days, settings.max_scheduled, settings.unstarted_s)


async def schedule(
    tx: Transaction, actor: Actor, space: Space, starts_at: datetime, horizon: Horizon
) -> None:
    """Give a draft the time at which it starts, or a scheduled space another one.

    Raises BadTime, TooManyScheduled, NotScheduled.
    """
    if space.state not in ("draft", "scheduled"):
        raise NotScheduled
    # To the second, as calendars have it.
    starts_at = starts_at.replace(microsecond=0)
    _check_time(starts_at, tx.now, horizon)
    was = space.starts_at
    if was == starts_at:
        return
    if was is None:
        await _check_number(tx, space.host_id, horizon)
    space.state, space.starts_at = "scheduled", starts_at
    grace = timedelta(seconds=horizon.unstarted_s)
    await jobs.put(tx, EXPIRE, space.id, starts_at + grace, {"space_id": space.id})
    if was is None:
        await tx.announce(SpaceScheduled(space.id, starts_at, actor.id))
        return
    space.sequence += 1
    await tx.announce(SpaceRescheduled(space.id, starts_at, actor.id, was))


async def cancel(tx: Transaction, actor: Actor, space_id: str) -> None:
    """Say that a scheduled space will not be; a cancelled one stays so. Raises NotScheduled."""
    space = await service.of_hosts(tx, actor, space_id)
    if space.state == "cancelled":
        return
    if space.state != "scheduled":
        raise NotScheduled
    await service.close(tx, space, by=actor.id)


async def expire(tx: Transaction, due: jobs.Due) -> None:
    """Close a space that nobody started for long after its time."""
    space = await tx.session.scalar(select(Space).where(Space.id == due.payload["space_id"]))
    if space is not None and space.state == "scheduled":
        await service.close(tx, space)


async def remind(tx: Transaction, actor: Actor, space: Space) -> None:
    """Let somebody be told when a space starts. Raises AccountsOnly, NotScheduled."""
    if not actor.has_account:
        raise AccountsOnly("Guests cannot be told. Put it into your calendar instead.")
    if space.state != "scheduled":
        raise NotScheduled
    await tx.session.merge(Reminder(space_id=space.id, person_id=actor.id))
    await tx.session.flush()
    await tx.announce(ReminderChanged(space.id, actor.id))


async def remind_no_more(tx: Transaction, actor: Actor, space: Space) -> None:
    """Let somebody not be told; who never wanted to be stays so."""
    await tx.session.execute(
        delete(Reminder).where(Reminder.space_id == space.id, Reminder.person_id == actor.id)
    )
    await tx.announce(ReminderChanged(space.id, actor.id))


def _check_time(starts_at: datetime, now: datetime, horizon: Horizon) -> None:
    if starts_at <= now:
        raise BadTime("This time has passed. Choose a later one, or start right now.")
    if starts_at - now > timedelta(days=horizon.days):
        raise BadTime(f"A space can be scheduled up to {horizon.days} days ahead.")


async def _check_number(tx: Transaction, host_id: str, horizon: Horizon) -> None:
    ahead = select(func.count()).where(Space.host_id == host_id, Space.state == "scheduled")
    if (await tx.session.scalar(ahead) or 0) >= horizon.spaces:
        raise TooManyScheduled
