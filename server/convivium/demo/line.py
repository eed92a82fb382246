"""Who waits in line at the demo's table: people without a voice, and what a host sees of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.transaction import Transaction
from convivium.demo.cast import acting
from convivium.demo.tables import People
from convivium.relationships import service as relationships
from convivium.spaces.models import Space
from convivium.stage import service as stage
from convivium.stage.models import Seat, SpeakRequest, Turn
from convivium.stage.rules import Limits


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody in line; days: the age of the account. spoke: turns they had here before."""

    name: str
    display_name: str
    note: str
    days: int
    spoke: int = 0
    follows_host: bool = False
    followed_by_host: bool = False


ASKERS = (
    Asker("efua", "Efua", "I grew up by the Volta. May I tell what it sounds like?", 400),
    Asker("mateo", "Mateo", "A question about microphones, thirty seconds.", 2, follows_host=True),
    Asker("sanna", "Sanna", "The extra plate: we do it too.", 90, 2, followed_by_host=True),
    Asker("kai", "Kai", "", 0),
)
TURN = timedelta(minutes=2)


async def stand_in_line(tx: Transaction, people: People, space: Space, limits: Limits) -> None:
    """Let the people of the line ask to speak, with what is known of each."""
    host = acting(await tx.session.get_one(Person, space.host_id))
    for asker in ASKERS:
        person = people[asker.name]
        await _become_known(tx, host, space, person, asker)
        await stage.ask(tx, acting(person), space, asker.note, limits)


async def _become_known(
    tx: Transaction, host: Actor, space: Space, person: Person, asker: Asker
) -> None:
    if asker.follows_host:
        await relationships.follow(tx, acting(person), await tx.session.get_one(Person, host.id))
    if asker.followed_by_host:
        await relationships.follow(tx, host, person)
    for nth in range(asker.spoke, 0, -1):
        began_at = tx.now - 2 * nth * TURN
        tx.session.add(
            Turn(
                space_id=space.id,
                person_id=person.id,
                asked=True,
                spoke=True,
                began_at=began_at,
                ended_at=began_at + TURN,
            )
        )


async def visitors_in_line(session: AsyncSession, space: Space) -> Sequence[Person]:
    """List those in line who are not of the demo, in order."""
    waiting = (
        select(Person)
        .join(SpeakRequest, SpeakRequest.person_id == Person.id)
        .where(SpeakRequest.space_id == space.id, ~Person.is_demo)
        .order_by(SpeakRequest.position, SpeakRequest.number)
    )
    return (await session.scalars(waiting)).all()


async def bring_up_visitors(tx: Transaction, space: Space, limits: Limits) -> None:
    """Let the host bring up visitors who ask, as far as there are seats."""
    host = await tx.session.get_one(Person, space.host_id)
    if not host.is_demo:
        return
    for person in await visitors_in_line(tx.session, space):
        try:
            await stage.accept(tx, acting(host), space, person, limits)
        except (stage.StageFull, stage.StageLocked):
            return


async def brought_up(session: AsyncSession, space: Space) -> Sequence[tuple[Person, Seat]]:
    """List those of the demo whom a host brought up, and who have not said yes."""
    seated = (
        select(Person, Seat)
        .join(Seat, Seat.person_id == Person.id)
        .where(
            Seat.space_id == space.id,
            Person.is_demo,
            Seat.absent_since.is_not(None) | Seat.confirm_by.is_not(None),
        )
    )
    return [(person, seat) for person, seat in await session.execute(seated)]


async def say_yes(tx: Transaction, space: Space, limits: Limits) -> None:
    """Let those come up whom a host brought up: nobody holds their devices."""
    for person, seat in await brought_up(tx.session, space):
        await stage.come(tx, space.id, person.id)
        if seat.confirm_by is not None:
            await stage.take_seat(tx, acting(person), space, "speaker", limits)
