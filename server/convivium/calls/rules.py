"""Which of a person's calls is heard; pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """What being heard depends on, of one call: its peer, when it came, whether it may speak."""

    peer: int
    may_speak: bool


@dataclass(frozen=True, slots=True)
class Microphone:
    """What being heard depends on, of a person: a seat and an open microphone in it."""

    is_seated: bool = False
    is_muted: bool = True


def heard_peer(calls: Iterable[Voice], microphone: Microphone) -> int | None:
    """Choose the one peer whose gate is open: the newest call that may speak, of somebody unmuted.

    Peers are numbered in the order in which they came.
    """
    if not microphone.is_seated or microphone.is_muted:
        return None
    return max((call.peer for call in calls if call.may_speak), default=None)
