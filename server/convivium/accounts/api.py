"""The routes of who one is."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from convivium.accounts import (
    emails,
    identities,
    joining,
    passkeys,
    profiles,
    recovery,
    resets,
    service,
    sign_ins,
    tokens,
    waiting,
)
from convivium.accounts.addresses import LINK_MAX, https_link
from convivium.accounts.challenges import Challenges, id_in
from convivium.accounts.devices import device_of
from convivium.accounts.limits import AccountLimits
from convivium.accounts.models import Person, Way
from convivium.accounts.needs import need_account
from convivium.accounts.passwords import Passwords
from convivium.accounts.seals import Seals
from convivium.accounts.view import (
    MadeTokenView,
    MeView,
    PasskeyView,
    RecoveryCodesView,
    SignInsView,
    SignUpView,
    TokensView,
    WaysView,
    me_view,
    on_list_view,
    passkey_view,
    sign_ins_view,
    token_view,
    ways_view,
)
from convivium.core.actor import ALL_SCOPES, Actor, Scope
from convivium.core.errors import Malformed
from convivium.core.text import Exact, Line, Paragraphs, at_most
from convivium.core.transaction import Transaction
from convivium.core.web import (
    API,
    GivenSettings,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    cookie_name,
    forget_cookie,
    given,
    keep_cookie,
    need,
    reached_by,
    shown_cookies,
    was_refused,
)

router = APIRouter(prefix=API, tags=["accounts"])

GivenPasswords = Annotated[Passwords, Depends(given(Passwords))]
GivenLimits = Annotated[AccountLimits, Depends(given(AccountLimits))]
DisplayName = Annotated[Line, Field(min_length=1, max_length=service.DISPLAY_NAME_MAX)]


GivenChallenges = Annotated[Challenges, Depends(given(Challenges))]
GivenSeals = Annotated[Seals, Depends(given(Seals))]
GivenPassword = Annotated[Exact, Field(max_length=1000)]
CalledBy = Annotated[Line, Field(min_length=1, max_length=passkeys.NAME_MAX)]


class SignUp(BaseModel):
    """What signing up needs: a password, a passkey, or to be introduced by a provider.

    provider: a provider has just said who this browser's person is there.

    invite: from the one-time link that makes an administrator.

    invitation: the code that it takes where only invited people can sign up.

    birth_date: where one has to be of some age. Nobody keeps it.

    note: a word to staff, where there is a waiting list. email: where one wants to read that one
    is let in.
    """

    name: Exact
    password: Exact | None = None
    passkey: passkeys.PasskeyAnswer | None = None
    provider: bool = False
    display_name: DisplayName | None = None
    invite: Exact | None = None
    invitation: Annotated[Exact, Field(max_length=100)] | None = None
    birth_date: date | None = None
    note: Annotated[Paragraphs, AfterValidator(at_most(joining.NOTE_MAX))] = ""
    email: Annotated[Exact, AfterValidator(emails.plain_address)] | None = None

    def wish(self, *, was_too_young: bool) -> joining.Wish:
        """Give what of it is looked at before anybody is let in."""
        return joining.Wish(self.invitation, self.birth_date, was_too_young, self.note)


class Credentials(BaseModel):
    """What signing in needs."""

    name: Exact = Field(max_length=100)
    password: GivenPassword


class Newcomer(BaseModel):
    """For whom a passkey is to be made who has no account yet."""

    name: Exact
    display_name: DisplayName | None = None


class ShownPasskey(BaseModel):
    """A passkey to sign in with."""

    passkey: passkeys.PasskeyAnswer


class ShownCode(BaseModel):
    """A recovery code, and whose it is."""

    name: Exact = Field(max_length=100)
    code: Exact = Field(max_length=100)


class Forgotten(BaseModel):
    """An address to which a letter is to go, if it is somebody's."""

    address: Annotated[Exact, Field(max_length=400), AfterValidator(emails.plain_address)]


