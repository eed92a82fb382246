"""Lets the demo's voices talk in turns, as long as somebody listens."""

import asyncio
from asyncio import sleep
from collections.abc import Sequence
from itertools import cycle

import structlog

from convivium.accounts.models import Person
from convivium.calls.service import Calls
from convivium.core.config import Settings
from convivium.core.transaction import Transactions
from convivium.demo import script
from convivium.demo.line import bring_up_visitors, visitors_in_line
from convivium.demo.service import is_live, live_tables, take_seats
from convivium.live.service import Live
from convivium.media.engine import ClipEnded, Engine, EngineEvent, EngineRefused
from convivium.reactions.rules import Emoji
from convivium.reactions.service import Reactions
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
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

log = structlog.get_logger()


class Turns:
    """The conversation of the demo's one live space, from the first clip to the last and again."""

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
        self._ended = asyncio.Event()
        self._speaking: tuple[int, int] | None = None

    async def run(self) -> None:
        """Talk at each demo table there is, or comes to be while the server runs."""
        wait_s = LOOK_S
        while True:
            try:
                await self._talk()
                wait_s = LOOK_S
            except Exception:
                log.exception("demo_interrupted")
                wait_s = min(2 * wait_s, LONGEST_LOOK_S)
            await sleep(wait_s)

    async def _talk(self) -> None:
        """Talk until the space is over; returns at once where there is no demo."""
        async with self._database.read() as session:
            tables = await live_tables(session)
        if not tables:
            return
        space, people = tables[0]
        await self._sit_down(space)
        voices = {person.name: person.voice for person in people}
        for number, clip in enumerate(cycle(script.clips())):
            if not await self._somebody_listens(space):
                return
            if clip.speaker in voices:
                await self._say(space.number, voices[clip.speaker], clip)
            self._react(space, [one for one in people if one.name != clip.speaker], number)
            await self._bring_up_visitors(space)

    def _react(self, space: Space, others: Sequence[Person], number: int) -> None:
        """Let one of the others react to what was said, every now and then."""
        nth, rest = divmod(number, REACTS_EVERY)
        if rest == 0 and others:
            one = others[nth % len(others)]
            self._reactions.count(space.id, REACTIONS[nth % len(REACTIONS)], by=one.id)

    async def _bring_up_visitors(self, space: Space) -> None:
        """Let visitors up who ask: there is nobody else who could."""
        async with self._database.read() as session:
            if not await visitors_in_line(session, space):
                return
        async with self._transactions.begin() as tx:
            await bring_up_visitors(tx, await spaces.by_id(tx.session, space.id), self._limits)

    async def _sit_down(self, space: Space) -> None:
        """Carry a table that another process may have laid while the server ran."""
        await self._engine.open_space(space.number)
        self._reactions.open(space.id, space.number)
        async with self._transactions.begin() as tx:
            await take_seats(tx)

    def follow(self, event: EngineEvent) -> None:
        """Hear from the engine that a clip has ended."""
        if isinstance(event, ClipEnded) and (event.space, event.source) == self._speaking:
            self._ended.set()

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

    async def _say(self, space: int, source: int, clip: script.Clip) -> None:
        self._speaking = (space, source)
        self._ended.clear()
        try:
            self._engine.play(space, source, clip.packets)
            await asyncio.wait_for(self._ended.wait(), clip.duration_s + OVERDUE_S)
        except EngineRefused as refusal:
            log.warning("demo_not_played", code=refusal.code)
            await sleep(EARS_S)
        except TimeoutError:
            self._engine.stop_playing(space, source)
        await sleep(PAUSE_S)
