"""The routes of a space as a whole, and its event stream."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from convivium.accounts.limits import AccountLimits
from convivium.accounts.repeats import KEY_MAX, once
from convivium.accounts.service import AccountsOnly, find_person, keep_guests, new_guest
from convivium.accounts.view import person_view
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Exact, Line
from convivium.core.web import (
    API,
    GivenSettings,
    Reading,
    Who,
    Writing,
    answer_with_events,
    given,
    keep_cookie,
    need,
    need_read,
)
from convivium.spaces import calendar, links, schedule, service
from convivium.spaces.hosting import check_may_host
from convivium.spaces.looks import Looks
from convivium.spaces.models import InvitedRole
from convivium.spaces.schedule import horizon_of
from convivium.spaces.view import Card, Desk, InviteePage, LinksView, MadeLinkView, link_view
from convivium.spaces.words import Description, Title

router = APIRouter(prefix=f"{API}/spaces", tags=["spaces"])


class SpaceLimits:
    """How often one person may open spaces, and invite others: each is told at once."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.openings = Limit(clock, burst=settings.spaces_burst, per_s=settings.spaces_per_s)
        self.invitations = Limit(clock, burst=settings.invites_burst, per_s=settings.invites_per_s)


GivenSpaceLimits = Annotated[SpaceLimits, Depends(given(SpaceLimits))]
GivenDesk = Annotated[Desk, Depends(given(Desk))]
GivenLooks = Annotated[Looks, Depends(given(Looks))]
GivenAccountLimits = Annotated[AccountLimits, Depends(given(AccountLimits))]

Topics = Annotated[list[Annotated[Line, Field(min_length=1, max_length=30)]], Field(max_length=3)]
Languages = Annotated[
    list[Annotated[str, Field(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]],
    Field(max_length=3),
]
Policy = Annotated[Exact, Field(max_length=20)]


class SpaceChange(BaseModel):
    """What to say about a space; what is left out stays."""

    title: Title | None = None
    description: Description | None = None
    topics: Topics | None = None
    languages: Languages | None = None
    listen_policy: Policy | None = None
    speak_policy: Policy | None = None
    requests: Policy | None = None
    starts_at: AwareDatetime | None = None
    anonymous_listening: bool | None = None
    music: bool | None = None

    def words(self) -> service.Words:
        """Give what the service takes."""
        return service.Words(**{name: getattr(self, name) for name in service.Words.__slots__})


class NewSpace(SpaceChange):
    """A space to be made, a draft without `starts_at`. Recording and captions are not built yet."""

    title: Title
    record: bool = False
    captions: bool = False


# How often a link invites, where nobody says.
DEFAULT_USES: dict[InvitedRole, int] = {"listener": 100, "speaker": 1, "co_host": 1}


class NewLink(BaseModel):
    """A link to be made: what it invites to, how often, and for how long."""

    role: InvitedRole
    uses: Annotated[int, Field(ge=1, le=1000)] | None = None
    hours: Annotated[int, Field(ge=1, le=30 * 24)] = 7 * 24


class LinkBody(BaseModel):
    """The secret of a link."""

    token: Annotated[Exact, Field(min_length=1, max_length=100)]


class InvitationBody(BaseModel):
    """What somebody is invited to."""

    role: InvitedRole


async def _opens_at_own_pace(actor: Who, limits: GivenSpaceLimits) -> None:
    """Refuse who opens very many spaces, before anything is written."""
    need(actor, "host")
    limits.openings.take(actor.id)


@router.post("", status_code=201, dependencies=[Depends(_opens_at_own_pace)])
async def create(
    body: NewSpace,
    actor: Who,
    desk: GivenDesk,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=KEY_MAX)] = None,
) -> Card:
    """Make a draft with oneself as host, or a scheduled space."""
    need(actor, "host")
    service.refuse_unbuilt(record=body.record, captions=body.captions)
    async with desk.writing(actor) as tx:
        await check_may_host(tx.session, actor.id, desk.settings)

        async def make() -> str:
            most = desk.settings.max_unfinished
            space = await service.create(tx, actor, body.words(), most=most)
            if body.starts_at is not None:
                await schedule.schedule(tx, actor, space, body.starts_at, horizon_of(desk.settings))
            return space.id

        space_id = await once(tx, actor, idempotency_key, body, make)
    return await desk.card(space_id, actor)


