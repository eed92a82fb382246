"""What leaves: planned where something is told, carried by errands, written down before it goes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import emails, resets
from convivium.accounts.events import EmailClaimed, PasswordForgotten, PasswordSet
from convivium.accounts.models import EmailClaim, Person
from convivium.core import jobs
from convivium.core.errands import Outcome
from convivium.core.ids import new_id
from convivium.core.jobs import Due
from convivium.core.transaction import Transaction, Transactions
from convivium.delivery import letters, push
from convivium.delivery.letters import Letter
from convivium.delivery.mailer import Mailer
from convivium.delivery.models import Delivery, PushSubscription, State
from convivium.delivery.push import KEPT_S, Message, Push
from convivium.delivery.rules import is_stale, leaves_at, worth
from convivium.delivery.words import words_of
from convivium.notifications import choices, view
from convivium.notifications.events import Told
from convivium.notifications.kinds import Channel
from convivium.notifications.models import Notification, NotificationSetting
from convivium.notifications.rules import MATTER_OF, channels_of, quiet_until
from convivium.notifications.service import count_unread
from convivium.spaces.models import Space

# The errands: a push, a letter about a notification, a letter to an address that is to be shown,
# one by which a new password is set, and one that tells that it was.
PUSH = "push"
MAIL = "mail"
CONFIRM = "confirm_mail"
RESET = "reset_mail"
PASSWORD = "password_mail"  # noqa: S105 - the kind of an errand
# The door of whoever has an address: it is looked up when the letter leaves.
BY_MAIL = "mail"

_ENDS: Mapping[str, State] = {"done": "sent", "unsure": "unsure", "end": "failed"}


async def plan(tx: Transaction, fact: Told, *, mails: bool) -> None:
    """Write down where what people are told goes, and when: by now, or once they may be disturbed.

    mails: there is a mail server. What was told of the same before and has not left yet leaves no
    more: this is newer.
    """
    doors = await _doors(tx.session, fact, mails=mails)
    if not doors:
        return
    await _drop_waiting(tx, fact)
    known = await _known(tx.session, fact)
    settings = await choices.settings_of(tx.session, doors)
    rows: list[dict[str, object]] = []
    times: dict[Channel, dict[str, datetime]] = {"push": {}, "mail": {}}
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
        times[channel][delivery_id] = leaves_at(fact.kind, channel, fact.at, quiet)
    if rows:
        await tx.session.execute(insert(Delivery), rows)
    await jobs.put_new(tx, PUSH, times["push"])
    await jobs.put_new(tx, MAIL, times["mail"])


async def _doors(
    session: AsyncSession, fact: Told, *, mails: bool
) -> dict[str, list[tuple[Channel, str]]]:
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
    written = [one for one, ways in fact.channels.items() if "mail" in ways and mails]
    for person in sorted(await emails.with_address(session, written)):
        if person in fact.numbers:
            doors[person].append(("mail", BY_MAIL))
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
        found = await _picked_up(tx, due)
        if found is None:
            return None
        delivery, told, until = found
        door = await push.open_door(tx.session, delivery.door, tx.now)
        if door is None:
            _end(tx, delivery, "dropped")
            return None
        delivery.state = "out"
        [shown] = await view.show(tx.session, [told], tx.now)
        unread = await count_unread(tx.session, delivery.person_id)
        kept_s = KEPT_S if until is None else min(KEPT_S, int((until - tx.now).total_seconds()))
        words = words_of(shown, tx.now)
        return Parcel(delivery.id, Message(door, words, shown["id"], unread, kept_s))

    async def carry(self, parcel: Parcel) -> Outcome:
        """Send it."""
        return await self._sender.send(parcel.message, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: Parcel, outcome: Outcome) -> None:
        """Write what came of it; a browser that is gone is forgotten."""
        await settle(tx, parcel.delivery_id, outcome)
        if outcome.word == "end":
            await push.forget(tx, parcel.message.door.id)


@dataclass(frozen=True, slots=True)
class Post:
    """A letter on its way; row: the delivery it is of, or whose address is to be shown."""

    row: str
    letter: Letter


class MailErrand:
    """Carries a letter about one notification."""

    def __init__(self, transactions: Transactions, mailer: Mailer) -> None:
        self._transactions = transactions
        self._mailer = mailer

    async def pack(self, tx: Transaction, due: Due) -> Post | None:
        """Say that it is out, if it is still to go."""
        found = await _picked_up(tx, due)
        if found is None:
            return None
        delivery, told, _ = found
        to = await emails.address_of(tx.session, delivery.person_id)
        if to is None:
            _end(tx, delivery, "dropped")
            return None
        delivery.state = "out"
        [shown] = await view.show(tx.session, [told], tx.now)
        matter, words = MATTER_OF[told.kind], words_of(shown, tx.now)
        letter = letters.of_notification(
            to.address, words, self._mailer.site, matter, to.unsubscribe_key, delivery.id
        )
        return Post(delivery.id, letter)

    async def carry(self, parcel: Post) -> Outcome:
        """Hand it over."""
        return await self._mailer.send(parcel.letter, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: Post, outcome: Outcome) -> None:
        """Write what came of it."""
        await settle(tx, parcel.row, outcome)


async def ask_for_address(tx: Transaction, fact: EmailClaimed) -> None:
    """Let a letter go to an address that somebody says is theirs."""
    await jobs.put(tx, CONFIRM, fact.person_id, tx.now)


class ConfirmErrand:
    """Carries the letter that asks whether an address is theirs."""

    def __init__(self, transactions: Transactions, mailer: Mailer) -> None:
        self._transactions = transactions
        self._mailer = mailer

    async def pack(self, tx: Transaction, due: Due) -> Post | None:
        """Make the link, whose secret is known to the letter alone; once is enough."""
        claimed = await emails.claim_of(tx.session, due.key, tx.now)
        if claimed is None or claimed.secret_hash is not None:
            return None
        secret = await emails.link_for(tx, claimed)
        return Post(due.key, letters.to_confirm(claimed.address, self._mailer.site, secret))

    async def carry(self, parcel: Post) -> Outcome:
        """Hand it over."""
        return await self._mailer.send(parcel.letter, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: Post, outcome: Outcome) -> None:
        """Let another try make another link."""
        claimed = await tx.session.get(EmailClaim, parcel.row)
        if claimed is not None and outcome.word == "again":
            claimed.secret_hash = None
            await tx.session.flush()


async def write_to_forgetful(tx: Transaction, fact: PasswordForgotten) -> None:
    """Let letters go to those who asked, of whom there may be none: it is the same to do."""
    await jobs.put(tx, RESET, fact.key, tx.now, {"people": list(fact.people)})


async def tell_of_password(tx: Transaction, fact: PasswordSet) -> None:
    """Let somebody be told that their password is another one."""
    await jobs.put(tx, PASSWORD, fact.person_id, tx.now)


@dataclass(frozen=True, slots=True)
class ResetPost:
    """A letter on its way to the first of several people with one address; rest: the others."""

    key: str
    letter: Letter
    rest: list[str]


class ResetErrand:
    """Carries the letter by which a new password is set.

    Whoever was killed on the way writes once more: there is no list in the app to find it in.
    """

    def __init__(self, transactions: Transactions, mailer: Mailer) -> None:
        self._transactions = transactions
        self._mailer = mailer

    async def pack(self, tx: Transaction, due: Due) -> ResetPost | None:
        """Make the link of the first, whose secret is known to the letter alone."""
        people: list[str] = list(due.payload["people"])
        while people:
            person = await tx.session.get(Person, people.pop(0))
            link = await resets.link_for(tx, person.id) if person else None
            if person and link:
                letter = letters.to_reset(link[0], self._mailer.site, person.name or "", link[1])
                return ResetPost(due.key, letter, people)
        return None

    async def carry(self, parcel: ResetPost) -> Outcome:
        """Hand it over."""
        return await self._mailer.send(parcel.letter, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: ResetPost, outcome: Outcome) -> None:
        """Go on with the others."""
        if outcome.word != "again" and parcel.rest:
            await jobs.put(tx, RESET, f"{parcel.key}+", tx.now, {"people": parcel.rest})


class PasswordErrand:
    """Carries the letter that tells of a new password."""

    def __init__(self, transactions: Transactions, mailer: Mailer) -> None:
        self._transactions = transactions
        self._mailer = mailer

    async def pack(self, tx: Transaction, due: Due) -> Letter | None:
        """Find where they are written to."""
        person = await tx.session.get(Person, due.key)
        to = await emails.address_of(tx.session, due.key)
        if person is None or to is None:
            return None
        return letters.of_new_password(to.address, self._mailer.site, person.name or "")

    async def carry(self, parcel: Letter) -> Outcome:
        """Hand it over."""
        return await self._mailer.send(parcel, self._transactions.now())

    async def settle(self, tx: Transaction, parcel: Letter, outcome: Outcome) -> None:
        """Leave nothing behind."""


class Leaving(NamedTuple):
    """What leaves now; until: when it is worth nothing any more, if that is known."""

    delivery: Delivery
    told: Notification
    until: datetime | None


async def _picked_up(tx: Transaction, due: Due) -> Leaving | None:
    """Find what is to leave now; drop what is not any more, and put off what is to leave later."""
    delivery = await tx.session.get(Delivery, due.key)
    if delivery is None:
        return None
    if delivery.state == "out":
        # Somebody was killed while it was on its way.
        _end(tx, delivery, "unsure")
        return None
    settings = await choices.settings_of(tx.session, [delivery.person_id])
    setting = settings.get(delivery.person_id)
    leaving = await _wanted(tx, delivery, setting)
    if leaving is None:
        _end(tx, delivery, "dropped")
        return None
    quiet = _quiet(setting, tx.now)
    if quiet is not None:
        await jobs.put(tx, due.kind, due.key, quiet)
        return None
    return leaving


async def _wanted(
    tx: Transaction, delivery: Delivery, setting: NotificationSetting | None
) -> Leaving | None:
    """Find what is to leave, if it is true still and they want it still, by this way."""
    if delivery.state != "waiting":
        return None
    told = await tx.session.get_one(Notification, delivery.notification_number)
    person = await tx.session.get_one(Person, delivery.person_id)
    ways = channels_of(MATTER_OF[told.kind], setting.chosen if setting else {})
    if delivery.channel not in ways or (told.read and told.in_app) or person.is_suspended(tx.now):
        return None
    of_space = select(Space.state, Space.starts_at).where(Space.id == told.space_id)
    space = (await tx.session.execute(of_space)).one_or_none() if told.space_id else None
    state, starts_at = space or (None, None)
    if is_stale(told, state, starts_at, tx.now):
        return None
    times = worth(told, starts_at)
    return Leaving(delivery, told, times and times[1])


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
