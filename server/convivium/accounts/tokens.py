"""What people do about their tokens: make one for a script, see which there are, end one."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.events import SignedOut
from convivium.accounts.models import Token
from convivium.accounts.service import new_token
from convivium.core.actor import Actor, Scope
from convivium.core.errors import Conflict, NotFound
from convivium.core.transaction import Transaction

NAME_MAX = 50
TOKENS_OF_ONE = 50


class TokenNotFound(NotFound):
    """None of theirs."""

    code = "token_not_found"
    title = "You have no such token"


class TooManyTokens(Conflict):
    """They have as many as one person can have."""

    code = "too_many_tokens"
    title = "You have very many tokens"
    detail = f"One person has at most {TOKENS_OF_ONE}. Delete one that is not used any more."


async def tokens_of(session: AsyncSession, actor: Actor) -> Sequence[Token]:
    """List somebody's tokens, the newest first. Raises AccountsOnly, NotASession."""
    await sign_ins.own(session, actor)
    order = (Token.created_at.desc(), Token.id)
    return (await session.scalars(select(Token).where(_live(actor)).order_by(*order))).all()


async def make(
    tx: Transaction, actor: Actor, name: str, scopes: frozenset[Scope]
) -> tuple[Token, str]:
    """Make a token; the secret is given once. Raises SignInAgain, TooManyTokens."""
    await sign_ins.own_recent(tx.session, actor, tx.now)
    if (await tx.session.scalar(select(func.count()).where(_live(actor))) or 0) >= TOKENS_OF_ONE:
        raise TooManyTokens
    return await new_token(tx, actor.id, scopes, name)


async def end(tx: Transaction, actor: Actor, token_id: str) -> None:
    """End a token and all that was opened with it; asked again: did it? Raises TokenNotFound.

    Its row is kept until it is forgotten with old sessions, so that one can ask again.
    """
    await sign_ins.own(tx.session, actor)
    ended = await tx.session.scalar(
        update(Token)
        .where(Token.id == token_id, Token.person_id == actor.id)
        .values(ended_at=func.coalesce(Token.ended_at, tx.now))
        .returning(Token.id)
    )
    if ended is None:
        raise TokenNotFound("You have no such token, or not any more.")
    await tx.announce(SignedOut(actor.id, token_id))


def _live(actor: Actor) -> ColumnElement[bool]:
    return (Token.person_id == actor.id) & Token.ended_at.is_(None)
