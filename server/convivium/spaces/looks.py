"""Moderators who look into a space that only their office opens: hosts can read of each of them."""

from collections import OrderedDict

from convivium.core.actor import Actor
from convivium.core.transaction import Transactions
from convivium.spaces import service
from convivium.spaces.events import LookedIn

# So many looks are remembered; of one that is forgotten the log knows that it is in there.
KEPT = 10_000


class Looks:
    """Announces who looks in, before anything is shown to them."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._noted: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def note(self, actor: Actor, space_id: str) -> None:
        """Announce that a moderator looks in by their office; more than once is the same as once.

        Raises SpaceNotFound.
        """
        if not actor.moderates or (actor.id, space_id) in self._noted:
            return
        async with self._transactions.database.read() as session:
            space = await service.known_to(session, actor, space_id)
            is_office = await service.opens_by_office(session, space, actor)
        if not is_office:
            return
        async with self._transactions.begin() as tx:
            await tx.announce(LookedIn(space_id, actor.id))
        self._noted[actor.id, space_id] = None
        if len(self._noted) > KEPT:
            self._noted.popitem(last=False)
