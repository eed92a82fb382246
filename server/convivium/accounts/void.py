"""What lies in letters on their way, or in other hands, and is worth nothing any more."""

from sqlalchemy import delete, select, update

from convivium.accounts.events import SignedOut
from convivium.accounts.models import EmailClaim, PasswordReset, Token
from convivium.core.transaction import Transaction


async def void_links(tx: Transaction, person_id: str) -> None:
    """Let no link work that was sent to somebody: who asked for it may have been somebody else."""
    for table in (EmailClaim, PasswordReset):
        await tx.session.execute(delete(table).where(table.person_id == person_id))


async def void_tokens(tx: Transaction, person_id: str) -> None:
    """End somebody's tokens, and all that was opened with them."""
    await close_tokens(tx, person_id)
    await tx.session.execute(
        update(Token)
        .where(Token.person_id == person_id, Token.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


async def close_tokens(tx: Transaction, person_id: str) -> None:
    """End what was opened with somebody's tokens; they stay good for what their owner may do."""
    live = select(Token.id).where(Token.person_id == person_id, Token.ended_at.is_(None))
    for token_id in (await tx.session.scalars(live)).all():
        await tx.announce(SignedOut(person_id, token_id))
