"""What calls do when something below them happens: the engine follows, after the commit."""

import asyncio

from convivium.accounts.events import ProfileChanged, SignedOut, Suspended
from convivium.calls.service import Calls
from convivium.core.actor import Actor
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.live.service import Live
from convivium.spaces.events import (
    ListeningNarrowed,
    MusicSet,
    PeopleBarred,
    PersonShutOut,
    SpaceEnded,
    SpaceStarted,
)
from convivium.stage import service as stage
from convivium.stage.events import RequestMade, SeatChanged, SeatLeft, SeatTaken

# A picture takes milliseconds; silence is not kept waiting by a database in trouble.
LAST_PICTURE_S = 2.0


def subscribe(bus: Bus, calls: Calls, live: Live) -> None:
    """Keep gates and peers as the rows say, and tell those who have to go why."""

    async def be_there(tx: Transaction, fact: SeatTaken | RequestMade) -> None:
        if calls.registry.of_person(fact.space_id, fact.person_id):
            await stage.come(tx, fact.space_id, fact.person_id)

    async def set_gates(fact: SeatTaken | SeatLeft | SeatChanged) -> None:
        await calls.set_gates(fact.space_id, fact.person_id)

    async def throw_out(fact: PersonShutOut) -> None:
        def is_meant(actor: Actor) -> bool:
            return actor.id == fact.person_id

        live.goodbye(fact.space_id, "removed", to=is_meant)
        await calls.end_all_of(fact.space_id, fact.person_id)

    async def throw_out_all(fact: PeopleBarred) -> None:
        live.goodbye(fact.space_id, "removed", to=lambda actor: actor.id in fact.people)
        calls.alarms.forget(fact.space_id)
        await calls.end_all_of_many(fact.space_id, fact.people)

    async def open_space(fact: SpaceStarted) -> None:
        await calls.open_space(fact.space_id, fact.number)

    async def set_music(fact: MusicSet) -> None:
        await calls.set_music(fact.space_id)

    async def close_space(fact: SpaceEnded) -> None:
        # Everybody first sees the end, then hears goodbye, then silence.
        try:
            async with asyncio.timeout(LAST_PICTURE_S):
                await live.refresh(fact.space_id, at_once=True)
        finally:
            live.goodbye(fact.space_id, "ended", to=lambda _: True)
            await calls.close_space(fact.space_id, fact.number)

    async def narrow(fact: ListeningNarrowed) -> None:
        await calls.end_uninvited(fact.space_id, fact.person_id)

    async def sign_out(fact: SignedOut) -> None:
        live.goodbye_to_credential(fact.credential)
        await calls.end_all_with(fact.credential)

    async def throw_out_everywhere(fact: Suspended) -> None:
        live.goodbye_to_person(fact.person_id, fact.goodbye)
        await calls.end_everywhere(fact.person_id)

    async def rename(fact: ProfileChanged) -> None:
        for space_id in calls.registry.show_as(fact.person_id, fact.shown):
            await live.refresh(space_id)

    bus.inside(SeatTaken, be_there)
    bus.inside(RequestMade, be_there)
    bus.after(SeatTaken, set_gates)
    bus.after(SeatLeft, set_gates)
    bus.after(SeatChanged, set_gates)
    bus.after(PersonShutOut, throw_out)
    bus.after(PeopleBarred, throw_out_all)
    bus.after(SpaceStarted, open_space)
    bus.after(MusicSet, set_music)
    bus.after(SpaceEnded, close_space)
    bus.after(ListeningNarrowed, narrow)
    bus.after(SignedOut, sign_out)
    bus.after(Suspended, throw_out_everywhere)
    bus.after(ProfileChanged, rename)
