"""The routes of who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from convivium.accounts import joining, service, sign_ins
from convivium.accounts.devices import device_of
from convivium.accounts.limits import AccountLimits
from convivium.accounts.models import Person, Way
from convivium.accounts.passwords import Passwords
from convivium.accounts.view import MeView, SignInsView, me_view, sign_ins_view
from convivium.core.actor import Actor
from convivium.core.text import Exact, Line
from convivium.core.transaction import Transaction
from convivium.core.web import (
    GivenSettings,
    GivenTransactions,
    Reading,
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


GivenPassword = Annotated[Exact, Field(max_length=1000)]


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
    password: GivenPassword


class Proof(BaseModel):
    """What shows once more that it is them."""

    password: GivenPassword


class NewPassword(BaseModel):
    """The password from now on, and the one until now."""

    new: Exact
    old: GivenPassword | None = None


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
        secret = await _sign_in(tx, actor, person, "password", request)
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
    person, checked = await service.shown_password(
        transactions.database, passwords, body.name, body.password
    )
    async with transactions.begin() as tx:
        await service.check_unchanged(tx, person, checked)
        secret = await _sign_in(tx, actor, person, "password", request)
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


@router.put("/sessions/current", status_code=204)
async def prove(
    body: Proof,
    actor: Who,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    limits: GivenLimits,
) -> None:
    """Show once more that it is them, for what takes a sign-in of the last ten minutes."""
    _need_account(actor)
    limits.before_sign_in(actor.network, actor.name or "")
    await sign_ins.check_password(transactions.database, passwords, actor, body.password)
    async with transactions.begin() as tx:
        await service.check_still_valid(tx.session, actor, tx.now)
        await sign_ins.prove(tx, actor, "password")


@router.delete("/sessions/{session_id}", status_code=204)
async def sign_out_there(session_id: str, actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Sign out another browser; what was opened with it has ended when this is answered."""
    _need_account(actor)
    limits.acts.take(actor.id)
    await sign_ins.end_one(tx, actor, session_id)


@router.delete("/sessions", status_code=204)
async def sign_out_elsewhere(actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Sign out everywhere else; what was opened there has ended when this is answered."""
    _need_account(actor)
    limits.acts.take(actor.id)
    await sign_ins.end_others(tx, actor)


@router.get("/me/sign-ins")
async def sign_ins_of_mine(
    actor: Who, session: Reading, transactions: GivenTransactions
) -> SignInsView:
    """List where one is signed in, and with what one signs in."""
    need(actor, "read")
    await sign_ins.own(session, actor)
    return sign_ins_view(
        actor,
        await sign_ins.sessions_of(session, actor, transactions.now()),
        has_password=await sign_ins.has_password(session, actor),
    )


@router.put("/me/password", status_code=204)
async def change_password(
    body: NewPassword,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    limits: GivenLimits,
) -> None:
    """Change one's password; every other browser is signed out."""
    _need_account(actor)
    service.check_password(body.new)
    limits.before_sign_in(actor.network, actor.name or "")
    checked = None
    if body.old is not None:
        checked = await sign_ins.check_password(transactions.database, passwords, actor, body.old)
    password_hash = await passwords.hash(body.new)
    async with transactions.begin() as tx:
        await service.check_still_valid(tx.session, actor, tx.now)
        secret = await sign_ins.change_password(tx, actor, password_hash, checked)
    keep_cookie(request, response, "session", secret)


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


async def _sign_in(
    tx: Transaction, actor: Actor, person: Person, way: Way, request: Request
) -> str:
    """Begin a session; a guest who signs in is that guest no more."""
    if actor.kind == "guest":
        await service.leave_behind(tx, actor)
    device = device_of(request.headers.get("user-agent", ""))
    _, secret = await service.begin_session(tx, person, way, device)
    return secret


def _need_account(actor: Actor) -> None:
    """Let through who may change something about their account."""
    need(actor, "write")
    if not actor.has_account:
        raise service.AccountsOnly


def _keep_session(request: Request, response: Response, secret: str) -> None:
    keep_cookie(request, response, "session", secret)
    forget_cookie(request, response, "guest")
