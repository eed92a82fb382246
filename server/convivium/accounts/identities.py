"""Accounts that people have at providers elsewhere, by which they sign in: linked and unlinked.

Whose an identity is, is said by issuer and subject alone: never by an address or a name, which
anybody may claim there, and which pass from one person to another.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.models import Identity, Person
from convivium.accounts.seals import Seals
from convivium.accounts.service import DISPLAY_NAME_MAX
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.ids import new_id
from convivium.core.text import one_line
from convivium.core.transaction import Transaction

# How long somebody who is new has to find a name.
INTRODUCED_FOR = timedelta(minutes=30)
NAME_MAX = 30
_NO_NAME = re.compile(r"[^a-z0-9]+")
_PURPOSE = "introduction"


class IdentityTaken(Conflict):
    """It opens somebody else's account, or they have another of this provider."""

    code = "identity_taken"
    title = "This account there is linked already"
    detail = "It opens another account here. Sign in with it, or unlink it there first."


class IdentityNotFound(NotFound):
    """None of theirs."""

    code = "identity_not_found"
    title = "You have no such link"


class IntroductionOver(Conflict):
    """Nobody was introduced by a provider, or too long ago."""

    code = "introduction_over"
    title = "That took too long"
    detail = "It is too long ago that you came from there. Begin once more."


@dataclass(frozen=True, slots=True)
class Introduced:
    """Somebody of whom a provider said who they are there; name, display_name: what to begin with.

    They are cleaned, may be empty, and are theirs to change.
    """

    issuer: str
    subject: str
    name: str = ""
    display_name: str = ""


def introduction(seals: Seals, who: Introduced) -> str:
    """Write down for their browser who somebody is, until they have found a name here."""
    return seals.seal(_PURPOSE, asdict(who), INTRODUCED_FOR)


def introduced(seals: Seals, shown: str | None) -> Introduced:
    """Read it again. Raises IntroductionOver."""
    note = seals.open(_PURPOSE, shown) if shown else None
    if note is None:
        raise IntroductionOver
    return Introduced(**note)


def handle_of(said: str) -> str:
    """Make a name of ours of what somebody is called elsewhere; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", said.partition("@")[0]).encode("ascii", "ignore").decode()
    handle = _NO_NAME.sub("_", plain.lower())[:NAME_MAX].strip("_")
    return handle if len(handle) > 1 else ""


def shown_name_of(said: str) -> str:
    """Make a shown name of what somebody is called elsewhere."""
    return one_line(said)[:DISPLAY_NAME_MAX].strip()


async def whose(session: AsyncSession, issuer: str, subject: str) -> Person | None:
    """Find whose identity this is."""
    return await session.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.issuer == issuer, Identity.subject == subject)
    )


async def used(tx: Transaction, issuer: str, subject: str) -> None:
    """Remember that somebody came by it."""
    await tx.session.execute(
        update(Identity)
        .where(Identity.issuer == issuer, Identity.subject == subject)
        .values(used_at=tx.now)
    )


async def link(tx: Transaction, person_id: str, who: Introduced) -> None:
    """Let somebody sign in by an identity; again: they can already. Raises IdentityTaken."""
    known = await whose(tx.session, who.issuer, who.subject)
    if known is not None and known.id == person_id:
        return
    of_issuer = select(Identity.id).where(
        Identity.person_id == person_id, Identity.issuer == who.issuer
    )
    if known is not None or await tx.session.scalar(of_issuer) is not None:
        raise IdentityTaken
    tx.session.add(
        Identity(
            id=new_id(),
            person_id=person_id,
            issuer=who.issuer,
            subject=who.subject,
            created_at=tx.now,
        )
    )
    await tx.session.flush()


async def of(session: AsyncSession, person_id: str) -> Sequence[Identity]:
    """List somebody's identities, the oldest first."""
    own = select(Identity).where(Identity.person_id == person_id)
    return (await session.scalars(own.order_by(Identity.created_at, Identity.id))).all()


async def unlink(tx: Transaction, actor: Actor, identity_id: str, issuers: Collection[str]) -> None:
    """Let somebody sign in by an identity no more; issuers: by which one can sign in at all.

    Raises SignInAgain, IdentityNotFound, LastWay.
    """
    await sign_ins.own_recent(tx.session, actor, tx.now)
    found = await tx.session.scalar(
        select(Identity).where(Identity.id == identity_id, Identity.person_id == actor.id)
    )
    if found is None:
        raise IdentityNotFound("You have no such link, or not any more.")
    if found.issuer in issuers:
        await sign_ins.check_not_last(tx.session, actor.id, issuers)
    await tx.session.delete(found)
    await tx.session.flush()
