"""When people came into a space for the first time, so that a crowd that came at once is known."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator

from convivium.core.clock import Clock

# As many of one space are remembered; the earliest are forgotten first.
KEPT = 50_000
# After a start everybody comes back: who comes within this time counts as having been there.
RETURNING_S = 60.0


class Arrivals:
    """The first time each person came into each space, on the steady clock; memory only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._returning_until_s = clock.steady_s() + RETURNING_S
        self._first: dict[str, OrderedDict[str, float]] = defaultdict(OrderedDict)

    def note(self, space_id: str, person_id: str) -> None:
        """Remember that somebody is in a space, unless they were there before."""
        first, now_s = self._first[space_id], self._clock.steady_s()
        if now_s < self._returning_until_s:
            now_s = -float("inf")
        first.setdefault(person_id, now_s)
        if len(first) > KEPT:
            first.popitem(last=False)

    def within(self, space_id: str, seconds: float) -> set[str]:
        """Tell who came for the first time within so many seconds until now."""
        since_s = self._clock.steady_s() - seconds
        return {person for person, at_s in self._first.get(space_id, {}).items() if at_s >= since_s}

    def latest(self, space_id: str, seconds: float) -> Iterator[str]:
        """Give who came for the first time within so many seconds, the last first."""
        since_s = self._clock.steady_s() - seconds
        for person, at_s in reversed(self._first.get(space_id, {}).items()):
            if at_s < since_s:
                return
            yield person

    def before(self, space_id: str, seconds: float) -> set[str]:
        """Tell who had come by so many seconds ago."""
        return set(self._first.get(space_id, {})) - self.within(space_id, seconds)

    def forget(self, space_id: str) -> None:
        """Forget a space that is over."""
        self._first.pop(space_id, None)
