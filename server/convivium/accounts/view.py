"""People as others see them, and as they see themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import NotRequired
from urllib.parse import urlsplit

from typing_extensions import TypedDict

from convivium.accounts.models import Identity, Passkey, Person, SignIn, Token, Waiting
from convivium.accounts.service import SESSION_LIFE
from convivium.core.actor import ALL_SCOPES, Actor, Badge, Kind, Role, Scope
from convivium.core.clock import rfc_3339
from convivium.core.config import Settings, SignUpMode


class PersonView(TypedDict):
    """Somebody, as everybody may see them.

    picture: the name of their picture. badge: what staff say of them. Both are left out where there
    is none: a crowd is many people.
    """

    id: str
    name: str | None
    display_name: str
    picture: NotRequired[str]
    badge: NotRequired[Badge]


class MeView(PersonView):
    """Oneself."""

    kind: Kind
    role: Role | None
    listed: bool
    protected: bool


class OnListView(TypedDict):
    """How it stands with whoever waits; refused: staff do not let them in."""

    name: str
    display_name: str
    since: str
    note: str
    refused: bool


class SignUpView(TypedDict):
    """What it takes to sign up, and how one stands oneself.

    minimum_age: in years, 0: nobody asks. too_young: this browser was refused for it lately.
    mail: whether who waits can be written to. waiting: null for who does not wait.
    """

    mode: SignUpMode
    minimum_age: int
    too_young: bool
    mail: bool
    waiting: OnListView | None


class SessionView(TypedDict):
    """Where one is signed in.

    this: whether by this one it was asked. seen: the day (UTC) on which it was used last.
    browser, system: what it calls itself; empty where that is not known.
    """

    id: str
    this: bool
    browser: str
    system: str
    since: str
    seen: str


class PasskeyView(TypedDict):
    """A passkey; used: the day (UTC) on which one signed in with it last."""

    id: str
    name: str
    since: str
    used: str | None


class ProviderView(TypedDict):
    """A server elsewhere that says who one is; label: what people call it."""

    id: str
    label: str


class WaysView(TypedDict):
    """By what people can sign in, beside passkey, password and recovery code.

    letter: whether whoever forgot their password can have a letter.
    """

    providers: list[ProviderView]
    letter: bool


class IdentityView(TypedDict):
    """An account one has at a provider; provider: null where that one is asked no more.

    used: the day (UTC) on which one signed in with it last.
    """

    id: str
    provider: str | None
    label: str
    since: str
    used: str | None


class SignInsView(TypedDict):
    """Where one is signed in, and what one signs in with.

    recovery_codes: how many are left. providers: with which one could.
    """

    sessions: list[SessionView]
    password: bool
    passkeys: list[PasskeyView]
    identities: list[IdentityView]
    providers: list[ProviderView]
    recovery_codes: int


class RecoveryCodesView(TypedDict):
    """Codes that sign in once each, told this once."""

    codes: list[str]


class TokenView(TypedDict):
    """A token; no name: the operator made it."""

    id: str
    name: str
    scopes: list[Scope]
    since: str


class TokensView(TypedDict):
    """One's tokens, the newest first."""

    items: list[TokenView]


class MadeTokenView(TypedDict):
    """A token with its secret, which is told once."""

    token: TokenView
    secret: str


def person_view(person: Person | Actor) -> PersonView:
    """Show somebody to others."""
    view: PersonView = {
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
    }
    if person.picture is not None:
        view["picture"] = person.picture
    if person.badge is not None:
        view["badge"] = person.badge
    return view


def me_view(person: Person | Actor) -> MeView:
    """Show somebody to themselves."""
    return {
        **person_view(person),
        "kind": person.kind,
        "role": person.role,
        "listed": person.listed,
        "protected": person.protected,
    }


def on_list_view(person: Person, waits: Waiting) -> OnListView:
    """Show somebody that they wait."""
    return {
        "name": person.name or "",
        "display_name": person.display_name,
        "since": rfc_3339(waits.since),
        "note": waits.note,
        "refused": waits.refused_at is not None,
    }


def token_view(token: Token) -> TokenView:
    """Show somebody a token of theirs."""
    granted = frozenset(token.scopes.split())
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(scope for scope in ALL_SCOPES if scope in granted),
        "since": rfc_3339(token.created_at),
    }


def passkey_view(passkey: Passkey) -> PasskeyView:
    """Show somebody a passkey of theirs."""
    return {
        "id": passkey.id,
        "name": passkey.name,
        "since": rfc_3339(passkey.created_at),
        "used": _day(passkey.used_at),
    }


def ways_view(settings: Settings) -> WaysView:
    """Show by what people can sign in."""
    return {
        "providers": [{"id": one.id, "label": one.label} for one in settings.oidc],
        "letter": settings.smtp_host is not None,
    }


def sign_ins_view(
    actor: Actor,
    sessions: Iterable[SignIn],
    passkeys: Iterable[Passkey],
    identities: Iterable[Identity],
    settings: Settings,
    *,
    has_password: bool,
    codes_left: int,
) -> SignInsView:
    """Show somebody how and where they sign in."""
    return {
        "sessions": [_session_view(actor, session) for session in sessions],
        "password": has_password,
        "passkeys": [passkey_view(passkey) for passkey in passkeys],
        "identities": [_identity_view(identity, settings) for identity in identities],
        "providers": ways_view(settings)["providers"],
        "recovery_codes": codes_left,
    }


def _identity_view(identity: Identity, settings: Settings) -> IdentityView:
    asked = next((one for one in settings.oidc if one.issuer == identity.issuer), None)
    return {
        "id": identity.id,
        "provider": asked.id if asked else None,
        "label": asked.label if asked else urlsplit(identity.issuer).netloc,
        "since": rfc_3339(identity.created_at),
        "used": _day(identity.used_at),
    }


def _day(time: datetime | None) -> str | None:
    return None if time is None else time.date().isoformat()


def _session_view(actor: Actor, session: SignIn) -> SessionView:
    return {
        "id": session.id,
        "this": session.id == actor.credential,
        "browser": session.browser,
        "system": session.system,
        "since": rfc_3339(session.created_at),
        "seen": (session.expires_at - SESSION_LIFE).date().isoformat(),
    }
