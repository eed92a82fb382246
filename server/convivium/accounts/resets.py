"""A new password by a letter, for whoever forgot theirs and has an address here.

Nobody learns whether an address is somebody's: who asks is answered the same, and as soon, since
what has to be done is looked up and put down alike. The letter goes to the address that its person
confirmed, never to what was typed.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.events import PasswordForgotten, PasswordSet
from convivium.accounts.models import EmailAddress, Password, PasswordReset, Person, SignIn
from convivium.accounts.service import end_sessions
from convivium.accounts.void import void_links, void_tokens
from convivium.core.errors import NotFound
from convivium.core.ids import fingerprint, new_secret
from convivium.core.transaction import Transaction

LIFE = timedelta(minutes=30)
# An address may belong to several accounts; so many of them get a letter.
PEOPLE_AT_ONE = 5
FORGOTTEN_AT_ONCE = 500


class ResetOver(NotFound):
    """Nobody sent such a link, or it was used, or it is too old."""

    code = "reset_over"
    title = "This link does not work any more"
    detail = "It was used already, or it is more than half an hour old. Ask for another one."


async def ask(tx: Transaction, address: str) -> None:
    """Ask for letters to whoever has this address; the same is done where nobody has it."""
    small = address.lower()
    people = await tx.session.scalars(
        select(EmailAddress.person_id)
        .where(EmailAddress.small == small)
        .order_by(EmailAddress.confirmed_at)
        .limit(PEOPLE_AT_ONE)
    )
    await tx.announce(PasswordForgotten(fingerprint(small), tuple(people)))


async def link_for(tx: Transaction, person_id: str) -> tuple[str, str] | None:
    """Make the secret of a link that is about to be sent, and tell where; a former one is void.

    None: they have no address any more.
    """
    to = await tx.session.scalar(
        select(EmailAddress.address).where(EmailAddress.person_id == person_id)
    )
    if to is None:
        return None
    secret = new_secret()
    await tx.session.merge(
        PasswordReset(
            person_id=person_id, secret_hash=fingerprint(secret), expires_at=tx.now + LIFE
        )
    )
    await tx.session.flush()
    return to, secret


async def check(session: AsyncSession, secret: str, now: datetime) -> Person:
    """Find whose link it is, before anything is made of it. Raises ResetOver."""
    whose = select(Person).join(PasswordReset, PasswordReset.person_id == Person.id)
    person = await session.scalar(whose.where(_works(secret, now)))
    if person is None:
        raise ResetOver
    return person


async def use(tx: Transaction, secret: str, password_hash: str) -> Person:
    """Set somebody's password by a link, once, and sign them out everywhere. Raises ResetOver.

    Their tokens end, too, and what other letters lead to.
    """
    person_id = await tx.session.scalar(
        delete(PasswordReset).where(_works(secret, tx.now)).returning(PasswordReset.person_id)
    )
    if person_id is None:
        raise ResetOver
    await tx.session.merge(Password(person_id=person_id, argon2=password_hash))
    await tx.session.flush()
    await end_sessions(tx, person_id, SignIn.expires_at > tx.now)
    await void_tokens(tx, person_id)
    await void_links(tx, person_id)
    await tx.announce(PasswordSet(person_id))
    return await tx.session.get_one(Person, person_id)


async def forget_old(tx: Transaction) -> None:
    """Forget links that work no more, a part at a time."""
    old = select(PasswordReset.person_id).where(PasswordReset.expires_at <= tx.now)
    await tx.session.execute(
        delete(PasswordReset).where(PasswordReset.person_id.in_(old.limit(FORGOTTEN_AT_ONCE)))
    )


def _works(secret: str, now: datetime) -> ColumnElement[bool]:
    return (PasswordReset.secret_hash == fingerprint(secret)) & (PasswordReset.expires_at > now)
