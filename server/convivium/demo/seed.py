"""Fills a folder with very many made-up people, so that one sees how the server does with them.

Nobody of them can sign in. Who follows whom, who writes and what is written about is as uneven as
among real people: a few are followed by half of all, most by a handful.
Everything is written in one transaction, by rows and past the services: it is there whole, or not.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from sqlalchemy import delete, insert, select

from convivium.accounts.models import Person
from convivium.accounts.service import new_voices
from convivium.core.database import Base
from convivium.core.errors import Conflict
from convivium.core.ids import new_id
from convivium.core.jobs import Job
from convivium.core.transaction import Transaction
from convivium.messages.models import Conversation, ConversationMember, Message
from convivium.notifications.models import Notification
from convivium.posts.models import Mention, Post, PostLike, PostTag, TimelineEntry
from convivium.relationships.models import Follow
from convivium.spaces.models import Space
from convivium.spaces.schedule import EXPIRE

Row = dict[str, Any]

# So many rows go to the database at once.
AT_ONCE = 5_000
# Followed by half of all; everybody else by as many as their place among them lets expect.
STARS = 5
# How long ago all of it begins, and how far ahead spaces are planned.
DAYS, AHEAD = 90, 30
TAGS = 2_000
# Of all posts, how many answer another, pass one on, have a hashtag, name somebody; and of all
# spaces, how many are still to come.
REPLIES, REPOSTS, TAGGED, NAMING, PLANNED = 0.2, 0.1, 0.2, 0.1, 0.1
# Answers go to one of so many posts before, and very much of all to one in so many.
LATELY, LOUD = 2_000, 500
LIKES, NOTIFICATIONS = 0.5, 0.2
MESSAGES = 10
WORDS = (
    "bread",
    "rain",
    "kitchen",
    "train",
    "garden",
    "choir",
    "dough",
    "ferry",
    "lamp",
    "street",
    "river",
    "chess",
    "market",
    "bicycle",
    "letter",
    "winter",
    "onion",
    "piano",
)


class SeededAlready(Conflict):
    """The made-up people are there."""

    code = "seeded_already"
    title = "These people are there already"
    detail = "Take a folder, or a database, of its own."


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are to be."""

    people: int
    follows: int
    posts: int
    spaces: int


async def seed(tx: Transaction, size: Size) -> None:
    """Make all of it. Raises SeededAlready."""
    if await tx.session.scalar(select(Person.id).where(Person.name == name_of(0))):
        raise SeededAlready
    chance = random.Random(size.people)  # noqa: S311 - the same folder each time, and no secret
    people = await _people(tx, size, chance)
    await _write(tx, Follow, _follows(tx.now, people, size, chance))
    spaces = await _spaces(tx, people, size, chance)
    await _posts(tx, people, spaces, size.posts, chance)
    await _messages(tx, people, chance)


def name_of(place: int) -> str:
    """Give the name of one of them; the first ones are those whom most follow."""
    return f"seeded_{place}"


async def _people(tx: Transaction, size: Size, chance: random.Random) -> Sequence[str]:
    ids = [new_id() for _ in range(size.people)]
    voices = await new_voices(tx.session, size.people)

    def rows() -> Iterator[Row]:
        for place, (person_id, voice) in enumerate(zip(ids, voices, strict=True)):
            yield {
                "id": person_id,
                "kind": "account",
                "name": name_of(place),
                "display_name": f"{chance.choice(WORDS).title()} {place} (seeded)",
                "role": "member",
                "listed": True,
                "voice": voice,
                "created_at": tx.now - timedelta(days=DAYS),
            }

    await _write(tx, Person, rows())
    return ids


