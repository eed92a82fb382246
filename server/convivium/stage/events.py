"""What the stage announces."""

from collections.abc import Mapping
from dataclasses import dataclass

from convivium.live.events import SpaceFact


@dataclass(frozen=True, slots=True)
class SeatTaken(SpaceFact):
    """Somebody has a seat now, with the microphone off."""

    person_id: str


@dataclass(frozen=True, slots=True)
class BroughtUp(SpaceFact):
    """A host gave somebody else a seat."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class HandedOver(SpaceFact):
    """The host gave the space to somebody else, on purpose."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RoleChanged(SpaceFact):
    """The host made a co-host of a speaker, or the other way round."""

    person_id: str
    by: str
    role: str


@dataclass(frozen=True, slots=True)
class SeatLeft(SpaceFact):
    """Somebody has no seat any more."""

    person_id: str


@dataclass(frozen=True, slots=True)
class MovedBack(SpaceFact):
    """A host took somebody's seat away."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Muted(SpaceFact):
    """A host, or a moderator, closed somebody's microphone."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SpeakersMuted(SpaceFact):
    """A host closed every speaker's microphone."""

    by: str


@dataclass(frozen=True, slots=True)
class SeatChanged(SpaceFact):
    """Somebody in a seat was muted or unmuted, has another role, lost a call or has one again."""

    person_id: str


@dataclass(frozen=True, slots=True)
class TimeGiven(SeatChanged):
    """A host let somebody's turn last longer, by so many seconds."""

    by: str
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueChanged(SpaceFact):
    """Somebody asked to speak, or was answered."""


@dataclass(frozen=True, slots=True)
class FloorChanged(QueueChanged):
    """A host changed how turns are given, or who may ask for one; change: what is so now."""

    by: str
    change: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RequestMoved(QueueChanged):
    """A host let somebody stand elsewhere in line."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestMade(QueueChanged):
    """Somebody is in the queue who was not."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RequestDeclined(QueueChanged):
    """A host took somebody out of the queue."""

    person_id: str
    by: str
