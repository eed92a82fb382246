"""What people do about who they are: sign up, sign in, sign out, change how they are shown."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import joining, profiles
from convivium.accounts.challenges import forget_used
from convivium.accounts.common_passwords import is_common
from convivium.accounts.devices import UNKNOWN, Device
from convivium.accounts.events import (
    SignedOut,
    SignedUp,
    Suspended,
    SuspendedAtDoor,
    SuspensionLifted,
)
from convivium.accounts.likeness import likeness
from convivium.accounts.models import (
    AdminInvite,
    IdempotencyKey,
    Password,
    Person,
    SignIn,
    Token,
    Way,
)
from convivium.accounts.passwords import Passwords
from convivium.core.actor import ALL_SCOPES, Actor, Role, Scope
from convivium.core.clock import rfc_3339
from convivium.core.database import Base, Database
from convivium.core.errors import Conflict, Forbidden, Malformed, NotFound, NotSignedIn
from convivium.core.ids import fingerprint, new_id, new_secret
from convivium.core.transaction import Transaction, Transactions

NAME = re.compile(r"[a-z0-9_]{2,30}")
PASSWORD_MIN = 10
PASSWORD_MAX = 200
DISPLAY_NAME_MAX = 50
SESSION_LIFE = timedelta(days=30)
# Far more browsers than one person has; who signs in in another signs out where it was longest ago.
SESSIONS_OF_ONE = 100
INVITE_LIFE = timedelta(days=1)
# Guests whose session was not prolonged for so long were not seen for a day at the least: a session
# in use is prolonged once a day.
GUEST_UNSEEN = timedelta(days=2)
# How long the row of an ended session is kept: a call that it opened may outlive it.
KEPT_AFTER_END = timedelta(days=1)
# Milliseconds of the one writer.
FORGOTTEN_AT_ONCE = 500
TOKEN_PREFIX = "cvv_pat_"  # noqa: S105 - what tokens begin with, for people and scanners

GUEST_SCOPES: frozenset[Scope] = frozenset(("read", "write"))

_INSERT_PERSON = insert(Base.metadata.tables[Person.__tablename__])
_INSERT_SESSION = insert(Base.metadata.tables[SignIn.__tablename__])
_ONE_WITH_VOICES = select(Person.id).where(Person.voice.in_(bindparam("voices", expanding=True)))


class NameTaken(Conflict):
    """Somebody has this name already."""

    code = "name_taken"
    title = "This name is taken"
    detail = "Somebody here has this name already. Choose another."


class WrongCredentials(NotSignedIn):
    """No such name with such a password; it is not said which of the two."""

    code = "wrong_credentials"
    title = "That did not match"
    detail = "This name and password do not belong together."


class CommonPassword(Malformed):
    """Whoever guesses begins with this one."""

    code = "common_password"
    title = "Others would guess this password"
    detail = (
        "Many people take this password, or it is made of a name. Choose one that others do not"
        " think of: three or four words that do not belong together are good."
    )


class InviteUsed(Forbidden):
    """The one-time link was used already, or is too old."""

    code = "invite_used"
    title = "This link does not work any more"
    detail = "It can be used once and within a day. Ask for a new one: convivium admin invite."


class PersonNotFound(NotFound):
    """Nobody by this id or name."""

    code = "person_not_found"
    title = "There is nobody by this name"


class AccountsOnly(Forbidden):
    """A guest tried what needs an account."""

    code = "guest"
    title = "Guests cannot do this"
    detail = "Sign up first: it takes a name and a password."


class NotASession(Forbidden):
    """A token was to do what takes a browser that is signed in."""

    code = "not_a_session"
    title = "A token cannot do this"
    detail = "This request came with a token. Sign in with a browser to do this."


class AccountSuspended(Forbidden):
    """The password is right, and the account is suspended."""

    code = "suspended"
    title = "This account is suspended"
    detail = "The moderators of this server suspended it. You can appeal once."

    def __init__(self, until: datetime | None = None, words: str = "") -> None:
        super().__init__()
        ends = None if until is None else rfc_3339(until)
        self.members |= {"until": ends, "words": words}


def check_name(name: str) -> None:
    """Refuse a name that nobody could have."""
    if not NAME.fullmatch(name):
        raise Malformed("name: 2 to 30 of the letters a to z, digits and _.")


def check_password(password: str, *own: str | None) -> None:
    """Refuse a password that is too short, so long that hashing it is work, or guessed first.

    own: names of whoever takes it, and of this server. Raises Malformed, CommonPassword.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Malformed(f"password: {PASSWORD_MIN} to {PASSWORD_MAX} characters.")
    if is_common(password, [name for name in own if name]):
        raise CommonPassword


