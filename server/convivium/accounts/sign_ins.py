"""What people do about how they sign in: where they are signed in, and what shows it is them.

Whoever wants more than they had (another way in, a token) shows once more that it is them, unless
they did within the last ten minutes: a browser left open is not enough.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Identity, Passkey, Password, SignIn, Way
from convivium.accounts.passwords import Passwords
from convivium.accounts.service import AccountsOnly, NotASession, end_sessions
from convivium.accounts.void import void_links
from convivium.core.actor import Actor
from convivium.core.database import Database
from convivium.core.errors import Conflict, Forbidden, NotFound
from convivium.core.ids import fingerprint, new_secret
from convivium.core.transaction import Transaction

RECENT = timedelta(minutes=10)
# Whoever ended all others and was not told how that went can ask again for so long.
ASKED_AGAIN = timedelta(minutes=10)


class SignInAgain(Forbidden):
    """It takes a sign-in of the last ten minutes."""

    code = "sign_in_again"
    title = "Show once more that it is you"
    detail = "You signed in more than ten minutes ago. Show your password or passkey, and go on."


class WrongPassword(Forbidden):
    """The old password is not theirs."""

    code = "wrong_password"
    title = "That is not your password"
    detail = "This is not the password you have now. Nothing was changed."


class OldPasswordNeeded(Forbidden):
    """They have a password, and signed in with it."""

    code = "old_password_needed"
    title = "It takes your old password"
    detail = "Say the password you have now as well."


class LastWay(Conflict):
    """Nobody could sign in to this account any more."""

    code = "last_way"
    title = "This is your last way in"
    detail = "Without it you could not sign in any more. Add a passkey or a password first."


class SessionNotFound(NotFound):
    """None of theirs."""

    code = "session_not_found"
    title = "You are not signed in there"


async def own(session: AsyncSession, actor: Actor) -> SignIn:
    """Find the session that somebody with an account shows. Raises AccountsOnly, NotASession."""
    if not actor.has_account:
        raise AccountsOnly
    sign_in = await session.get(SignIn, actor.credential)
    if sign_in is None:
        raise NotASession
    return sign_in


async def own_recent(session: AsyncSession, actor: Actor, now: datetime) -> SignIn:
    """Find it, if it was shown lately that it is theirs. Raises what `own` does, SignInAgain."""
    sign_in = await own(session, actor)
    if sign_in.proved_at is None or sign_in.proved_at <= now - RECENT:
        raise SignInAgain
    return sign_in


async def sessions_of(session: AsyncSession, actor: Actor, now: datetime) -> Sequence[SignIn]:
    """List where somebody is signed in, what was used last first."""
    rows = await session.scalars(
        select(SignIn)
        .where(SignIn.person_id == actor.id, SignIn.expires_at > now)
        .order_by(SignIn.expires_at.desc(), SignIn.created_at.desc())
    )
    return rows.all()


async def has_password(session: AsyncSession, actor: Actor) -> bool:
    """Tell whether somebody can sign in with a password."""
    return await _stored(session, actor) is not None


async def check_not_last(session: AsyncSession, person_id: str, issuers: Collection[str]) -> None:
    """Refuse to take the last of somebody's ways to sign in. Raises LastWay.

    issuers: the providers that are asked here; an identity at another one opens nothing.
    """
    ways = (
        select(func.count()).where(Password.person_id == person_id),
        select(func.count()).where(Passkey.person_id == person_id),
        select(func.count()).where(Identity.person_id == person_id, Identity.issuer.in_(issuers)),
    )
    if sum([await session.scalar(way) or 0 for way in ways]) <= 1:
        raise LastWay


async def end_one(tx: Transaction, actor: Actor, session_id: str) -> None:
    """Sign out one browser, and end all that it opened; asked again: did it? SessionNotFound."""
    await own(tx.session, actor)
    if not await end_sessions(tx, actor.id, SignIn.id == session_id):
        raise SessionNotFound("You are not signed in there, or not any more.")


async def end_others(tx: Transaction, actor: Actor) -> None:
    """Sign out everywhere else, and end all that was opened there; asked again: did they?"""
    await own(tx.session, actor)
    await _end_others(tx, actor)


async def prove(tx: Transaction, actor: Actor, way: Way) -> None:
    """Remember that somebody showed once more that it is them."""
    sign_in = await own(tx.session, actor)
    sign_in.proved_at, sign_in.proved_by = tx.now, way
    await tx.session.flush()


async def check_password(
    database: Database, passwords: Passwords, actor: Actor, password: str
) -> str:
    """Check somebody's own password; gives what it was checked against.

    Raises AccountsOnly, NotASession, WrongPassword.
    """
    async with database.read() as session:
        await own(session, actor)
        stored = await _stored(session, actor)
    if stored is None or not await passwords.is_right(stored, password):
        raise WrongPassword
    return stored


async def change_password(
    tx: Transaction, actor: Actor, password_hash: str, checked: str | None
) -> str:
    """Set somebody's password and sign out everywhere else; gives the session's new secret.

    checked: what the old one was checked against. None when it was not shown: who has none, or
    came in without it within ten minutes, may have forgotten it.
    Raises SignInAgain, OldPasswordNeeded, WrongPassword.
    """
    stored = await _stored(tx.session, actor)
    if checked is None:
        sign_in = await own_recent(tx.session, actor, tx.now)
        if stored is not None and sign_in.proved_by == "password":
            raise OldPasswordNeeded
    elif checked != stored:
        raise WrongPassword
    await tx.session.merge(Password(person_id=actor.id, argon2=password_hash))
    await _end_others(tx, actor)
    await void_links(tx, actor.id)
    return await _renew(tx, actor)


async def _renew(tx: Transaction, actor: Actor) -> str:
    """Give a session another secret: what somebody has seen of the old one is worth nothing."""
    sign_in, secret = await own(tx.session, actor), new_secret()
    sign_in.secret_hash = fingerprint(secret)
    sign_in.proved_at, sign_in.proved_by = tx.now, "password"
    await tx.session.flush()
    return secret


async def _end_others(tx: Transaction, actor: Actor) -> None:
    lately = SignIn.expires_at > tx.now - ASKED_AGAIN
    await end_sessions(tx, actor.id, lately & (SignIn.id != actor.credential))


async def _stored(session: AsyncSession, actor: Actor) -> str | None:
    found: str | None = await session.scalar(
        select(Password.argon2).where(Password.person_id == actor.id)
    )
    return found
