"""Lets the demo's voices talk in turns, as long as somebody listens."""

import asyncio
from itertools import cycle

import structlog

from convivium.calls.registry import Registry
from convivium.core.database import Database
from convivium.demo import script
from convivium.demo.service import live_tables
from convivium.media.engine import ClipEnded, Engine, EngineEvent, EngineRefused
from convivium.spaces import service as spaces

# Long enough to hear that another one speaks, short enough to be a conversation.
PAUSE_S = 0.5
# The engine says when a clip has ended; past this its word is not waited for any more.
OVERDUE_S = 3.0
LOOK_S = 1.0

log = structlog.get_logger()


class Turns:
    """The conversation of the demo's one live space, from the first clip to the last and again."""

    def __init__(self, database: Database, engine: Engine, registry: Registry) -> None:
        self._database = database
        self._engine = engine
        self._registry = registry
        self._ended = asyncio.Event()
        self._speaking: tuple[int, int] | None = None

    async def run(self) -> None:
        """Talk until the space ends; returns at once where there is no demo."""
        async with self._database.read() as session:
            tables = await live_tables(session)
        if not tables:
            return
        space, people = tables[0]
        voices = {person.name: person.voice for person in people}
        for clip in cycle(script.clips()):
            if not await self._somebody_listens(space.id):
                return
            if clip.speaker in voices:
                await self._say(space.number, voices[clip.speaker], clip)

    def follow(self, event: EngineEvent) -> None:
        """Hear from the engine that a clip has ended."""
        if isinstance(event, ClipEnded) and (event.space, event.source) == self._speaking:
            self._ended.set()

    async def _somebody_listens(self, space_id: str) -> bool:
        """Wait for somebody to talk to; False when the space is not live any more."""
        while True:
            async with self._database.read() as session:
                if (await spaces.by_id(session, space_id)).state != "live":
                    return False
            if self._registry.in_space(space_id):
                return True
            await asyncio.sleep(LOOK_S)

    async def _say(self, space: int, source: int, clip: script.Clip) -> None:
        self._speaking = (space, source)
        self._ended.clear()
        try:
            self._engine.play(space, source, clip.packets)
            await asyncio.wait_for(self._ended.wait(), clip.duration_s + OVERDUE_S)
        except EngineRefused as refusal:
            log.warning("demo_not_played", code=refusal.code)
            await asyncio.sleep(LOOK_S)
        except TimeoutError:
            self._engine.stop_playing(space, source)
        await asyncio.sleep(PAUSE_S)
