"""What people do on the stage and around it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import and_, delete, func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import AccountsOnly
from convivium.accounts.staff import check_reach
from convivium.core.actor import Actor
from convivium.core.config import Settings
from convivium.core.errors import Conflict, Forbidden, NotFound, SlowDown
from convivium.core.transaction import Transaction
from convivium.relationships import service as relationships
from convivium.spaces import service as spaces
from convivium.spaces.models import InvitedRole, Removal, Space
from convivium.stage import floor
from convivium.stage.events import (
    BroughtUp,
    HandedOver,
    MovedBack,
    Muted,
    QueueChanged,
    RequestDeclined,
    RequestMade,
    RoleChanged,
    SeatChanged,
    SeatLeft,
    SeatTaken,
    SpeakersMuted,
)
from convivium.stage.models import Seat, SpeakRequest
from convivium.stage.order import Waiting, place_for
from convivium.stage.rules import (
    Asking,
    Limits,
    Reach,
    Stage,
    asking,
    at_the_gates,
    has_room,
    heir,
    kept_role,
    may_move,
    may_remove,
    may_take_seat,
)

# After a start a large audience comes back within a minute (docs/decisions/0018), and may stand in
# line at the door for another.
AUDIENCE_IS_BACK = timedelta(minutes=2)


class RequestsOff(Forbidden):
    """The hosts take no requests."""

    code = "requests_off"
    title = "Requests are off"
    detail = "The hosts of this space take no requests to speak right now."


class StageLocked(Forbidden):
    """The hosts let nobody up and take no requests."""

    code = "stage_locked"
    title = "The stage is locked"
    detail = "Nobody can ask or come up until a host unlocks it."


class AccountTooNew(Forbidden):
    """The account was made a short time ago."""

    code = "account_too_new"
    title = "Your account is too new here"

    def __init__(self, hours: int) -> None:
        super().__init__(
            f"In this space accounts have to be {hours} hours old to ask. You can listen meanwhile."
        )


class FollowersOnly(Forbidden):
    """Only followers of the host may ask."""

    code = "followers_only"
    title = "Requests are for followers"
    detail = "In this space only people who follow the host may ask to speak."


class TooSoon(SlowDown):
    """Somebody does a thing again before the time the hosts set; `act` is the word for it."""

    act: ClassVar[str]

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s, f"You can {self.act} again in {max(1.0, wait_s):.0f} seconds.")


class AskedTooSoon(TooSoon):
    """Somebody asks again before the time the hosts set."""

    code = "asked_too_soon"
    title = "You asked a moment ago"
    act = "ask"


class RequestsFollowed(Forbidden):
    """The hosts take requests from people they follow."""

    code = "requests_followed"
    title = "Not everybody can ask here"
    detail = "In this space people whom the host follows can ask to speak."


class AlreadySeated(Conflict):
    """Somebody on the stage asked to get there."""

    code = "already_seated"
    title = "You are on the stage already"
    detail = "Unmute your microphone to speak."


class QueueFull(Conflict):
    """The line is as long as it may be."""

    code = "queue_full"
    title = "The line is full"
    detail = "Very many people want to speak. Try again in a while."


class StageFull(Conflict):
    """No seat is free."""

    code = "stage_full"
    title = "The stage is full"
    detail = "Somebody has to step down before another can come up."


class NoRequest(NotFound):
    """Nobody by this name is in the queue."""

    code = "no_request"
    title = "There is no such request"
    detail = "This person does not want to speak any more, or was answered already."


class NoSeat(NotFound):
    """Nobody by this name is on the stage."""

    code = "no_seat"
    title = "This person is not on the stage"
    detail = "Only somebody on the stage can be muted."


class NotOnStage(Conflict):
    """Somebody gave the space to a person who is not there."""

    code = "not_on_stage"
    title = "This person is not on the stage"
    detail = "Bring them up first, and wait until they are connected."


class NoFreeSeat(Forbidden):
    """One has to ask before sitting down."""

    code = "ask_first"
    title = "Ask to speak first"
    detail = "In this space the hosts bring people up."


class OnlyOneself(Forbidden):
    """Somebody tried to open another's microphone."""

    code = "only_oneself"
    title = "Only they can do that"
    detail = "Nobody can open another person's microphone."


