"""Which of a person's calls is heard; pure."""

from collections.abc import Iterable
from dataclasses import dataclass


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