class ByLetter(BaseModel):
    """What stands behind the # of the link in a letter, and the password from now on."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    password: Exact


class NewPasskey(BaseModel):
    """A passkey that was made, and what its person calls it."""

    passkey: passkeys.PasskeyAnswer
    name: CalledBy


class Renamed(BaseModel):
    """What a passkey is called from now on."""

    name: CalledBy


class NewToken(BaseModel):
    """What a token is for, and how far it reaches."""

    name: CalledBy
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(ALL_SCOPES))]


class Proof(BaseModel):
    """What shows once more that it is them: a password or a passkey."""

    password: GivenPassword | None = None
    passkey: passkeys.PasskeyAnswer | None = None


class NewPassword(BaseModel):
    """The password from now on, and the one until now."""

    new: Exact
    old: GivenPassword | None = None


Bio = Annotated[Paragraphs, Field(max_length=4000), AfterValidator(at_most(profiles.BIO_MAX))]
Link = Annotated[Line, Field(max_length=LINK_MAX), AfterValidator(https_link)]
Topic = Annotated[Line, Field(min_length=1, max_length=30)]


class ProfileChange(BaseModel):
    """What of one's profile to change; what is left out stays."""

    display_name: DisplayName | None = None
    bio: Bio | None = None
    links: Annotated[list[Link], Field(max_length=profiles.LINKS_MAX)] | None = None
    topics: Annotated[list[Topic], Field(max_length=profiles.TOPICS_MAX)] | None = None
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
    challenges: GivenChallenges,
    seals: GivenSeals,
    settings: GivenSettings,
) -> MeView:
    """Make an account and sign in with it; where there is a waiting list, stand on it."""
    service.check_name(body.name)
    _check_ways(body, request)
    wish = body.wish(was_too_young=was_refused(request, joining.TooYoung))
    limits.sign_ups.take(actor.network)
    if body.email is not None:
        limits.before_letter(body.email)
    if body.invite is None:
        joining.check_age(settings.minimum_age, wish, transactions.now().date())
    # Hashed and read before the transaction: the one writer must not wait for it.
    password_hash = await passwords.hash(body.password) if body.password is not None else None
    key = who = None
    if body.passkey is not None:
        key = await passkeys.made(challenges, _site(request), body.passkey.sent, "sign_up")
    if body.provider:
        shown = request.cookies.get(cookie_name(request, "introduction"))
        who = identities.introduced(seals, shown)
    async with transactions.begin() as tx:
        if key is not None:
            await passkeys.accept_new(tx, key)
        admitted = joining.AT_ONCE
        if body.invite is None:
            admitted = await joining.admit(tx, settings, wish)
        person = await service.sign_up(
            tx,
            name=body.name,
            password_hash=password_hash,
            display_name=body.display_name or "",
            person_id=None if key is None else id_in(key.challenge),
            admitted=admitted,
        )
        if key is not None:
            await passkeys.add(tx, person.id, key, _device_name(request))
        if who is not None:
            await identities.link(tx, person.id, who)
        if body.invite is not None:
            await service.become_admin(tx, person, body.invite)
        if body.email is not None and admitted.waits and settings.smtp_host is not None:
            await emails.claim_for(tx, person.id, body.email)
        way: Way = "provider" if who else "password" if key is None else "passkey"
        secret = await _sign_in(tx, actor, person, way, request)
    _keep_session(request, response, person, secret)
    if who is not None:
        forget_cookie(request, response, "introduction")
    return me_view(person)


def _check_ways(body: SignUp, request: Request) -> None:
    """Refuse who brings nothing to sign in with, or a password that others guess."""
    if body.password is None and body.passkey is None and not body.provider:
        raise Malformed("password: it takes one, or a passkey.")
    if body.password is not None:
        service.check_password(body.password, body.name, body.display_name, request.url.hostname)


@router.get("/sign-in/ways")
async def ways_to_sign_in(settings: GivenSettings) -> WaysView:
    """Tell by what people can sign in here, beside passkey, password and recovery code."""
    return ways_view(settings)


