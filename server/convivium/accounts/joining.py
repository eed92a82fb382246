"""Who may make an account: everybody, whoever has an invitation, or nobody."""

from datetime import timedelta

from sqlalchemy import update

from convivium.accounts.models import SignUpInvitation
from convivium.core.config import SignUpMode
from convivium.core.errors import Forbidden
from convivium.core.ids import fingerprint, new_secret
from convivium.core.transaction import Transaction


class SignUpClosed(Forbidden):
    """Accounts are made by the operator alone."""

    code = "sign_up_closed"
    title = "Nobody can sign up here"
    detail = (
        "Whoever runs this server makes the accounts. Ask them for one. You can listen without."
    )


class InvitationNeeded(Forbidden):
    """Accounts are for those who were invited."""

    code = "invitation_needed"
    title = "It takes an invitation to sign up here"
    detail = "Ask whoever runs this server for a code. You can listen without one."


class InvitationSpent(Forbidden):
    """The code is used up, too old, or was never given."""

    code = "invitation_spent"
    title = "This invitation does not work"
    detail = "It was used already, or is too old. Ask whoever gave it to you for another."


async def admit(tx: Transaction, mode: SignUpMode, invitation: str | None) -> None:
    """Let somebody make an account. Raises SignUpClosed, InvitationNeeded, InvitationSpent."""
    if mode == "open":
        return
    if mode == "closed":
        raise SignUpClosed
    if not invitation:
        raise InvitationNeeded
    used = await tx.session.scalar(
        update(SignUpInvitation)
        .where(
            SignUpInvitation.secret_hash == fingerprint(invitation.strip()),
            SignUpInvitation.expires_at > tx.now,
            SignUpInvitation.uses_left > 0,
        )
        .values(uses_left=SignUpInvitation.uses_left - 1)
        .returning(SignUpInvitation.secret_hash)
    )
    if used is None:
        raise InvitationSpent


async def invite(tx: Transaction, *, uses: int, days: int) -> str:
    """Make a code with which so many people can sign up within so many days; given once."""
    secret = new_secret()
    tx.session.add(
        SignUpInvitation(
            secret_hash=fingerprint(secret),
            uses_left=uses,
            expires_at=tx.now + timedelta(days=days),
        )
    )
    return secret