async def sign_up(
    tx: Transaction,
    *,
    name: str,
    password_hash: str | None,
    display_name: str = "",
    role: Role = "member",
    is_demo: bool = False,
    person_id: str | None = None,
    admitted: joining.Admitted = joining.AT_ONCE,
) -> Person:
    """Make an account; without a password it takes a passkey to sign in to it.

    person_id: where a passkey was made for it already. admitted: by `joining.admit`, for whoever
    came by themselves: some wait until staff let them in, and until then there is no such account
    for anybody. Raises NameTaken, NameTooAlike, Malformed.
    """
    check_name(name)
    if await tx.session.scalar(select(Person.id).where(Person.name == name)):
        raise NameTaken
    await profiles.check_handle(tx.session, name)
    await profiles.check_name(tx.session, display_name or name, name)
    person = Person(
        id=person_id or new_id(),
        kind="waiting" if admitted.waits else "account",
        name=name,
        display_name=display_name or name,
        role=role,
        listed=True,
        voice=(await new_voices(tx.session, 1))[0],
        is_demo=is_demo,
        created_at=tx.now,
        likeness=likeness(display_name or name),
        name_likeness=likeness(name),
    )
    tx.session.add(person)
    await tx.session.flush()
    if password_hash is not None:
        tx.session.add(Password(person_id=person.id, argon2=password_hash))
    await joining.note_how(tx, person.id, admitted)
    if not admitted.waits:
        await tx.announce(SignedUp(person.id))
    return person


async def become_admin(tx: Transaction, person: Person, invite: str) -> None:
    """Use the one-time link. Raises InviteUsed, and then the account is not made either.

    It makes the first administrator only: with one there, every link that is still about is void.
    """
    if await has_admin(tx.session):
        raise InviteUsed
    used = await tx.session.scalar(
        delete(AdminInvite)
        .where(AdminInvite.secret_hash == fingerprint(invite), AdminInvite.expires_at > tx.now)
        .returning(AdminInvite.secret_hash)
    )
    if used is None:
        raise InviteUsed
    person.role = "admin"


def new_guest(network: str) -> tuple[Actor, str]:
    """Think of a guest, and of the secret for their cookie; `keep_guests` writes them down."""
    guest = Actor(
        kind="guest",
        id=new_id(),
        display_name="Guest",
        credential=new_id(),
        scopes=GUEST_SCOPES,
        network=network,
    )
    return guest, new_secret()


async def keep_guests(tx: Transaction, guests: Sequence[tuple[Actor, str]]) -> list[Actor]:
    """Write down guests with a session of their own and its secret; gives them with their voices.

    Past the unit of work: a crowd comes in by this door, and nobody changes a guest here.
    """
    if not guests:
        return []
    voices = await new_voices(tx.session, len(guests))
    kept = [replace(guest, voice=voice) for (guest, _), voice in zip(guests, voices, strict=True)]
    await tx.session.execute(_INSERT_PERSON, [_guest_row(guest, tx.now) for guest in kept])
    sessions = [_session_row(guest, secret, tx.now) for guest, secret in guests]
    await tx.session.execute(_INSERT_SESSION, sessions)
    return kept


