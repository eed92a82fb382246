"""The demo's people: marked, and without a password, so that nobody can sign in as one of them."""

from datetime import timedelta

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.core.actor import Actor, Role
from convivium.core.transaction import Transaction


async def introduce(
    tx: Transaction, name: str, display_name: str, *, role: Role = "member", days: int = 0
) -> Person:
    """Make one of them; days: the age of the account. Raises NameTaken."""
    person = await accounts.sign_up(
        tx,
        name=name,
        password_hash=None,
        display_name=f"{display_name} (demo)",
        role=role,
        is_demo=True,
    )
    person.created_at = tx.now - timedelta(days=days)
    return person


def acting(person: Person) -> Actor:
    """Act as one of the demo's people."""
    return Actor(
        kind="account",
        id=person.id,
        name=person.name,
        display_name=person.display_name,
        role=person.role,
    )
