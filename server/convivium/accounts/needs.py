"""What a route asks of whoever comes, beside what they showed."""

from convivium.accounts import staff
from convivium.accounts.service import AccountsOnly
from convivium.core.actor import Actor, Scope
from convivium.core.web import Who, need


def need_account(actor: Actor, scope: Scope, words: str = "") -> None:
    """Let somebody with an account through, and a token that reaches this far.

    words: what guests are told. Raises NotSignedIn, MissingScope, AccountsOnly.
    """
    need(actor, scope)
    if not actor.has_account:
        raise AccountsOnly(words)


async def let_admin(actor: Who) -> Actor:
    """Let administrators through, and tokens of theirs that say so.

    Raises NotSignedIn, MissingScope, StaffOnly.
    """
    need(actor, "admin")
    staff.check_admin(actor)
    return actor


async def let_staff(actor: Who) -> Actor:
    """Let moderators and administrators through, and tokens of theirs that say so.

    Raises NotSignedIn, MissingScope, StaffOnly.
    """
    need(actor, "moderate")
    staff.check_staff(actor)
    return actor