async def forget_guest(tx: Transaction, guest: Actor) -> None:
    """Forget a guest who never came in, and their session with them."""
    await tx.session.execute(delete(Person).where(Person.id == guest.id, Person.kind == "guest"))


async def begin_session(
    tx: Transaction, person: Person, way: Way = "password", device: Device = UNKNOWN
) -> tuple[SignIn, str]:
    """Sign somebody in; the secret is given once and only its hash is kept.

    way: how they showed who they are. device: what their browser calls itself.
    Raises AccountSuspended, with the words of whoever knows why.
    """
    if await tx.session.scalar(
        select(Person.id).where(Person.id == person.id, is_suspended(tx.now))
    ):
        await tx.announce(SuspendedAtDoor(person.id))
        raise AccountSuspended
    await _make_room(tx, person)
    secret = new_secret()
    session = SignIn(
        id=new_id(),
        person_id=person.id,
        secret_hash=fingerprint(secret),
        created_at=tx.now,
        expires_at=tx.now + SESSION_LIFE,
        browser=device.browser,
        system=device.system,
        proved_at=tx.now,
        proved_by=way,
    )
    tx.session.add(session)
    await tx.session.flush()
    return session, secret


async def enter(
    tx: Transaction,
    actor: Actor,
    person: Person,
    way: Way,
    device: Device = UNKNOWN,
    proved_at: datetime | None = None,
) -> str:
    """Sign somebody in; a guest who signs in is that guest no more. Raises AccountSuspended.

    Who still waits to be let in stays a guest until then.
    proved_at: when they showed who they are, if not now.
    """
    if actor.kind == "guest" and person.kind == "account":
        await leave_behind(tx, actor)
    session, secret = await begin_session(tx, person, way, device)
    if proved_at is not None:
        session.proved_at = proved_at
    return secret


async def _make_room(tx: Transaction, person: Person) -> None:
    """End the sessions of somebody that were not used for longest, where there are very many."""
    live = select(SignIn.id).where(SignIn.person_id == person.id, SignIn.expires_at > tx.now)
    unused = live.order_by(SignIn.expires_at.desc(), SignIn.created_at.desc())
    await end_sessions(tx, person.id, SignIn.id.in_(unused.offset(SESSIONS_OF_ONE - 1)))


async def end_sessions(tx: Transaction, person_id: str, which: ColumnElement[bool]) -> int:
    """End these of somebody's sessions and all that was opened with them; tells how many.

    Their rows are kept until they are forgotten with the old ones, so that one can ask again.
    """
    ended = await tx.session.scalars(
        update(SignIn)
        .where(SignIn.person_id == person_id, which)
        .values(expires_at=tx.now)
        .returning(SignIn.id)
    )
    ids = ended.all()
    for session_id in ids:
        await tx.announce(SignedOut(person_id, session_id))
    return len(ids)


async def sign_out(tx: Transaction, actor: Actor) -> None:
    """End the session that was shown, and all that was opened with it. Raises NotASession."""
    if not await end_sessions(tx, actor.id, SignIn.id == actor.credential):
        raise NotASession


async def end_waiting(tx: Transaction, cookies: list[str]) -> None:
    """End the sessions of who waits to be let in: they listened as a guest until now."""
    shown = [fingerprint(cookie) for cookie in cookies]
    waiting = select(Person.id).where(Person.id == SignIn.person_id, Person.kind == "waiting")
    await tx.session.execute(
        update(SignIn)
        .where(SignIn.secret_hash.in_(shown), waiting.exists())
        .values(expires_at=tx.now)
    )


