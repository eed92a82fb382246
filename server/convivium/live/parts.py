"""What a part of a space's picture is, and how a difference is put into words."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event before it has a number."""

    type: str
    data: dict[str, Any]


class Words(Protocol):
    """How a part's change is told."""

    def changes(self, old: Any, new: Any) -> list[Told]:  # noqa: ANN401 - each part has its own
        """Say what makes the new of the old."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The part is replaced as a whole."""

    word: str
    name: str

    def changes(self, old: Any, new: Any) -> list[Told]:  # noqa: ANN401
        """Say the new value, if it is another."""
        return [] if old == new else [Told(self.word, {self.name: new})]


@dataclass(frozen=True, slots=True)
class Each:
    """The part is a list of people or of things that belong to one person each.

    A client replaces an item in its place or appends it, so an item that moved is told as gone and
    then as new: applying the events gives the same order.
    """

    word: str
    name: str
    gone: str
    person_of: Callable[[Item], str]

    def changes(self, old: list[Item], new: list[Item]) -> list[Told]:
        """Say who left, then who changed or came."""
        before = {self.person_of(item): item for item in old}
        after = {self.person_of(item): item for item in new}
        stays = _kept_in_order(list(before), list(after))
        left = [person for person in before if person not in stays]
        return [Told(self.gone, {"person_id": person}) for person in left] + [
            Told(self.word, {self.name: item})
            for person, item in after.items()
            if person not in stays or before[person] != item
        ]


def _kept_in_order(old: list[str], new: list[str]) -> set[str]:
    """Find who can stay in place: the new list's beginning, as far as the old has it in order."""
    stays: set[str] = set()
    position = 0
    for person in new:
        if person not in old[position:]:
            break
        position = old.index(person, position) + 1
        stays.add(person)
    return stays


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the picture: how it is shown as of one moment, and how its change is told.

    show: makes the part from a `Standing`, and from what its feature has in memory.

    for_hosts: only the host and co-hosts see it; for everybody else it is null.
    pace_s: told at most once in this time.
    """

    key: str
    show: Callable[[Any], Any]
    words: Words
    for_hosts: bool = False
    pace_s: float = 0.0


class Standing(Protocol):
    """A space as of one moment, looked up at once, and how each person stands to it."""

    @property
    def number(self) -> int:
        """The engine's number of the space."""

    @property
    def is_live(self) -> bool:
        """Whether the space is live."""

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen in this space any more."""

    @property
    def hosts(self) -> frozenset[str]:
        """Who gets the parts for hosts."""

    @property
    def named(self) -> frozenset[str]:
        """Those about whom something is said by id; all others stand as `general` says."""

    def moved_since(self, old: Any) -> frozenset[str]:  # noqa: ANN401 - an earlier one of its kind
        """Those not named who stand otherwise than they did."""

    @property
    def general(self) -> Hashable:
        """What holds for everybody; a change of it may change how anybody stands."""

    def you(self, actor: Actor) -> Mapping[str, Any]:
        """Say how one person stands."""

    def by_office(self, actor: Actor) -> bool:
        """Whether somebody may be told only because they moderate."""


# Looks up several spaces by their ids.
LoadStandings = Callable[[AsyncSession, Collection[str]], Awaitable[Mapping[str, Standing]]]
