"""Passkeys (WebAuthn level 3): added, used to sign in, and taken away.

What a browser sends is read by the library, beside the event loop; here is decided whose it is.
A passkey is bound to the host by which this server was reached, and always asks for a face, a
finger or a code: it stands for a password, not beside one.
"""

import asyncio
import ipaddress
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import structlog
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.challenges import Answered, Challenges, Purpose, use
from convivium.accounts.models import Passkey, Password, Person
from convivium.core.actor import Actor
from convivium.core.database import Database
from convivium.core.errors import Conflict, Malformed, NotFound, NotSignedIn
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction

PASSKEYS_OF_ONE = 10
NAME_MAX = 50
# How long a browser waits for its person.
TIMEOUT_MS = 300_000
# EdDSA, ES256, RS256 (RFC 9053): what every authenticator has one of.
ALGORITHMS = (-8, -7, -257)

log = structlog.get_logger()

T = TypeVar("T")


CredentialId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]


class PasskeyAnswer(BaseModel):
    """What a browser gives for a passkey (WebAuthn 3, 5.1), made or shown."""

    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Literal["public-key"]
    response: dict[str, Any]

    @property
    def sent(self) -> dict[str, Any]:
        """Give it as it came, without what nobody asked for."""
        return self.model_dump(by_alias=True)


class PasskeyUnknown(NotSignedIn):
    """Nobody's passkey, or not signed by it; it is not said which of the two."""

    code = "passkey_unknown"
    title = "That did not match"
    detail = "This passkey opens no account here. It may have been removed."


class PasskeyUnreadable(Malformed):
    """No passkey was made, as far as can be read."""

    code = "passkey_unreadable"
    title = "This passkey cannot be read"
    detail = "The browser did not send a passkey for this server. Try once more."


class PasskeyNotFound(NotFound):
    """None of theirs."""

    code = "passkey_not_found"
    title = "You have no such passkey"


class PasskeyKnown(Conflict):
    """It is somebody's already."""

    code = "passkey_known"
    title = "This passkey is in use already"


class TooManyPasskeys(Conflict):
    """They have as many as one person can have."""

    code = "too_many_passkeys"
    title = "You have many passkeys"
    detail = f"One person has at most {PASSKEYS_OF_ONE}. Remove one that you do not use any more."


class NoPasskeysHere(Conflict):
    """Passkeys belong to a name, and this server was reached by a number."""

    code = "no_passkeys_here"
    title = "There are no passkeys at this address"
    detail = "A passkey belongs to a server's name. Open this page by its name, not by a number."


