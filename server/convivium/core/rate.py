"""Limits that answer: the generic cell rate algorithm (ITU-T I.371), one number for each key."""

from collections import OrderedDict

from convivium.core.clock import Clock
from convivium.core.errors import SlowDown

# What sums of floats are off by; nobody waits for so little.
ROUNDING_S = 1e-6


class Limit:
    """Lets `burst` through at once and then `per_s` each second, for each key by itself.

    A key is forgotten once it might do all again. At most `keys` are remembered; the one unused for
    longest is forgotten first, which can only let somebody through too early, never keep them out.
    """

    def __init__(self, clock: Clock, *, burst: int, per_s: float, keys: int = 50_000) -> None:
        self._clock = clock
        self._interval_s = 1.0 / per_s
        self._tolerance_s = (burst - 1) * self._interval_s
        self._due: OrderedDict[str, float] = OrderedDict()
        self._keys = keys

    def wait_s(self, key: str) -> float:
        """Tell how long this key has to wait, without counting anything; 0 when it need not."""
        due = self._due.get(key, 0.0)
        wait_s = due - self._tolerance_s - self._clock.steady_s()
        return wait_s if wait_s > ROUNDING_S else 0.0

    def count(self, key: str) -> None:
        """Count one for this key."""
        now = self._clock.steady_s()
        self._due[key] = max(self._due.get(key, 0.0), now) + self._interval_s
        self._due.move_to_end(key)
        while len(self._due) > self._keys or next(iter(self._due.values())) <= now:
            self._due.popitem(last=False)

    def __len__(self) -> int:
        """Count the keys that are remembered."""
        return len(self._due)

    def take(self, key: str) -> None:
        """Count one for this key, or raise SlowDown with the time to wait."""
        wait_s = self.wait_s(key)
        if wait_s > 0.0:
            raise SlowDown(wait_s)
        self.count(key)
