"""What people do about the order of things: how turns are given, who stands where, who is next."""

from datetime import timedelta

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import Conflict
from convivium.core.transaction import Transaction
from convivium.spaces.models import Space
from convivium.stage import floor, service
from convivium.stage.events import FloorChanged, QueueChanged, RequestMoved, TimeGiven
from convivium.stage.models import Seat
from convivium.stage.order import arranged, moved, who_is_next
from convivium.stage.rules import FloorRules, Limits
from convivium.stage.service import NoRequest, NoSeat, lead, seat_of


class NotNext(Conflict):
    """The line moved between looking and pressing."""

    code = "not_next"
    title = "Somebody else is next now"
    detail = "The line has moved, or another host was faster. Look who is next and try again."


class NobodyWaits(NoRequest):
    """There is nobody to bring up."""

    title = "Nobody is waiting"
    detail = "The line is empty. The next one who asks appears here."


class NotTimed(Conflict):
    """Somebody's turn has no end that could be put off."""

    code = "not_timed"
    title = "This turn has no end"
    detail = "Only a turn that is timed can be made longer."


async def change_rules(
    tx: Transaction, actor: Actor, space: Space, change: dict[str, object]
) -> FloorRules:
    """Change how turns are given and who may ask; what is not named stays. Raises HostsOnly."""
    await lead(tx.session, actor, space)
    before = await floor.rules_of(tx.session, space.id)
    rules = await floor.change_rules(tx, space.id, change)
    if rules.policy != before.policy:
        queue = await floor.waiting(tx.session, space.id)
        order = [waiting.person for waiting in arranged(rules.policy, queue)]
        await floor.arrange(tx, space.id, order)
    if rules.turn is None:
        await floor.forget_ends(tx, space.id)
    changed = {name: said for name, said in change.items() if getattr(before, name) != said}
    if changed:
        await tx.announce(FloorChanged(space.id, actor.id, changed))
    return rules


async def put_off(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Send somebody to the end of the line. Raises HostsOnly, NoRequest."""
    await move(tx, actor, space, person, None)


async def move(
    tx: Transaction, actor: Actor, space: Space, person: Person, before: Person | None
) -> None:
    """Let somebody stand before another, or at the end. Raises HostsOnly, NoRequest."""
    await lead(tx.session, actor, space)
    people = [waiting.person for waiting in await floor.waiting(tx.session, space.id)]
    if person.id not in people or (before is not None and before.id not in people):
        raise NoRequest
    ahead_of = None if before is None else before.id
    order = people if ahead_of == person.id else moved(people, person.id, ahead_of)
    if order != people:
        await floor.arrange(tx, space.id, order)
        await tx.announce(RequestMoved(space.id, person.id, actor.id))


async def set_ready(tx: Transaction, actor: Actor, space: Space, *, is_ready: bool) -> None:
    """Say that one's microphone is checked and may be open from the first moment on, or not.

    Raises NoRequest.
    """
    request = await service.request_of(tx.session, space.id, actor.id)
    if request is None:
        raise NoRequest("You are not in line any more.")
    request.is_ready = is_ready
    await tx.session.flush()
    await tx.announce(QueueChanged(space.id))


async def bring_up_next(
    tx: Transaction, actor: Actor, space: Space, expected: str | None, limits: Limits
) -> Seat:
    """Bring up who is next; in a fast lane whoever was up goes down in the same moment.

    expected: whom the actor saw as next. Two who press at once bring up one.
    Raises HostsOnly, NobodyWaits, NotNext, StageLocked, StageFull.
    """
    await lead(tx.session, actor, space)
    rules = await floor.rules_of(tx.session, space.id)
    if rules.locked:
        raise service.StageLocked
    queue = await floor.waiting(tx.session, space.id)
    at = who_is_next(rules.policy, queue)
    if at is None:
        raise NotNext if expected else NobodyWaits
    person = await tx.session.get_one(Person, queue[at].person)
    if expected not in (None, person.id):
        raise NotNext
    if rules.policy == "fast_lane":
        await _make_way(tx, space, limits)
    return await service.accept(tx, actor, space, person, limits)


async def give_time(
    tx: Transaction, actor: Actor, space: Space, person: Person, seconds: float
) -> Seat:
    """Let somebody's turn last longer. Raises HostsOnly, NoSeat, NotTimed."""
    await lead(tx.session, actor, space)
    seat = await seat_of(tx.session, space.id, person.id)
    if seat is None:
        raise NoSeat
    if seat.turn_ends_at is None:
        raise NotTimed
    # Whoever is in the last sentence gets the whole time.
    seat.turn_ends_at = max(seat.turn_ends_at, tx.now) + timedelta(seconds=seconds)
    await tx.announce(TimeGiven(space.id, person.id, actor.id, seconds))
    return seat


async def _make_way(tx: Transaction, space: Space, limits: Limits) -> None:
    """Let those step down who came up by their turn; who had not said yes is back in line."""
    stage = await service.stage_of(tx.session, space)
    for seat in await floor.on_turn(tx.session, space.id):
        if stage.role_of(seat.person_id) != "speaker":
            continue
        if seat.confirm_by is not None:
            await service.lapse(tx, seat, limits)
        else:
            await service.unseat(tx, space.id, seat.person_id)
