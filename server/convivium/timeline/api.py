"""The route of the live strip."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from typing_extensions import TypedDict

from convivium.core.web import Who, given, need_read
from convivium.spaces.view import Card, Desk
from convivium.timeline.service import ListedState, spaces_for

router = APIRouter(tags=["timeline"])

GivenDesk = Annotated[Desk, Depends(given(Desk))]


class CardPage(TypedDict):
    """One page of cards; the cursor is null on the last."""

    items: list[Card]
    next_cursor: str | None


@router.get("/spaces")
async def list_spaces(
    actor: Who,
    desk: GivenDesk,
    state: ListedState = "live",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
) -> CardPage:
    """List the spaces one may listen to, the newest first."""
    need_read(actor)
    before = int(cursor) if cursor else None
    async with desk.transactions.database.read() as session:
        # One more than asked for tells whether there is another page.
        found = await spaces_for(session, actor, state, before=before, limit=limit + 1)
    items = [await desk.card(space.id, actor) for space in found[:limit]]
    is_last = len(found) <= limit
    return {"items": items, "next_cursor": None if is_last else str(found[limit - 1].number)}
