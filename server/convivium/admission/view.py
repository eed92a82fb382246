"""People, invitations and the waiting list, as staff see them."""

from datetime import datetime

from typing_extensions import TypedDict

from convivium.accounts.models import Person, SignUpInvitation, Waiting
from convivium.accounts.roles import Ways
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Role
from convivium.core.clock import rfc_3339


class AccountView(TypedDict):
    """Somebody with an account, in a list."""

    person: PersonView
    role: Role
    since: str
    protected: bool
    suspended: bool
    suspended_until: str | None


class AccountPage(TypedDict):
    """Accounts, the newest first; the cursor is null on the last page."""

    items: list[AccountView]
    next_cursor: str | None


class InvitedBy(TypedDict):
    """That somebody came by an invitation; person: null where the operator made it."""

    person: PersonView | None


class WholeAccountView(AccountView):
    """Somebody with an account, with how they sign in and how they came."""

    password: bool
    passkeys: int
    sessions: int
    tokens: int
    email: bool
    invited: InvitedBy | None


class WayBackView(TypedDict):
    """A code that signs somebody in once, told this once."""

    name: str
    code: str
    expires_at: str


class WaitingPersonView(TypedDict):
    """Somebody who waits, and what they say."""

    id: str
    name: str
    display_name: str
    since: str
    note: str


class WaitingPage(TypedDict):
    """Who waits, the longest first; the cursor is null on the last page."""

    items: list[WaitingPersonView]
    next_cursor: str | None


class SignUpInvitationView(TypedDict):
    """A code, which itself is not known any more; by: null of the operator's.

    is_open: whether somebody can still sign up by it.
    """

    id: str
    by: PersonView | None
    note: str
    uses: int
    uses_left: int
    created_at: str
    expires_at: str
    is_open: bool


class SignUpInvitationPage(TypedDict):
    """Invitations, the latest first; the cursor is null on the last page."""

    items: list[SignUpInvitationView]
    next_cursor: str | None


class OwnInvitationsView(TypedDict):
    """A member's invitations, the latest first; left: whom they can still invite."""

    items: list[SignUpInvitationView]
    left: int


class MadeInvitationView(TypedDict):
    """An invitation with its code, told this once."""

    invitation: SignUpInvitationView
    code: str


class CamePage(TypedDict):
    """Who signed up by an invitation; the cursor is null on the last page."""

    items: list[PersonView]
    next_cursor: str | None


def account_view(person: Person, now: datetime) -> AccountView:
    """Show somebody's account."""
    is_suspended = person.is_suspended(now)
    until = person.suspended_until if is_suspended else None
    return {
        "person": person_view(person),
        "role": person.role or "member",
        "since": rfc_3339(person.created_at),
        "protected": person.protected,
        "suspended": is_suspended,
        "suspended_until": None if until is None else rfc_3339(until),
    }


def whole_account_view(
    person: Person, ways: Ways, by: Person | None, now: datetime
) -> WholeAccountView:
    """Show somebody's account by itself; by: who invited them."""
    invited: InvitedBy = {"person": None if by is None else person_view(by)}
    return {
        **account_view(person, now),
        "password": ways.password,
        "passkeys": ways.passkeys,
        "sessions": ways.sessions,
        "tokens": ways.tokens,
        "email": ways.has_address,
        "invited": invited if ways.by_invitation else None,
    }


def waiting_person_view(person: Person, waits: Waiting) -> WaitingPersonView:
    """Show staff who waits."""
    return {
        "id": person.id,
        "name": person.name or "",
        "display_name": person.display_name,
        "since": rfc_3339(waits.since),
        "note": waits.note,
    }


def invitation_view(
    invitation: SignUpInvitation, by: Person | None, now: datetime
) -> SignUpInvitationView:
    """Show an invitation."""
    is_over = invitation.ended_at is not None or invitation.expires_at <= now
    return {
        "id": str(invitation.number),
        "by": None if by is None else person_view(by),
        "note": invitation.note,
        "uses": invitation.uses,
        "uses_left": invitation.uses_left,
        "created_at": rfc_3339(invitation.created_at),
        "expires_at": rfc_3339(invitation.expires_at),
        "is_open": not is_over and invitation.uses_left > 0,
    }
