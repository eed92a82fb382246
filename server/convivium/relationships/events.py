"""What relationships announces: `by` did it, about `person_id`."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class RelationshipFact(Fact):
    """Somebody stands otherwise to another person than before."""

    by: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Followed(RelationshipFact):
    """Somebody follows another person; was_asked: who is protected and let them."""

    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class FollowAsked(RelationshipFact):
    """Somebody wants to follow another person, who is protected."""


@dataclass(frozen=True, slots=True)
class FollowAnswered(RelationshipFact):
    """Somebody (`person_id`) waits no more for who asked (`by`), whatever the answer is."""


@dataclass(frozen=True, slots=True)
class Unfollowed(RelationshipFact):
    """Somebody follows another person no more."""


@dataclass(frozen=True, slots=True)
class Blocked(RelationshipFact):
    """Somebody wants to have nothing to do with another person.

    Announced each time: to block somebody again is to ask that every door be tried again.
    """


@dataclass(frozen=True, slots=True)
class Unblocked(RelationshipFact):
    """A block was lifted."""
