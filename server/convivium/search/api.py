"""The routes of looking for something."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.calls.service import Calls
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Exact
from convivium.core.web import API, Who, given, need_read
from convivium.posts.reading import Row
from convivium.posts.view import PostView, show
from convivium.relationships import service as relationships
from convivium.relationships.view import RelatedView, related_view
from convivium.search import everyone, service, words
from convivium.search.index import SearchIndex
from convivium.search.service import Page
from convivium.search.words import QUERY_MAX, Wanted
from convivium.spaces.view import Card, Desk

router = APIRouter(prefix=API, tags=["search"])

Kind = Literal["people", "spaces", "posts", "tags"]

GivenDesk = Annotated[Desk, Depends(given(Desk))]
# So many of each kind stand on the first page, where all are asked for at once.
AT_FIRST = 5


class SearchLimits:
    """How often one person may look for something, and everybody of one network."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        burst, per_s = settings.searches_burst, settings.searches_per_s
        self._people = Limit(clock, burst=burst, per_s=per_s)
        self._networks = Limit(clock, burst=burst * 10, per_s=per_s * 10)

    def take(self, actor: Actor) -> None:
        """Count a search. Raises SlowDown."""
        self._networks.take(actor.network)
        self._people.take(actor.id or actor.network)


class FoundPeople(TypedDict):
    """People, with how one stands to them; the cursor is null on the last page."""

    items: list[RelatedView]
    next_cursor: str | None


class FoundSpaces(TypedDict):
    """Spaces: live, to come, over."""

    items: list[Card]
    next_cursor: str | None


class FoundPosts(TypedDict):
    """Posts, the latest first."""

    items: list[PostView]
    next_cursor: str | None


class TagView(TypedDict):
    """A hashtag; posts: how many one may see, 100 for as many and more."""

    tag: str
    posts: int


class FoundTags(TypedDict):
    """Hashtags by their letters."""

    items: list[TagView]
    next_cursor: str | None


class TopicView(TypedDict):
    """What spaces are about; spaces: in how many, live or to come."""

    topic: str
    spaces: int


class SpokenView(TypedDict):
    """A language (RFC 5646, in small letters) in which there are spaces."""

    language: str
    spaces: int


class ForEveryoneView(TypedDict):
    """What there is for everyone; no space stands in it twice.

    lively: live ones, those with most people first. people: whom those follow whom one follows.
    """

    featured: list[Card]
    lively: list[Card]
    soon: list[Card]
    topics: list[TopicView]
    languages: list[SpokenView]
    people: list[RelatedView]


class Found(TypedDict):
    """What was found, by kind; null for what was not asked for."""

    people: FoundPeople | None
    spaces: FoundSpaces | None
    posts: FoundPosts | None
    tags: FoundTags | None


GivenLimits = Annotated[SearchLimits, Depends(given(SearchLimits))]
GivenIndex = Annotated[SearchIndex, Depends(given(SearchIndex))]


