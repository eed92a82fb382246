"""What spaces do when people stand otherwise to one another, or are suspended."""

from sqlalchemy import select

from convivium.accounts.events import Suspended
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.relationships.events import Blocked, Followed, Unblocked, Unfollowed
from convivium.spaces import service
from convivium.spaces.events import ListeningNarrowed, StandingChanged
from convivium.spaces.models import Space


def subscribe(bus: Bus) -> None:
    """Take part in the transactions that concern who may listen."""
    bus.inside(Followed, _restate)
    bus.inside(Unfollowed, _restate)
    bus.inside(Unfollowed, _narrow)
    bus.inside(Blocked, _shut_out)
    bus.inside(Unblocked, _let_in_again)
    bus.inside(Suspended, _void)


async def _restate(tx: Transaction, fact: Followed | Unfollowed) -> None:
    """Let those who are followed, or follow, come to know what they may do now."""
    for space in await service.owned_by(tx.session, fact.by):
        if space.asks_whom_owner_follows:
            await tx.announce(StandingChanged(space.id, fact.person_id))
    for space in await service.owned_by(tx.session, fact.person_id):
        if space.listen_policy == "followers":
            await tx.announce(StandingChanged(space.id, fact.by))


async def _narrow(tx: Transaction, fact: Unfollowed) -> None:
    for space in await service.owned_by(tx.session, fact.by):
        if space.listen_policy == "followed":
            await tx.announce(ListeningNarrowed(space.id, fact.person_id))
    for space in await service.owned_by(tx.session, fact.person_id):
        if space.listen_policy == "followers":
            await tx.announce(ListeningNarrowed(space.id, fact.by))


async def _shut_out(tx: Transaction, fact: Blocked) -> None:
    await service.shut_out(tx, fact.by, fact.person_id)


async def _let_in_again(tx: Transaction, fact: Unblocked) -> None:
    for space in await service.owned_by(tx.session, fact.by):
        await tx.announce(StandingChanged(space.id, fact.person_id))


async def _void(tx: Transaction, fact: Suspended) -> None:
    """Take back what somebody was granted; what they were to hold another day will not be."""
    scheduled = (Space.host_id == fact.person_id) & (Space.state == "scheduled")
    for space in (await tx.session.scalars(select(Space).where(scheduled))).all():
        await service.close(tx, space, by=fact.by)
    await service.void_everything(tx, fact.person_id)
