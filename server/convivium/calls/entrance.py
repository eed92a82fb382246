"""The entrance: whether there is room for one more, and who waits for how long.

Whoever speaks, or may, has room kept for them and waits for nobody. Whoever is inside already is
not new, but stands in line with the others: all of them may have lost the same switch.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from convivium.calls.capacity import noticed, room_in_memory
from convivium.calls.registry import Registry
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import Busy
from convivium.core.line import Line, LineTooLong, Turn
from convivium.core.memory import free_bytes
from convivium.media.engine import Load, Step

# A turn that comes so soon is waited for here; for a later one the browser comes back.
WAIT_HERE_S = 1.5
# The line is so long; whoever comes after that comes again when it is shorter.
LINE_S = 60.0
# So much of it is kept at the most for those who come from one network: a few hundred addresses
# are rented for little, and everybody else shall find a place.
NETWORK_SHARE = 0.25
# Calls beyond the limit of a space, for those who speak or are inside already: each of a full
# stage may have eight.
RESERVED_CALLS = 200
# Those of them that people may use who are inside, or were a moment ago; the rest is for the stage.
RESERVED_INSIDE = RESERVED_CALLS // 2
# Whoever lost a call comes back within this time: a page is loaded anew, a crowd spreads out.
COMES_BACK_S = 90.0
# So many of those who left are remembered; the earliest are forgotten first.
LEFT_KEPT = 100_000
# When a closed door, or a full space, is worth another try.
CLOSED_S = 15.0
CROWDED_S = 10.0


class SpaceCrowded(Busy):
    """A space has as many calls as one may have here."""

    code = "space_crowded"
    title = "This space is full"
    detail = "As many people are listening as this server lets in. Try again in a while."


class AdmissionClosed(Busy):
    """The engine has more to do than it can; nobody new is let in."""

    code = "admission_closed"
    title = "This server is full at the moment"
    detail = "It carries as many people as it can. There may be room again in a moment."


class InLine(Busy):
    """More people come in at once than the server can let in; this one has a place."""

    code = "in_line"
    title = "There is a line at the door"

    def __init__(self, turn: Turn, ticket: str) -> None:
        super().__init__(turn.in_s, f"You are number {turn.place:,} in line. Your place is kept.")
        self.members = {"place": turn.place, "ticket": ticket}


class LineFull(Busy):
    """So many stand in line that no place is given."""

    code = "line_full"
    title = "The line at the door is very long"
    detail = "Many people are coming in at once. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door of a space.

    is_expected: they have a seat, or may take one. is_inside: they have a call there already, or
    had one a moment ago.
    ticket: what an earlier try gave them.
    network: where they come from, as wide as one sender may have it.
    """

    space_id: str
    is_expected: bool = False
    is_inside: bool = False
    ticket: str | None = None
    network: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a place kept for them."""
        return self.is_expected or self.is_inside


class Entrance:
    """Lets people in one after the other, as long as there is room."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        clock: Clock,
        memory: Callable[[], int | None] = free_bytes,
    ) -> None:
        self._registry = registry
        self._limit = settings.max_calls_per_space
        self._closes = settings.close_when_busy
        self._line = Line(
            clock,
            burst=settings.joins_burst,
            per_s=settings.joins_per_s,
            longest_s=LINE_S,
            share=NETWORK_SHARE,
        )
        self._memory = memory
        self._load: Load | None = None
        self._in_memory: int | None = None
        self._clock = clock
        self._shown: dict[str, int] = {}
        self._left: OrderedDict[tuple[str, str], float] = OrderedDict()

    # What the engine says

    @property
    def load(self) -> Load | None:
        """What the engine said last of how much it has to do; None while it has said nothing."""
        return self._load

    @property
    def step(self) -> Step:
        """What is left out for want of time; an operator may have the door stay open."""
        step = "none" if self._load is None else self._load.step
        return "packets" if step == "closed" and not self._closes else step

    def follow(self, load: Load) -> None:
        """Take in how much the engine has to do."""
        self._load = load
        self._in_memory = room_in_memory(self._memory())

    def room(self, space_id: str) -> int | None:
        """Tell how many more there is room for in a space, roundly; None while nobody knows."""
        if self._load is None:
            return None
        room = min(self._load.room, self._limit - self._registry.count(space_id))
        if self._in_memory is not None:
            room = min(room, self._in_memory)
        shown = noticed(self._shown.get(space_id), max(0, room))
        self._shown[space_id] = shown
        return shown

    def forget(self, space_id: str) -> None:
        """Forget what was shown of a space that is over."""
        self._shown.pop(space_id, None)

    # Who comes back

    def note_leaving(self, space_id: str, person_id: str) -> None:
        """Somebody's call has ended, for whatever reason: they may come back."""
        now_s = self._clock.steady_s()
        self._left[space_id, person_id] = now_s
        self._left.move_to_end((space_id, person_id))
        # The first are those who left first: whoever came and went in an hour is not kept.
        while len(self._left) > LEFT_KEPT or _is_over(next(iter(self._left.values())), now_s):
            self._left.popitem(last=False)

    @property
    def remembered(self) -> int:
        """How many of those who left are remembered."""
        return len(self._left)

    def was_inside(self, space_id: str, person_id: str) -> bool:
        """Tell whether somebody was in a space a moment ago."""
        left = self._left.get((space_id, person_id))
        return left is not None and not _is_over(left, self._clock.steady_s())

    # Who comes

    async def stand_in_line(self, visitor: Visitor) -> None:
        """Wait for one's turn, for at most a moment. Raises InLine, LineFull."""
        if visitor.is_expected:
            return
        turn = None if visitor.ticket is None else self._line.find(visitor.ticket)
        if turn is None:
            turn = self._new_turn(visitor)
        elif turn.in_s > WAIT_HERE_S:
            raise InLine(turn, visitor.ticket or "")
        elif visitor.ticket is not None:
            self._line.use(visitor.ticket)
        if turn.in_s > WAIT_HERE_S:
            raise InLine(turn, self._line.keep(turn, visitor.network))
        if turn.in_s > 0:
            await asyncio.sleep(turn.in_s)

    def check_room(self, visitor: Visitor) -> None:
        """Refuse somebody for whom there is no room. Raises AdmissionClosed, SpaceCrowded."""
        if self.step == "closed" and not visitor.is_known:
            raise AdmissionClosed(_spread(CLOSED_S))
        if self._registry.count(visitor.space_id) >= self._limit + _kept_for(visitor):
            raise SpaceCrowded(CROWDED_S)

    def _new_turn(self, visitor: Visitor) -> Turn:
        try:
            return self._line.take(visitor.network)
        except LineTooLong:
            raise LineFull(_spread(LINE_S / 2)) from None


def _kept_for(visitor: Visitor) -> int:
    if visitor.is_expected:
        return RESERVED_CALLS
    return RESERVED_INSIDE if visitor.is_inside else 0


def _spread(seconds: float) -> float:
    """Let those who are refused at once not come again at once."""
    return seconds * random.uniform(1.0, 2.0)  # noqa: S311 - nothing to guess


def _is_over(left_s: float, now_s: float) -> bool:
    """Tell whether somebody who left then is not expected back any more."""
    return now_s - left_s >= COMES_BACK_S
