"""The routes of the chat, and of what lies on the table."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, Field, HttpUrl
from typing_extensions import TypedDict

from convivium.chat import service, shared
from convivium.chat.models import Writers
from convivium.chat.rules import LINE_MAX
from convivium.chat.view import (
    ChatRulesView,
    LineView,
    SharedView,
    line_view,
    rules_view,
    shared_view,
)
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Line, at_most, not_empty
from convivium.core.transaction import Transaction
from convivium.core.web import API, GivenSettings, Reading, Who, Writing, given, need, need_read
from convivium.spaces import service as spaces
from convivium.spaces.looks import Looks
from convivium.spaces.models import Space
from convivium.stage.service import live_space

router = APIRouter(prefix=f"{API}/spaces/{{space_id}}", tags=["chat"])


class ChatLimits:
    """How often one person may write, and how often all who listen in one space may together."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.own = Limit(clock, burst=settings.chat_burst, per_s=settings.chat_per_s)
        self.space = Limit(clock, burst=settings.chat_space_burst, per_s=settings.chat_space_per_s)


GivenLimits = Annotated[ChatLimits, Depends(given(ChatLimits))]
GivenLooks = Annotated[Looks, Depends(given(Looks))]


def _leads_somewhere_open(link: HttpUrl) -> HttpUrl:
    if link.username or link.password:
        raise ValueError("a link with a name or a password in it is not shared")
    return link


Text = Annotated[Line, AfterValidator(at_most(LINE_MAX)), AfterValidator(not_empty)]
# Pydantic reads an address as browsers do, and takes http and https only.
Link = Annotated[HttpUrl, AfterValidator(_leads_somewhere_open)]
Number = Annotated[int, Path(ge=1, le=2**53)]
ItemId = Annotated[str, Path(max_length=64)]


class LineBody(BaseModel):
    """A line to be written."""

    text: Text


class ChatBody(BaseModel):
    """How a space talks in text; what is left out stays."""

    writers: Writers = "everyone"
    slow_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    kept: bool = False


class SharedBody(BaseModel):
    """Something to be put on the table."""

    text: Text
    link: Link | None = None


class LinePage(TypedDict):
    """One page of lines, the latest first; the cursor is null on the last."""

    items: list[LineView]
    next_cursor: str | None


class SharedPage(TypedDict):
    """Everything on a table, in the order in which it came; there is one page of it."""

    items: list[SharedView]
    next_cursor: None


async def _at_own_pace(actor: Who, limits: GivenLimits) -> None:
    """Refuse who writes too fast before anything is opened: a flood holds up nobody's writing."""
    need(actor, "write")
    limits.own.take(actor.id)


AT_OWN_PACE = Depends(_at_own_pace)


# Lines


@router.post("/chat", status_code=201, dependencies=[AT_OWN_PACE])
async def write(
    space_id: str,
    body: LineBody,
    actor: Who,
    tx: Writing,
    settings: GivenSettings,
    limits: GivenLimits,
) -> LineView:
    """Write a line; everybody reads it within half a second."""
    space = await _admitted(tx, actor, space_id, settings)
    stage = await service.check_may_write(tx, actor, space)
    if stage.role_of(actor.id) == "listener":
        limits.space.take(space.id)
    return line_view(await service.write(tx, actor, space, body.text))


@router.get("/chat")
async def lines(
    space_id: str,
    actor: Who,
    session: Reading,
    settings: GivenSettings,
    looks: GivenLooks,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,15}$")] = None,
) -> LinePage:
    """List what was written, without the lines of people whom one blocks or mutes."""
    need_read(actor)
    await looks.note(actor, space_id)
    space = await spaces.admitted(
        session, actor, space_id, anonymous_listening=settings.anonymous_listening
    )
    before = int(cursor) if cursor else None
    # One more than asked for tells whether there is another page.
    found = await service.lines_for(session, actor, space.id, before=before, limit=limit + 1)
    items = [line_view(row) for row in found[:limit]]
    more = len(found) > limit
    return {"items": items, "next_cursor": str(items[-1]["number"]) if more else None}


@router.delete("/chat/{number}", status_code=204)
async def take_away(space_id: str, number: Number, actor: Who, tx: Writing) -> None:
    """Take a line away, one's own or as a host anybody's."""
    need(actor, "write")
    await service.take_away(tx, actor, await spaces.known_to(tx.session, actor, space_id), number)


@router.put("/chat")
async def change_rules(space_id: str, body: ChatBody, actor: Who, tx: Writing) -> ChatRulesView:
    """Say who may write, how often, and whether it stays after the end."""
    need(actor, "host")
    space = await live_space(tx.session, actor, space_id)
    change = body.model_dump(include=body.model_fields_set)
    return rules_view(await service.change_rules(tx, actor, space, change))


# What lies on the table


@router.post("/shared", status_code=201, dependencies=[AT_OWN_PACE])
async def share(
    space_id: str, body: SharedBody, actor: Who, tx: Writing, settings: GivenSettings
) -> SharedView:
    """Put something on the table for everybody."""
    space = await _admitted(tx, actor, space_id, settings)
    link = None if body.link is None else str(body.link)
    return shared_view(await shared.share(tx, actor, space, body.text, link))


@router.get("/shared")
async def on_table(
    space_id: str, actor: Who, session: Reading, settings: GivenSettings, looks: GivenLooks
) -> SharedPage:
    """List what lies on the table."""
    need_read(actor)
    await looks.note(actor, space_id)
    space = await spaces.admitted(
        session, actor, space_id, anonymous_listening=settings.anonymous_listening
    )
    items = [shared_view(row) for row in await shared.on_table(session, space.id)]
    return {"items": items, "next_cursor": None}


@router.delete("/shared/{item_id}", status_code=204)
async def take_off_table(space_id: str, item_id: ItemId, actor: Who, tx: Writing) -> None:
    """Take something off the table, one's own or as a host anybody's."""
    need(actor, "write")
    space = await spaces.known_to(tx.session, actor, space_id)
    await shared.take_away(tx, actor, space, item_id)


@router.put("/shared/{item_id}/pin", status_code=204)
async def pin(space_id: str, item_id: ItemId, actor: Who, tx: Writing) -> None:
    """Pin something, instead of what was pinned."""
    need(actor, "host")
    space = await live_space(tx.session, actor, space_id)
    await shared.pin(tx, actor, space, item_id, pinned=True)


@router.delete("/shared/{item_id}/pin", status_code=204)
async def unpin(space_id: str, item_id: ItemId, actor: Who, tx: Writing) -> None:
    """Let something lie on the table like everything else."""
    need(actor, "host")
    space = await live_space(tx.session, actor, space_id)
    await shared.pin(tx, actor, space, item_id, pinned=False)


async def _admitted(tx: Transaction, actor: Actor, space_id: str, settings: Settings) -> Space:
    """Find a live space for somebody who takes part in it."""
    space = await spaces.admitted(
        tx.session,
        actor,
        space_id,
        anonymous_listening=settings.anonymous_listening,
        takes_part=True,
    )
    if space.state != "live":
        raise spaces.SpaceNotLive
    return space
