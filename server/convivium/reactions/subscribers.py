"""What reactions do when a space begins and ends, and when somebody leaves its stage."""

from convivium.core.bus import Bus
from convivium.reactions.service import Reactions
from convivium.spaces.events import SpaceEnded, SpaceStarted
from convivium.stage.events import SeatLeft


def subscribe(bus: Bus, reactions: Reactions) -> None:
    """Count while a space is live."""

    async def open_space(fact: SpaceStarted) -> None:
        reactions.open(fact.space_id, fact.number)

    async def step_down(fact: SeatLeft) -> None:
        reactions.step_down(fact.space_id, fact.person_id)

    async def close_space(fact: SpaceEnded) -> None:
        reactions.close(fact.space_id, fact.number)

    bus.after(SpaceStarted, open_space)
    bus.after(SeatLeft, step_down)
    bus.after(SpaceEnded, close_space)