@router.get("/sign-up")
async def how_to_sign_up(
    request: Request, session: Reading, settings: GivenSettings, transactions: GivenTransactions
) -> SignUpView:
    """Tell what it takes to sign up here, and how it stands with whoever waits."""
    found = await waiting.who_shows(session, shown_cookies(request), transactions.now())
    return {
        "mode": settings.sign_up,
        "minimum_age": settings.minimum_age,
        "too_young": settings.minimum_age > 0 and was_refused(request, joining.TooYoung),
        "mail": settings.smtp_host is not None,
        "waiting": None if found is None else on_list_view(*found),
    }


@router.delete("/sign-up", status_code=204)
async def withdraw(
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    actor: Who,
    limits: GivenLimits,
) -> None:
    """Stand on the waiting list no more; nothing of it is kept. Asked again: did they?"""
    limits.acts.take(actor.network)
    async with transactions.begin() as tx:
        await waiting.withdraw(tx, shown_cookies(request))
    forget_cookie(request, response, "session")


@router.post("/accounts/passkey/options")
async def options_for_newcomer(
    body: Newcomer, request: Request, challenges: GivenChallenges
) -> dict[str, Any]:
    """Tell a browser how to make the passkey of an account that is to be made."""
    service.check_name(body.name)
    challenge = challenges.make("sign_up")
    whose = (id_in(challenge), body.name, body.display_name or body.name)
    return passkeys.options_to_make(_site(request), challenge, whose)


@router.post("/sessions/passkey/options")
async def options_to_sign_in(request: Request, challenges: GivenChallenges) -> dict[str, Any]:
    """Tell a browser how to show a passkey, whosever it is."""
    return passkeys.options_to_show(_site(request), challenges.make("sign_in"))


@router.post("/sessions/passkey", status_code=201)
async def sign_in_with_passkey(
    body: ShownPasskey,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    challenges: GivenChallenges,
    limits: GivenLimits,
) -> MeView:
    """Sign in with a passkey."""
    limits.before_passkey(actor.network)
    key = await passkeys.shown(transactions.database, challenges, _site(request), body.passkey.sent)
    async with transactions.begin() as tx:
        person = await passkeys.accept(tx, key)
        secret = await _sign_in(tx, actor, person, "passkey", request)
    _keep_session(request, response, person, secret)
    return me_view(person)


@router.post("/sessions/recovery", status_code=201)
async def sign_in_with_code(
    body: ShownCode,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    limits: GivenLimits,
) -> MeView:
    """Sign in with a recovery code, which is used up by that."""
    limits.before_sign_in(actor.network, body.name)
    async with transactions.begin() as tx:
        person = await recovery.use(tx, body.name, body.code)
        secret = await _sign_in(tx, actor, person, "recovery_code", request)
    _keep_session(request, response, person, secret)
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
    _keep_session(request, response, person, secret)
    return me_view(person)


@router.post("/password-resets", status_code=204)
async def forget_password(
    body: Forgotten,
    actor: Who,
    transactions: GivenTransactions,
    settings: GivenSettings,
    limits: GivenLimits,
) -> None:
    """Ask for a letter by which a new password is set; nothing says whether there is anybody."""
    if settings.smtp_host is None:
        raise emails.NoMail("Letters cannot be sent. A recovery code still works.")
    limits.before_reset(actor.network, body.address)
    async with transactions.begin() as tx:
        await resets.ask(tx, body.address)


@router.post("/sessions/letter", status_code=201)
async def sign_in_by_letter(
    body: ByLetter,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    limits: GivenLimits,
) -> MeView:
    """Set a new password by the link of a letter and sign in; every other browser is signed out."""
    limits.before_passkey(actor.network)
    # Whoever only guesses has nothing hashed, and keeps nobody else from writing.
    async with transactions.database.read() as session:
        whose = await resets.check(session, body.token, transactions.now())
    host = request.url.hostname
    service.check_password(body.password, whose.name, whose.display_name, host)
    password_hash = await passwords.hash(body.password)
    async with transactions.begin() as tx:
        person = await resets.use(tx, body.token, password_hash)
    # The password stays set where an account is suspended, who then may appeal with it.
    async with transactions.begin() as tx:
        secret = await _sign_in(tx, actor, person, "mail", request)
    _keep_session(request, response, person, secret)
    return me_view(person)


