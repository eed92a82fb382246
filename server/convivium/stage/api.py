"""The routes of the stage and its queue."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.service import find_person
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Line
from convivium.core.transaction import Transaction
from convivium.core.web import API, GivenSettings, Reading, Who, Writing, given, need, need_lead
from convivium.spaces import service as spaces
from convivium.spaces.models import OVER, Space
from convivium.stage import clearing, queue, service
from convivium.stage.models import QueuePolicy, Seat
from convivium.stage.view import (
    FloorView,
    InvitationView,
    RemovalView,
    RequestView,
    SeatView,
    load_queue,
    removal_view,
    seat_view,
)

router = APIRouter(prefix=f"{API}/spaces/{{space_id}}", tags=["stage"])

Note = Annotated[Line, Field(max_length=140)]


class StageLimits:
    """How often one person may ask and change; stepping down and muting are never held up."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[StageLimits, Depends(given(StageLimits))]


class RequestBody(BaseModel):
    """A wish to speak, with one line about what."""

    note: Note = ""


class RoleBody(BaseModel):
    """Which seat."""

    role: Literal["speaker", "co_host"] = "speaker"


class FloorBody(BaseModel):
    """How turns are given and who may ask; what is left out stays, and null means never."""

    policy: QueuePolicy = "in_order"
    turn_seconds: Annotated[int | None, Field(ge=10, le=3600)] = None
    locked: bool = False
    account_age_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 0
    followers_only: bool = False
    slow_seconds: Annotated[int, Field(ge=0, le=3600)] = 0


class NextBody(BaseModel):
    """Whom one saw as the next: id of a person."""

    expected: Annotated[str | None, Field(max_length=64)] = None


class PlaceBody(BaseModel):
    """Before whom somebody shall stand, as `{user}`; null: at the end."""

    before: Annotated[str | None, Field(max_length=64)]


class TimeBody(BaseModel):
    """How much longer a turn lasts."""

    seconds: Annotated[int, Field(ge=10, le=600)]


class InvitedView(TypedDict):
    """Instead of a seat: the person was asked to come up."""

    invitation: InvitationView


class RemovalPage(TypedDict):
    """One page of those who were removed; the cursor is null on the last."""

    items: list[RemovalView]
    next_cursor: str | None


@router.post("/requests", status_code=201)
async def ask_to_speak(
    space_id: str,
    actor: Who,
    tx: Writing,
    settings: GivenSettings,
    limits: GivenLimits,
    response: Response,
    body: RequestBody | None = None,
) -> RequestView:
    """Join the queue, or change one's note in it."""
    need(actor, "write")
    limits.acts.take(actor.id)
    space = await _admitted(tx, actor, space_id, settings)
    note = body.note if body else ""
    _, is_new = await service.ask(tx, actor, space, note, service.limits_of(settings))
    response.status_code = 201 if is_new else 200
    request = (await load_queue(tx.session, space)).request(actor.id)
    if request is None:
        raise RuntimeError("a request was made and is not there")
    return request


@router.delete("/requests/me", status_code=204)
async def withdraw(space_id: str, actor: Who, tx: Writing) -> None:
    """Leave the queue."""
    need(actor, "write")
    space = await spaces.known_to(tx.session, actor, space_id)
    await service.leave_line(tx, space.id, actor.id)


@router.put("/requests/me/ready", status_code=204)
async def be_ready(space_id: str, actor: Who, tx: Writing) -> None:
    """Say that one's microphone is checked and may be open as soon as one is up."""
    need(actor, "speak")
    space = await service.live_space(tx.session, actor, space_id)
    await queue.set_ready(tx, actor, space, is_ready=True)


@router.delete("/requests/me/ready", status_code=204)
async def be_ready_no_more(space_id: str, actor: Who, tx: Writing) -> None:
    """Say that one's microphone is to stay off until one opens it."""
    need(actor, "write")
    space = await service.live_space(tx.session, actor, space_id)
    await queue.set_ready(tx, actor, space, is_ready=False)


