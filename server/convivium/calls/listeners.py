"""Who listens, as one person may see it: those who allow it, whom one follows first, in pages."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.calls.registry import Registry
from convivium.calls.roll import Roll
from convivium.core.actor import Actor
from convivium.relationships import service as relationships
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.stage import service as stage


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the list somebody stands: after those whom one follows, in order of arrival."""

    is_stranger: bool
    arrival: int

    def __str__(self) -> str:
        return f"{'s' if self.is_stranger else 'f'}{self.arrival}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read what was written as text."""
        return cls(text[0] == "s", int(text[1:]))


# Before everybody.
HEAD = Place(is_stranger=False, arrival=0)


@dataclass(frozen=True, slots=True)
class Page:
    """Listeners in order, how one stands to each, and where the next page begins."""

    people: list[Actor]
    relations: Mapping[str, relationships.Relation]
    end: Place | None


async def page_for(
    session: AsyncSession,
    registry: Registry,
    actor: Actor,
    space: Space,
    *,
    looking: Mapping[str, Actor],
    after: Place | None,
    limit: int,
) -> Page:
    """List the listeners that one person with an account may see by name.

    Hosts and moderators see everybody who is signed in and did not come anonymously. Others see
    those who let their names be seen, without those whom they block or who block them.
    looking: the moderators who look in by their office; before everybody, on the first page.
    """
    sees_all = actor.moderates or actor.id in await spaces.hosts_of(session, space)
    seated = {seat.person_id for seat in await stage.seats_of(session, space.id)}
    followed = await relationships.followed_of(session, actor.id)
    shown = registry.named(space.id) if sees_all else registry.listed(space.id)
    listeners = (
        (place, person)
        for place, person in _in_order(shown, followed, after or HEAD)
        if person.id not in seated
    )
    # One more than asked for tells whether there is another page.
    found = list(islice(listeners, limit + 1))
    people = [person for _, person in found[:limit]]
    if after is None:
        there = {*seated, *registry.named(space.id)}
        people = [*(each for each in looking.values() if each.id not in there), *people]
    ids = [person.id for person in people]
    if not sees_all:
        hidden = await relationships.apart_from(session, actor.id, ids)
        people = [person for person in people if person.id not in hidden]
    relations = await relationships.relations(session, actor.id, ids)
    return Page(people, relations, found[limit - 1][0] if len(found) > limit else None)


def _in_order(
    shown: Roll, followed: Collection[str], after: Place
) -> Iterator[tuple[Place, Actor]]:
    """Go through those after a place: no further than somebody wants to know.

    Whom one follows are looked for one by one: they are bounded, an audience is not.
    """
    if not after.is_stranger:
        numbers = sorted((shown.number(each), each) for each in followed if each in shown)
        for number, person_id in numbers:
            if number > after.arrival:
                yield Place(is_stranger=False, arrival=number), shown[person_id]
        after = Place(is_stranger=True, arrival=0)
    for number, person in shown.after(after.arrival):
        if person.id not in followed:
            yield Place(is_stranger=True, arrival=number), person
