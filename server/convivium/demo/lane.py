"""The demo's fast lane: strangers who stand in line, come up one after another, and ask again."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.errors import Refusal
from convivium.core.transaction import Transaction
from convivium.demo import words
from convivium.demo.cast import acting
from convivium.demo.line import visitors_in_line
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.stage import floor, queue
from convivium.stage import service as stage
from convivium.stage.models import Seat, Turn
from convivium.stage.rules import Limits

# How long the turns of strangers are kept: as long as they say how fast the line moves.
KEPT = timedelta(minutes=10)


async def line_up(
    tx: Transaction, space: Space, strangers: Sequence[Person], limits: Limits
) -> None:
    """Let strangers ask who are neither up nor in line, as far as hosts let them."""
    there = await stage.on_stage_or_in_line(tx.session, space.id)
    for person in strangers:
        is_out = await spaces.is_barred(tx.session, space.id, person.id)
        if person.id in there or is_out or person.is_suspended(tx.now):
            continue
        with suppress(Refusal):
            note = words.NOTES.get(person.name or "", "")
            await stage.ask(tx, acting(person), space, note, limits)
            await stage.come(tx, space.id, person.id)
    waiting = await floor.waiting(tx.session, space.id)
    for person in strangers:
        # Only the first: else who is ready would overtake visitors at the head for ever.
        if waiting and waiting[0].person == person.id and not waiting[0].is_ready:
            await queue.set_ready(tx, acting(person), space, is_ready=True)


async def call_next(tx: Transaction, space: Space, limits: Limits) -> None:
    """Let the host say "next!", unless nobody waits, or somebody locked the stage."""
    host = await tx.session.get_one(Person, space.host_id)
    if not host.is_demo:
        return
    with suppress(Refusal):
        await queue.bring_up_next(tx, acting(host), space, None, limits)
    old = (Turn.space_id == space.id) & (Turn.ended_at < tx.now - KEPT)
    await tx.session.execute(delete(Turn).where(old))


async def is_led_by_visitor(session: AsyncSession, space: Space) -> bool:
    """Tell whether somebody real helps the host: then it is theirs to say "next!"."""
    helpers = await spaces.co_hosts_of(session, space.id)
    return bool(helpers & set(await stage.on_stage_or_in_line(session, space.id)))


async def on_turn(session: AsyncSession, space: Space) -> Seat | None:
    """Give the seat of whoever came up last by the line."""
    seats = await floor.on_turn(session, space.id)
    return seats[-1] if seats else None


async def is_time(session: AsyncSession, space: Space, said: int, *, goes_on: bool) -> bool:
    """Tell whether the next one may come up.

    said: the seat of the stranger who was heard last. goes_on: also without a visitor in line.
    """
    up = await on_turn(session, space)
    if (up is not None and up.number != said) or await is_led_by_visitor(session, space):
        return False
    return goes_on or bool(await visitors_in_line(session, space))
