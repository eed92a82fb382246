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
    """Somebody follows another person."""


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
