"""Which of a person's calls is heard, and when a crowd is one too many; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from convivium.core.config import Settings


@dataclass(frozen=True, slots=True)
class Voice:
    """What being heard depends on, of one call: its peer, when it came, whether it may speak.

    is_connected: sound can come; an offer alone may never get that far.
    """

    peer: int
    may_speak: bool
    is_connected: bool


@dataclass(frozen=True, slots=True)
class Microphone:
    """What being heard depends on, of a person: a seat and an open microphone in it."""

    is_seated: bool = False
    is_muted: bool = True


def heard_peer(calls: Iterable[Voice], microphone: Microphone) -> int | None:
    """Choose the one peer whose gate is open: the newest call that may speak, of somebody unmuted.

    A call that is connected comes before one that is not, which might never carry the voice. Peers
    are numbered in the order in which they came.
    """
    if not microphone.is_seated or microphone.is_muted:
        return None
    speaking = [(call.is_connected, call.peer) for call in calls if call.may_speak]
    return max(speaking)[1] if speaking else None


@dataclass(frozen=True, slots=True)
class Rush:
    """How many came for the first time, and how many asked to speak, within a moment."""

    newcomers: int
    requests: int

    def worse(self, other: "Rush") -> "Rush":
        """Give the most of both."""
        return Rush(max(self.newcomers, other.newcomers), max(self.requests, other.requests))


def is_alarming(rush: Rush, settings: Settings) -> bool:
    """Tell whether hosts are to look at it; a limit of 0 never is reached."""
    return (
        0 < settings.alarm_newcomers <= rush.newcomers
        or 0 < settings.alarm_requests <= rush.requests
    )