class Search:
    """One look for something, by one person."""

    def __init__(self, desk: GivenDesk, index: GivenIndex, limits: GivenLimits, actor: Who) -> None:
        need_read(actor)
        limits.take(actor)
        self.desk = desk
        self.index = index
        self.actor = actor

    async def people(self, wanted: Wanted, page: Page) -> FoundPeople:
        """Give a page of people."""
        now = self.desk.transactions.now()
        async with (
            self.desk.transactions.database.read() as session,
            self.index.looking(session),
        ):
            found = await service.people(
                self.index, session, self.actor, wanted, now, _one_more(page)
            )
            shown = found[: page.limit]
            items = await self._related(session, shown)
        end = str(int(page.cursor or "0") + page.limit)
        return {
            "items": items,
            "next_cursor": end if len(found) > page.limit else None,
        }

    async def spaces(self, wanted: Wanted, page: Page) -> FoundSpaces:
        """Give a page of spaces."""
        now = self.desk.transactions.now()
        async with (
            self.desk.transactions.database.read() as session,
            self.index.looking(session),
        ):
            found = await service.spaces(
                self.index,
                session,
                self.actor,
                wanted,
                now,
                _one_more(page),
                anonymous_listening=self.desk.settings.anonymous_listening,
            )
        shown = found[: page.limit]
        cards = await self.desk.cards_among([space.id for space in shown], self.actor)
        return {
            "items": list(cards.values()),
            "next_cursor": service.end_of(shown[-1]) if len(found) > page.limit else None,
        }

    async def posts(self, wanted: Wanted, page: Page) -> FoundPosts:
        """Give a page of posts."""

        async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
            async with self.index.looking(session):
                return await service.posts(
                    self.index, session, self.actor, wanted, now, _one_more(page)
                )

        found = await show(self.desk, self.actor, find)
        shown = found[: page.limit]
        return {
            "items": [view for _, view in shown],
            "next_cursor": str(shown[-1][0].number) if len(found) > page.limit else None,
        }

    async def tags(self, wanted: Wanted, page: Page) -> FoundTags:
        """Give a page of hashtags: those that begin as the last word does."""
        now = self.desk.transactions.now()
        async with (
            self.desk.transactions.database.read() as session,
            self.index.looking(session),
        ):
            found = await service.tags(session, self.actor, wanted.tag, now, _one_more(page))
        shown = found[: page.limit]
        return {
            "items": [{"tag": tag.tag, "posts": tag.posts} for tag in shown],
            "next_cursor": shown[-1].tag if len(found) > page.limit else None,
        }

    async def for_everyone(self, calls: Calls) -> ForEveryoneView:
        """Give what there is without a word."""
        now = self.desk.transactions.now()
        async with self.desk.transactions.database.read() as session:
            found = await everyone.for_everyone(
                session,
                self.actor,
                now,
                anonymous_listening=self.desk.settings.anonymous_listening,
                count=lambda space_id: len(calls.registry.people(space_id)),
            )
            met = await everyone.worth_following(session, self.actor, now)
            people = await self._related(session, met)
        ids = (*found.featured, *found.lively, *found.soon)
        cards = await self.desk.cards_among(ids, self.actor)

        def of(ids: Sequence[str]) -> list[Card]:
            return [cards[space_id] for space_id in ids if space_id in cards]

        return {
            "featured": of(found.featured),
            "lively": of(found.lively),
            "soon": of(found.soon),
            "topics": [{"topic": topic, "spaces": number} for topic, number in found.topics],
            "languages": [{"language": said, "spaces": n} for said, n in found.languages],
            "people": people,
        }

    async def _related(self, session: AsyncSession, people: Sequence[Person]) -> list[RelatedView]:
        ids = [person.id for person in people if person.id != self.actor.id]
        relations = {}
        if self.actor.has_account and ids:
            relations = await relationships.relations(session, self.actor.id, ids)
        return [related_view(person, relations.get(person.id)) for person in people]


@router.get("/explore")
async def explore(
    looking: Annotated[Search, Depends()], calls: Annotated[Calls, Depends(given(Calls))]
) -> ForEveryoneView:
    """Give what there is for everyone: featured, lively and coming spaces, topics, people."""
    return await looking.for_everyone(calls)


@router.get("/search")
async def search(
    looking: Annotated[Search, Depends()],
    q: Annotated[Exact, Query(max_length=QUERY_MAX)] = "",
    kind: Kind | None = None,
    language: Annotated[str, Query(max_length=35)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str, Query(max_length=60)] = "",
) -> Found:
    """Find people, spaces, posts and hashtags by words; of all kinds the first few, or one kind.

    q: every word has to be there; the last may be the beginning of one. language: only spaces
    in it.
    """
    wanted = words.read(q, language)
    page = Page(limit, cursor) if kind else Page(AT_FIRST)
    found: Found = {"people": None, "spaces": None, "posts": None, "tags": None}
    if kind in (None, "people"):
        found["people"] = await looking.people(wanted, page)
    if kind in (None, "spaces"):
        found["spaces"] = await looking.spaces(wanted, page)
    if kind in (None, "posts"):
        found["posts"] = await looking.posts(wanted, page)
    if kind in (None, "tags"):
        found["tags"] = await looking.tags(wanted, page)
    return found


def _one_more(page: Page) -> Page:
    """Ask for one more than is shown, which tells whether there is another page."""
    return Page(page.limit + 1, page.cursor)