@router.delete("/sessions/current", status_code=204)
async def sign_out(actor: Who, tx: Writing, request: Request, response: Response) -> None:
    """Sign out; calls and streams opened with this session end. Asked again: did they?"""
    if actor.kind == "anonymous":
        await service.sign_out_again(tx, shown_cookies(request))
    else:
        need(actor, "write")
        await service.sign_out(tx, actor)
        await service.end_waiting(tx, shown_cookies(request))
    for kind in ("session", "guest"):
        forget_cookie(request, response, kind)


@router.put("/sessions/current", status_code=204)
async def prove(
    body: Proof,
    actor: Who,
    request: Request,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    challenges: GivenChallenges,
    limits: GivenLimits,
) -> None:
    """Show once more that it is them, for what takes a sign-in of the last ten minutes."""
    need_account(actor, "write")
    database, key = transactions.database, None
    if body.passkey is not None:
        limits.before_passkey(actor.network)
        key = await passkeys.shown(database, challenges, _site(request), body.passkey.sent)
    else:
        limits.before_sign_in(actor.network, actor.name or "")
        await sign_ins.check_password(database, passwords, actor, body.password or "")
    async with transactions.begin() as tx:
        await service.check_still_valid(tx.session, actor, tx.now)
        if key is not None and (await passkeys.accept(tx, key)).id != actor.id:
            raise passkeys.PasskeyUnknown
        await sign_ins.prove(tx, actor, "password" if key is None else "passkey")