@router.post("/requests/{user}/accept")
async def accept(
    space_id: str, user: str, actor: Who, tx: Writing, settings: GivenSettings
) -> SeatView:
    """Bring up somebody who asked."""
    space, person = await _about(tx, actor, space_id, user)
    seat = await service.accept(tx, actor, space, person, service.limits_of(settings))
    return await _shown(tx, space, seat)


@router.post("/requests/{user}/decline", status_code=204)
async def decline(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Take somebody out of the queue."""
    space, person = await _about(tx, actor, space_id, user)
    await service.decline(tx, actor, space, person)


@router.post("/requests/{user}/later", status_code=204)
async def put_off(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Send somebody to the end of the line."""
    space, person = await _about(tx, actor, space_id, user)
    await queue.put_off(tx, actor, space, person)


@router.put("/requests/{user}/place", status_code=204)
async def move_in_line(space_id: str, user: str, body: PlaceBody, actor: Who, tx: Writing) -> None:
    """Let somebody stand before another."""
    space, person = await _about(tx, actor, space_id, user)
    before = None if body.before is None else await _person(tx, actor, space, body.before)
    await queue.move(tx, actor, space, person, before)


@router.put("/queue")
async def change_queue(space_id: str, body: FloorBody, actor: Who, tx: Writing) -> FloorView:
    """Say how turns are given, and who may ask for one."""
    need(actor, "host")
    space = await service.live_space(tx.session, actor, space_id)
    await queue.change_rules(tx, actor, space, body.model_dump(include=body.model_fields_set))
    return (await load_queue(tx.session, space)).for_everyone()


@router.post("/queue/next")
async def bring_up_next(
    space_id: str, actor: Who, tx: Writing, settings: GivenSettings, body: NextBody | None = None
) -> SeatView:
    """Bring up who is next."""
    need(actor, "host")
    space = await service.live_space(tx.session, actor, space_id)
    expected = body.expected if body else None
    seat = await queue.bring_up_next(tx, actor, space, expected, service.limits_of(settings))
    return await _shown(tx, space, seat)


@router.put("/stage/{user}", response_model=SeatView | InvitedView)
async def bring_up(
    space_id: str,
    user: str,
    body: RoleBody,
    actor: Who,
    tx: Writing,
    settings: GivenSettings,
    limits: GivenLimits,
    response: Response,
) -> SeatView | InvitedView:
    """Bring somebody up, change a role, or take a free seat oneself."""
    if _is_oneself(actor, user):
        need(actor, "write")
        limits.acts.take(actor.id)
        space = await _admitted(tx, actor, space_id, settings)
        seat = await service.take_seat(tx, actor, space, body.role, service.limits_of(settings))
        return await _shown(tx, space, seat)
    space, person = await _about(tx, actor, space_id, user)
    brought = await service.bring_up(
        tx, actor, space, person, body.role, service.limits_of(settings)
    )
    if isinstance(brought, service.Invited):
        response.status_code = 202
        return {"invitation": {"role": brought.role}}
    return await _shown(tx, space, brought)


@router.delete("/stage/{user}", status_code=204)
async def move_back(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Take somebody's seat away, or step down oneself."""
    if _is_oneself(actor, user):
        need(actor, "write")
        await service.step_down(tx, actor, await service.live_space(tx.session, actor, space_id))
        return
    space, person = await _about(tx, actor, space_id, user)
    await service.move_back(tx, actor, space, person)


@router.post("/stage/{user}/turn")
async def give_time(space_id: str, user: str, body: TimeBody, actor: Who, tx: Writing) -> SeatView:
    """Let somebody's turn last longer."""
    space, person = await _about(tx, actor, space_id, user)
    return await _shown(tx, space, await queue.give_time(tx, actor, space, person, body.seconds))


@router.put("/host/{user}", status_code=204)
async def hand_over(
    space_id: str, user: str, actor: Who, tx: Writing, settings: GivenSettings
) -> None:
    """Give the space to somebody on the stage."""
    space, person = await _about(tx, actor, space_id, user)
    await service.hand_over(tx, actor, space, person, service.limits_of(settings))


@router.put("/mutes/{user}", status_code=204)
async def mute(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Close a microphone, somebody's or one's own."""
    if _is_oneself(actor, user):
        need(actor, "write")
    else:
        need_lead(actor)
    space = await service.live_space(tx.session, actor, space_id)
    if not _is_oneself(actor, user) and not actor.moderates:
        await spaces.check_hosts(tx.session, actor, space)
    await service.mute(tx, actor, space, await find_person(tx.session, actor, user))


@router.delete("/mutes/{user}", status_code=204)
async def unmute(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Open one's own microphone."""
    need(actor, "speak")
    if not _is_oneself(actor, user):
        raise service.OnlyOneself
    await service.unmute(tx, actor, await service.live_space(tx.session, actor, space_id))


@router.put("/mutes", status_code=204)
async def mute_all(space_id: str, actor: Who, tx: Writing) -> None:
    """Close every speaker's microphone."""
    need(actor, "host")
    await service.mute_all(tx, actor, await service.live_space(tx.session, actor, space_id))


@router.put("/removals/{user}", status_code=204)
async def remove(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Remove somebody for the whole life of the space."""
    need_lead(actor)
    space = await spaces.of_hosts_or_staff(tx.session, actor, space_id)
    if space.state in OVER:
        raise spaces.SpaceNotLive
    await service.remove(tx, actor, space, await find_person(tx.session, actor, user))


@router.get("/removals")
async def removals(
    space_id: str,
    actor: Who,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,9}$")] = None,
) -> RemovalPage:
    """List who was removed, the latest first."""
    need(actor, "host")
    space = await spaces.known_to(session, actor, space_id)
    await spaces.check_hosts(session, actor, space)
    skip = int(cursor or 0)
    # One more than asked for tells whether there is another page.
    found = await clearing.removed_from(session, space.id, skip=skip, limit=limit + 1)
    return {
        "items": [removal_view(removal, person) for removal, person in found[:limit]],
        "next_cursor": str(skip + limit) if len(found) > limit else None,
    }


@router.delete("/removals/{user}", status_code=204)
async def let_back(space_id: str, user: str, actor: Who, tx: Writing) -> None:
    """Let somebody come back who was removed."""
    space, person = await _about(tx, actor, space_id, user)
    await clearing.let_back(tx, actor, space, person)


@router.delete("/clearings/{clearing_id}", status_code=204)
async def undo_clearing(space_id: str, clearing_id: str, actor: Who, tx: Writing) -> None:
    """Let everybody back who was removed by one act."""
    need(actor, "host")
    space = await service.live_space(tx.session, actor, space_id)
    await clearing.undo(tx, actor, space, clearing_id)


def _is_oneself(actor: Actor, user: str) -> bool:
    return user == "me" or (bool(actor.id) and user in (actor.id, f"@{actor.name}"))


async def _about(tx: Transaction, actor: Actor, space_id: str, user: str) -> tuple[Space, Person]:
    """Find what a host decides about: the hosts' scope, a live space, a person."""
    need(actor, "host")
    space = await service.live_space(tx.session, actor, space_id)
    return space, await _person(tx, actor, space, user)


async def _person(tx: Transaction, actor: Actor, space: Space, user: str) -> Person:
    """Find somebody else only for hosts: nobody looks people up by acting on them."""
    if not _is_oneself(actor, user):
        await spaces.check_hosts(tx.session, actor, space)
    return await find_person(tx.session, actor, user)


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


async def _shown(tx: Transaction, space: Space, seat: Seat) -> SeatView:
    stage = await service.stage_of(tx.session, space)
    person = await tx.session.get_one(Person, seat.person_id)
    return seat_view(seat, person, stage.seat_role_of(person.id))