@router.get("/{space_id}")
async def read(space_id: str, actor: Who, desk: GivenDesk, looks: GivenLooks) -> Card:
    """Give the card."""
    need_read(actor)
    await looks.note(actor, space_id)
    async with desk.transactions.database.read() as session:
        await service.known_to(session, actor, space_id)
    return await desk.card(space_id, actor)


@router.patch("/{space_id}")
async def change(space_id: str, body: SpaceChange, actor: Who, desk: GivenDesk) -> Card:
    """Change what is said about a space, or when it starts."""
    need(actor, "host")
    async with desk.writing(actor) as tx:
        space = await service.change(tx, actor, space_id, body.words())
        if body.starts_at is not None:
            await schedule.schedule(tx, actor, space, body.starts_at, horizon_of(desk.settings))
    return await desk.card(space_id, actor)


@router.post("/{space_id}/start")
async def start(space_id: str, actor: Who, desk: GivenDesk) -> Card:
    """Make a draft or a scheduled space live, at its time, earlier or later."""
    need(actor, "host")
    async with desk.writing(actor) as tx:
        space = await service.start(tx, actor, space_id)
        await check_may_host(tx.session, space.host_id, desk.settings)
    return await desk.card(space_id, actor)


@router.post("/{space_id}/end")
async def end(space_id: str, actor: Who, desk: GivenDesk) -> Card:
    """End a space for everybody."""
    need(actor, "host")
    async with desk.writing(actor) as tx:
        await service.end(tx, actor, space_id)
    return await desk.card(space_id, actor)


@router.post("/{space_id}/cancel")
async def cancel(space_id: str, actor: Who, desk: GivenDesk) -> Card:
    """Say that a scheduled space will not be."""
    need(actor, "host")
    async with desk.writing(actor) as tx:
        await schedule.cancel(tx, actor, space_id)
    return await desk.card(space_id, actor)


@router.put("/{space_id}/reminders/me", status_code=204)
async def remind(space_id: str, actor: Who, tx: Writing, settings: GivenSettings) -> None:
    """Be told when a scheduled space starts, is moved or cancelled."""
    need(actor, "write")
    space = await service.admitted(
        tx.session, actor, space_id, anonymous_listening=settings.anonymous_listening
    )
    await schedule.remind(tx, actor, space)


@router.delete("/{space_id}/reminders/me", status_code=204)
async def remind_no_more(space_id: str, actor: Who, tx: Writing) -> None:
    """Not be told."""
    need(actor, "write")
    space = await service.known_to(tx.session, actor, space_id)
    await schedule.remind_no_more(tx, actor, space)


@router.get("/{space_id}/calendar.ics", response_class=Response)
async def as_event(
    space_id: str, request: Request, actor: Who, desk: GivenDesk, looks: GivenLooks
) -> Response:
    """Give a space as an event for calendars (RFC 5545)."""
    need_read(actor)
    await looks.note(actor, space_id)
    async with desk.transactions.database.read() as session:
        space = await service.known_to(session, actor, space_id)
    card = await desk.card(space_id, actor)
    starts_at = space.starts_at or space.started_at
    if starts_at is None:
        raise schedule.NotScheduled
    event = calendar.Event(
        uid=f"{space.id}@{request.url.hostname}",
        sequence=space.sequence,
        starts_at=starts_at,
        title=space.title,
        description=card["description"] or "",
        url=str(request.url.replace(path=f"/spaces/{space.id}", query="")),
        is_cancelled=space.state == "cancelled",
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="space.ics"',
    }
    body = calendar.write(event, desk.transactions.now())
    return Response(body, headers=headers, media_type=calendar.TYPE)


async def _invites_at_own_pace(actor: Who, limits: GivenSpaceLimits) -> None:
    """Refuse who invites too many at once, before anything is opened."""
    need(actor, "host")
    limits.invitations.take(actor.id)