@dataclass(frozen=True, slots=True)
class Invited:
    """Instead of a seat: the person was asked to come up."""

    role: InvitedRole


def limits_of(settings: Settings) -> Limits:
    """Read the stage's limits."""
    return Limits(
        settings.max_co_hosts, settings.max_speakers, settings.max_heard, settings.max_queue
    )


# The queue


async def ask(
    tx: Transaction, actor: Actor, space: Space, note: str, limits: Limits
) -> tuple[SpeakRequest, bool]:
    """Join the queue, or change one's note in it; also tells whether the request is new.

    Raises AccountsOnly, AlreadySeated, RequestsOff, RequestsFollowed, StageLocked, AccountTooNew,
    FollowersOnly, AskedTooSoon, QueueFull.
    """
    is_followed = await spaces.is_followed(tx.session, space, actor.id)
    stage = await stage_of(tx.session, space)
    decided = asking(stage, space.requests, actor, is_followed=is_followed)
    if decided is not Asking.ALLOWED:
        raise _REFUSED_ASKING[decided]
    request = await request_of(tx.session, space.id, actor.id)
    if request is not None:
        request.note = note
        await tx.session.flush()
        await tx.announce(QueueChanged(space.id))
        return request, False
    await _pass_the_gates(tx, actor, space)
    await floor.note_asking(tx, space.id, actor.id)
    return await _stand_in_line(tx, space.id, actor.id, note, limits), True


async def _pass_the_gates(tx: Transaction, actor: Actor, space: Space) -> None:
    rules = await floor.rules_of(tx.session, space.id)
    person = await tx.session.get_one(Person, actor.id)
    last = await floor.asked_last(tx.session, space.id, actor.id)
    follows = await relationships.follows(tx.session, actor.id, space.host_id)
    decided = at_the_gates(rules, since=person.created_at, follows=follows, last=last, now=tx.now)
    if decided is Asking.TOO_NEW:
        raise AccountTooNew(rules.account_age_hours)
    if decided is Asking.TOO_SOON and last is not None:
        raise AskedTooSoon(rules.slow_seconds - (tx.now - last).total_seconds())
    if decided is not Asking.ALLOWED:
        raise _REFUSED_ASKING[decided]


async def _stand_in_line(
    tx: Transaction, space_id: str, person_id: str, note: str, limits: Limits
) -> SpeakRequest:
    """Put a new request where the policy says. Raises QueueFull."""
    queue = await floor.waiting(tx.session, space_id)
    if len(queue) >= limits.queue:
        raise QueueFull
    request = SpeakRequest(
        space_id=space_id, person_id=person_id, note=note, asked_at=tx.now, absent_since=tx.now
    )
    tx.session.add(request)
    await tx.session.flush()
    is_new = await floor.is_first_timer(tx.session, space_id, person_id)
    policy = (await floor.rules_of(tx.session, space_id)).policy
    people = [waiting.person for waiting in queue]
    people.insert(place_for(policy, queue, Waiting(person_id, has_spoken=not is_new)), person_id)
    await floor.arrange(tx, space_id, people)
    await tx.announce(RequestMade(space_id, person_id))
    return request


async def withdraw(tx: Transaction, space_id: str, person_id: str) -> bool:
    """Leave the queue; who is not in it stays out of it. Tells whether they were."""
    left = await tx.session.scalar(
        delete(SpeakRequest)
        .where(SpeakRequest.space_id == space_id, SpeakRequest.person_id == person_id)
        .returning(SpeakRequest.number)
    )
    if left is not None:
        await tx.announce(QueueChanged(space_id))
    return left is not None


async def withdraw_removed(tx: Transaction, space_id: str) -> None:
    """Take everybody out of the queue who was removed from the space."""
    barred = select(Removal.person_id).where(Removal.space_id == space_id)
    await tx.session.execute(
        delete(SpeakRequest).where(
            SpeakRequest.space_id == space_id, SpeakRequest.person_id.in_(barred)
        )
    )
    await tx.announce(QueueChanged(space_id))


async def leave_line(tx: Transaction, space_id: str, person_id: str) -> None:
    """Want to speak no more: also if one is just being brought up and has not said yes."""
    await withdraw(tx, space_id, person_id)
    seat = await seat_of(tx.session, space_id, person_id)
    if seat is not None and seat.confirm_by is not None:
        await unseat(tx, space_id, person_id)


