"""What the stage announces."""

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
class SeatLeft(SpaceFact):
    """Somebody has no seat any more."""

    person_id: str


@dataclass(frozen=True, slots=True)
class SeatChanged(SpaceFact):
    """Somebody in a seat was muted or unmuted, has another role, lost a call or has one again."""

    person_id: str


@dataclass(frozen=True, slots=True)
class QueueChanged(SpaceFact):
    """Somebody asked to speak, or was answered."""


@dataclass(frozen=True, slots=True)
class FloorChanged(QueueChanged):
    """A host changed how turns are given, or who may ask for one."""

    by: str


@dataclass(frozen=True, slots=True)
class RequestMade(QueueChanged):
    """Somebody is in the queue who was not."""

    person_id: str
