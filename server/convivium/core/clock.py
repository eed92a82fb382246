"""Time as an argument: the wall clock for rows, the steady clock for limits and waits."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time twice: `now` in UTC for people, `steady_s` in seconds for differences."""

    def now(self) -> datetime:
        """Tell the time of day in UTC."""

    def steady_s(self) -> float:
        """Tell seconds since an arbitrary start, never going back."""


def rfc_3339(time: datetime) -> str:
    """Write a time in UTC as it travels."""
    return time.isoformat().replace("+00:00", "Z")


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Tell the time of day in UTC."""
        return datetime.now(UTC)

    def steady_s(self) -> float:
        """Tell seconds since an arbitrary start, never going back."""
        return time.monotonic()


class ManualClock:
    """A clock for tests, which stands still until it is put forward."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self._steady_s = 1000.0

    def now(self) -> datetime:
        """Tell the time of day in UTC."""
        return self._now

    def steady_s(self) -> float:
        """Tell seconds since an arbitrary start."""
        return self._steady_s

    def advance(self, seconds: float) -> None:
        """Put both clocks forward."""
        self._now += timedelta(seconds=seconds)
        self._steady_s += seconds
