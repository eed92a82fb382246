"""What chat does when something happens, below it or in it."""

from collections.abc import Sequence

from convivium.accounts.events import ProfileChanged, Suspended
from convivium.chat import service
from convivium.chat.boards import Boards
from convivium.chat.events import ChatFact
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.spaces.events import PeopleBarred, PersonShutOut, SpaceEnded, SpaceStarted


def subscribe(bus: Bus, boards: Boards) -> None:
    """Let rows follow what happens to people and spaces, and what is shown follow the rows."""
    bus.inside(PersonShutOut, _take_all_away)
    bus.inside(PeopleBarred, _take_all_of_many_away)
    bus.inside(SpaceEnded, _forget_unkept)
    bus.inside(Suspended, _take_away_everywhere)

    async def look(facts: Sequence[ChatFact]) -> None:
        for space_id in dict.fromkeys(fact.space_id for fact in facts):
            await boards.look(space_id)

    async def begin(fact: SpaceStarted) -> None:
        await boards.look(fact.space_id)

    async def end(fact: SpaceEnded) -> None:
        boards.forget(fact.space_id)

    async def rename(fact: ProfileChanged) -> None:
        for space_id in boards.with_person(fact.person_id):
            await boards.look(space_id)

    bus.last(ChatFact, look)
    bus.after(SpaceStarted, begin)
    bus.after(SpaceEnded, end)
    bus.after(ProfileChanged, rename)


async def _take_all_away(tx: Transaction, fact: PersonShutOut) -> None:
    await service.take_all_away(tx, fact.space_id, [fact.person_id], by=fact.by)


async def _take_all_of_many_away(tx: Transaction, fact: PeopleBarred) -> None:
    await service.take_all_away(tx, fact.space_id, fact.people, by=fact.by)


async def _take_away_everywhere(tx: Transaction, fact: Suspended) -> None:
    for space_id in await service.live_with(tx.session, fact.person_id):
        await service.take_all_away(tx, space_id, [fact.person_id], by=fact.by)


async def _forget_unkept(tx: Transaction, fact: SpaceEnded) -> None:
    await service.forget_unkept(tx, fact.space_id)
