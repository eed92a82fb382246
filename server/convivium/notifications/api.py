"""The routes of what one is told outside the room."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, model_validator
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import check_still_valid
from convivium.core.actor import Actor, Scope
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
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
from convivium.notifications import choices, service
from convivium.notifications.kinds import Channel, Matter
from convivium.notifications.models import Notification
from convivium.notifications.view import (
    NotificationSettingsView,
    NotificationView,
    settings_view,
    show,
)

router = APIRouter(prefix=API, tags=["notifications"])


class NotificationLimits:
    """How often one person may say how they want to be told."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[NotificationLimits, Depends(given(NotificationLimits))]
GivenPersonal = Annotated[Personal, Depends(given(Personal))]

# A time of the day, on 24 hours.
TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotificationPage(TypedDict):
    """One page of what one was told; the cursor is null on the last."""

    items: list[NotificationView]
    next_cursor: str | None
    unread: int


class SeenBody(BaseModel):
    """The newest that one has seen."""

    up_to: Annotated[str, Field(pattern=r"^\d{1,18}$")]


class QuietHours(BaseModel):
    """Between which times of one's day nothing leaves."""

    begin: Annotated[str, Field(alias="from", pattern=TIME)]
    end: Annotated[str, Field(alias="to", pattern=TIME)]

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.begin == self.end:
            raise ValueError("these hours begin when they end")
        return self

    @property
    def minutes(self) -> tuple[int, int]:
        """Count both from midnight."""
        return _minutes(self.begin), _minutes(self.end)


class ChannelsChange(BaseModel):
    """By which ways to be told from now on, or no more."""

    app: bool | None = None
    push: bool | None = None
    mail: bool | None = None

    @property
    def said(self) -> Iterator[tuple[Channel, bool]]:
        """Give what was said of each."""
        ways: tuple[tuple[Channel, bool | None], ...] = (
            ("app", self.app),
            ("push", self.push),
            ("mail", self.mail),
        )
        return ((channel, wanted) for channel, wanted in ways if wanted is not None)


class SettingsChange(BaseModel):
    """What of how one is told to change; quiet: null for never."""

    zone: Annotated[str, Field(max_length=64)] | None = None
    quiet: QuietHours | None = None
    kinds: dict[Matter, ChannelsChange] | None = None


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


@router.get("/me/notification-settings")
async def settings(actor: Who, session: Reading) -> NotificationSettingsView:
    """Tell how one is told: by which ways of what, and when not."""
    _need_account(actor, "read")
    return settings_view(await choices.setting_of(session, actor.id))


@router.patch("/me/notification-settings")
async def change_settings(
    body: SettingsChange, actor: Who, tx: Writing, limits: GivenLimits
) -> NotificationSettingsView:
    """Change what is said of how one is told; what is not said stays."""
    _need_account(actor, "write")
    limits.acts.take(actor.id)
    if body.zone is not None:
        await choices.live_in(tx, actor, body.zone)
    if "quiet" in body.model_fields_set:
        await choices.be_left_in_peace(tx, actor, body.quiet.minutes if body.quiet else None)
    if body.kinds:
        said = {matter: dict(change.said) for matter, change in body.kinds.items()}
        await choices.choose(tx, actor, said)
    return settings_view(await choices.setting_of(tx.session, actor.id))


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


def _minutes(time: str) -> int:
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def _cursor(row: Notification) -> str:
    """Write where a page ends: microseconds since 1970, and the number."""
    return f"{(row.at - EPOCH) // timedelta(microseconds=1)}-{row.number}"


def _place(cursor: str) -> tuple[datetime, int]:
    at, _, number = cursor.partition("-")
    return EPOCH + timedelta(microseconds=int(at)), int(number)