async def sign_out_again(tx: Transaction, cookies: list[str]) -> None:
    """Ask once more that all be ended that was opened with sessions which ended before.

    Raises NotSignedIn for cookies that nobody knows.
    """
    shown = [fingerprint(cookie) for cookie in cookies]
    ended = await tx.session.scalars(select(SignIn).where(SignIn.secret_hash.in_(shown)))
    sessions = ended.all()
    if not sessions:
        raise NotSignedIn
    for session in sessions:
        # One of somebody who waits had not ended: it was worth nothing yet.
        session.expires_at = min(session.expires_at, tx.now)
        await tx.announce(SignedOut(session.person_id, session.id))


async def stored_password(session: AsyncSession, name: str) -> tuple[Person | None, str | None]:
    """Look up somebody by name with what their password is checked against."""
    row = (
        await session.execute(
            select(Person, Password.argon2).join(Password).where(Person.name == name)
        )
    ).first()
    return (row[0], row[1]) if row else (None, None)


async def whose(database: Database, passwords: Passwords, name: str, password: str) -> Person:
    """Find whose name and password these are. Raises WrongCredentials."""
    person, _ = await shown_password(database, passwords, name, password)
    return person


async def shown_password(
    database: Database, passwords: Passwords, name: str, password: str
) -> tuple[Person, str]:
    """Find whose these are, and what the password was checked against. Raises WrongCredentials."""
    async with database.read() as session:
        person, stored = await stored_password(session, name)
    # Looked at in any case: how long it takes does not tell whether there is such a name.
    if not await passwords.is_right(stored, password) or person is None or stored is None:
        raise WrongCredentials
    return person, stored


async def check_unchanged(tx: Transaction, person: Person, stored: str) -> None:
    """Refuse a password that was changed since it was checked. Raises WrongCredentials."""
    now = await tx.session.scalar(select(Password.argon2).where(Password.person_id == person.id))
    if now != stored:
        raise WrongCredentials


async def change_profile(
    tx: Transaction,
    actor: Actor,
    *,
    display_name: str | None,
    listed: bool | None,
    protected: bool | None = None,
    about: profiles.About | None = None,
) -> Person:
    """Change how one is shown; what is None stays. Raises AccountsOnly, NameTooAlike."""
    person = await tx.session.get_one(Person, actor.id)
    of_accounts = (display_name, protected, about)
    if person.kind == "guest" and any(part is not None for part in of_accounts):
        raise AccountsOnly
    was_protected = person.protected
    if display_name is not None and display_name != person.display_name:
        await _rename(tx, person, display_name)
    if listed is not None:
        person.listed = listed
    if protected is not None:
        person.protected = protected
    if about is not None:
        await profiles.say(tx, person.id, about)
    await profiles.show(tx, person, is_opened=was_protected and not person.protected)
    return person


async def _rename(tx: Transaction, person: Person, display_name: str) -> None:
    """Show somebody by another name; what was found to be true of the former one is not of it."""
    await profiles.check_name(tx.session, display_name, person.name or "", person.id)
    person.display_name, person.likeness = display_name, likeness(display_name)
    if person.badge == "verified":
        await profiles.take_badge(tx, person, by="")


async def identify(
    session: AsyncSession, *, bearer: str | None, cookies: list[str], network: str, now: datetime
) -> Actor:
    """Find who shows these; an unknown bearer raises NotSignedIn, unknown cookies are nobody."""
    if bearer is not None:
        return await _by_token(session, bearer, network, now)
    for cookie in cookies:
        actor = await _by_cookie(session, cookie, network, now)
        if actor is not None:
            return actor
    return Actor(network=network)


def actor_of(person: Person, session: SignIn, network: str, *, is_ageing: bool = False) -> Actor:
    """Give somebody as they act with a session."""
    scopes = GUEST_SCOPES if person.kind == "guest" else ALL_SCOPES
    return _actor(person, session.id, scopes, network, is_ageing=is_ageing)


