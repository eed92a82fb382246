"""What spaces do when people stand otherwise to one another."""

from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.relationships.events import Blocked, Followed, Unblocked, Unfollowed
from convivium.spaces import service
from convivium.spaces.events import ListeningNarrowed, PersonShutOut, StandingChanged


def subscribe(bus: Bus) -> None:
    """Take part in the transactions that concern who may listen."""
    bus.inside(Followed, _restate)
    bus.inside(Unfollowed, _restate)
    bus.inside(Unfollowed, _narrow)
    bus.inside(Blocked, _shut_out)
    bus.inside(Unblocked, _let_in_again)


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
    """Put somebody out of the spaces of whoever blocks them, as a removal would."""
    for space in await service.owned_by(tx.session, fact.by):
        await service.void_grants(tx, space.id, fact.person_id)
        await tx.announce(PersonShutOut(space.id, fact.person_id, fact.by))


async def _let_in_again(tx: Transaction, fact: Unblocked) -> None:
    for space in await service.owned_by(tx.session, fact.by):
        await tx.announce(StandingChanged(space.id, fact.person_id))
