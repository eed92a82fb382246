"""Some of the people of a space in the order in which they came, found from any place on."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from operator import itemgetter

from convivium.core.actor import Actor


class Roll(Mapping[str, Actor]):
    """People by id, each with a number, by which they are in order as long as they are on it."""

    def __init__(self) -> None:
        self._people: dict[str, Actor] = {}
        self._numbers: dict[str, int] = {}
        # Sorted. Whoever comes is mostly the last, and a gap is closed by one move of memory.
        self._order: list[tuple[int, str]] = []

    def __getitem__(self, person_id: str) -> Actor:
        return self._people[person_id]

    def __iter__(self) -> Iterator[str]:
        return (person_id for _, person_id in self._order)

    def __len__(self) -> int:
        return len(self._people)

    def put(self, actor: Actor, number: int) -> None:
        """Put somebody on; who is there already keeps their number."""
        if actor.id not in self._people:
            self._numbers[actor.id] = number
            insort(self._order, (number, actor.id))
        self._people[actor.id] = actor

    def take(self, person_id: str) -> None:
        """Take somebody off; who is not there stays so."""
        if self._people.pop(person_id, None) is not None:
            number = self._numbers.pop(person_id)
            del self._order[bisect_left(self._order, (number, person_id))]

    def number(self, person_id: str) -> int:
        """Tell somebody's number."""
        return self._numbers[person_id]

    def after(self, number: int) -> Iterator[tuple[int, Actor]]:
        """Go through those with a higher number, in order; nobody may come or go meanwhile."""
        first = bisect_right(self._order, number, key=itemgetter(0))
        for at in range(first, len(self._order)):
            found, person_id = self._order[at]
            yield found, self._people[person_id]