async def is_valid(session: AsyncSession, actor: Actor, now: datetime) -> bool:
    """Tell whether what somebody showed is still worth something; nothing shown stays nothing."""
    if not actor.credential:
        return True
    sign_in = select(SignIn.id).where(SignIn.id == actor.credential, SignIn.expires_at > now)
    token = select(Token.id).where(Token.id == actor.credential, Token.ended_at.is_(None))
    # Whoever asks as staff has to be so still.
    role = Person.role == actor.role if actor.is_staff else true()
    is_let = select(Person.id).where(Person.id == actor.id, may_act(now), role).exists()
    shown = sign_in.where(is_let).union_all(token.where(is_let))
    return await session.scalar(shown) is not None


async def check_still_valid(session: AsyncSession, actor: Actor, now: datetime) -> None:
    """Raise NotSignedIn for who signed out, or was suspended, since they were identified."""
    if not await is_valid(session, actor, now):
        raise NotSignedIn


async def suspend(tx: Transaction, person: Person, *, until: datetime | None, by: str) -> None:
    """Let nothing be done with an account until a moment, or for good; its sessions end.

    Tokens are kept, and worth nothing while it lasts.
    """
    person.suspended_at, person.suspended_until = tx.now, until
    await tx.session.flush()
    await tx.session.execute(
        update(SignIn)
        .where(SignIn.person_id == person.id, SignIn.expires_at > tx.now)
        .values(expires_at=tx.now)
    )
    await tx.announce(Suspended(person.id, by, until))


async def lift_suspension(tx: Transaction, person: Person, *, by: str) -> None:
    """Let an account be used again; whoever uses it has to sign in anew."""
    if person.is_suspended(tx.now):
        await tx.announce(SuspensionLifted(person.id, by))
    person.suspended_at = person.suspended_until = None
    await tx.session.flush()


def is_suspended(now: datetime, person: type[Person] = Person) -> ColumnElement[bool]:
    """Ask of a person's row whether the account is suspended."""
    ends = person.suspended_until
    return person.suspended_at.is_not(None) & (ends.is_(None) | (ends > now))


def may_act(now: datetime) -> ColumnElement[bool]:
    """Ask of a person's row whether what they show is worth anything: nothing else asks that.

    Of those who are suspended, and of those who wait to be let in, nothing is.
    """
    return ~is_suspended(now) & (Person.kind != "waiting")


async def leave_behind(tx: Transaction, actor: Actor) -> None:
    """End the session of a guest who signed in. What it opened goes on until it is hung up."""
    await tx.session.execute(
        update(SignIn).where(SignIn.id == actor.credential).values(expires_at=tx.now)
    )


async def forget_old(transactions: Transactions) -> None:
    """Forget what is long over, a few rows at a time: others write in between."""
    for forget_few in (_forget_sessions, _forget_tokens, _forget_keys, _forget_challenges):
        gone = FORGOTTEN_AT_ONCE
        while gone == FORGOTTEN_AT_ONCE:
            async with transactions.begin() as tx:
                gone = await forget_few(tx)


async def forget_guests(transactions: Transactions, is_here: Callable[[str], bool]) -> None:
    """Forget guests who were not seen for a day and are not here, a few at a time.

    Whoever is here is seen, however long ago they came: their session is prolonged.
    """
    while True:
        # Looked for beside the one writer: sessions of accounts lie between.
        async with transactions.database.read() as session:
            unseen = await _unseen_guests(session, transactions.now())
        async with transactions.begin() as tx:
            still = SignIn.expires_at <= _seen_until(tx.now)
            here = [person for person in unseen if is_here(person)]
            await tx.session.execute(
                update(SignIn)
                .where(SignIn.person_id.in_(here), SignIn.expires_at > tx.now, still)
                .values(expires_at=tx.now + SESSION_LIFE)
            )
            gone = select(SignIn.person_id).where(
                SignIn.person_id.in_(set(unseen).difference(here)), still
            )
            await tx.session.execute(delete(Person).where(Person.id.in_(gone)))
        if len(unseen) < FORGOTTEN_AT_ONCE:
            return


