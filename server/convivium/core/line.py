"""A line before a token bucket: whoever finds no token is given a time, and may come back for it.

The bucket is the generic cell rate algorithm (ITU-T I.371), as in `rate`.
"""

import math
from collections import Counter, OrderedDict
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A turn that is kept: when it is due, and for whom it counts."""

    at_s: float
    whose: str


class Line:
    """Lets `burst` through at once and then `per_s` each second; the others get turns, in order.

    longest_s: turns are given for at most this long ahead, so that `(longest_s + KEPT_S) * per_s`
    tickets are remembered at the most.
    share: the part of a full line, from 0 to 1, that is kept for any one group at the most.
    """

    def __init__(
        self, clock: Clock, *, burst: int, per_s: float, longest_s: float, share: float = 1.0
    ) -> None:
        self._clock = clock
        self._per_s = per_s
        self._tolerance_s = (burst - 1) / per_s
        self._longest_s = longest_s
        self._due_s = 0.0
        self._most_of_one = math.ceil(share * longest_s * per_s)
        # By ticket; the earliest first.
        self._turns: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_for: Counter[str] = Counter()

    def take(self, whose: str = "") -> Turn:
        """Give the next turn to one of a group. Raises LineTooLong, also when their share is."""
        now_s = self._clock.steady_s()
        self._forget_missed(now_s)
        at_s = max(now_s, self._due_s - self._tolerance_s)
        if at_s - now_s > self._longest_s:
            raise LineTooLong
        if at_s > now_s and self._kept_for[whose] >= self._most_of_one:
            raise LineTooLong
        self._due_s = max(now_s, self._due_s) + 1.0 / self._per_s
        return self._turn(at_s, now_s)

    def keep(self, turn: Turn, whose: str = "") -> str:
        """Keep somebody's turn until they come with the ticket that this gives."""
        now_s = self._clock.steady_s()
        self._forget_missed(now_s)
        ticket = new_id()
        self._turns[ticket] = _Kept(now_s + turn.in_s, whose)
        self._kept_for[whose] += 1
        return ticket

    def find(self, ticket: str) -> Turn | None:
        """Tell whose turn it is by now; None for a ticket that is not kept, or not any more."""
        now_s, kept = self._clock.steady_s(), self._turns.get(ticket)
        if kept is None or kept.at_s + KEPT_S < now_s:
            return None
        return self._turn(kept.at_s, now_s)

    def use(self, ticket: str) -> None:
        """Forget a ticket: it is good for once."""
        kept = self._turns.pop(ticket, None)
        if kept is not None:
            self._uncount(kept.whose)

    def __len__(self) -> int:
        return len(self._turns)

    def _forget_missed(self, now_s: float) -> None:
        while self._turns and next(iter(self._turns.values())).at_s + KEPT_S < now_s:
            self._uncount(self._turns.popitem(last=False)[1].whose)

    def _uncount(self, whose: str) -> None:
        self._kept_for[whose] -= 1
        if not self._kept_for[whose]:
            del self._kept_for[whose]

    def _turn(self, at_s: float, now_s: float) -> Turn:
        in_s = max(0.0, at_s - now_s)
        return Turn(in_s, math.ceil(in_s * self._per_s))