def _follows(
    now: datetime, people: Sequence[str], size: Size, chance: random.Random
) -> Iterator[Row]:
    """Let half of all follow each star, and the others whom they come upon."""
    many = len(people)
    said = {
        (follower, star)
        for star in range(min(STARS, many))
        for follower in chance.sample(range(many), min(many // 2, size.follows // (2 * STARS)))
        if follower != star
    }
    most = min(size.follows, many * (many - 1) // 2)
    followers, followed = _uneven(many, chance), _uneven(many, chance)
    # Whoever follows many is not therefore followed by many.
    others = chance.sample(range(many), many)
    while len(said) < most:
        one, other = others[next(followers)], next(followed)
        if one != other:
            said.add((one, other))
    for one, other in sorted(said):
        yield {"person_id": people[one], "other_id": people[other], "since": now}


async def _spaces(
    tx: Transaction, people: Sequence[str], size: Size, chance: random.Random
) -> Sequence[str]:
    """Let some spaces have been, and some be planned; none is live, since nobody would be there."""
    hosts = _uneven(len(people), chance)
    planned = round(size.spaces * PLANNED)
    ids = [new_id() for _ in range(size.spaces)]
    times = [_ago(tx.now, chance) for _ in ids[planned:]]
    times += [_ahead(tx.now, chance) for _ in ids[:planned]]
    shapes = [_space(people[next(hosts)], at, tx.now) for at in sorted(times)]
    rows = [shape | {"id": one} for shape, one in zip(shapes, ids, strict=True)]
    await _write(tx, Space, rows)
    await _write(tx, Job, (_expiry(row) for row in rows if row["state"] == "scheduled"))
    return ids


def _space(host_id: str, at: datetime, now: datetime) -> Row:
    is_over = at < now
    return {
        "host_id": host_id,
        "title": "A seeded table",
        "description": "",
        "topics": [],
        "languages": ["en"],
        "state": "ended" if is_over else "scheduled",
        "listen_policy": "everyone",
        "speak_policy": "invited",
        "requests": "everyone",
        "music": False,
        "created_at": min(at, now),
        "starts_at": None if is_over else at,
        "started_at": at if is_over else None,
        "ended_at": at + timedelta(hours=1) if is_over else None,
    }


def _expiry(space: Row) -> Row:
    return {
        "kind": EXPIRE,
        "key": space["id"],
        "payload": {"space_id": space["id"]},
        "run_at": space["starts_at"] + timedelta(hours=1),
    }


# Posts, with what hangs on them

# A post and a person, by their places.
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Feed:
    """What is written, the first first; people and posts are told by their places.

    parents: which post each one answers. first: the number that the first post got.
    """

    people: Sequence[str]
    authors: Sequence[int]
    parents: Sequence[int | None]
    likes: Sequence[Pair]
    reposts: Sequence[Pair]
    now: datetime
    first: int = 0

    def at(self, post: int) -> datetime:
        """Tell when a post was written."""
        many = len(self.authors)
        return self.now - (many - post) * timedelta(days=DAYS) / many

    def posts(self, spaces: Sequence[str], chance: random.Random) -> Iterator[Row]:
        """Give the rows of all posts, each space shown in about one."""
        many = len(self.authors)
        likes = Counter(post for post, _ in self.likes)
        reposts = Counter(post for post, _ in self.reposts)
        replies = Counter(self.parents)
        for post, (author, parent) in enumerate(zip(self.authors, self.parents, strict=True)):
            shows = parent is None and chance.random() < len(spaces) / many
            yield {
                "id": new_id(),
                "person_id": self.people[author],
                "text": " ".join(chance.choices(WORDS, k=8)),
                "reply_to": None if parent is None else self.first + parent,
                "space_id": chance.choice(spaces) if shows else None,
                "is_counted": True,
                "written_at": self.at(post),
                "likes": likes[post],
                "reposts": reposts[post],
                "replies": replies[post],
            }

    def entries(self) -> Iterator[Row]:
        """Give what stands in timelines, in its order."""
        begun = (post for post, parent in enumerate(self.parents) if parent is None)
        said = [(post, self.authors[post], False) for post in begun]
        passed = [(post, person, True) for post, person in self.reposts]
        for post, person, is_repost in sorted([*said, *passed]):
            yield self._pair(post, person) | {"is_repost": is_repost, "at": self.at(post)}

    def liked(self) -> Iterator[Row]:
        """Give who likes what."""
        return (self._pair(post, person) for post, person in self.likes)

    def tagged(self, chance: random.Random) -> Iterator[Row]:
        """Give hashtags, of which a few are everybody's."""
        tags = _uneven(TAGS, chance)
        tagged = [(f"tag{next(tags)}", post) for post in self._some(TAGGED, chance)]
        return ({"tag": tag, "post_number": self.first + post} for tag, post in sorted(tagged))

    def naming(self, chance: random.Random) -> Iterator[Row]:
        """Give who is named where."""
        named = _uneven(len(self.people), chance)
        return (self._pair(post, next(named)) for post in self._some(NAMING, chance))

    def told(self) -> Iterator[Row]:
        """Tell the authors of the last posts who likes them, each post once."""
        likers = dict(self.likes)
        for post in sorted(likers)[-round(len(self.authors) * NOTIFICATIONS) :]:
            yield {
                "person_id": self.people[self.authors[post]],
                "kind": "liked",
                "key": f"seeded {post}",
                "post_number": self.first + post,
                "people": [self.people[likers[post]]],
                "count": 1,
                "data": {},
                "at": self.at(post),
            }

    def _pair(self, post: int, person: int) -> Row:
        return {"post_number": self.first + post, "person_id": self.people[person]}

    def _some(self, share: float, chance: random.Random) -> Iterator[int]:
        return (post for post in range(len(self.authors)) if chance.random() < share)


async def _posts(
    tx: Transaction,
    people: Sequence[str],
    spaces: Sequence[str],
    posts: int,
    chance: random.Random,
) -> None:
    authors = list(islice(_uneven(len(people), chance), posts))
    likes = _pairs(authors, len(people), round(posts * LIKES), chance)
    reposts = _pairs(authors, len(people), round(posts * REPOSTS), chance)
    # Posts refer to one another by number: they get the next ones, in their order.
    first = await _next_number(tx)
    feed = Feed(people, authors, _parents(posts, chance), likes, reposts, tx.now, first)
    await _write(tx, Post, feed.posts(spaces, chance))
    await _write(tx, TimelineEntry, feed.entries())
    await _write(tx, PostLike, feed.liked())
    await _write(tx, PostTag, feed.tagged(chance))
    await _write(tx, Mention, feed.naming(chance))
    await _write(tx, Notification, feed.told())


async def _next_number(tx: Transaction) -> int:
    """Find out which number the next post gets: nobody else writes meanwhile."""
    connection = await tx.session.connection()
    blank = {"id": new_id(), "text": "", "is_counted": False, "written_at": tx.now}
    row = await connection.execute(insert(Post).values(blank).returning(Post.number))
    number: int = row.scalar_one()
    await connection.execute(delete(Post).where(Post.number == number))
    return number + 1


def _parents(posts: int, chance: random.Random) -> list[int | None]:
    """Say which post each one answers: one of the last ones."""
    return [
        _loud(post - 1 - chance.randrange(min(post, LATELY)), chance)
        if post and chance.random() < REPLIES
        else None
        for post in range(posts)
    ]


def _pairs(authors: Sequence[int], people: int, number: int, chance: random.Random) -> list[Pair]:
    """Choose who does something with which post, the first first; none with their own."""
    persons = _uneven(people, chance)
    said = {(_loud(chance.randrange(len(authors)), chance), next(persons)) for _ in range(number)}
    return sorted((post, person) for post, person in said if authors[post] != person)


def _loud(post: int, chance: random.Random) -> int:
    """Take in the place of some posts the one near them that is on everybody's lips."""
    return post - post % LOUD if chance.random() < 1 / 4 else post


# Messages


async def _messages(tx: Transaction, people: Sequence[str], chance: random.Random) -> None:
    """Let everybody write with somebody whom they found."""
    found = _uneven(len(people), chance)
    pairs = {(min(pair), max(pair)) for pair in ((one, next(found)) for one in range(len(people)))}
    talks = [(new_id(), people[a], people[b]) for a, b in sorted(pairs) if a != b]
    shape = {"is_group": False, "title": "", "count": MESSAGES, "version": 0}
    await _write(tx, Conversation, (shape | {"id": talk} for talk, _, _ in talks))
    state = {"standing": "accepted", "hidden": 0, "last": MESSAGES, "read": MESSAGES, "unread": 0}
    members = (
        {"conversation_id": talk, "person_id": who, "other_id": whom, "last_at": tx.now}
        for talk, *both in talks
        for who, whom in (both, reversed(both))
    )
    await _write(tx, ConversationMember, (state | member for member in members))
    said = (
        {
            "conversation_id": talk,
            "number": number + 1,
            "person_id": both[number % 2],
            "kind": "said",
            "text": " ".join(chance.choices(WORDS, k=4)),
            "at": tx.now - timedelta(minutes=MESSAGES - number),
        }
        for talk, *both in talks
        for number in range(MESSAGES)
    )
    await _write(tx, Message, said)


# Chance, and rows


def _uneven(many: int, chance: random.Random) -> Iterator[int]:
    """Give places below a number for ever: the first ones often, the last ones seldom."""
    shares = list(accumulate((place + 10) ** -0.8 for place in range(many)))
    places = range(many)
    while True:
        yield from chance.choices(places, cum_weights=shares, k=AT_ONCE)


def _ago(now: datetime, chance: random.Random) -> datetime:
    return now - timedelta(days=1, minutes=chance.randrange(DAYS * 1440))


def _ahead(now: datetime, chance: random.Random) -> datetime:
    return now + timedelta(days=1, minutes=chance.randrange(AHEAD * 1440))


async def _write(tx: Transaction, table: type[Base], rows: Iterable[Row]) -> None:
    """Write very many rows, a part at a time; what is left out is as columns begin."""
    connection = await tx.session.connection()
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        await connection.execute(insert(table), part)
