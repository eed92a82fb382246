"""The routes of what one is told outside the room."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import check_still_valid
from convivium.core.actor import Actor, Scope
from convivium.core.web import (
    API,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    answer_with_events,
    given,
)
from convivium.live.personal import Personal
from convivium.notifications import service
from convivium.notifications.models import Notification
from convivium.notifications.view import NotificationView, show

router = APIRouter(prefix=API, tags=["notifications"])

GivenPersonal = Annotated[Personal, Depends(given(Personal))]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotificationPage(TypedDict):
    """One page of what one was told; the cursor is null on the last."""

    items: list[NotificationView]
    next_cursor: str | None
    unread: int


class SeenBody(BaseModel):
    """The newest that one has seen."""

    up_to: Annotated[str, Field(pattern=r"^\d{1,18}$")]


@router.get("/notifications")
async def list_notifications(
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,17}-\d{1,18}$")] = None,
) -> NotificationPage:
    """List what one was told, the newest first."""
    _need_account(actor, "read")
    before = _place(cursor) if cursor else None
    rows = await service.newest(session, actor.id, limit=limit + 1, before=before)
    return {
        "items": await show(session, rows[:limit], transactions.now()),
        "next_cursor": _cursor(rows[limit - 1]) if len(rows) > limit else None,
        "unread": await service.count_unread(session, actor.id),
    }


@router.put("/notifications/read", status_code=204)
async def read(body: SeenBody, actor: Who, tx: Writing) -> None:
    """Say up to which one has seen them."""
    _need_account(actor, "write")
    await service.read_up_to(tx, actor, int(body.up_to))


@router.get("/me/events", response_class=StreamingResponse)
async def events(
    actor: Who, personal: GivenPersonal, transactions: GivenTransactions
) -> StreamingResponse:
    """Stream what concerns oneself: a snapshot, then numbered events."""
    _need_account(actor, "read")

    async def check_again() -> None:
        async with transactions.database.read() as session:
            await check_still_valid(session, actor, transactions.now())

    return await answer_with_events(personal.stream(actor), check_again)


def _need_account(actor: Actor, scope: Scope) -> None:
    need_account(actor, scope, "Guests are told nothing outside the room. Sign up to be.")


def _cursor(row: Notification) -> str:
    """Write where a page ends: microseconds since 1970, and the number."""
    return f"{(row.at - EPOCH) // timedelta(microseconds=1)}-{row.number}"


def _place(cursor: str) -> tuple[datetime, int]:
    at, _, number = cursor.partition("-")
    return EPOCH + timedelta(microseconds=int(at)), int(number)
