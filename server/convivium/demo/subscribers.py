"""What the demo does when somebody signs up: its hostess lets them in."""

from sqlalchemy import select

from convivium.accounts.events import SignedUp
from convivium.accounts.models import Person
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.demo.cast import acting
from convivium.relationships import service as relationships
from convivium.spaces import service as spaces
from convivium.spaces.models import Space

# Whoever tries it out is among the first; an instance that grows is not to be greeted for ever.
GREETED = 50


def subscribe(bus: Bus) -> None:
    """Greet whoever signs up."""
    bus.inside(SignedUp, _greet)


async def _greet(tx: Transaction, fact: SignedUp) -> None:
    """Follow somebody who is new, and invite them to the table of those one follows."""
    person = await tx.session.get_one(Person, fact.person_id)
    found = await tx.session.execute(
        select(Space, Person)
        .join(Person, Person.id == Space.host_id)
        .where(Person.is_demo, Space.state == "live", Space.listen_policy == "followed")
    )
    for space, host in found.all():
        known = await relationships.count_followed(tx.session, host.id)
        if person.is_demo or known >= GREETED:
            return
        await relationships.follow(tx, acting(host), person)
        await spaces.invite(tx, acting(host), space.id, person.id, "listener")
