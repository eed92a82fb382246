"""What the stage does when something below it happens."""

from convivium.accounts.events import Suspended
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.relationships.events import Followed, Unfollowed
from convivium.spaces import service as spaces
from convivium.spaces.events import (
    ListeningNarrowed,
    PeopleBarred,
    PersonShutOut,
    SpaceCreated,
    SpaceEnded,
    SpaceStarted,
)
from convivium.stage import service
from convivium.stage.events import QueueChanged


def subscribe(bus: Bus) -> None:
    """Take part in the transactions that concern seats and requests."""
    bus.inside(SpaceCreated, _seat_host)
    bus.inside(SpaceStarted, _wait_for_host)
    bus.inside(SpaceEnded, _empty)
    bus.inside(PersonShutOut, _take_away)
    bus.inside(PeopleBarred, _take_away_all)
    bus.inside(ListeningNarrowed, _narrow)
    bus.inside(Followed, _show_follow)
    bus.inside(Unfollowed, _show_follow)
    bus.inside(Suspended, _expel)


async def _seat_host(tx: Transaction, fact: SpaceCreated) -> None:
    await service.seat_down(tx, fact.space_id, fact.host_id)


async def _wait_for_host(tx: Transaction, fact: SpaceStarted) -> None:
    """Count a host's absence from the start: before it nobody can have a call."""
    for seat in await service.seats_of(tx.session, fact.space_id):
        seat.absent_since = tx.now


async def _empty(tx: Transaction, fact: SpaceEnded) -> None:
    await service.leave_everything(tx, fact.space_id)


async def _narrow(tx: Transaction, fact: ListeningNarrowed) -> None:
    space = await spaces.by_id(tx.session, fact.space_id)
    concerned = await service.on_stage_or_in_line(tx.session, space.id)
    if fact.person_id is not None:
        concerned = [fact.person_id] if fact.person_id in concerned else []
    await service.leave_uninvited(tx, space, concerned)


async def _take_away(tx: Transaction, fact: PersonShutOut) -> None:
    space = await spaces.by_id(tx.session, fact.space_id)
    if fact.person_id == space.host_id:
        await service.take_back(tx, space)
    await service.withdraw(tx, fact.space_id, fact.person_id)
    await service.unseat(tx, fact.space_id, fact.person_id)


async def _take_away_all(tx: Transaction, fact: PeopleBarred) -> None:
    await service.withdraw_removed(tx, fact.space_id)


async def _expel(tx: Transaction, fact: Suspended) -> None:
    for space in await service.with_person(tx.session, fact.person_id):
        await service.expel(tx, space, fact.person_id, by=fact.by)


async def _show_follow(tx: Transaction, fact: Followed | Unfollowed) -> None:
    """Let hosts see it who have one of the two in line."""
    for space_id in await service.queues_between(tx.session, fact.by, fact.person_id):
        await tx.announce(QueueChanged(space_id))