class Site(NamedTuple):
    """This server as a browser names it: its host, and scheme, host and port together."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that a browser made for this server just now."""

    credential: str
    public_key: bytes
    sign_count: int
    answered: Answered
    challenge: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was shown, and signed what it was asked."""

    passkey_id: str
    person_id: str
    sign_count: int
    answered: Answered


def options_to_make(
    site: Site, challenge: bytes, person: tuple[str, str, str], known: Sequence[str] = ()
) -> dict[str, Any]:
    """Write what a browser needs to make a passkey (WebAuthn 3, 5.4).

    person: id, name and shown name. known: passkeys of theirs; none of those is made again.
    """
    _check_site(site)
    person_id, name, display_name = person
    return {
        "rp": {"id": site.host, "name": "Convivium"},
        "user": {"id": _encode(person_id.encode()), "name": name, "displayName": display_name},
        "challenge": _encode(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [{"type": "public-key", "id": id_} for id_ in known],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def options_to_show(site: Site, challenge: bytes) -> dict[str, Any]:
    """Write what a browser needs to show one (WebAuthn 3, 5.5): any that it has for us."""
    _check_site(site)
    return {
        "rpId": site.host,
        "challenge": _encode(challenge),
        "timeout": TIMEOUT_MS,
        "userVerification": "required",
        "allowCredentials": [],
    }


async def made(
    challenges: Challenges,
    site: Site,
    sent: dict[str, Any],
    purpose: Purpose,
    person_id: str = "",
) -> Made:
    """Read a passkey that was made for this. Raises PasskeyUnreadable, ChallengeOver."""
    challenge = _challenge_in(sent, PasskeyUnreadable)
    answered = challenges.check(challenge, purpose, person_id)

    def read() -> Made:
        from webauthn import verify_registration_response  # noqa: PLC0415 - takes half a second

        new = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        id_ = _encode(new.credential_id)
        return Made(id_, new.credential_public_key, new.sign_count, answered, challenge)

    return await _read(read, PasskeyUnreadable)


async def shown(
    database: Database, challenges: Challenges, site: Site, sent: dict[str, Any]
) -> Shown:
    """Find whose passkey was shown. Raises PasskeyUnknown, ChallengeOver."""
    challenge = _challenge_in(sent, PasskeyUnknown)
    answered = challenges.check(challenge, "sign_in")
    async with database.read() as session:
        known = await session.scalar(select(Passkey).where(Passkey.credential == sent["id"]))
    if known is None:
        raise PasskeyUnknown
    whose = sent["response"].get("userHandle")
    if whose and whose != _encode(known.person_id.encode()):
        raise PasskeyUnknown

    def read() -> Shown:
        from webauthn import verify_authentication_response  # noqa: PLC0415 - the same

        signed = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
        return Shown(known.id, known.person_id, signed.new_sign_count, answered)

    return await _read(read, PasskeyUnknown)


async def accept(tx: Transaction, key: Shown) -> Person:
    """Let a passkey that was shown count, once. Raises ChallengeOver, PasskeyUnknown."""
    await use(tx, key.answered)
    # Those that count never count back; those that do not stay at nought.
    moved = (Passkey.sign_count < key.sign_count) | (
        (Passkey.sign_count == 0) & (key.sign_count == 0)
    )
    person_id = await tx.session.scalar(
        update(Passkey)
        .where(Passkey.id == key.passkey_id, moved)
        .values(sign_count=key.sign_count, used_at=tx.now)
        .returning(Passkey.person_id)
    )
    if person_id is None:
        raise PasskeyUnknown
    return await tx.session.get_one(Person, person_id)


async def accept_new(tx: Transaction, new: Made) -> None:
    """Take an answer before anything is made of it: it counts once. Raises ChallengeOver."""
    await use(tx, new.answered)


async def add(tx: Transaction, person_id: str, new: Made, name: str) -> Passkey:
    """Give somebody a passkey that was accepted. Raises PasskeyKnown, TooManyPasskeys."""
    if await tx.session.scalar(select(Passkey.id).where(Passkey.credential == new.credential)):
        raise PasskeyKnown
    if await _count(tx.session, person_id) >= PASSKEYS_OF_ONE:
        raise TooManyPasskeys
    passkey = Passkey(
        id=new_id(),
        person_id=person_id,
        credential=new.credential,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=name,
        created_at=tx.now,
    )
    tx.session.add(passkey)
    await tx.session.flush()
    return passkey


async def of(session: AsyncSession, person_id: str) -> Sequence[Passkey]:
    """List somebody's passkeys, the oldest first."""
    own = select(Passkey).where(Passkey.person_id == person_id)
    return (await session.scalars(own.order_by(Passkey.created_at, Passkey.id))).all()


async def rename(tx: Transaction, actor: Actor, passkey_id: str, name: str) -> Passkey:
    """Give a passkey another name. Raises PasskeyNotFound."""
    await sign_ins.own(tx.session, actor)
    passkey = await _own(tx.session, actor, passkey_id)
    passkey.name = name
    await tx.session.flush()
    return passkey


async def remove(tx: Transaction, actor: Actor, passkey_id: str, issuers: Collection[str]) -> None:
    """Take a passkey away. Raises SignInAgain, PasskeyNotFound, LastWay."""
    await sign_ins.own_recent(tx.session, actor, tx.now)
    passkey = await _own(tx.session, actor, passkey_id)
    await sign_ins.check_not_last(tx.session, actor.id, issuers)
    await tx.session.delete(passkey)
    await tx.session.flush()


async def remove_password(tx: Transaction, actor: Actor, issuers: Collection[str]) -> None:
    """Take the password away, of somebody with another way in. Raises SignInAgain, LastWay."""
    await sign_ins.own_recent(tx.session, actor, tx.now)
    if await sign_ins.has_password(tx.session, actor):
        await sign_ins.check_not_last(tx.session, actor.id, issuers)
    await tx.session.execute(delete(Password).where(Password.person_id == actor.id))


async def _own(session: AsyncSession, actor: Actor, passkey_id: str) -> Passkey:
    own = select(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == actor.id)
    passkey = await session.scalar(own)
    if passkey is None:
        raise PasskeyNotFound("You have no such passkey, or not any more.")
    return passkey


async def _count(session: AsyncSession, person_id: str) -> int:
    return await session.scalar(select(func.count()).where(Passkey.person_id == person_id)) or 0


async def _read(read: Callable[[], T], refusal: type[Malformed | NotSignedIn]) -> T:
    """Read what strangers sent, which parsers of three formats may stumble over in any way."""
    try:
        return await asyncio.to_thread(read)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no passkey of ours
        log.info("passkey_refused", why=type(error).__name__)
        raise refusal from None


def _challenge_in(sent: dict[str, Any], refusal: type[Malformed | NotSignedIn]) -> bytes:
    try:
        return _decode(json.loads(_decode(sent["response"]["clientDataJSON"]))["challenge"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise refusal from None


def _check_site(site: Site) -> None:
    try:
        ipaddress.ip_address(site.host.strip("[]"))
    except ValueError:
        return
    raise NoPasskeysHere


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