@router.delete("/sessions/{session_id}", status_code=204)
async def sign_out_there(session_id: str, actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Sign out another browser; what was opened with it has ended when this is answered."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await sign_ins.end_one(tx, actor, session_id)


@router.delete("/sessions", status_code=204)
async def sign_out_elsewhere(actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Sign out everywhere else; what was opened there has ended when this is answered."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await sign_ins.end_others(tx, actor)


@router.get("/me/sign-ins")
async def sign_ins_of_mine(
    actor: Who, session: Reading, transactions: GivenTransactions, settings: GivenSettings
) -> SignInsView:
    """List where one is signed in, and with what one signs in."""
    need(actor, "read")
    await sign_ins.own(session, actor)
    return sign_ins_view(
        actor,
        await sign_ins.sessions_of(session, actor, transactions.now()),
        await passkeys.of(session, actor.id),
        await identities.of(session, actor.id),
        settings,
        has_password=await sign_ins.has_password(session, actor),
        codes_left=await recovery.left(session, actor),
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
    need_account(actor, "write")
    service.check_password(body.new, actor.name, actor.display_name, request.url.hostname)
    limits.before_sign_in(actor.network, actor.name or "")
    checked = None
    if body.old is not None:
        checked = await sign_ins.check_password(transactions.database, passwords, actor, body.old)
    password_hash = await passwords.hash(body.new)
    async with transactions.begin() as tx:
        await service.check_still_valid(tx.session, actor, tx.now)
        secret = await sign_ins.change_password(tx, actor, password_hash, checked)
    keep_cookie(request, response, "session", secret)


@router.delete("/me/password", status_code=204)
async def remove_password(
    actor: Who, tx: Writing, limits: GivenLimits, settings: GivenSettings
) -> None:
    """Do without a password from now on, with another way in at hand."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await passkeys.remove_password(tx, actor, settings.issuers)


@router.delete("/me/identities/{identity_id}", status_code=204)
async def unlink(
    identity_id: str, actor: Who, tx: Writing, limits: GivenLimits, settings: GivenSettings
) -> None:
    """Sign in by a provider no more; the last way to sign in stays."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await identities.unlink(tx, actor, identity_id, settings.issuers)


@router.post("/me/recovery-codes", status_code=201)
async def make_recovery_codes(actor: Who, tx: Writing, limits: GivenLimits) -> RecoveryCodesView:
    """Make ten codes for when all else is lost; they are told this once, former ones are void."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    return {"codes": await recovery.make(tx, actor)}


@router.post("/passkeys/options")
async def options_to_add(
    actor: Who,
    session: Reading,
    request: Request,
    transactions: GivenTransactions,
    challenges: GivenChallenges,
) -> dict[str, Any]:
    """Tell a browser how to make another passkey; it takes a sign-in of the last ten minutes."""
    need_account(actor, "write")
    await sign_ins.own_recent(session, actor, transactions.now())
    known = [passkey.credential for passkey in await passkeys.of(session, actor.id)]
    challenge = challenges.make("add", actor.id)
    whose = (actor.id, actor.name or "", actor.display_name)
    return passkeys.options_to_make(_site(request), challenge, whose, known)


@router.post("/passkeys", status_code=201)
async def add_passkey(
    body: NewPasskey,
    actor: Who,
    request: Request,
    transactions: GivenTransactions,
    challenges: GivenChallenges,
    limits: GivenLimits,
) -> PasskeyView:
    """Sign in with this passkey too, from now on."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    key = await passkeys.made(challenges, _site(request), body.passkey.sent, "add", actor.id)
    async with transactions.begin() as tx:
        await service.check_still_valid(tx.session, actor, tx.now)
        await sign_ins.own_recent(tx.session, actor, tx.now)
        await passkeys.accept_new(tx, key)
        return passkey_view(await passkeys.add(tx, actor.id, key, body.name))


@router.patch("/passkeys/{passkey_id}")
async def rename_passkey(
    passkey_id: str, body: Renamed, actor: Who, tx: Writing, limits: GivenLimits
) -> PasskeyView:
    """Call a passkey otherwise."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    return passkey_view(await passkeys.rename(tx, actor, passkey_id, body.name))


@router.delete("/passkeys/{passkey_id}", status_code=204)
async def remove_passkey(
    passkey_id: str, actor: Who, tx: Writing, limits: GivenLimits, settings: GivenSettings
) -> None:
    """Take a passkey away; the last way to sign in stays."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await passkeys.remove(tx, actor, passkey_id, settings.issuers)


@router.post("/tokens", status_code=201)
async def make_token(body: NewToken, actor: Who, tx: Writing, limits: GivenLimits) -> MadeTokenView:
    """Make a token for a script; its secret is told this once."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    token, secret = await tokens.make(tx, actor, body.name, frozenset(body.scopes))
    return {"token": token_view(token), "secret": secret}


@router.get("/tokens")
async def tokens_of_mine(actor: Who, session: Reading) -> TokensView:
    """List one's tokens."""
    need(actor, "read")
    return {"items": [token_view(token) for token in await tokens.tokens_of(session, actor)]}


@router.delete("/tokens/{token_id}", status_code=204)
async def end_token(token_id: str, actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """End a token; what was opened with it has ended when this is answered."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await tokens.end(tx, actor, token_id)


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
    about = profiles.About(body.bio, body.links, body.topics)
    person = await service.change_profile(
        tx,
        actor,
        display_name=body.display_name,
        listed=body.listed,
        protected=body.protected,
        about=about if about.says_something else None,
    )
    return me_view(person)


async def _sign_in(
    tx: Transaction, actor: Actor, person: Person, way: Way, request: Request
) -> str:
    """Begin a session of a person, in the browser that asks."""
    return await service.enter(tx, actor, person, way, device_of(_user_agent(request)))


def _user_agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _site(request: Request) -> passkeys.Site:
    return passkeys.Site(*reached_by(request))


def _device_name(request: Request) -> str:
    """Give a passkey its first name: the browser it was made with."""
    device = device_of(_user_agent(request))
    return " · ".join(word for word in device if word) or "Passkey"


def _keep_session(request: Request, response: Response, person: Person, secret: str) -> None:
    keep_cookie(request, response, "session", secret)
    if person.kind == "account":
        forget_cookie(request, response, "guest")
