"""The routes of signing in by a provider."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from convivium.accounts import identities, sign_ins
from convivium.accounts.devices import device_of
from convivium.accounts.limits import AccountLimits
from convivium.accounts.needs import need_account
from convivium.accounts.seals import Seals
from convivium.accounts.view import MeView, me_view
from convivium.core.errors import Refusal
from convivium.core.web import (
    API,
    GivenTransactions,
    Reading,
    Who,
    cookie_name,
    forget_cookie,
    given,
    keep_cookie,
    reached_by,
)
from convivium.oidc import service, visits
from convivium.oidc.provider import Provider, Providers
from convivium.oidc.visits import Purpose, Visit

router = APIRouter(prefix=API, tags=["accounts"])

# The address has a state in it: it is kept in no cache, and the provider learns of no page of ours.
ON_THE_WAY = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

GivenProviders = Annotated[Providers, Depends(given(Providers))]
GivenSeals = Annotated[Seals, Depends(given(Seals))]
GivenLimits = Annotated[AccountLimits, Depends(given(AccountLimits))]
Next = Annotated[str, Field(max_length=visits.NEXT_MAX)]
# As long as what large providers send, and not longer than they may be in an address.
Sent = Annotated[str, Field(max_length=4000)]


class NewVisit(BaseModel):
    """For what somebody who is signed in goes to a provider."""

    purpose: Literal["link", "prove"]
    next: Next = "/"


class Returned(BaseModel):
    """What a provider sent back with a browser (RFC 6749, 4.1.2; RFC 9207)."""

    state: Sent
    code: Sent | None = None
    error: Sent | None = None
    iss: Sent | None = None


class VisitView(TypedDict):
    """Where to go."""

    address: str


class NewcomerView(TypedDict):
    """What somebody who is new here may begin with; each may be empty."""

    name: str
    display_name: str


class ReturnedView(TypedDict):
    """What it was worth to come back, and where one goes on to.

    me: who one is now, if one signed in. newcomer: if one has no account here yet: `POST /accounts`
    with `provider` makes one.
    """

    what: Literal["signed_in", "introduced", "linked", "proved"]
    next: str
    me: MeView | None
    newcomer: NewcomerView | None


@router.get("/sign-in/oidc/{provider_id}", status_code=303)
async def go_and_sign_in(
    provider_id: str,
    request: Request,
    actor: Who,
    providers: GivenProviders,
    seals: GivenSeals,
    limits: GivenLimits,
    next: Next = "/",  # noqa: A002 - as the page calls it
) -> RedirectResponse:
    """Lead to a provider; whoever cannot be led there reads why where they came from."""
    try:
        limits.before_passkey(actor.network)
        provider = _provider(providers, provider_id)
        note, address = await _begin(request, seals, provider, "sign_in", "", next)
    except Refusal as refusal:
        return RedirectResponse(f"/sign-in?trouble={refusal.code}", 303)
    response = RedirectResponse(address, 303, headers=ON_THE_WAY)
    _keep_note(request, response, note)
    return response


@router.post("/me/visits/{provider_id}", status_code=201)
async def go_as_oneself(
    provider_id: str,
    body: NewVisit,
    actor: Who,
    session: Reading,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    providers: GivenProviders,
    seals: GivenSeals,
    limits: GivenLimits,
) -> VisitView:
    """Go to a provider to link it, or to show once more that it is oneself."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    if body.purpose == "link":
        await sign_ins.own_recent(session, actor, transactions.now())
    else:
        await sign_ins.own(session, actor)
    provider = _provider(providers, provider_id)
    note, address = await _begin(
        request, seals, provider, body.purpose, actor.credential, body.next
    )
    _keep_note(request, response, note)
    return {"address": address}


@router.post("/sign-in/oidc/{provider_id}")
async def come_back(
    provider_id: str,
    body: Returned,
    actor: Who,
    request: Request,
    response: Response,
    transactions: GivenTransactions,
    providers: GivenProviders,
    seals: GivenSeals,
    limits: GivenLimits,
) -> ReturnedView:
    """Come back from a provider with what it sent along."""
    limits.before_passkey(actor.network)
    provider = _provider(providers, provider_id)
    shown = request.cookies.get(cookie_name(request, "visit"))
    visit = visits.returned(seals, shown, provider_id, body.state)
    # It counts once, whatever comes of it.
    async with transactions.begin() as tx:
        await visits.end(tx, visit)
    await provider.check_sender(body.iss)
    if body.error is not None or body.code is None:
        raise service.Declined
    said = await provider.redeem(body.code, visit, visits.words_of(seals, visit))
    device = device_of(request.headers.get("user-agent", ""))
    async with transactions.begin() as tx:
        came = await service.come_back(tx, actor, provider, visit, said, device)
    forget_cookie(request, response, "visit")
    if came.secret is not None:
        keep_cookie(request, response, "session", came.secret)
        if not came.waits:
            forget_cookie(request, response, "guest")
    if came.introduced is not None:
        note = identities.introduction(seals, came.introduced)
        life_s = int(identities.INTRODUCED_FOR.total_seconds())
        keep_cookie(request, response, "introduction", note, life_s)
    return _returned(came, visit)


async def _begin(
    request: Request, seals: Seals, provider: Provider, purpose: Purpose, session: str, next_: str
) -> tuple[str, str]:
    """Begin a visit; gives the note of it, and where to go. Raises ProviderAway."""
    _, origin = reached_by(request)
    provider_id = provider.settings.id
    back = f"{origin}/sign-in/{provider_id}"
    visit, note = visits.begin(seals, provider_id, purpose, session=session, back=back, next_=next_)
    anew_s = service.PROVED_WITHIN_S if purpose == "prove" else None
    address = await provider.address(visit, visits.words_of(seals, visit), anew_s=anew_s)
    return note, address


def _provider(providers: Providers, provider_id: str) -> Provider:
    found = providers.get(provider_id)
    if found is None:
        raise service.ProviderUnknown
    return found


def _keep_note(request: Request, response: Response, note: str) -> None:
    keep_cookie(request, response, "visit", note, int(visits.LIFE.total_seconds()))


def _returned(came: service.Came, visit: Visit) -> ReturnedView:
    return {
        "what": came.what,
        "next": visit.next,
        "me": None if came.person is None else me_view(came.person),
        "newcomer": _newcomer(came.introduced),
    }


def _newcomer(who: identities.Introduced | None) -> NewcomerView | None:
    return None if who is None else {"name": who.name, "display_name": who.display_name}