@router.put(
    "/{space_id}/invitations/{user}",
    status_code=204,
    dependencies=[Depends(_invites_at_own_pace)],
)
async def invite(
    space_id: str,
    user: str,
    body: InvitationBody,
    actor: Who,
    tx: Writing,
) -> None:
    """Invite somebody to listen, to speak or to help."""
    await service.of_hosts(tx, actor, space_id)
    person = await find_person(tx.session, actor, user)
    if body.role != "listener" and person.kind == "guest":
        raise AccountsOnly("Guests can be invited to listen only.")
    await service.invite(tx, actor, space_id, person.id, body.role)


@router.get("/{space_id}/invitations")
async def invited(
    space_id: str,
    actor: Who,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str, Query(max_length=40)] = "",
) -> InviteePage:
    """List who is invited, so that each can be taken back."""
    need(actor, "host")
    space = await service.known_to(session, actor, space_id)
    await service.check_hosts(session, actor, space)
    # One more than asked for tells whether there is another page.
    found = await service.invited_people(session, space.id, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [{"person": person_view(person), "role": one.role} for one, person in shown],
        "next_cursor": shown[-1][1].id if len(found) > limit else None,
    }


@router.delete("/{space_id}/invitations/{user}", status_code=204)
async def uninvite(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Decline an invitation to come up (`me`), or take somebody's back."""
    if user == "me":
        need(actor, "write")
        await service.decline(tx, actor, space_id)
        return
    need(actor, "host")
    await service.of_hosts(tx, actor, space_id)
    person = await find_person(tx.session, actor, user)
    await service.uninvite(tx, actor, space_id, person.id)


@router.post("/{space_id}/invitation-links", status_code=201)
async def make_link(space_id: str, body: NewLink, actor: Who, tx: Writing) -> MadeLinkView:
    """Make a link that invites whoever opens it; its token is given once."""
    need(actor, "host")
    uses = body.uses or DEFAULT_USES[body.role]
    link, token = await links.make(tx, actor, space_id, body.role, uses=uses, hours=body.hours)
    return {"link": link_view(link), "token": token}


@router.get("/{space_id}/invitation-links")
async def list_links(space_id: str, actor: Who, tx: Writing) -> LinksView:
    """List the links of a space, without their tokens."""
    need(actor, "host")
    await service.of_hosts(tx, actor, space_id)
    return {"items": [link_view(link) for link in await links.links_of(tx.session, space_id)]}


@router.delete("/{space_id}/invitation-links/{link_id}", status_code=204)
async def take_link_back(space_id: str, link_id: str, actor: Who, tx: Writing) -> None:
    """Let a link be worth nothing."""
    need(actor, "host")
    await links.take_back(tx, actor, space_id, link_id)


@router.post("/{space_id}/invitations")
async def use_link(
    space_id: str,
    body: LinkBody,
    actor: Who,
    desk: GivenDesk,
    limits: GivenAccountLimits,
    request: Request,
    response: Response,
) -> Card:
    """Be invited by a link. Somebody unknown becomes a guest, where guests may listen."""
    if actor.kind != "anonymous":
        need(actor, "write")
    async with desk.writing(actor) as tx:
        link = await links.find(tx, space_id, body.token)
        if not actor.has_account and link.role == "listener":
            space = await service.by_id(tx.session, space_id)
            service.refuse_guests(space, anonymous_listening=desk.settings.anonymous_listening)
        if actor.kind == "anonymous" and link.role == "listener":
            limits.sign_ups.take(actor.network)
            guest, secret = new_guest(actor.network)
            [actor] = await keep_guests(tx, [(guest, secret)])
            keep_cookie(request, response, "guest", secret)
        await links.use(tx, actor, link)
    return await desk.card(space_id, actor)


@router.get("/{space_id}/events", response_class=StreamingResponse)
async def events(
    space_id: str,
    actor: Who,
    desk: GivenDesk,
    looks: GivenLooks,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> StreamingResponse:
    """Stream what happens: a snapshot, then numbered events."""
    need_read(actor)
    await looks.note(actor, space_id)
    await desk.admit(space_id, actor)
    opened = desk.live.stream(space_id, actor, last_event_id)
    return await answer_with_events(opened, lambda: desk.admit_again(space_id, actor))
