"""What chat announces. None is a `SpaceFact`: lines are told together, and not each by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class ChatFact(Fact):
    """What lies on the table of a space is not as it was; `by` did it."""

    space_id: str
    by: str


@dataclass(frozen=True, slots=True)
class LineWritten(ChatFact):
    """Somebody wrote a line."""

    number: int


@dataclass(frozen=True, slots=True)
class LineTakenAway(ChatFact):
    """A line is gone, which `person_id` had written."""

    person_id: str
    number: int


@dataclass(frozen=True, slots=True)
class ChatRulesChanged(ChatFact):
    """A host changed who may write, or how often; change: what is so now."""

    change: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shared(ChatFact):
    """Somebody put something on the table."""

    item_id: str


@dataclass(frozen=True, slots=True)
class SharedTakenAway(ChatFact):
    """Something is on the table no more, which `person_id` had put there."""

    person_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class PinChanged(ChatFact):
    """A host pinned something, instead of what was, or unpinned it."""

    item_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class AllTakenAway(ChatFact):
    """Everything of these people is gone, since they are."""

    people: frozenset[str]