async def accept(
    tx: Transaction, actor: Actor, space: Space, person: Person, limits: Limits
) -> Seat:
    """Give a seat to somebody who asked. Once more is the same as once.

    Raises NoRequest, StageLocked, StageFull.
    """
    await lead(tx.session, actor, space)
    seat = await seat_of(tx.session, space.id, person.id)
    if seat is not None:
        return seat
    if await request_of(tx.session, space.id, person.id) is None:
        raise NoRequest
    seat = await _seat(tx, space, person, "speaker", limits)
    await tx.announce(BroughtUp(space.id, person.id, actor.id))
    return seat


async def decline(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Take somebody out of the queue."""
    await lead(tx.session, actor, space)
    if await withdraw(tx, space.id, person.id):
        await tx.announce(RequestDeclined(space.id, person.id, actor.id))


# Seats


async def take_seat(
    tx: Transaction, actor: Actor, space: Space, role: InvitedRole, limits: Limits
) -> Seat:
    """Sit down without asking, where the policy or an invitation allows, or say yes to a seat.

    Raises AccountsOnly, NoFreeSeat, OnlyHost, StageLocked, StageFull.
    """
    person = await tx.session.get_one(Person, actor.id)
    if person.kind == "guest":
        raise AccountsOnly
    seat = await seat_of(tx.session, space.id, person.id)
    stage = await stage_of(tx.session, space)
    if seat is not None and stage.role_of(person.id) in (role, "host"):
        await _confirm(tx, seat)
        return seat
    invited = await spaces.invited_to(tx.session, space.id, person.id)
    if role == "co_host" and invited != "co_host":
        raise spaces.OnlyHost
    is_followed = await spaces.is_followed(tx.session, space, actor.id)
    may_sit = may_take_seat(space.speak_policy, actor, invited, is_followed=is_followed)
    if seat is None and not may_sit:
        raise NoFreeSeat
    # Whom nobody asked up may listen only as long as the policy lets them.
    return await _seat(tx, space, person, role, limits, is_guest_of_host=invited is not None)


async def bring_up(
    tx: Transaction,
    actor: Actor,
    space: Space,
    person: Person,
    role: InvitedRole,
    limits: Limits,
) -> Seat | Invited:
    """Give another person a seat or another role; invite them if they did not ask.

    Raises HostsOnly, OnlyHost, HostStays, AccountsOnly, RemovedHere, BlockedHere, PersonNotFound,
    StageFull.
    """
    stage = await lead(tx.session, actor, space)
    if person.kind == "guest":
        raise AccountsOnly("Guests cannot speak. They can sign up and ask.")
    if person.id == space.host_id:
        raise spaces.HostStays
    if "co_host" in (role, stage.role_of(person.id)) and actor.id != space.host_id:
        raise spaces.OnlyHost
    wanted = await request_of(tx.session, space.id, person.id)
    if person.id in stage.seated or wanted is not None:
        seat = await _seat(tx, space, person, role, limits)
        if person.id not in stage.seated:
            await tx.announce(BroughtUp(space.id, person.id, actor.id))
        elif stage.role_of(person.id) != role:
            await tx.announce(RoleChanged(space.id, person.id, actor.id, role))
        return seat
    await spaces.send(tx, actor, space, person.id, role)
    return Invited(role)


async def hand_over(
    tx: Transaction, actor: Actor, space: Space, person: Person, limits: Limits
) -> None:
    """Give one's space to somebody who is on the stage; one stays there as far as there is room.

    Whoever only holds it meanwhile hands on just that: its owner still gets it back.
    Raises OnlyHost, NotOnStage.
    """
    if actor.id != space.host_id:
        raise spaces.OnlyHost("Only the host can hand the space over.")
    if person.id == actor.id:
        return
    seat = await seat_of(tx.session, space.id, person.id)
    if seat is None or seat.absent_since is not None:
        raise NotOnStage
    owner = space.returns_to if space.returns_to != person.id else None
    # Their own space until now: they may stay also where only invited people may.
    await spaces.grant(tx, space.id, actor.id, "listener")
    await _pass_on(tx, space, person.id, returns_to=owner)
    await _keep_on_stage(tx, space, actor.id, limits)
    await tx.announce(HandedOver(space.id, person.id, actor.id))


async def step_down(tx: Transaction, actor: Actor, space: Space) -> None:
    """Give up one's own seat. Raises HostStays."""
    if actor.id == space.host_id:
        raise spaces.HostStays
    await unseat(tx, space.id, actor.id)


async def move_back(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Take another's seat away; who has none keeps none. Raises HostsOnly, OnlyHost, HostStays."""
    _reach(may_move(await stage_of(tx.session, space), actor.id, person.id))
    if await unseat(tx, space.id, person.id):
        await tx.announce(MovedBack(space.id, person.id, actor.id))


async def unseat(tx: Transaction, space_id: str, person_id: str) -> bool:
    """Free a seat; an invitation to it is used up, listening stays allowed.

    Tells whether they had one.
    """
    left = await tx.session.scalar(
        delete(Seat)
        .where(Seat.space_id == space_id, Seat.person_id == person_id)
        .returning(Seat.number)
    )
    await floor.end_turn(tx, space_id, person_id)
    await spaces.unmake_co_host(tx, space_id, person_id)
    if await spaces.invited_to(tx.session, space_id, person_id) in ("speaker", "co_host"):
        await spaces.grant(tx, space_id, person_id, "listener")
    if left is not None:
        await tx.announce(SeatLeft(space_id, person_id))
    return left is not None


async def lapse(tx: Transaction, seat: Seat, limits: Limits) -> None:
    """Give a seat back to which nobody said yes; its person stands at the end of the line again."""
    await unseat(tx, seat.space_id, seat.person_id)
    queue = await floor.waiting(tx.session, seat.space_id)
    if len(queue) >= limits.queue:
        return
    request = SpeakRequest(
        space_id=seat.space_id,
        person_id=seat.person_id,
        note=seat.note,
        asked_at=tx.now,
        absent_since=seat.absent_since,
    )
    tx.session.add(request)
    await tx.session.flush()
    await floor.arrange(tx, seat.space_id, [*(w.person for w in queue), seat.person_id])
    await tx.announce(RequestMade(seat.space_id, seat.person_id))


async def remove(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Remove somebody from the space for good.

    Raises HostsOnly, OnlyHost, HostStays, and for moderators NotOneself, ModeratesStaff.
    """
    stage = await stage_of(tx.session, space)
    _reach(may_remove(stage, actor, person.id))
    if may_move(stage, actor.id, person.id) is not Reach.ALLOWED:
        # Not as a host of the space, but as a moderator.
        check_reach(actor, person)
    if person.id == space.owner_id:
        # It is theirs also while a co-host holds it.
        raise spaces.HostStays
    await spaces.bar(tx, space.id, person.id, actor.id)


# Microphones


async def mute(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Close somebody's microphone, or one's own.

    Raises HostsOnly, HostStays, NoSeat, and for moderators ModeratesStaff.
    """
    if actor.id != person.id:
        await _check_may_mute(tx.session, actor, space, person)
    seat = await seat_of(tx.session, space.id, person.id)
    if seat is None:
        raise NoSeat
    was_open = not seat.muted
    await _set_muted(tx, seat, muted=True)
    if was_open:
        await tx.announce(Muted(space.id, person.id, actor.id))


async def _check_may_mute(
    session: AsyncSession, actor: Actor, space: Space, person: Person
) -> None:
    stage = await stage_of(session, space)
    if not stage.is_host(actor.id):
        if not actor.moderates:
            raise spaces.HostsOnly
        check_reach(actor, person)
    if person.id == space.host_id:
        raise spaces.HostStays("Nobody mutes the host but the host.")


async def unmute(tx: Transaction, actor: Actor, space: Space) -> None:
    """Open one's own microphone; nobody can open another's. Raises NoSeat."""
    seat = await seat_of(tx.session, space.id, actor.id)
    if seat is None:
        raise NoSeat
    await _confirm(tx, seat)
    await floor.note_voice(tx, seat)
    await _set_muted(tx, seat, muted=False)


async def mute_all(tx: Transaction, actor: Actor, space: Space) -> None:
    """Close every speaker's microphone; the hosts' stay as they are."""
    stage = await lead(tx.session, actor, space)
    seats = await seats_of(tx.session, space.id)
    speakers = [seat for seat in seats if stage.role_of(seat.person_id) == "speaker"]
    was_any_open = not all(seat.muted for seat in speakers)
    for seat in speakers:
        await _set_muted(tx, seat, muted=True)
    if was_any_open:
        await tx.announce(SpeakersMuted(space.id, actor.id))


# Presence, written down by those above who know of calls


async def awaited(session: AsyncSession, space_id: str) -> frozenset[str]:
    """List those of whom it is written down when they come and go.

    They are those in seats, those in the queue, and a host who gets the space back.
    """
    waiting = [
        select(kind.person_id).where(kind.space_id == space_id) for kind in (Seat, SpeakRequest)
    ]
    returns = select(Space.returns_to).where(Space.id == space_id, Space.returns_to.is_not(None))
    return frozenset(await session.scalars(union_all(*waiting, returns)))


async def is_awaited(session: AsyncSession, space_id: str, person_id: str) -> bool:
    """Tell whether it is written down when somebody comes and goes.

    It is of those in seats, of those in the queue, and of a host who gets the space back.
    """
    waiting = [
        select(kind.person_id).where(kind.space_id == space_id, kind.person_id == person_id)
        for kind in (Seat, SpeakRequest)
    ]
    returns = select(Space.returns_to).where(Space.id == space_id, Space.returns_to == person_id)
    return await session.scalar(union_all(*waiting, returns).limit(1)) is not None


async def is_expected(session: AsyncSession, space_id: str, person_id: str) -> bool:
    """Tell whether somebody has a seat, gets the space back, or is invited to the stage."""
    seat = select(Seat.person_id).where(Seat.space_id == space_id, Seat.person_id == person_id)
    returns = select(Space.returns_to).where(Space.id == space_id, Space.returns_to == person_id)
    if await session.scalar(union_all(seat, returns).limit(1)) is not None:
        return True
    return await spaces.invited_to(session, space_id, person_id) in ("speaker", "co_host")


async def arrive(tx: Transaction, space_id: str, person_id: str, limits: Limits) -> None:
    """Write down that somebody has called in; who was its host gets the space back."""
    space = await spaces.by_id(tx.session, space_id)
    if space.state == "live" and space.returns_to == person_id:
        await _give_back(tx, space, person_id, limits)
    await come(tx, space_id, person_id)


async def come(tx: Transaction, space_id: str, person_id: str) -> None:
    """Write down that somebody in a seat or in the queue has a call."""
    await _set_absent(tx, space_id, person_id, is_absent=False)


async def go_missing(tx: Transaction, space_id: str, person_id: str) -> None:
    """Write down that somebody in a seat or in the queue has no call any more."""
    await _set_absent(tx, space_id, person_id, is_absent=True)


async def everybody_missing(tx: Transaction) -> None:
    """Write down that nobody has a call, since the server has just started.

    Time without a server does not count: whoever had a seat has the whole time to come back, and
    whoever asked to speak has it once the audience is back, in which they stand.
    """
    live = select(Space.id).where(Space.state == "live")
    for kind, since in ((Seat, tx.now), (SpeakRequest, tx.now + AUDIENCE_IS_BACK)):
        await tx.session.execute(
            update(kind).where(kind.space_id.in_(live)).values(absent_since=since)
        )
    # Browsers that are loaded anew have their microphones shut.
    await tx.session.execute(update(SpeakRequest).values(is_ready=False))


async def sweep(tx: Transaction, settings: Settings) -> None:
    """End turns whose time is up; free seats and places in line of those who stay away.

    Gives away or ends spaces whose host stays away.
    """
    for seat in await floor.lapsed(tx.session, tx.now):
        await lapse(tx, seat, limits_of(settings))
    for seat in await floor.over(tx.session, tx.now):
        await unseat(tx, seat.space_id, seat.person_id)
    since = tx.now - timedelta(seconds=settings.seat_kept_s)
    for request in await overdue_requests(tx.session, since):
        await withdraw(tx, request.space_id, request.person_id)
    for seat, space in await overdue(tx.session, since):
        if not has_waited_enough(seat, space, settings, tx.now):
            continue
        if seat.person_id == space.host_id:
            await _replace_host(tx, space)
        else:
            await unseat(tx, space.id, seat.person_id)


def has_waited_enough(seat: Seat, space: Space, settings: Settings, now: datetime) -> bool:
    """Decide whether a seat is given up; the host's is kept for much longer."""
    if seat.absent_since is None:
        return False
    is_host = seat.person_id == space.host_id
    patience_s = settings.hostless_s if is_host else settings.seat_kept_s
    return now - seat.absent_since >= timedelta(seconds=patience_s)


async def overdue(session: AsyncSession, since: datetime) -> Sequence[tuple[Seat, Space]]:
    """List the seats in live spaces whose people have been away since before a moment."""
    rows = await session.execute(
        select(Seat, Space)
        .join(Space, Space.id == Seat.space_id)
        .where(Space.state == "live", Seat.absent_since <= since)
        .order_by(Seat.number)
    )
    return [(seat, space) for seat, space in rows]


async def overdue_requests(session: AsyncSession, since: datetime) -> Sequence[SpeakRequest]:
    """List the requests of those who have been away since before a moment."""
    return (
        await session.scalars(select(SpeakRequest).where(SpeakRequest.absent_since <= since))
    ).all()


async def leave_uninvited(tx: Transaction, space: Space, person_ids: Collection[str]) -> None:
    """Free the seats and places in line of those who may not listen any more."""
    for person_id in person_ids:
        if not await spaces.may_stay(tx.session, space, person_id):
            await withdraw(tx, space.id, person_id)
            await unseat(tx, space.id, person_id)


async def on_stage_or_in_line(session: AsyncSession, space_id: str) -> Sequence[str]:
    """List those with a seat or a request."""
    waiting = [
        select(kind.person_id).where(kind.space_id == space_id) for kind in (Seat, SpeakRequest)
    ]
    return (await session.scalars(union_all(*waiting))).all()


async def with_person(session: AsyncSession, person_id: str) -> Sequence[Space]:
    """List the live spaces in which somebody sits, is in line, or which they get back."""
    waiting = [
        select(kind.space_id).where(kind.person_id == person_id) for kind in (Seat, SpeakRequest)
    ]
    is_there = Space.id.in_(union_all(*waiting)) | (Space.returns_to == person_id)
    return (await session.scalars(select(Space).where(Space.state == "live", is_there))).all()


async def expel(tx: Transaction, space: Space, person_id: str, *, by: str) -> None:
    """Take somebody out of a live space who cannot come back to it, nor to any other.

    What they host goes to the co-host who has been there longest, or ends.
    """
    if space.returns_to == person_id:
        await spaces.hand_over(tx, space, space.host_id, returns_to=None)
    elif space.host_id == person_id and not await _give_away(tx, space):
        await spaces.close(tx, space, by=by)
        return
    await withdraw(tx, space.id, person_id)
    await unseat(tx, space.id, person_id)


async def _give_away(tx: Transaction, space: Space) -> bool:
    """Give a space to somebody else for good; tells whether there is anybody."""
    if space.returns_to is not None:
        await take_back(tx, space)
        return True
    stage = await stage_of(tx.session, space)
    seats = await seats_of(tx.session, space.id)
    present = frozenset(seat.person_id for seat in seats if seat.absent_since is None)
    # Whoever lost their call a moment ago is waited for as any host is.
    next_host = heir(stage, present) or heir(stage, frozenset(stage.seated))
    if next_host is None:
        return False
    await _pass_on(tx, space, next_host, returns_to=None)
    return True


async def take_back(tx: Transaction, space: Space) -> None:
    """Let the owner have the space again who is away, since whoever held it may not any more."""
    await spaces.hand_over(tx, space, space.owner_id, returns_to=None)
    await seat_down(tx, space.id, space.host_id)


async def leave_everything(tx: Transaction, space_id: str) -> None:
    """Empty the queue of a space that ended, and show nobody as present."""
    await tx.session.execute(delete(SpeakRequest).where(SpeakRequest.space_id == space_id))
    await floor.end_turns(tx, space_id)
    await floor.forget_ends(tx, space_id)
    await tx.session.execute(
        update(Seat)
        .where(Seat.space_id == space_id, Seat.absent_since.is_(None))
        .values(absent_since=tx.now)
    )


# Looked up


async def live_space(session: AsyncSession, actor: Actor, space_id: str) -> Space:
    """Find a live space this person may know of. Raises SpaceNotFound, SpaceNotLive."""
    space = await spaces.known_to(session, actor, space_id)
    if space.state != "live":
        raise spaces.SpaceNotLive
    return space


async def stage_of(session: AsyncSession, space: Space) -> Stage:
    """Give the stage as a value to decide about."""
    seats = await seats_of(session, space.id)
    return Stage(
        space.host_id,
        await spaces.co_hosts_of(session, space.id),
        tuple(seat.person_id for seat in seats),
    )


async def seats_of(session: AsyncSession, space_id: str) -> Sequence[Seat]:
    """List the seats in order of arrival."""
    return (
        await session.scalars(select(Seat).where(Seat.space_id == space_id).order_by(Seat.number))
    ).all()


async def seat_of(session: AsyncSession, space_id: str, person_id: str) -> Seat | None:
    """Find somebody's seat."""
    return await session.scalar(
        select(Seat).where(Seat.space_id == space_id, Seat.person_id == person_id)
    )


_REFUSED_ASKING = {
    Asking.GUEST: AccountsOnly,
    Asking.SEATED: AlreadySeated,
    Asking.OFF: RequestsOff,
    Asking.LOCKED: StageLocked,
    Asking.FOLLOWERS: FollowersOnly,
    Asking.NOT_FOLLOWED: RequestsFollowed,
}

_REFUSED_REACH = {
    Reach.HOSTS_ONLY: spaces.HostsOnly,
    Reach.ONLY_HOST: spaces.OnlyHost,
    Reach.HOST_STAYS: spaces.HostStays,
}


def _reach(decided: Reach) -> None:
    if decided is not Reach.ALLOWED:
        raise _REFUSED_REACH[decided]


async def lead(session: AsyncSession, actor: Actor, space: Space) -> Stage:
    stage = await stage_of(session, space)
    if not stage.is_host(actor.id):
        raise spaces.HostsOnly
    return stage


async def _seat(
    tx: Transaction,
    space: Space,
    person: Person,
    role: InvitedRole,
    limits: Limits,
    *,
    is_guest_of_host: bool = True,
) -> Seat:
    """Give a seat or change its role. Raises StageLocked, StageFull.

    is_guest_of_host: they were asked up, and so may listen from now on whatever the policy says.
    """
    stage = await stage_of(tx.session, space)
    is_new = person.id not in stage.seated
    if is_new and (await floor.rules_of(tx.session, space.id)).locked:
        raise StageLocked
    if not has_room(stage, limits, person.id, role):
        raise StageFull
    if role == "co_host":
        await spaces.make_co_host(tx, space.id, person.id)
    else:
        await spaces.unmake_co_host(tx, space.id, person.id)
    request = await request_of(tx.session, space.id, person.id)
    await withdraw(tx, space.id, person.id)
    if is_guest_of_host:
        await spaces.grant(tx, space.id, person.id, "listener")
    seat = await seat_down(tx, space.id, person.id)
    if role == "co_host":
        seat.turn_ends_at = None
    if is_new:
        await _begin(tx, seat, request)
    return seat


async def _begin(tx: Transaction, seat: Seat, request: SpeakRequest | None) -> None:
    """Let a turn begin: of whoever sat down at once, of whoever asked once they say yes.

    Who is ready has said so, and is heard from this moment on.
    """
    if request is None:
        await _begin_turn(tx, seat, asked=False)
        return
    seat.note = request.note
    seat.confirm_by = tx.now + timedelta(seconds=floor.CONFIRM_S)
    if request.is_ready:
        seat.muted = False
        await _begin_turn(tx, seat, asked=True)
        await floor.note_voice(tx, seat)


async def _confirm(tx: Transaction, seat: Seat) -> None:
    """Say yes to a seat one was brought up to; more than once is the same as once."""
    if seat.confirm_by is not None:
        await _begin_turn(tx, seat, asked=True)
        await tx.announce(SeatChanged(seat.space_id, seat.person_id))


async def _begin_turn(tx: Transaction, seat: Seat, *, asked: bool) -> None:
    helps = seat.person_id in await spaces.co_hosts_of(tx.session, seat.space_id)
    await floor.begin_turn(tx, seat, asked=asked, timed=not helps)


async def seat_down(tx: Transaction, space_id: str, person_id: str) -> Seat:
    """Make a seat with the microphone off, or keep the one there is."""
    seat = await seat_of(tx.session, space_id, person_id)
    if seat is not None:
        await tx.announce(SeatChanged(space_id, person_id))
        return seat
    seat = Seat(
        space_id=space_id, person_id=person_id, muted=True, seated_at=tx.now, absent_since=tx.now
    )
    tx.session.add(seat)
    await tx.session.flush()
    await tx.announce(SeatTaken(space_id, person_id))
    return seat


async def _set_muted(tx: Transaction, seat: Seat, *, muted: bool) -> None:
    """Write it down; announced each time, so that a gate which did not follow is tried again."""
    seat.muted = muted
    await tx.announce(SeatChanged(seat.space_id, seat.person_id))


async def _set_absent(tx: Transaction, space_id: str, person_id: str, *, is_absent: bool) -> None:
    await tx.session.execute(
        update(SpeakRequest)
        .where(SpeakRequest.space_id == space_id, SpeakRequest.person_id == person_id)
        .values(
            absent_since=func.coalesce(SpeakRequest.absent_since, tx.now) if is_absent else None,
            is_ready=False if is_absent else SpeakRequest.is_ready,
        )
    )
    seat = await seat_of(tx.session, space_id, person_id)
    if seat is not None and (seat.absent_since is not None) != is_absent:
        seat.absent_since = tx.now if is_absent else None
        if seat.confirm_by is not None:
            # Whoever was away has the whole time to say yes.
            seat.confirm_by = tx.now + timedelta(seconds=floor.CONFIRM_S)
        await tx.announce(SeatChanged(space_id, person_id))


async def _replace_host(tx: Transaction, space: Space) -> None:
    seats = await seats_of(tx.session, space.id)
    present = frozenset(seat.person_id for seat in seats if seat.absent_since is None)
    former, next_host = space.host_id, heir(await stage_of(tx.session, space), present)
    if next_host is None:
        await spaces.close(tx, space)
        return
    await _pass_on(tx, space, next_host, returns_to=space.returns_to or former)
    await unseat(tx, space.id, former)
    # Their own space: they may come back also where only invited people may.
    await spaces.grant(tx, space.id, former, "listener")


async def _give_back(tx: Transaction, space: Space, host: str, limits: Limits) -> None:
    """Let a host have the space again; whoever held it stays on the stage where there is room."""
    holder = space.host_id
    await _pass_on(tx, space, host, returns_to=None)
    await withdraw(tx, space.id, host)
    await seat_down(tx, space.id, host)
    await _keep_on_stage(tx, space, holder, limits)


async def _pass_on(
    tx: Transaction, space: Space, person_id: str, *, returns_to: str | None
) -> None:
    """Give a space another host, who holds it for longer than any turn."""
    await floor.speak_freely(tx, space.id, person_id)
    await spaces.hand_over(tx, space, person_id, returns_to=returns_to)


async def _keep_on_stage(tx: Transaction, space: Space, holder: str, limits: Limits) -> None:
    """Let whoever held a space until now stay as a co-host or a speaker, where there is room."""
    if await seat_of(tx.session, space.id, holder) is None:
        # The new host blocks them.
        return
    role = kept_role(await stage_of(tx.session, space), limits)
    if role is None:
        await unseat(tx, space.id, holder)
        return
    if role == "co_host":
        await spaces.make_co_host(tx, space.id, holder)
    await tx.announce(SeatChanged(space.id, holder))


async def queues_between(session: AsyncSession, one: str, other: str) -> Sequence[str]:
    """List the spaces of one of two people in which the other is in line."""
    ways = [
        and_(Space.host_id == host, SpeakRequest.person_id == asker)
        for host, asker in ((one, other), (other, one))
    ]
    return (
        await session.scalars(
            select(SpeakRequest.space_id)
            .join(Space, Space.id == SpeakRequest.space_id)
            .where(or_(*ways))
        )
    ).all()


async def request_of(session: AsyncSession, space_id: str, person_id: str) -> SpeakRequest | None:
    return await session.scalar(
        select(SpeakRequest).where(
            SpeakRequest.space_id == space_id, SpeakRequest.person_id == person_id
        )
    )