async def _unseen_guests(session: AsyncSession, now: datetime) -> Sequence[str]:
    """List guests with a session that was not prolonged for long; one that is over is not meant."""
    unseen = (
        select(SignIn.person_id)
        .join(Person, Person.id == SignIn.person_id)
        .where(
            Person.kind == "guest", SignIn.expires_at > now, SignIn.expires_at <= _seen_until(now)
        )
    )
    return (await session.scalars(unseen.limit(FORGOTTEN_AT_ONCE))).all()


def _seen_until(now: datetime) -> datetime:
    """Tell until when a session lives that was prolonged too long ago."""
    return now + SESSION_LIFE - GUEST_UNSEEN


async def _forget_sessions(tx: Transaction) -> int:
    """Forget sessions, and guests who cannot come back without one; tells how many sessions."""
    over = select(SignIn.id).where(SignIn.expires_at <= tx.now - KEPT_AFTER_END)
    rows = await tx.session.scalars(
        delete(SignIn)
        .where(SignIn.id.in_(over.limit(FORGOTTEN_AT_ONCE)))
        .returning(SignIn.person_id)
    )
    people = rows.all()
    has_session = select(SignIn.id).where(SignIn.person_id == Person.id).exists()
    await tx.session.execute(
        delete(Person).where(Person.id.in_(people), Person.kind == "guest", ~has_session)
    )
    return len(people)


async def _forget_tokens(tx: Transaction) -> int:
    """Forget tokens that were ended; tells how many."""
    over = select(Token.id).where(Token.ended_at <= tx.now - KEPT_AFTER_END)
    rows = await tx.session.scalars(
        delete(Token).where(Token.id.in_(over.limit(FORGOTTEN_AT_ONCE))).returning(Token.id)
    )
    return len(rows.all())


async def _forget_challenges(tx: Transaction) -> int:
    """Forget challenges that are over by themselves; tells how many."""
    return await forget_used(tx, FORGOTTEN_AT_ONCE)


async def _forget_keys(tx: Transaction) -> int:
    """Forget idempotency keys that are over; tells how many."""
    of_row = tuple_(IdempotencyKey.person_id, IdempotencyKey.key)
    over = select(IdempotencyKey.person_id, IdempotencyKey.key).where(
        IdempotencyKey.expires_at <= tx.now
    )
    rows = await tx.session.scalars(
        delete(IdempotencyKey)
        .where(of_row.in_(over.limit(FORGOTTEN_AT_ONCE)))
        .returning(IdempotencyKey.key)
    )
    return len(rows.all())


async def prolong(tx: Transaction, actor: Actor) -> None:
    """Let a session that is in use live on; one that ended meanwhile stays ended."""
    await tx.session.execute(
        update(SignIn)
        .where(SignIn.id == actor.credential, SignIn.expires_at > tx.now)
        .values(expires_at=tx.now + SESSION_LIFE)
    )


async def find_person(session: AsyncSession, actor: Actor, who: str) -> Person:
    """Find a person by id, `me` or `@name`. Raises PersonNotFound."""
    if who == "me":
        if actor.kind == "anonymous":
            raise NotSignedIn
        match = Person.id == actor.id
    elif who.startswith("@"):
        match = Person.name == who[1:].lower()
    else:
        match = Person.id == who
    person = await session.scalar(select(Person).where(match, Person.kind != "waiting"))
    if person is None:
        raise PersonNotFound("Nobody here has this name.")
    return person


async def make_token(tx: Transaction, name: str, scopes: frozenset[Scope]) -> str:
    """Make a token for a person; it is given once and only its hash is kept."""
    if not scopes <= ALL_SCOPES:
        raise Malformed(f"scope: one of {', '.join(sorted(ALL_SCOPES))}.")
    named = (Person.name == name.removeprefix("@")) & (Person.kind == "account")
    person = await tx.session.scalar(select(Person).where(named))
    if person is None:
        raise PersonNotFound(f"Nobody here is named {name}.")
    _, secret = await new_token(tx, person.id, scopes)
    return secret


