"""Doors of the engine that have to be shut: not forgotten until the engine says that they are."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from convivium.core.errors import Unconfirmed
from convivium.media.engine import Engine, EngineRefused

# How long until a door is tried again; twice as long each time, up to the last.
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 10.0
# What is not there lets nobody hear anything.
IS_GONE = ("unknown_peer", "unknown_space")

log = structlog.get_logger()


class DoorStuck(Unconfirmed):
    """The engine did not confirm in time that somebody is out."""

    code = "door_stuck"
    title = "The server is still closing this"
    detail = "It is written down, and the server goes on trying. Ask again to see it done."


@dataclass(frozen=True, slots=True)
class Door:
    """A peer of the engine, or with `peer` None a whole space of it.

    credential: what the peer's call was made with.
    number: the space's name in the engine, for a whole space.
    """

    space_id: str
    person_id: str = ""
    credential: str = ""
    peer: int | None = None
    number: int = 0


class Doors:
    """Shuts doors, and goes on trying in the background with those that do not shut."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[Door, asyncio.Task[None] | None] = {}

    def of_person(self, space_id: str, person_id: str) -> list[Door]:
        """List somebody's doors that are not known to be shut yet."""
        return [d for d in self._open if (d.space_id, d.person_id) == (space_id, person_id)]

    def everywhere(self, person_id: str) -> list[Door]:
        """List somebody's doors in all spaces that are not known to be shut yet."""
        return [door for door in self._open if person_id and door.person_id == person_id]

    def of_credential(self, credential: str) -> list[Door]:
        """List the doors of a credential's calls that are not known to be shut yet."""
        return [door for door in self._open if credential and door.credential == credential]

    async def shut(self, doors: Iterable[Door]) -> None:
        """Shut doors at once. Raises DoorStuck if one is not known to be shut by then."""
        # Known before they are tried, so that whoever asks meanwhile waits for them too.
        wanted = list(doors)
        self._open = dict.fromkeys(wanted) | self._open
        if not all(await asyncio.gather(*(self._shut(door) for door in wanted))):
            raise DoorStuck

    async def give_up(self) -> None:
        """Try no longer: the engine itself ends, and every door with it."""
        trying = [task for task in self._open.values() if task is not None]
        for task in trying:
            task.cancel()
        await asyncio.gather(*trying, return_exceptions=True)

    async def _shut(self, door: Door) -> bool:
        if await self._try(door):
            self._open.pop(door, None)
            return True
        if self._open.get(door) is None:
            self._open[door] = asyncio.create_task(self._go_on(door))
        return False

    async def _go_on(self, door: Door) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            await asyncio.sleep(wait_s)
            if await self._try(door):
                self._open.pop(door, None)
                return
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _try(self, door: Door) -> bool:
        try:
            if door.peer is None:
                await self._engine.close_space(door.number)
            else:
                await self._engine.close_peer(door.peer)
        except EngineRefused as refusal:
            if refusal.code in IS_GONE:
                return True
            log.warning("door_stuck", code=refusal.code, space_id=door.space_id)
            return False
        return True
