"""The routes of who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from convivium.accounts import joining, service
from convivium.accounts.limits import AccountLimits
from convivium.accounts.models import Person
from convivium.accounts.passwords import Passwords
from convivium.accounts.view import MeView, me_view
from convivium.core.actor import Actor
from convivium.core.text import Exact, Line
from convivium.core.transaction import Transaction
from convivium.core.web import (
    GivenSettings,
    GivenTransactions,
    Who,
    Writing,
    forget_cookie,
    given,
    keep_cookie,
    need,
    shown_cookies,
)

router = APIRouter(tags=["accounts"])

GivenPasswords = Annotated[Passwords, Depends(given(Passwords))]
GivenLimits = Annotated[AccountLimits, Depends(given(AccountLimits))]
DisplayName = Annotated[Line, Field(min_length=1, max_length=service.DISPLAY_NAME_MAX)]


class SignUp(BaseModel):
    """What signing up needs; `invite` is from the one-time link that makes an administrator.

    invitation: the code that it takes where only invited people can sign up.
    """

    name: Exact
    password: Exact
    display_name: DisplayName | None = None
    invite: Exact | None = None
    invitation: Annotated[Exact, Field(max_length=100)] | None = None


class Credentials(BaseModel):
    """What signing in needs."""

    name: Exact = Field(max_length=100)
    password: Exact = Field(max_length=1000)


class ProfileChange(BaseModel):
    """What of one's profile to change."""

    display_name: DisplayName | None = None
    listed: bool | None = None
    protected: bool | None = None


@router.post("/accounts", status_code=201)
async def sign_up(
    body: SignUp,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    limits: GivenLimits,
    settings: GivenSettings,
) -> MeView:
    """Make an account and sign in with it."""
    service.check_name(body.name)
    service.check_password(body.password)
    limits.sign_ups.take(actor.network)
    # Hashed before the transaction: the one writer must not wait for it.
    password_hash = await passwords.hash(body.password)
    async with transactions.begin() as tx:
        if body.invite is None:
            await joining.admit(tx, settings.sign_up, body.invitation)
        person = await service.sign_up(
            tx, name=body.name, password_hash=password_hash, display_name=body.display_name or ""
        )
        if body.invite is not None:
            await service.become_admin(tx, person, body.invite)
        secret = await _sign_in(tx, actor, person)
    _keep_session(request, response, secret)
    return me_view(person)


@router.post("/sessions", status_code=201)
async def sign_in(
    body: Credentials,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    limits: GivenLimits,
) -> MeView:
    """Sign in with name and password."""
    limits.before_sign_in(actor.network, body.name)
    person = await service.whose(transactions.database, passwords, body.name, body.password)
    async with transactions.begin() as tx:
        secret = await _sign_in(tx, actor, person)
    _keep_session(request, response, secret)
    return me_view(person)


@router.delete("/sessions/current", status_code=204)
async def sign_out(actor: Who, tx: Writing, request: Request, response: Response) -> None:
    """Sign out; calls and streams opened with this session end. Asked again: did they?"""
    if actor.kind == "anonymous":
        await service.sign_out_again(tx, shown_cookies(request))
    else:
        need(actor, "write")
        await service.sign_out(tx, actor)
    for kind in ("session", "guest"):
        forget_cookie(request, response, kind)


@router.get("/me")
async def me(actor: Who, transactions: GivenTransactions) -> MeView:
    """Tell who one is. Pages ask this when they start, so it also prolongs a session in use."""
    need(actor, "read")
    if actor.is_ageing:
        async with transactions.begin() as tx:
            await service.prolong(tx, actor)
    return me_view(actor)


@router.patch("/me")
async def change_me(body: ProfileChange, actor: Who, tx: Writing) -> MeView:
    """Change how one is shown."""
    need(actor, "write")
    person = await service.change_profile(
        tx,
        actor,
        display_name=body.display_name,
        listed=body.listed,
        protected=body.protected,
    )
    return me_view(person)


async def _sign_in(tx: Transaction, actor: Actor, person: Person) -> str:
    """Begin a session; a guest who signs in is that guest no more."""
    if actor.kind == "guest":
        await service.leave_behind(tx, actor)
    _, secret = await service.begin_session(tx, person)
    return secret


def _keep_session(request: Request, response: Response, secret: str) -> None:
    keep_cookie(request, response, "session", secret)
    forget_cookie(request, response, "guest")
