"""Fills a folder for trying it out, and empties it again."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.jobs import Job
from convivium.core.transaction import Transaction
from convivium.demo import script, words
from convivium.demo.cases import report_some, settle_one
from convivium.demo.cast import acting, introduce
from convivium.demo.lane import line_up
from convivium.demo.line import ASKERS, stand_in_line
from convivium.demo.tables import (
    People,
    open_dialects,
    open_kitchen,
    open_welcome,
    plan_tomorrow,
    remember_last_night,
)
from convivium.messages.models import Conversation, ConversationMember
from convivium.moderation.models import Case
from convivium.notifications.models import Notification
from convivium.relationships import service as relationships
from convivium.relationships.models import Follow
from convivium.spaces import links
from convivium.spaces.models import Space
from convivium.stage import service as stage
from convivium.stage.models import Seat
from convivium.stage.rules import Limits

LIMITS = Limits(co_hosts=2, speakers=10, heard=13, queue=100)
# By name: who follows whom.
FOLLOWS = (("bo", "juno"), ("tamsin", "juno"), ("ravi", "juno"), ("juno", "tamsin"), ("ravi", "bo"))
HELPERS = 10
HELP_HOURS = 720


async def fill(tx: Transaction) -> list[str]:
    """Make the people and their spaces; nothing when they are there already.

    Gives the paths of links to help at the two tables in which one can see how one hosts.
    Raises NameTaken when somebody real has the name of one of them.
    """
    if await demo_people(tx.session):
        return []
    people = await _introduce_everybody(tx)
    for follower, followed in FOLLOWS:
        await relationships.follow(tx, acting(people[follower]), people[followed])
    past = await remember_last_night(tx, people)
    table = await open_welcome(tx, people)
    dialects = await open_dialects(tx, people)
    await open_kitchen(tx, people)
    later = await plan_tomorrow(tx, people)
    await stand_in_line(tx, people, table, LIMITS)
    await line_up(tx, dialects, [people[name] for name in words.NOTES], LIMITS)
    await settle_one(tx, people, past)
    await report_some(tx, people, table, later)
    return [await _help_path(tx, space) for space in (table, dialects)]


async def _introduce_everybody(tx: Transaction) -> People:
    """Make all people of the demo, by name."""
    voices = [(speaker.name, speaker.display_name) for speaker in script.speakers()]
    people = {
        name: await introduce(tx, name, display_name)
        for name, display_name in (*voices, *words.KITCHEN_PEOPLE, words.TROUBLE)
    }
    for asker in ASKERS:
        people[asker.name] = await introduce(tx, asker.name, asker.display_name, days=asker.days)
    name, display_name = words.MODERATOR
    people[name] = await introduce(tx, name, display_name, role="moderator")
    return people


async def _help_path(tx: Transaction, space: Space) -> str:
    host = acting(await tx.session.get_one(Person, space.host_id))
    _, secret = await links.make(tx, host, space.id, "co_host", uses=HELPERS, hours=HELP_HOURS)
    return f"/spaces/{space.id}#invitation={secret}"


async def remove(tx: Transaction) -> int:
    """Take the demo's spaces and people away; tells how many people went.

    What stays is the log of what was done: it holds no names, and nothing of it is ever deleted.
    """
    people = [person.id for person in await demo_people(tx.session)]
    is_theirs = Space.host_id.in_(people) | Space.returns_to.in_(people)
    spaces = (await tx.session.scalars(select(Space.id).where(is_theirs))).all()
    is_about = Case.person_id.in_(people) | Case.host_id.in_(people)
    await tx.session.execute(delete(Case).where(is_about))
    await _forget_followers(tx, people)
    talked = select(ConversationMember.conversation_id).where(
        ConversationMember.person_id.in_(people)
    )
    await tx.session.execute(delete(Conversation).where(Conversation.id.in_(talked)))
    await tx.session.execute(delete(Space).where(Space.id.in_(spaces)))
    if spaces:
        # Keys of jobs begin with whatever they are about.
        due = or_(*(Job.key.startswith(space_id, autoescape=True) for space_id in spaces))
        await tx.session.execute(delete(Job).where(due))
    await tx.session.execute(delete(Person).where(Person.id.in_(people)))
    return len(people)


async def _forget_followers(tx: Transaction, people: Collection[str]) -> None:
    """Let nobody be told any more that one of the demo follows them."""
    followed = select(Follow.other_id).where(Follow.person_id.in_(people))
    rows = await tx.session.scalars(
        select(Notification).where(
            Notification.kind == "followed", Notification.person_id.in_(followed)
        )
    )
    for row in rows.all():
        left = [person for person in row.people if person not in people]
        row.count -= len(row.people) - len(left)
        row.people = left
        if row.count <= 0:
            await tx.session.delete(row)


async def take_seats(tx: Transaction) -> None:
    """Show the demo's people as present, in their seats and in line: they have no calls."""
    marked = {person.id for person in await demo_people(tx.session)}
    for space in await live_tables(tx.session):
        for person_id in await stage.on_stage_or_in_line(tx.session, space.id):
            if person_id in marked:
                await stage.come(tx, space.id, person_id)


async def live_tables(session: AsyncSession) -> Sequence[Space]:
    """List the live spaces of the demo."""
    found = await session.scalars(
        select(Space)
        .join(Person, Person.id == Space.host_id)
        .where(Person.is_demo, Space.state == "live")
        .order_by(Space.number)
    )
    return found.all()


async def all_spaces(session: AsyncSession) -> Sequence[Space]:
    """List the spaces of the demo, those first that are on air."""
    found = await session.scalars(
        select(Space).join(Person, Person.id == Space.host_id).where(Person.is_demo)
    )
    return sorted(found.all(), key=lambda space: (space.state != "live", space.number))


async def is_live(session: AsyncSession, space: Space) -> bool | None:
    """Tell whether a space is still live; None when it was taken away with the demo."""
    state = await session.scalar(select(Space.state).where(Space.id == space.id))
    return None if state is None else state == "live"


async def seated(session: AsyncSession, space_id: str, *, heard: bool = False) -> list[Person]:
    """List the demo's people in their seats; heard: only those whose microphones are open."""
    sitting = (
        select(Person)
        .join(Seat, Seat.person_id == Person.id)
        .where(Seat.space_id == space_id, Person.is_demo)
        .order_by(Seat.number)
    )
    if heard:
        sitting = sitting.where(~Seat.muted)
    return list((await session.scalars(sitting)).all())


async def demo_people(session: AsyncSession) -> Sequence[Person]:
    """List the people the demo made."""
    return (await session.scalars(select(Person).where(Person.is_demo))).all()


async def people_at(session: AsyncSession, table: str) -> list[Person]:
    """List those whose words are written for a table, its host first."""
    names = [speaker.name for speaker in script.speakers(table)]
    found = {
        person.name: person
        for person in await session.scalars(select(Person).where(Person.name.in_(names)))
        if person.is_demo
    }
    return [found[name] for name in names if name in found]
