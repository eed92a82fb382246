"""Who sees a post: one condition, which is part of every query that reads posts.

Neither blocks the other, the author is not suspended, and is not protected unless one follows them.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from convivium.accounts.models import Person
from convivium.accounts.service import is_suspended
from convivium.core.actor import Actor
from convivium.posts.models import Post
from convivium.relationships.models import Block, Follow, Mute

_Id = InstrumentedAttribute[str] | str


def posts_for(actor: Actor, now: datetime) -> Select[Post, Person]:
    """Begin a query for posts with their authors, as far as somebody may see them."""
    return (
        select(Post, Person)
        .join(Person, Person.id == Post.person_id)
        .where(Post.gone_at.is_(None), seen_by(actor, now))
    )


def seen_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Ask of a joined `Person` whether somebody may see what they write."""
    if not actor.id:
        return ~is_suspended(now) & Person.protected.is_(False)
    return (
        ~is_suspended(now)
        & ~(_said(Block, actor.id, Person.id) | _said(Block, Person.id, actor.id))
        & or_(
            Person.protected.is_(False),
            Person.id == actor.id,
            _said(Follow, actor.id, Person.id),
        )
    )


def welcome_to(actor: Actor, person: type[Person], now: datetime) -> ColumnElement[bool]:
    """Ask whether somebody wants to meet a person where they did not look for them."""
    return ~is_suspended(now, person) & ~_said(Mute, actor.id, person.id)


def _said(kind: type[Block | Follow | Mute], by: _Id, about: _Id) -> ColumnElement[bool]:
    return select(kind.number).where(kind.person_id == by, kind.other_id == about).exists()
