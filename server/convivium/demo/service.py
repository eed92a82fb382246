"""Fills a folder for trying it out, and empties it again."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.chat import service as chat
from convivium.chat import shared
from convivium.core.transaction import Transaction
from convivium.demo import script
from convivium.demo.line import acting, stand_in_line
from convivium.relationships import service as relationships
from convivium.spaces import links, schedule
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.stage import service as stage
from convivium.stage.models import Seat
from convivium.stage.rules import Limits

TITLE = "Welcome to the table"
DESCRIPTION = (
    "Four synthesised voices, talking in turns so that there is something to hear."
    " No real person speaks here. It goes away with: convivium demo remove"
)


PINNED = "Tap a face to see who it is"
LINES = (
    "Welcome! Write here whenever you like.",
    "I am only a voice from a file, but I read along.",
    "What you write reaches everybody at the table, also those who come later.",
)

LATER = "A table for tomorrow"
LATER_DESCRIPTION = (
    "A space for later, to try the bell and the calendar with. Nobody will start it: an hour after"
    " its time it is cancelled."
)
# Of its host: one that is live, and one for later.
SPACES = 2
HORIZON = schedule.Horizon(days=2, spaces=1, unstarted_s=3600.0)
LIMITS = Limits(co_hosts=2, speakers=10, heard=13, queue=100)
# By name, as the conversation has them: who helps the host, and who follows whom.
CO_HOST = "tamsin"
FOLLOWS = (("bo", "juno"), ("tamsin", "juno"), ("ravi", "juno"), ("juno", "tamsin"), ("ravi", "bo"))
HELPERS = 10
HELP_HOURS = 720


async def fill(tx: Transaction) -> str:
    """Make the people and their live space; empty when they are there already.

    Gives the path of a link to help at the table, which shows how one hosts.
    Raises NameTaken when somebody real has the name of one of them.
    """
    if await demo_people(tx.session):
        return ""
    people = [
        await accounts.sign_up(
            tx,
            name=speaker.name,
            password_hash=None,
            display_name=speaker.display_name,
            is_demo=True,
        )
        for speaker in script.speakers()
    ]
    host = acting(people[0])
    words = spaces.Words(title=TITLE, description=DESCRIPTION, topics=["Welcome"], languages=["en"])
    space = await spaces.create(tx, host, words, most=SPACES)
    await spaces.start(tx, host, space.id)
    for person in people:
        await stage.seat_down(tx, space.id, person.id)
        await stage.unmute(tx, acting(person), space)
    await _know_one_another(tx, space, people)
    await _lay_table(tx, space, people)
    later = await _schedule_another(tx, people)
    await stand_in_line(tx, host, space, later, LIMITS)
    _, secret = await links.make(tx, host, space.id, "co_host", uses=HELPERS, hours=HELP_HOURS)
    return f"/spaces/{space.id}#invitation={secret}"


async def _know_one_another(tx: Transaction, space: Space, people: Sequence[Person]) -> None:
    """Let them follow one another, and one of them help the host."""
    named = {person.name: person for person in people}
    for follower, followed in FOLLOWS:
        await relationships.follow(tx, acting(named[follower]), named[followed])
    await spaces.make_co_host(tx, space.id, named[CO_HOST].id)


async def _lay_table(tx: Transaction, space: Space, people: Sequence[Person]) -> None:
    """Pin a card, and write a few lines beside the talk."""
    host = acting(people[0])
    item, _ = await shared.share(tx, host, space, PINNED, None)
    await shared.pin(tx, host, space, item.id, pinned=True)
    for person, text in zip(people, LINES, strict=False):
        await chat.write(tx, acting(person), space, text)


async def _schedule_another(tx: Transaction, people: Sequence[Person]) -> Space:
    """Let there be a space for later, of which one of the others wants to be told."""
    host, another = acting(people[0]), acting(people[1])
    words = spaces.Words(title=LATER, description=LATER_DESCRIPTION, languages=["en"])
    space = await spaces.create(tx, host, words, most=SPACES)
    starts_at = (tx.now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    await schedule.schedule(tx, host, space, starts_at, HORIZON)
    await schedule.remind(tx, another, space)
    return space


async def remove(tx: Transaction) -> int:
    """Take the demo's spaces and people away; tells how many people went."""
    people = [person.id for person in await demo_people(tx.session)]
    await tx.session.execute(delete(Space).where(Space.host_id.in_(people)))
    await tx.session.execute(delete(Person).where(Person.id.in_(people)))
    return len(people)


async def take_seats(tx: Transaction) -> None:
    """Show the demo's people as present, in their seats and in line: they have no calls."""
    people = await demo_people(tx.session)
    for space, _ in await live_tables(tx.session):
        for person in people:
            await stage.come(tx, space.id, person.id)


async def live_tables(session: AsyncSession) -> list[tuple[Space, list[Person]]]:
    """List the live spaces of the demo with the demo's people in their seats."""
    found = await session.scalars(
        select(Space)
        .join(Person, Person.id == Space.host_id)
        .where(Person.is_demo, Space.state == "live")
        .order_by(Space.number)
    )
    return [(space, await _seated(session, space)) for space in found.all()]


async def is_live(session: AsyncSession, space: Space) -> bool | None:
    """Tell whether a space is still live; None when it was taken away with the demo."""
    state = await session.scalar(select(Space.state).where(Space.id == space.id))
    return None if state is None else state == "live"


async def _seated(session: AsyncSession, space: Space) -> list[Person]:
    seated = (
        select(Person)
        .join(Seat, Seat.person_id == Person.id)
        .where(Seat.space_id == space.id, Person.is_demo)
        .order_by(Seat.number)
    )
    return list((await session.scalars(seated)).all())


async def demo_people(session: AsyncSession) -> Sequence[Person]:
    """List the people the demo made."""
    return (await session.scalars(select(Person).where(Person.is_demo))).all()
