"""What is written down about turns: how they are given, who has one, and who waits for one."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from convivium.core.transaction import Transaction
from convivium.stage.models import Floor, LastAsked, Seat, SpeakRequest, Turn
from convivium.stage.order import LATELY, Waiting
from convivium.stage.rules import USUAL, FloorRules

# How long whoever is brought up may take to say yes.
CONFIRM_S = 15.0
# How long a sentence may go on when its speaker's time is up.
GRACE_S = 5.0


async def rules_of(session: AsyncSession, space_id: str) -> FloorRules:
    """Read how turns are given in a space."""
    return (await rules_among(session, [space_id]))[space_id]


async def rules_among(session: AsyncSession, space_ids: Collection[str]) -> dict[str, FloorRules]:
    """Read how turns are given in each of several spaces."""
    rows = await session.scalars(select(Floor).where(Floor.space_id.in_(space_ids)))
    return dict.fromkeys(space_ids, USUAL) | {row.space_id: _rules(row) for row in rows}


def _rules(row: Floor) -> FloorRules:
    return FloorRules(**{name: getattr(row, name) for name in FloorRules.__slots__})


async def change_rules(tx: Transaction, space_id: str, change: dict[str, object]) -> FloorRules:
    """Write down how turns are given from now on; what is not named stays."""
    rules = replace(await rules_of(tx.session, space_id), **change)  # type: ignore[arg-type]
    await tx.session.merge(Floor(space_id=space_id, **asdict(rules)))
    await tx.session.flush()
    return rules


# Who waits


def has_spoken(space_id: str) -> ColumnElement[bool]:
    """Ask of a request's person whether they have been heard in this space."""
    return exists().where(
        Turn.space_id == space_id, Turn.person_id == SpeakRequest.person_id, Turn.spoke
    )


async def waiting(session: AsyncSession, space_id: str) -> list[Waiting]:
    """List who waits, in order."""
    rows = await session.execute(
        select(SpeakRequest.person_id, has_spoken(space_id), SpeakRequest.is_ready)
        .where(SpeakRequest.space_id == space_id)
        .order_by(SpeakRequest.position, SpeakRequest.number)
    )
    return [Waiting(*row) for row in rows]


async def arrange(tx: Transaction, space_id: str, people: Sequence[str]) -> None:
    """Write the whole order down; it is of a hundred people at most."""
    places = {person: place for place, person in enumerate(people, 1)}
    rows = await tx.session.scalars(select(SpeakRequest).where(SpeakRequest.space_id == space_id))
    for request in rows:
        request.position = places[request.person_id]
    await tx.session.flush()


async def is_first_timer(session: AsyncSession, space_id: str, person_id: str) -> bool:
    """Tell whether somebody was never heard in this space."""
    spoke = exists().where(Turn.space_id == space_id, Turn.person_id == person_id, Turn.spoke)
    return not await session.scalar(select(spoke))


async def asked_last(session: AsyncSession, space_id: str, person_id: str) -> datetime | None:
    """Tell when somebody asked to speak last."""
    row = await session.get(LastAsked, (space_id, person_id))
    return None if row is None else row.at


async def note_asking(tx: Transaction, space_id: str, person_id: str) -> None:
    """Write down that somebody asked now."""
    await tx.session.merge(LastAsked(space_id=space_id, person_id=person_id, at=tx.now))


# Turns


async def begin_turn(tx: Transaction, seat: Seat, *, asked: bool, timed: bool) -> None:
    """Count somebody's time on the stage from now on."""
    turn = (await rules_of(tx.session, seat.space_id)).turn
    seat.confirm_by = None
    seat.turn_ends_at = tx.now + turn if timed and turn is not None else None
    tx.session.add(
        Turn(space_id=seat.space_id, person_id=seat.person_id, asked=asked, began_at=tx.now)
    )
    await tx.session.flush()


async def note_voice(tx: Transaction, seat: Seat) -> None:
    """Write down that somebody has opened the microphone in this turn."""
    await tx.session.execute(update(Turn).where(*_open(seat), ~Turn.spoke).values(spoke=True))


async def end_turn(tx: Transaction, space_id: str, person_id: str) -> None:
    """Write down that somebody's turn is over, if one was."""
    await tx.session.execute(
        update(Turn)
        .where(Turn.space_id == space_id, Turn.person_id == person_id, Turn.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


async def speak_freely(tx: Transaction, space_id: str, person_id: str) -> None:
    """Let somebody keep their seat without a yes and without an end: they lead the space now."""
    await end_turn(tx, space_id, person_id)
    await tx.session.execute(
        update(Seat)
        .where(Seat.space_id == space_id, Seat.person_id == person_id)
        .values(confirm_by=None, turn_ends_at=None)
    )


async def end_turns(tx: Transaction, space_id: str) -> None:
    """Write down that every turn is over, since the space is."""
    await tx.session.execute(
        update(Turn)
        .where(Turn.space_id == space_id, Turn.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


async def forget_ends(tx: Transaction, space_id: str) -> None:
    """Let every turn last, since turns have no end any more."""
    await tx.session.execute(
        update(Seat).where(Seat.space_id == space_id).values(turn_ends_at=None)
    )


async def on_turn(session: AsyncSession, space_id: str) -> Sequence[Seat]:
    """List the seats of those who came up from the queue, whether they have said yes or not."""
    asked = exists().where(
        Turn.space_id == Seat.space_id,
        Turn.person_id == Seat.person_id,
        Turn.ended_at.is_(None),
        Turn.asked,
    )
    return (
        await session.scalars(
            select(Seat)
            .where(Seat.space_id == space_id, Seat.confirm_by.is_not(None) | asked)
            .order_by(Seat.number)
        )
    ).all()


async def came_up(session: AsyncSession, space_id: str) -> Sequence[datetime]:
    """List when people came up from the queue, the latest first; as many as say how fast it is."""
    return (
        await session.scalars(
            select(Turn.began_at)
            .where(Turn.space_id == space_id, Turn.asked)
            .order_by(Turn.number.desc())
            .limit(LATELY)
        )
    ).all()


async def is_anything_due(session: AsyncSession, now: datetime) -> bool:
    """Tell whether a seat was not taken in time, or somebody's time is up."""
    return bool(await session.scalar(select(exists().where(_lapsed(now) | _over(now)))))


async def lapsed(session: AsyncSession, now: datetime) -> Sequence[Seat]:
    """List the seats to which nobody said yes in time; who has no call is waited for elsewhere."""
    return (await session.scalars(select(Seat).where(_lapsed(now)))).all()


async def over(session: AsyncSession, now: datetime) -> Sequence[Seat]:
    """List the seats of those whose time is up, their last sentence included."""
    return (await session.scalars(select(Seat).where(_over(now)))).all()


def _lapsed(now: datetime) -> ColumnElement[bool]:
    return (Seat.confirm_by <= now) & Seat.absent_since.is_(None)


def _over(now: datetime) -> ColumnElement[bool]:
    return Seat.turn_ends_at <= now - timedelta(seconds=GRACE_S)


def _open(seat: Seat) -> tuple[ColumnElement[bool], ...]:
    return (
        Turn.space_id == seat.space_id,
        Turn.person_id == seat.person_id,
        Turn.ended_at.is_(None),
    )
