"""Who is told what is written to them, and what becomes of what they wrote."""

from sqlalchemy import ColumnElement, select

from convivium.accounts.events import Suspended
from convivium.accounts.models import Person
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.notifications.kinds import Kind
from convivium.notifications.models import Notification
from convivium.notifications.service import About, leave_out, take_back, tell
from convivium.posts.events import (
    PostEdited,
    PostFact,
    PostGone,
    PostLiked,
    PostReposted,
    PostUnliked,
    PostUnreposted,
    PostWritten,
)
from convivium.posts.models import Post
from convivium.relationships.service import follows


def subscribe(bus: Bus) -> None:
    """Take part in what people do with posts."""
    bus.inside(PostWritten, _tell_of_post)
    bus.inside(PostEdited, _tell_newly_named)
    bus.inside(PostLiked, _tell_liked)
    bus.inside(PostUnliked, _forget_like)
    bus.inside(PostReposted, _tell_reposted)
    bus.inside(PostUnreposted, _forget_repost)
    bus.inside(PostGone, _forget_post)
    bus.inside(Suspended, _forget_posts_of)


async def _tell_of_post(tx: Transaction, fact: PostWritten) -> None:
    """Tell each once, of what concerns them most: an answer, a quote, their name."""
    kinds: dict[str, Kind] = dict.fromkeys(sorted(fact.mentions), "mentioned")
    if fact.quotes:
        kinds[fact.quotes] = "quoted"
    if fact.answers:
        kinds[fact.answers] = "replied"
    for person_id, kind in kinds.items():
        await _tell_reader(tx, person_id, kind, fact)


async def _tell_newly_named(tx: Transaction, fact: PostEdited) -> None:
    was_named = Notification.person_id.in_(fact.dropped)
    await take_back(tx, _same("mentioned", fact) & was_named)
    for person_id in sorted(fact.mentions):
        await _tell_reader(tx, person_id, "mentioned", fact)


async def _tell_liked(tx: Transaction, fact: PostLiked) -> None:
    await tell(tx, fact.author, _about("liked", fact), by=fact.by)


async def _forget_like(tx: Transaction, fact: PostUnliked) -> None:
    await leave_out(tx, _same("liked", fact), by=fact.by)


async def _tell_reposted(tx: Transaction, fact: PostReposted) -> None:
    await tell(tx, fact.author, _about("reposted", fact), by=fact.by)


async def _forget_repost(tx: Transaction, fact: PostUnreposted) -> None:
    await leave_out(tx, _same("reposted", fact), by=fact.by)


async def _forget_post(tx: Transaction, fact: PostGone) -> None:
    """Speak no more of a post that is not there."""
    await take_back(tx, Notification.post_number == fact.number)


async def _forget_posts_of(tx: Transaction, fact: Suspended) -> None:
    """Speak no more of what somebody wrote who is suspended."""
    theirs = select(Post.number).where(Post.person_id == fact.person_id)
    is_told = Notification.kind.in_(("mentioned", "replied", "quoted"))
    await take_back(tx, is_told & Notification.post_number.in_(theirs))


async def _tell_reader(tx: Transaction, person_id: str, kind: Kind, fact: PostFact) -> None:
    """Tell somebody of a post, unless it is not for them to see."""
    author = await tx.session.get_one(Person, fact.by)
    if not author.protected or await follows(tx.session, person_id, author.id):
        await tell(tx, person_id, _about(kind, fact), by=fact.by)


def _about(kind: Kind, fact: PostFact) -> About:
    return About(kind, str(fact.number), post_number=fact.number)


def _same(kind: Kind, fact: PostFact) -> ColumnElement[bool]:
    return (Notification.kind == kind) & (Notification.post_number == fact.number)
