"""A few places for what comes in: all of it is in memory while it is looked at."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from convivium.core.errors import Busy

COME_AGAIN_S = 2.0


class Places:
    """So many things at a time are in hand, and so many of one person: nobody holds all places."""

    def __init__(self, *, in_all: int, each: int) -> None:
        self.in_all = in_all
        self.each = each
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, person_id: str) -> Iterator[None]:
        """Hold one of them. Raises Busy."""
        if self._held.total() >= self.in_all or self._held[person_id] >= self.each:
            raise Busy(COME_AGAIN_S)
        self._held[person_id] += 1
        try:
            yield
        finally:
            self._held[person_id] -= 1
            # Whoever holds none is not remembered.
            self._held += Counter()
