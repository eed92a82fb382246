"""Lets the demo's voices talk at their tables, as long as somebody listens."""

import asyncio
from asyncio import sleep
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle

import structlog

from convivium.accounts.models import Person
from convivium.calls.service import Calls
from convivium.core.bus import Bus
from convivium.core.config import Settings
from convivium.core.transaction import Transactions
from convivium.demo import lane, script
from convivium.demo.cast import acting
from convivium.demo.line import bring_up_visitors, brought_up, say_yes, visitors_in_line
from convivium.demo.service import is_live, live_tables, people_at, seated, take_seats
from convivium.live.service import Live
from convivium.media.engine import ClipEnded, Engine, EngineEvent, EngineRefused
from convivium.reactions.rules import Emoji
from convivium.reactions.service import Reactions
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.stage import service as stage
from convivium.stage.events import SeatChanged, SeatLeft
from convivium.stage.models import Seat
from convivium.stage.service import limits_of

# Long enough to hear that another one speaks, short enough to be a conversation.
PAUSE_S = 0.5
# The engine says when a clip has ended; past this its word is not waited for any more.
OVERDUE_S = 3.0
# How often it is looked whether somebody listens.
EARS_S = 1.0
# How often it is looked whether `convivium demo` was run; after a failure twice as late each time.
LOOK_S = 2.0
LONGEST_LOOK_S = 60.0
# After so many clips somebody reacts to what was said, each time another one with something else.
REACTS_EVERY = 3
REACTIONS: tuple[Emoji, ...] = ("👏", "😂", "❤️", "👏🏾", "🙏🏼", "🔥", "👏🏽")
# So many come up in the fast lane while the same people listen; then visitors only, since
# everything that a host does is written down for good.
EVENING = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody who speaks just now."""

    space: int
    source: int
    person_id: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Turns:
    """What goes on at the demo's live tables, from the first clip to the last and again."""

    def __init__(
        self,
        transactions: Transactions,
        engine: Engine,
        calls: Calls,
        reactions: Reactions,
        live: Live,
        settings: Settings,
    ) -> None:
        self._transactions = transactions
        self._database = transactions.database
        self._engine = engine
        self._calls = calls
        self._reactions = reactions
        self._live = live
        self._limits = limits_of(settings)
        # By space: in each one speaks at a time.
        self._speaking: dict[str, Saying] = {}

    def subscribe(self, bus: Bus) -> None:
        """Fall silent with whoever is muted or has to leave the stage."""
        bus.after(SeatLeft, self._hush)
        bus.after(SeatChanged, self._hush)

    async def run(self) -> None:
        """Talk at each demo table there is, or comes to be while the server runs."""
        wait_s = LOOK_S
        while True:
            try:
                await self._attend()
                wait_s = LOOK_S
            except Exception:
                log.exception("demo_interrupted")
                wait_s = min(2 * wait_s, LONGEST_LOOK_S)
            await sleep(wait_s)

    async def _attend(self) -> None:
        """Be at all tables until the last is over; returns at once where there is no demo."""
        async with self._database.read() as session:
            tables = await live_tables(session)
            talkers, lane_people = [await people_at(session, at) for at in script.TABLES]
        for space in tables:
            # Another process may have laid it while the server ran.
            await self._engine.open_space(space.number)
            self._reactions.open(space.id, space.number)
        if tables:
            async with self._transactions.begin() as tx:
                await take_seats(tx)
        async with asyncio.TaskGroup() as group:
            for space in tables:
                if talkers and space.host_id == talkers[0].id:
                    group.create_task(self._talk(space))
                elif lane_people and space.host_id == lane_people[0].id:
                    group.create_task(self._give_turns(space))
                else:
                    group.create_task(self._keep_quiet(space))

    async def _talk(self, space: Space) -> None:
        """Talk in turns until the space is over."""
        for number, clip in enumerate(cycle(script.clips(script.TALK))):
            if not await self._somebody_listens(space):
                return
            async with self._database.read() as session:
                people = await seated(session, space.id)
                heard = {one.name: one for one in await seated(session, space.id, heard=True)}
            if clip.speaker in heard:
                await self._say(space, heard[clip.speaker], clip)
            else:
                # Muted, it misses one turn; nobody else could open its microphone again.
                await self._open_up(space, [one for one in people if one.name == clip.speaker])
            self._react(space, [one for one in people if one.name != clip.speaker], number)
            await self._answer(space)

    async def _give_turns(self, space: Space) -> None:
        """Let one stranger come up after another until the space is over."""
        async with self._database.read() as session:
            host, *strangers = await people_at(session, script.LANE)
        words = {clip.speaker: clip for clip in script.clips(script.LANE)}
        said, turns = 0, 0
        if await self._somebody_listens(space):
            await self._say(space, host, words[host.name or ""])
        while True:
            turns = turns if self._calls.registry.in_space(space.id) else 0
            if not await self._somebody_listens(space):
                return
            seat = await self._next_turn(space, said, goes_on=turns < EVENING)
            up = next((one for one in strangers if seat and one.id == seat.person_id), None)
            if seat is None or up is None or seat.number == said:
                await sleep(EARS_S)
                continue
            said, turns = seat.number, turns + 1
            await self._say(space, up, words[up.name or ""])
            self._react(space, [host], turns * REACTS_EVERY)

    async def _next_turn(self, space: Space, said: int, *, goes_on: bool) -> Seat | None:
        """Let everybody stand in line, and the next one up if it is time; gives who is up."""
        async with self._transactions.begin() as tx:
            if not await is_live(tx.session, space):
                return None
            now = await spaces.by_id(tx.session, space.id)
            strangers = (await people_at(tx.session, script.LANE))[1:]
            await lane.line_up(tx, now, strangers, self._limits)
            if await lane.is_time(tx.session, now, said, goes_on=goes_on):
                await lane.call_next(tx, now, self._limits)
                await lane.line_up(tx, now, strangers, self._limits)
            await say_yes(tx, now, self._limits)
            return await lane.on_turn(tx.session, now)

    async def _keep_quiet(self, space: Space) -> None:
        """Be at a table at which nobody talks until it is over."""
        while True:
            if not await self._somebody_listens(space):
                return
            await sleep(EARS_S)

    async def _open_up(self, space: Space, people: Sequence[Person]) -> None:
        """Let those open their microphones again who are still on the stage."""
        async with self._transactions.begin() as tx:
            for person in people:
                with suppress(stage.NoSeat):
                    await stage.unmute(tx, acting(person), space)

    def _react(self, space: Space, others: Sequence[Person], number: int) -> None:
        """Let one of the others react to what was said, every now and then."""
        nth, rest = divmod(number, REACTS_EVERY)
        if rest == 0 and others:
            one = others[nth % len(others)]
            self._reactions.count(space.id, REACTIONS[nth % len(REACTIONS)], by=one.id)

    async def _answer(self, space: Space) -> None:
        """Let visitors up who ask: there is nobody else who could. Those of the demo say yes."""
        async with self._database.read() as session:
            is_asked = await visitors_in_line(session, space) or await brought_up(session, space)
        if not is_asked:
            return
        async with self._transactions.begin() as tx:
            now = await spaces.by_id(tx.session, space.id)
            await bring_up_visitors(tx, now, self._limits)
            await say_yes(tx, now, self._limits)

    def follow(self, event: EngineEvent) -> None:
        """Hear from the engine that a clip has ended."""
        if isinstance(event, ClipEnded):
            for saying in self._speaking.values():
                if (event.space, event.source) == (saying.space, saying.source):
                    saying.ended.set()

    async def _hush(self, fact: SeatChanged | SeatLeft) -> None:
        """End what somebody says who is muted now, or not on the stage any more."""
        saying = self._speaking.get(fact.space_id)
        if saying is None or saying.person_id != fact.person_id:
            return
        async with self._database.read() as session:
            heard = await seated(session, fact.space_id, heard=True)
        if fact.person_id not in {person.id for person in heard}:
            self._engine.stop_playing(saying.space, saying.source)
            saying.ended.set()

    async def _somebody_listens(self, space: Space) -> bool:
        """Wait for somebody to talk to; False when the space is not live any more."""
        while True:
            async with self._database.read() as session:
                live = await is_live(session, space)
            if live is None:
                await self._clear_away(space)
            if not live:
                return False
            if self._calls.registry.in_space(space.id):
                return True
            await sleep(EARS_S)

    async def _clear_away(self, space: Space) -> None:
        """Send everybody home from a table that `convivium demo remove` took from under them."""
        self._live.drop(space.id)
        self._reactions.close(space.id, space.number)
        await self._calls.close_space(space.id, space.number)

    async def _say(self, space: Space, person: Person, clip: script.Clip) -> None:
        """Let somebody say something, and pause for a moment."""
        saying = Saying(space.number, person.voice, person.id)
        self._speaking[space.id] = saying
        try:
            self._engine.play(saying.space, saying.source, clip.packets)
            await asyncio.wait_for(saying.ended.wait(), clip.duration_s + OVERDUE_S)
        except EngineRefused as refusal:
            log.warning("demo_not_played", code=refusal.code)
            await sleep(EARS_S)
        except TimeoutError:
            self._engine.stop_playing(saying.space, saying.source)
        finally:
            del self._speaking[space.id]
        await sleep(PAUSE_S)
