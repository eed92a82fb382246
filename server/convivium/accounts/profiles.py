"""What people say of themselves, what staff say of them, and whom a shown name must not read as."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.events import BadgeGiven, BadgeTaken, ProfileChanged
from convivium.accounts.likeness import likeness, spelling
from convivium.accounts.models import Person, Profile
from convivium.core.actor import STAFF, Badge, Shown
from convivium.core.errors import Conflict
from convivium.core.transaction import Transaction

BIO_MAX = 200
LINKS_MAX = 4
TOPICS_MAX = 5
# So many of those whose names look alike are compared with a new one, staff before all others.
COMPARED = 20


class NameTooAlike(Conflict):
    """A name reads as somebody else's."""

    code = "name_too_alike"
    title = "This reads as somebody else's name"
    detail = "Somebody here has a name that looks just like it. Choose another."


@dataclass(frozen=True, slots=True)
class About:
    """What somebody says of themselves; in a change, None stays as it was."""

    bio: str | None = None
    links: Sequence[str] | None = None
    topics: Sequence[str] | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it."""
        return any(part is not None for part in (self.bio, self.links, self.topics))


async def check_name(session: AsyncSession, shown: str, name: str, person_id: str = "") -> None:
    """Refuse a shown name that looks like another's and is not spelled so, or is of staff.

    name: the handle of whoever wants it. Raises NameTooAlike.
    """
    if shown.startswith("@") and shown[1:].casefold() != name:
        raise NameTooAlike("A name that begins with @ reads as somebody's address.")
    alike = likeness(shown)
    if not alike:
        return
    rows = await session.scalars(
        select(Person)
        .where(or_(Person.likeness == alike, Person.name_likeness == alike))
        .where(Person.id != person_id)
        .order_by(case((Person.role.in_(STAFF), 0), else_=1))
        .limit(COMPARED)
    )
    spelled = spelling(shown)
    if any(_is_taken_for(spelled, alike, other) for other in rows):
        raise NameTooAlike


async def check_handle(session: AsyncSession, name: str) -> None:
    """Refuse a handle that looks like another's. Raises NameTooAlike."""
    if await session.scalar(select(Person.id).where(Person.name_likeness == likeness(name))):
        raise NameTooAlike


def _is_taken_for(spelled: str, alike: str, other: Person) -> bool:
    if other.role in STAFF:
        return True
    theirs = [spelling(text) for text in (other.display_name, other.name or "")]
    return any(text != spelled for text in theirs if likeness(text) == alike)


async def about(session: AsyncSession, person_id: str) -> About:
    """Give what somebody says of themselves; nothing is said as long as nobody said anything."""
    row = await session.get(Profile, person_id)
    return About("", (), ()) if row is None else About(row.bio, row.links, row.topics)


async def say(tx: Transaction, person_id: str, change: About) -> None:
    """Say something of oneself."""
    row = await tx.session.get(Profile, person_id)
    if row is None:
        row = Profile(person_id=person_id, bio="", links=[], topics=[])
        tx.session.add(row)
    if change.bio is not None:
        row.bio = change.bio
    if change.links is not None:
        row.links = list(dict.fromkeys(change.links))
    if change.topics is not None:
        row.topics = list(dict.fromkeys(change.topics))
    await tx.session.flush()


async def give_badge(tx: Transaction, person: Person, badge: Badge, *, by: str) -> None:
    """Let somebody be seen with a badge; one they had before is gone."""
    if person.badge != badge:
        person.badge = badge
        await tx.session.flush()
        await tx.announce(BadgeGiven(person.id, by, badge))
        await show(tx, person)


async def take_badge(tx: Transaction, person: Person, *, by: str) -> None:
    """Let somebody be seen without a badge; by: nobody where it goes by itself."""
    if person.badge is not None:
        person.badge = None
        await tx.session.flush()
        await tx.announce(BadgeTaken(person.id, by))
        await show(tx, person)


async def show(tx: Transaction, person: Person, *, is_opened: bool = False) -> None:
    """Let everybody who sees somebody see them as they are now."""
    shown = Shown(person.display_name, person.listed, person.picture, person.badge)
    await tx.announce(ProfileChanged(person.id, shown, is_opened))