async def new_token(
    tx: Transaction, person_id: str, scopes: frozenset[Scope], name: str = ""
) -> tuple[Token, str]:
    """Write down a token of somebody; its secret is given once and only its hash is kept."""
    secret = TOKEN_PREFIX + new_secret()
    token = Token(
        id=new_id(),
        person_id=person_id,
        secret_hash=fingerprint(secret),
        scopes=" ".join(sorted(scopes)),
        created_at=tx.now,
        name=name,
    )
    tx.session.add(token)
    await tx.session.flush()
    return token, secret


async def invite_admin(tx: Transaction) -> str:
    """Make the one-time secret that makes the first administrator; former ones are void."""
    secret = new_secret()
    await tx.session.execute(delete(AdminInvite))
    tx.session.add(AdminInvite(secret_hash=fingerprint(secret), expires_at=tx.now + INVITE_LIFE))
    return secret


async def has_admin(session: AsyncSession) -> bool:
    """Tell whether somebody runs this instance already."""
    return bool(await session.scalar(select(func.count()).where(Person.role == "admin")))


async def _by_token(session: AsyncSession, bearer: str, network: str, now: datetime) -> Actor:
    row = (
        await session.execute(
            select(Person, Token)
            .join(Token, Token.person_id == Person.id)
            .where(Token.secret_hash == fingerprint(bearer), Token.ended_at.is_(None))
            .where(may_act(now))
        )
    ).first()
    if row is None:
        raise NotSignedIn("This token is not valid here.")
    person, token = row
    granted = frozenset(token.scopes.split())
    scopes = frozenset(scope for scope in ALL_SCOPES if scope in granted)
    return _actor(person, token.id, scopes, network)


async def _by_cookie(
    session: AsyncSession, cookie: str, network: str, now: datetime
) -> Actor | None:
    row = (
        await session.execute(
            select(Person, SignIn)
            .join(SignIn, SignIn.person_id == Person.id)
            .where(SignIn.secret_hash == fingerprint(cookie), SignIn.expires_at > now)
            .where(may_act(now))
        )
    ).first()
    if row is None:
        return None
    person, sign_in = row
    # Prolonged once a day, which tells the day it was seen last: each time is a write.
    is_ageing = (sign_in.expires_at - SESSION_LIFE).date() < now.date()
    return actor_of(person, sign_in, network, is_ageing=is_ageing)


def _actor(
    person: Person,
    credential: str,
    scopes: frozenset[Scope],
    network: str,
    *,
    is_ageing: bool = False,
) -> Actor:
    return Actor(
        kind="guest" if person.kind == "guest" else "account",
        id=person.id,
        name=person.name,
        display_name=person.display_name,
        role=person.role,
        listed=person.listed,
        protected=person.protected,
        voice=person.voice,
        credential=credential,
        scopes=scopes,
        network=network,
        is_ageing=is_ageing,
        picture=person.picture,
        badge=person.badge,
    )


def _guest_row(guest: Actor, now: datetime) -> dict[str, object]:
    return {
        "id": guest.id,
        "kind": guest.kind,
        "display_name": guest.display_name,
        "listed": guest.listed,
        "voice": guest.voice,
        "is_demo": False,
        "created_at": now,
    }


def _session_row(guest: Actor, secret: str, now: datetime) -> dict[str, object]:
    return {
        "id": guest.credential,
        "person_id": guest.id,
        "secret_hash": fingerprint(secret),
        "created_at": now,
        "expires_at": now + SESSION_LIFE,
    }


async def new_voices(session: AsyncSession, number: int) -> list[int]:
    """Draw source numbers that nobody has, each another one; 0 is no source."""
    while True:
        voices = {secrets.randbelow(2**32 - 1) + 1 for _ in range(number)}
        is_taken = await session.scalar(_ONE_WITH_VOICES, {"voices": list(voices)})
        if len(voices) == number and not is_taken:
            return list(voices)
