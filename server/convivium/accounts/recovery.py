"""Recovery codes: ten words of nonsense on paper, each of which signs in once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.events import WayBackGiven
from convivium.accounts.models import Person, RecoveryCode
from convivium.accounts.service import WrongCredentials
from convivium.core.actor import Actor
from convivium.core.ids import fingerprint
from convivium.core.transaction import Transaction

CODES = 10
# Nothing that looks like something else; 16 of 31 make 79 bits, so that a plain hash is enough.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 16
GROUP = 4
# Of a code that an administrator gave.
GIVEN_LIFE = timedelta(days=1)


async def make(tx: Transaction, actor: Actor) -> list[str]:
    """Give somebody ten codes, told this once; former ones are void. Raises SignInAgain."""
    await sign_ins.own_recent(tx.session, actor, tx.now)
    await tx.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.id))
    codes = [_new() for _ in range(CODES)]
    tx.session.add_all(RecoveryCode(code_hash=fingerprint(c), person_id=actor.id) for c in codes)
    await tx.session.flush()
    return [_in_groups(code) for code in codes]


async def give(tx: Transaction, person: Person, *, by: str) -> tuple[str, datetime]:
    """Make one code for somebody who cannot sign in, told this once; one given before is void.

    Gives it, and until when it is good. Their own ones stay.
    """
    given = RecoveryCode.expires_at.is_not(None)
    own = RecoveryCode.person_id == person.id
    await tx.session.execute(delete(RecoveryCode).where(own, given))
    code, ends = _new(), tx.now + GIVEN_LIFE
    made = RecoveryCode(code_hash=fingerprint(code), person_id=person.id, expires_at=ends)
    tx.session.add(made)
    await tx.session.flush()
    await tx.announce(WayBackGiven(person.id, by))
    return _in_groups(code), ends


def _new() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _in_groups(code: str) -> str:
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


async def use(tx: Transaction, name: str, code: str) -> Person:
    """Find whose code this is, and cross it out. Raises WrongCredentials.

    One statement for a name that there is not and a code that is wrong: neither takes longer.
    """
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    whose = select(Person.id).where(Person.name == name).scalar_subquery()
    person_id = await tx.session.scalar(
        delete(RecoveryCode)
        .where(RecoveryCode.code_hash == fingerprint(plain), RecoveryCode.person_id == whose)
        .where(RecoveryCode.expires_at.is_(None) | (RecoveryCode.expires_at > tx.now))
        .returning(RecoveryCode.person_id)
    )
    if person_id is None:
        raise WrongCredentials("This name and this code do not belong together any more.")
    return await tx.session.get_one(Person, person_id)


async def left(session: AsyncSession, actor: Actor) -> int:
    """Count the codes that somebody has left of those they made."""
    own = select(func.count()).where(
        RecoveryCode.person_id == actor.id, RecoveryCode.expires_at.is_(None)
    )
    return await session.scalar(own) or 0
