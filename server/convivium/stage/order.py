"""In which order people come up, and when; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from convivium.stage.models import QueuePolicy

# So many at the head of a fast lane are asked to check their microphone.
PREPARED = 3
# So many of those who came up last say how fast the queue moves.
LATELY = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue, as far as the order depends on them."""

    person: str
    has_spoken: bool = False
    is_ready: bool = False


def place_for(policy: QueuePolicy, queue: Sequence[Waiting], newcomer: Waiting) -> int:
    """Choose the index at which somebody new stands: the end, but for first-time speakers."""
    if policy == "first_timers" and not newcomer.has_spoken:
        return next((at for at, other in enumerate(queue) if other.has_spoken), len(queue))
    return len(queue)


def arranged(policy: QueuePolicy, queue: Sequence[Waiting]) -> list[Waiting]:
    """Put a queue into the order of a policy that has just been chosen; else it stays as it is."""
    if policy != "first_timers":
        return list(queue)
    return sorted(queue, key=lambda waiting: waiting.has_spoken)


def moved(queue: Sequence[str], person: str, before: str | None) -> list[str]:
    """Let one stand before another, or with None at the end."""
    others = [other for other in queue if other != person]
    at = len(others) if before is None else others.index(before)
    return [*others[:at], person, *others[at:]]


def who_is_next(policy: QueuePolicy, queue: Sequence[Waiting]) -> int | None:
    """Choose the index of whoever comes up next.

    A fast lane does not wait for a microphone: of those at its head the first who is ready goes.
    """
    if not queue:
        return None
    if policy == "fast_lane":
        head = enumerate(queue[:PREPARED])
        return next((at for at, waiting in head if waiting.is_ready), 0)
    return 0


def expected_at(
    place: int, came_up: Sequence[datetime], turn: timedelta | None = None
) -> datetime | None:
    """Estimate when the one at a place, from 1, comes up; None where nothing is known.

    came_up: when others did, the latest first. turn: how long each lasts where one follows another,
    which counts until there is something to go by.
    """
    lately = came_up[:LATELY]
    gaps_s = [(later - earlier).total_seconds() for later, earlier in pairwise(lately)]
    pace = timedelta(seconds=median(gaps_s)) if gaps_s else turn
    return lately[0] + place * pace if lately and pace is not None else None
