"""The routes of what one sees first: the live strip and the timeline."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import find_person
from convivium.accounts.view import PersonView, person_view
from convivium.core.web import API, Who, given, need_read
from convivium.posts.reading import Page, Row
from convivium.posts.view import PostView, show
from convivium.spaces.models import Space
from convivium.spaces.view import Card, Desk, time_view
from convivium.timeline import home
from convivium.timeline.service import ListedState, Place, spaces_for

router = APIRouter(prefix=API, tags=["timeline"])

GivenDesk = Annotated[Desk, Depends(given(Desk))]


class CardPage(TypedDict):
    """One page of cards; the cursor is null on the last."""

    items: list[Card]
    next_cursor: str | None


class TimelineItem(TypedDict):
    """Something in one's timeline; reposted_by: who passed it on, null where they wrote it."""

    id: str
    post: PostView
    reposted_by: PersonView | None
    at: str


class TimelinePage(TypedDict):
    """One page of a timeline; it may be short, and the cursor is null on the last."""

    items: list[TimelineItem]
    next_cursor: str | None


@router.get("/timeline")
async def timeline(
    actor: Who,
    desk: GivenDesk,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
) -> TimelinePage:
    """List what those put there whom one follows, and oneself, the newest first."""
    need_account(actor, "read")
    page = Page(limit, int(cursor) if cursor else None)
    numbers: Sequence[int] = ()
    entries: Sequence[home.Row] = ()

    async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
        nonlocal numbers, entries
        numbers = await home.entries_for(session, actor, page)
        entries = await home.shown(session, actor, numbers, now)
        return [(post, author) for _, post, author, _ in entries]

    posts = [view for _, view in await show(desk, actor, find)]
    return {
        "items": [_item(row, post) for row, post in zip(entries, posts, strict=True)],
        "next_cursor": str(numbers[-1]) if len(numbers) == limit else None,
    }


def _item(row: home.Row, post: PostView) -> TimelineItem:
    entry, _, _, bringer = row
    return {
        "id": str(entry.number),
        "post": post,
        "reposted_by": person_view(bringer) if entry.is_repost else None,
        "at": time_view(entry.at),
    }


@router.get("/spaces")
async def list_spaces(
    actor: Who,
    desk: GivenDesk,
    state: ListedState = "live",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    host: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[str | None, Query(pattern=r"^(\d{1,11}-)?\d{1,18}$")] = None,
) -> CardPage:
    """List the spaces one may listen to: the newest first, scheduled ones as they will start.

    host: only those of one person.
    """
    need_read(actor)
    after = _place(cursor) if cursor else None
    async with desk.transactions.database.read() as session:
        host_id = (await find_person(session, actor, host)).id if host else None
        # One more than asked for tells whether there is another page.
        found = await spaces_for(
            session,
            actor,
            state,
            anonymous_listening=desk.settings.anonymous_listening,
            host_id=host_id,
            after=after,
            limit=limit + 1,
        )
    cards = await desk.cards([space.id for space in found[:limit]], actor)
    end = _cursor(found[limit - 1]) if len(found) > limit else None
    return {"items": list(cards.values()), "next_cursor": end}


def _cursor(space: Space) -> str:
    """Write where a page ends."""
    if space.starts_at is None:
        return str(space.number)
    return f"{int(space.starts_at.timestamp())}-{space.number}"


def _place(cursor: str) -> Place:
    """Read where a page ended; a cursor of another list begins at the first of this one."""
    starts_at, _, number = cursor.rpartition("-")
    return Place(int(number), datetime.fromtimestamp(int(starts_at or 0), UTC))
