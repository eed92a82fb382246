"""A line before a token bucket: whoever finds no token is given a time, and may come back for it.

The bucket is the generic cell rate algorithm (ITU-T I.371), as in `rate`.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

from convivium.core.clock import Clock
from convivium.core.ids import new_id

# How long a turn is kept for whoever does not come in time.
KEPT_S = 30.0


@dataclass(frozen=True, slots=True)
class Turn:
    """When it is somebody's turn: in how many seconds, and who many'th they are; 0 is at once."""

    in_s: float
    place: int


class LineTooLong(Exception):  # noqa: N818 - an answer
    """Nobody else is taken into the line; it is worth coming again when some have gone."""


class Line:
    """Lets `burst` through at once and then `per_s` each second; the others get turns, in order.

    longest_s: turns are given for at most this long ahead, so that `(longest_s + KEPT_S) * per_s`
    tickets are remembered at the most.
    """

    def __init__(self, clock: Clock, *, burst: int, per_s: float, longest_s: float) -> None:
        self._clock = clock
        self._per_s = per_s
        self._tolerance_s = (burst - 1) / per_s
        self._longest_s = longest_s
        self._due_s = 0.0
        # Ticket -> when it is its turn; the earliest first.
        self._turns: OrderedDict[str, float] = OrderedDict()

    def take(self) -> Turn:
        """Give the next turn. Raises LineTooLong."""
        now_s = self._clock.steady_s()
        at_s = max(now_s, self._due_s - self._tolerance_s)
        if at_s - now_s > self._longest_s:
            raise LineTooLong
        self._due_s = max(now_s, self._due_s) + 1.0 / self._per_s
        return self._turn(at_s, now_s)

    def keep(self, turn: Turn) -> str:
        """Keep somebody's turn until they come with the ticket that this gives."""
        now_s = self._clock.steady_s()
        while self._turns and next(iter(self._turns.values())) + KEPT_S < now_s:
            self._turns.popitem(last=False)
        ticket = new_id()
        self._turns[ticket] = now_s + turn.in_s
        return ticket

    def find(self, ticket: str) -> Turn | None:
        """Tell whose turn it is by now; None for a ticket that is not kept, or not any more."""
        now_s, at_s = self._clock.steady_s(), self._turns.get(ticket)
        if at_s is None or at_s + KEPT_S < now_s:
            return None
        return self._turn(at_s, now_s)

    def use(self, ticket: str) -> None:
        """Forget a ticket: it is good for once."""
        self._turns.pop(ticket, None)

    def __len__(self) -> int:
        return len(self._turns)

    def _turn(self, at_s: float, now_s: float) -> Turn:
        in_s = max(0.0, at_s - now_s)
        return Turn(in_s, math.ceil(in_s * self._per_s))
