"""The routes of calls: an offer in, an answer out; restart; end."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from convivium.accounts.service import AccountsOnly
from convivium.calls.listeners import Place, page_for
from convivium.calls.service import BadOffer, CallChanged, Calls
from convivium.core.errors import Malformed
from convivium.core.web import (
    API,
    GivenSettings,
    Reading,
    Who,
    Writing,
    given,
    keep_cookie,
    need,
    need_read,
)
from convivium.relationships.view import RelatedView, related_view
from convivium.spaces import service as spaces
from convivium.spaces.looks import Looks
from convivium.stage import clearing, queue
from convivium.stage import service as stage

OFFER_LIMIT_BYTES = 16 * 1024
SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"

router = APIRouter(prefix=API, tags=["calls"])

GivenCalls = Annotated[Calls, Depends(given(Calls))]
GivenLooks = Annotated[Looks, Depends(given(Looks))]


class WrongType(Malformed):
    """The body is not what it should be, or does not say what it is."""

    status = 415
    code = "wrong_type"
    title = "This kind of body is not understood here"


class TooLong(Malformed):
    """More than any browser's offer."""

    status = 413
    code = "too_large"
    title = "This is too large"
    detail = "An offer has at most 16 KiB."


@router.post("/spaces/{space_id}/call", status_code=201)
async def join(
    space_id: str,
    request: Request,
    actor: Who,
    calls: GivenCalls,
    looks: GivenLooks,
    *,
    anonymous: bool = False,
    take_over: bool = False,
    convivium_ticket: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Join a space: everybody's way in. Somebody unknown becomes a guest.

    anonymous: be counted, and named to nobody, where the space allows it.
    take_over: once it is connected, one's calls of other devices in this space end.
    Convivium-Ticket: what 503 `in_line` gave, and keeps one's place.
    """
    need_read(actor)
    offer = await _body(request, SDP)
    calls.count_attempt(actor)
    await looks.note(actor, space_id)
    joined = await calls.join(
        actor,
        space_id,
        offer,
        convivium_ticket,
        is_anonymous=anonymous,
        takes_over=take_over,
    )
    headers = {
        "Location": f"{API}/calls/{joined.call.id}",
        "ETag": f'"{joined.call.etag}"',
        "Convivium-Life": calls.life,
    }
    response = Response(joined.answer, 201, headers, media_type=SDP)
    if joined.guest_secret is not None:
        keep_cookie(request, response, "guest", joined.guest_secret)
    return response


class ElsewhereView(TypedDict):
    """How many calls one has in a space on other devices."""

    elsewhere: int


@router.get("/spaces/{space_id}/calls/me")
async def count_elsewhere(
    space_id: str, actor: Who, session: Reading, calls: GivenCalls
) -> ElsewhereView:
    """Tell whether one is in a space already, on another device."""
    need(actor, "read")
    await spaces.known_to(session, actor, space_id)
    return {"elsewhere": calls.elsewhere(actor, space_id)}


class ListenerPage(TypedDict):
    """One page of listeners; the cursor is null on the last."""

    items: list[RelatedView]
    next_cursor: str | None


@router.get("/spaces/{space_id}/listeners")
async def list_listeners(
    space_id: str,
    actor: Who,
    session: Reading,
    calls: GivenCalls,
    settings: GivenSettings,
    looks: GivenLooks,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^[fs]\d{1,18}$")] = None,
) -> ListenerPage:
    """List who listens by name: whom one follows first, then in the order of arrival.

    Only those who allow it; hosts see all who are signed in and did not come anonymously.
    """
    need(actor, "read")
    if not actor.has_account:
        raise AccountsOnly("Guests see how many listen. Sign up to see who.")
    calls.count_look(actor)
    await looks.note(actor, space_id)
    space = await spaces.admitted(
        session, actor, space_id, anonymous_listening=settings.anonymous_listening
    )
    after = Place.read(cursor) if cursor else None
    looking = calls.looking(space.id)
    page = await page_for(
        session, calls.registry, actor, space, looking=looking, after=after, limit=limit
    )
    return {
        "items": [related_view(person, page.relations[person.id]) for person in page.people],
        "next_cursor": None if page.end is None else str(page.end),
    }


class RaidBody(BaseModel):
    """Since when a raid came, in seconds before now, and whether to lock the stage with it."""

    seconds: Annotated[int, Field(ge=5, le=3600)]
    lock: bool = False


class ClearingView(TypedDict):
    """What one act removed, and its id, by which it can be undone."""

    id: str
    removed: int


@router.post("/spaces/{space_id}/clearings", status_code=201)
async def clear_raid(
    space_id: str, body: RaidBody, actor: Who, tx: Writing, calls: GivenCalls
) -> ClearingView:
    """Remove everybody who came within a time and is not known here, in one act."""
    need(actor, "host")
    space = await stage.live_space(tx.session, actor, space_id)
    crowd = clearing.Crowd(
        body.seconds,
        came=calls.arrivals.within(space.id, body.seconds),
        earlier=calls.arrivals.before(space.id, body.seconds),
    )
    cleared = await clearing.clear(tx, actor, space, crowd)
    if body.lock:
        await queue.change_rules(tx, actor, space, {"locked": True})
    return {"id": cleared.id, "removed": len(cleared.people)}


@router.patch("/calls/{call_id}")
async def restart(
    call_id: str,
    request: Request,
    actor: Who,
    calls: GivenCalls,
    if_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Restart ICE after the network changed (RFC 9725, 4.3.3)."""
    call = calls.own(actor, call_id)
    fragment = await _body(request, FRAGMENT)
    if if_match not in (None, "*", f'"{call.etag}"'):
        raise CallChanged
    answer = await calls.restart(call, fragment)
    return Response(answer, 200, {"ETag": f'"{call.etag}"'}, media_type=FRAGMENT)


@router.delete("/calls/{call_id}", status_code=204)
async def leave(call_id: str, actor: Who, calls: GivenCalls) -> None:
    """End one's own call."""
    await calls.end(calls.own(actor, call_id))


async def _body(request: Request, kind: str) -> str:
    """Read a body of one kind. Raises WrongType, TooLong, BadOffer."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
        raise WrongType(f"Send the body as {kind}.")
    body = await request.body()
    if len(body) > OFFER_LIMIT_BYTES:
        raise TooLong
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadOffer from error
