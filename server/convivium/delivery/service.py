"""What leaves: planned where something is told, carried by errands, written down before it goes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core import jobs
from convivium.core.errands import Outcome
from convivium.core.ids import new_id
from convivium.core.jobs import Due
from convivium.core.transaction import Transaction, Transactions
from convivium.delivery import push
from convivium.delivery.models import Delivery, PushSubscription, State
from convivium.delivery.push import Message, Push
from convivium.delivery.rules import is_stale, leaves_at
from convivium.delivery.words import words_of
from convivium.notifications import choices, view
from convivium.notifications.events import Told
from convivium.notifications.kinds import Channel
from convivium.notifications.models import Notification, NotificationSetting
from convivium.notifications.rules import quiet_until
from convivium.notifications.service import count_unread
from convivium.spaces.models import Space

# The errand that carries one push.
PUSH = "push"

_ENDS: Mapping[str, State] = {"done": "sent", "unsure": "unsure", "end": "failed"}


async def plan(tx: Transaction, fact: Told) -> None:
    """Write down where what people are told goes, and when: by now, or once they may be disturbed.

    What was told of the same before and has not left yet leaves no more: this is newer.
    """
    doors = await _doors(tx.session, fact)
    if not doors:
        return
    await _drop_waiting(tx, fact)
    known = await _known(tx.session, fact)
    settings = await choices.settings_of(tx.session, doors)
    rows, times = [], dict[str, datetime]()
    for person, channel, door in ((p, c, d) for p, found in doors.items() for c, d in found):
        if (fact.numbers[person], door) in known:
            continue
        delivery_id = new_id()
        row = {
            "id": delivery_id,
            "person_id": person,
            "notification_number": fact.numbers[person],
            "told_at": fact.at,
            "channel": channel,
            "door": door,
            "state": "waiting",
        }
        rows.append(row)
        quiet = _quiet(settings.get(person), fact.at)
        times[delivery_id] = leaves_at(fact.kind, channel, fact.at, quiet)
    if rows:
        await tx.session.execute(insert(Delivery), rows)
    await jobs.put_new(tx, PUSH, times)


async def _doors(session: AsyncSession, fact: Told) -> dict[str, list[tuple[Channel, str]]]:
    """Find to which doors each of those who are told is told, who have any."""
    doors = defaultdict[str, list[tuple[Channel, str]]](list)
    pushed = [person for person, ways in fact.channels.items() if "push" in ways]
    rows = await session.execute(
        select(PushSubscription.person_id, PushSubscription.id)
        .where(PushSubscription.person_id.in_(pushed))
        .order_by(PushSubscription.id)
    )
    for person, door in rows:
        if person in fact.numbers:
            doors[person].append(("push", door))
    return dict(doors)


def _quiet(setting: NotificationSetting | None, now: datetime) -> datetime | None:
    if setting is None or setting.quiet_from is None or setting.quiet_to is None:
        return None
    hours = setting.quiet_from, setting.quiet_to
    return quiet_until(now, hours, choices.zone_of(setting))


async def _drop_waiting(tx: Transaction, fact: Told) -> None:
    await tx.session.execute(
        update(Delivery)
        .where(
            Delivery.notification_number.in_(fact.numbers.values()),
            Delivery.state == "waiting",
            Delivery.told_at < fact.at,
        )
        .values(state="dropped", ended_at=tx.now)
    )


async def _known(session: AsyncSession, fact: Told) -> set[tuple[int, str]]:
    """List what leaves already: the same told twice at one moment is told once."""
    rows = await session.execute(
        select(Delivery.notification_number, Delivery.door).where(
            Delivery.notification_number.in_(fact.numbers.values()), Delivery.told_at == fact.at
        )
    )
    return {(number, door) for number, door in rows}


@dataclass(frozen=True, slots=True)
class Parcel:
    """A push on its way."""

    delivery_id: str
    message: Message


class PushErrand:
    """Carries what one browser is told."""

    def __init__(self, transactions: Transactions, sender: Push) -> None:
        self._transactions = transactions
        self._sender = sender

    async def pack(self, tx: Transaction, due: Due) -> Parcel | None:
        """Say that it is out, if it is still to go."""
        delivery = await tx.session.get(Delivery, due.key)
        if delivery is None:
            return None
        told = await wanted(tx, delivery)
        door = await tx.session.get(PushSubscription, delivery.door)
        if told is None or door is None:
            _end(tx, delivery, "dropped")
            return None
        delivery.state = "out"
        [shown] = await view.show(tx.session, [told], tx.now)
        unread = await count_unread(tx.session, delivery.person_id)
        return Parcel(delivery.id, Message(door, words_of(shown), shown["id"], unread))

    async def carry(self, parcel: Parcel) -> Outcome:
        """Send it."""
        return await self._sender.send(parcel.message, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: Parcel, outcome: Outcome) -> None:
        """Write what came of it; a browser that is gone is forgotten."""
        await settle(tx, parcel.delivery_id, outcome)
        if outcome.word == "end":
            await push.forget(tx, parcel.message.door.id)


async def wanted(tx: Transaction, delivery: Delivery) -> Notification | None:
    """Find what is to leave, if it still is; what was out when somebody was killed is not."""
    if delivery.state == "out":
        _end(tx, delivery, "unsure")
    if delivery.state != "waiting":
        return None
    told = await tx.session.get_one(Notification, delivery.notification_number)
    person = await tx.session.get_one(Person, delivery.person_id)
    of_space = select(Space.state).where(Space.id == told.space_id)
    space = await tx.session.scalar(of_space) if told.space_id else None
    is_seen = told.read and told.in_app
    if is_seen or person.is_suspended(tx.now) or is_stale(told, space, tx.now):
        return None
    return told


async def settle(tx: Transaction, delivery_id: str, outcome: Outcome) -> None:
    """Write what came of a delivery; whoever is forgotten meanwhile has none."""
    delivery = await tx.session.get(Delivery, delivery_id)
    if delivery is None:
        return
    if outcome.word == "again":
        delivery.state = "waiting"
    else:
        _end(tx, delivery, _ENDS.get(outcome.word, "failed"))
    await tx.session.flush()


def _end(tx: Transaction, delivery: Delivery, state: State) -> None:
    # What ended stays as it ended.
    if delivery.state in ("waiting", "out"):
        delivery.state, delivery.ended_at = state, tx.now
