"""A person with how one stands to them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts import profiles
from convivium.accounts.models import Person
from convivium.accounts.profiles import About
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.relationships import service
from convivium.relationships.service import Relation


class RelationView(TypedDict):
    """How one stands to somebody; asked: one waits to be let follow them.

    bell: one is told when they go live.
    """

    follows: bool
    followed_by: bool
    blocks: bool
    mutes: bool
    asked: bool
    bell: bool


class RelatedView(PersonView):
    """Somebody with how one stands to them; null of oneself, and for those without an account."""

    relation: RelationView | None


class ProfileView(RelatedView):
    """What one may know of somebody.

    protected: they let people follow one by one. bio, links, topics: what they say of themselves,
    which nobody but staff sees while they are suspended. since: the day on which they came.
    """

    followers: int
    follows: int
    protected: bool
    bio: str
    links: list[str]
    topics: list[str]
    since: str


async def profile_view(
    session: AsyncSession, actor: Actor, person: Person, now: datetime
) -> ProfileView:
    """Show somebody's profile to one person."""
    about = About()
    if actor.moderates or not person.is_suspended(now):
        about = await profiles.about(session, person.id)
    has_relation = actor.has_account and actor.id != person.id
    found = await service.relation(session, actor.id, person.id) if has_relation else None
    return {
        **related_view(person, found),
        "followers": await service.count_followers(session, person.id),
        "follows": await service.count_followed(session, person.id),
        "protected": person.protected,
        "bio": about.bio or "",
        "links": list(about.links or ()),
        "topics": list(about.topics or ()),
        "since": person.created_at.date().isoformat(),
    }


def related_view(person: Person | Actor, found: Relation | None) -> RelatedView:
    """Show somebody with how one stands to them."""
    shown: RelationView | None = None
    if found is not None:
        shown = {
            "follows": found.follows,
            "followed_by": found.followed_by,
            "blocks": found.blocks,
            "mutes": found.mutes,
            "asked": found.asked,
            "bell": found.bell,
        }
    return {**person_view(person), "relation": shown}
