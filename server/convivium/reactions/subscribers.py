"""What reactions do when a space begins and ends."""

from convivium.core.bus import Bus
from convivium.reactions.service import Reactions
from convivium.spaces.events import SpaceEnded, SpaceStarted


def subscribe(bus: Bus, reactions: Reactions) -> None:
    """Count while a space is live."""

    async def open_space(fact: SpaceStarted) -> None:
        reactions.open(fact.space_id, fact.number)

    async def close_space(fact: SpaceEnded) -> None:
        reactions.close(fact.space_id, fact.number)

    bus.after(SpaceStarted, open_space)
    bus.after(SpaceEnded, close_space)
