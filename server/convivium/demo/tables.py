"""Lays the demo's tables: spaces with their people, and what lies and is written there."""

from collections.abc import Mapping
from datetime import timedelta

from convivium.accounts.models import Person
from convivium.chat import service as chat
from convivium.chat import shared
from convivium.core.transaction import Transaction
from convivium.demo import words
from convivium.demo.cast import acting
from convivium.spaces import schedule
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.stage import queue
from convivium.stage import service as stage

# Of one host: one that is live, and one for later.
SPACES = 2
HORIZON = schedule.Horizon(days=2, spaces=1, unstarted_s=3600.0)
CO_HOST = "tamsin"
WELCOME_SEATS = ("juno", "bo", "tamsin", "ravi")

People = Mapping[str, Person]


async def open_welcome(tx: Transaction, people: People) -> Space:
    """Open the table at which voices talk: with a co-host, a chat in slow mode and a card."""
    space = await _open(tx, people, words.WELCOME, WELCOME_SEATS)
    host = acting(people["juno"])
    await spaces.make_co_host(tx, space.id, people[CO_HOST].id)
    await chat.change_rules(tx, host, space, {"slow_seconds": words.SLOW_SECONDS})
    for name, text in words.LINES:
        await chat.write(tx, acting(people[name]), space, text)
    items = [
        await shared.share(tx, acting(people[name]), space, text, link)
        for name, text, link in words.SHARED
    ]
    await shared.pin(tx, host, space, items[0][0].id, pinned=True)
    return space


async def open_dialects(tx: Transaction, people: People) -> Space:
    """Open the table at which one stranger follows another, each with a timed turn."""
    space = await _open(tx, people, words.DIALECTS, ("nuri",))
    rules: dict[str, object] = {"policy": "fast_lane", "turn_seconds": words.TURN_SECONDS}
    await queue.change_rules(tx, acting(people["nuri"]), space, rules)
    return space


async def open_kitchen(tx: Transaction, people: People) -> Space:
    """Open the table for people whom the host follows, at which nobody talks."""
    seats = [name for name, _ in words.KITCHEN_PEOPLE]
    return await _open(tx, people, words.KITCHEN, seats)


async def plan_tomorrow(tx: Transaction, people: People) -> Space:
    """Let there be a space for later, of which one person wants to be told; another is invited."""
    host = acting(people["juno"])
    space = await spaces.create(tx, host, words.LATER, most=SPACES)
    starts_at = (tx.now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    await schedule.schedule(tx, host, space, starts_at, HORIZON)
    await schedule.remind(tx, acting(people["bo"]), space)
    await spaces.invite(tx, host, space.id, people["ravi"].id, "speaker")
    return space


async def remember_last_night(tx: Transaction, people: People) -> Space:
    """Let there be a space that has ended, from which one person was removed."""
    host = acting(people["juno"])
    space = await _open(tx, people, words.LAST_NIGHT, words.LAST_STAGE)
    await chat.change_rules(tx, host, space, {"kept": True})
    for name, text in words.LAST_LINES:
        await chat.write(tx, acting(people[name]), space, text)
    await stage.mute(tx, host, space, people["ravi"])
    await stage.remove(tx, host, space, people["kai"])
    await spaces.end(tx, host, space.id)
    # As the server does that hears of an end.
    await stage.leave_everything(tx, space.id)
    space.started_at = tx.now - timedelta(hours=20)
    space.ended_at = space.started_at + timedelta(minutes=50)
    return space


async def _open(
    tx: Transaction, people: People, said: spaces.Words, seats: tuple[str, ...] | list[str]
) -> Space:
    """Open a space of whoever is named first, with the others on the stage and heard."""
    host = acting(people[seats[0]])
    space = await spaces.create(tx, host, said, most=SPACES)
    await spaces.start(tx, host, space.id)
    for name in seats:
        await stage.seat_down(tx, space.id, people[name].id)
        await stage.unmute(tx, acting(people[name]), space)
    return space
