"""What spaces announces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from convivium.core.bus import Fact
from convivium.live.events import SpaceFact


@dataclass(frozen=True, slots=True)
class SpaceCreated(SpaceFact):
    """There is a new space, a draft, with its host."""

    host_id: str


@dataclass(frozen=True, slots=True)
class SpaceStarted(SpaceFact):
    """A space is live; `number` is its name in the engine."""

    number: int
    by: str


@dataclass(frozen=True, slots=True)
class SpaceEnded(SpaceFact):
    """A space is over, for everybody and for good.

    by: who ended it just now; empty when nobody was left to hold it, or it was over before.
    """

    number: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class SpaceCancelled(SpaceEnded):
    """A space that was scheduled will not be; by: who said so, empty when nobody started it."""


@dataclass(frozen=True, slots=True)
class SpaceScheduled(SpaceFact):
    """A space has a time at which it is to start."""

    starts_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SpaceRescheduled(SpaceScheduled):
    """A scheduled space has another time than before."""

    was: datetime


@dataclass(frozen=True, slots=True)
class ReminderChanged(SpaceFact):
    """Somebody wants to be told when a space starts, or no longer."""

    person_id: str


@dataclass(frozen=True, slots=True)
class SpaceChanged(SpaceFact):
    """Title, words or policies are others now, or the space has another host.

    by: who said so; empty for what follows by itself. change: what is said now.
    """

    by: str = ""
    change: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookedIn(Fact):
    """A moderator comes to see what only their office shows them."""

    space_id: str
    by: str


@dataclass(frozen=True, slots=True)
class MusicSet(SpaceFact):
    """A host said whether a live space is for music."""


@dataclass(frozen=True, slots=True)
class ListeningNarrowed(SpaceFact):
    """Fewer people than before may listen; person_id: at most this one is concerned."""

    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class StandingChanged(SpaceFact):
    """What somebody may do in a space may have changed: they are followed now, or not any more."""

    person_id: str


@dataclass(frozen=True, slots=True)
class PersonInvited(SpaceFact):
    """Somebody was invited, or an invitation was used up."""

    person_id: str


@dataclass(frozen=True, slots=True)
class InvitationSent(PersonInvited):
    """A host invited somebody to listen, to speak or to help."""

    role: str
    by: str


@dataclass(frozen=True, slots=True)
class InvitationOver(PersonInvited):
    """An invitation was declined by whom it was for, or taken back by a host."""

    by: str


@dataclass(frozen=True, slots=True)
class PersonShutOut(SpaceFact):
    """Somebody may not be in a space any more, and what they were granted there is void."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class PersonBarred(PersonShutOut):
    """Somebody was removed for the whole life of the space; again: they had been before."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class PeopleBarred(SpaceFact):
    """Many were removed in one act."""

    people: frozenset[str]
    by: str


@dataclass(frozen=True, slots=True)
class RemovalsLifted(SpaceFact):
    """Some who were removed may come back."""

    people: frozenset[str]
    by: str


@dataclass(frozen=True, slots=True)
class LinkFact(Fact):
    """Something about a link that invites; nobody who looks at the space sees it."""

    space_id: str
    by: str
    role: str


@dataclass(frozen=True, slots=True)
class LinkMade(LinkFact):
    """A host made a link."""


@dataclass(frozen=True, slots=True)
class LinkTakenBack(LinkFact):
    """A host let a link be worth nothing."""
