"""The end of the chat of every live space and what lies on its table, as the rows have it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from convivium.chat import service
from convivium.chat.rules import USUAL, Rules, how_many_fit
from convivium.chat.shared import Row as SharedRow
from convivium.chat.shared import on_table
from convivium.core.database import Database
from convivium.live.service import Live

# So much of a chat somebody sees who comes in, in lines and in bytes of text.
SHOWN_LINES = 50
SHOWN_BYTES = 16 * 1024
# Of so many lines it is said that they are gone: all that a page may still show.
SHOWN_TAKEN = 200
# What is written within this time is told together.
GATHER_S = 0.1


@dataclass(frozen=True, slots=True)
class Board:
    """What is shown of one space. taken: numbers of lines that were taken away lately."""

    rules: Rules = USUAL
    lines: Sequence[service.Row] = ()
    taken: Sequence[int] = ()
    shared: Sequence[SharedRow] = ()

    def is_of(self, person_id: str) -> bool:
        """Tell whether anything here is somebody's."""
        return any(person.id == person_id for _, person in (*self.lines, *self.shared))


EMPTY = Board()


class Boards:
    """Reads a board anew whenever its rows changed; what is told is read from here."""

    def __init__(self, database: Database, live: Live) -> None:
        self._database = database
        self._live = live
        self._boards: dict[str, Board] = {}
        # One look at a time: an older one must not replace a newer one.
        self._looking = asyncio.Lock()

    def of(self, space_id: str) -> Board:
        """Give what was read last."""
        return self._boards.get(space_id, EMPTY)

    def with_person(self, person_id: str) -> list[str]:
        """List the spaces where something of somebody is shown."""
        return [space for space, board in self._boards.items() if board.is_of(person_id)]

    async def look(self, space_id: str) -> None:
        """Read a board anew, and let it be told."""
        async with self._looking, self._database.read() as session:
            rows = await service.latest(session, space_id, SHOWN_LINES)
            fit = how_many_fit([len(line.text.encode()) for line, _ in rows], SHOWN_BYTES)
            self._boards[space_id] = Board(
                rules=await service.rules_of(session, space_id),
                lines=rows[:fit][::-1],
                taken=await service.taken_lately(session, space_id, SHOWN_TAKEN),
                shared=await on_table(session, space_id),
            )
        self._live.refresh_soon(space_id, GATHER_S)

    def forget(self, space_id: str) -> None:
        """Forget a space that is over."""
        self._boards.pop(space_id, None)
