"""Addresses for mail: claimed by somebody, worth nothing until they followed the link.

An address may belong to several accounts: nobody learns from ours whether it has one.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.events import EmailClaimed
from convivium.accounts.models import EmailAddress, EmailClaim
from convivium.accounts.void import void_links
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.ids import fingerprint, new_secret
from convivium.core.transaction import Transaction

CLAIM_LIFE = timedelta(days=1)
FORGOTTEN_AT_ONCE = 500
# RFC 5321, 4.5.3.1: 64 before the @, 254 in all.
LONGEST = 254
LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class NoMail(Conflict):
    """There is no mail server."""

    code = "no_mail"
    title = "This server sends no mail"
    detail = "Whoever runs it has not said by which server. Push works without."


class LinkUnknown(NotFound):
    """Nobody sent such a link, or it was used, or it is too old."""

    code = "link_unknown"
    title = "This link does not work any more"
    detail = "It was used already, or it is more than a day old. Ask for another one."


def plain_address(text: str) -> str:
    """Write an address as mail servers take it; raises ValueError with a sentence."""
    local, at, domain = text.strip().rpartition("@")
    try:
        # A domain in other letters travels as what it is (RFC 5890).
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    address = f"{local}@{host}"
    labels = host.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdecimal()
    is_short = len(address) <= LONGEST and len(local) <= LONGEST_LOCAL
    if not (at and is_short and is_name and _LOCAL.fullmatch(local)):
        raise ValueError("this is not an e-mail address")
    return address


async def claim(tx: Transaction, actor: Actor, address: str) -> EmailClaim:
    """Say that an address is one's own; the one until now counts until the link was followed.

    Raises AccountsOnly, NotASession, SignInAgain.
    """
    await sign_ins.own_recent(tx.session, actor, tx.now)
    return await claim_for(tx, actor.id, address)


async def claim_for(tx: Transaction, person_id: str, address: str) -> EmailClaim:
    """Write down that an address is said to be somebody's, who is just signing up or asked."""
    claimed = await tx.session.merge(
        EmailClaim(
            person_id=person_id,
            address=address,
            secret_hash=None,
            expires_at=tx.now + CLAIM_LIFE,
        )
    )
    await tx.session.flush()
    await tx.announce(EmailClaimed(person_id))
    return claimed


async def link_for(tx: Transaction, claimed: EmailClaim) -> str:
    """Make the secret of the link that is about to be sent; a former one is void."""
    secret = new_secret()
    claimed.secret_hash = fingerprint(secret)
    await tx.session.flush()
    return secret


async def confirm(tx: Transaction, secret: str) -> None:
    """Take an address for somebody's, since they followed its link. Raises LinkUnknown."""
    claimed = await tx.session.scalar(
        select(EmailClaim).where(
            EmailClaim.secret_hash == fingerprint(secret), EmailClaim.expires_at > tx.now
        )
    )
    if claimed is None:
        raise LinkUnknown
    await tx.session.merge(
        EmailAddress(
            person_id=claimed.person_id,
            address=claimed.address,
            small=claimed.address.lower(),
            confirmed_at=tx.now,
            unsubscribe_key=new_secret(),
        )
    )
    # What was sent to the address until now leads nowhere any more.
    await void_links(tx, claimed.person_id)


async def remove(tx: Transaction, actor: Actor) -> None:
    """Have no address, nor a claim to one, nor a letter on its way that works."""
    await tx.session.execute(delete(EmailAddress).where(EmailAddress.person_id == actor.id))
    await void_links(tx, actor.id)


async def address_of(session: AsyncSession, person_id: str) -> EmailAddress | None:
    """Find somebody's address, of which they have shown that it is theirs."""
    return await session.get(EmailAddress, person_id)


async def claim_of(session: AsyncSession, person_id: str, now: datetime) -> EmailClaim | None:
    """Find the address that somebody has still to show to be theirs."""
    found = await session.get(EmailClaim, person_id)
    return found if found is not None and found.expires_at > now else None


async def with_address(session: AsyncSession, people: Collection[str]) -> frozenset[str]:
    """List who of several people can be written to."""
    rows = select(EmailAddress.person_id).where(EmailAddress.person_id.in_(people))
    return frozenset(await session.scalars(rows))


async def whose_key(session: AsyncSession, key: str) -> str:
    """Find who wants no more mail, by the key in theirs. Raises LinkUnknown."""
    found = await session.scalar(
        select(EmailAddress.person_id).where(EmailAddress.unsubscribe_key == key)
    )
    if found is None:
        raise LinkUnknown("This link is of an address that is not used here any more.")
    return found


async def forget_claims(tx: Transaction) -> None:
    """Forget addresses that nobody showed to be theirs, a part at a time."""
    old = select(EmailClaim.person_id).where(EmailClaim.expires_at <= tx.now)
    await tx.session.execute(
        delete(EmailClaim).where(EmailClaim.person_id.in_(old.limit(FORGOTTEN_AT_ONCE)))
    )
