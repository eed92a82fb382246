"""The routes of who gets in, and of what administrators do with accounts."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import invitations, roles, waiting
from convivium.accounts.models import Person, SignUpInvitation
from convivium.accounts.needs import let_admin, let_staff, need_account
from convivium.accounts.roles import Place, Whom
from convivium.accounts.service import AccountsOnly, find_person
from convivium.accounts.view import person_view
from convivium.admission import service
from convivium.admission.view import (
    AccountPage,
    CamePage,
    MadeInvitationView,
    OwnInvitationsView,
    SignUpInvitationPage,
    SignUpInvitationView,
    WaitingPage,
    WayBackView,
    WholeAccountView,
    account_view,
    invitation_view,
    waiting_person_view,
    whole_account_view,
)
from convivium.core.actor import Actor, Role
from convivium.core.clock import Clock, rfc_3339
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Line, at_most
from convivium.core.web import (
    API,
    GivenSettings,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    given,
)
from convivium.search.index import SearchIndex
from convivium.search.words import QUERY_MAX

router = APIRouter(prefix=API, tags=["admission"])

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AdmissionLimits:
    """How often one of staff may act on accounts, and a member make an invitation."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[AdmissionLimits, Depends(given(AdmissionLimits))]
Admin = Annotated[Actor, Depends(let_admin)]
Staff = Annotated[Actor, Depends(let_staff)]
GivenIndex = Annotated[SearchIndex, Depends(given(SearchIndex))]
PageSize = Annotated[int, Query(ge=1, le=100)]
Number = Annotated[str, Query(pattern=r"^\d{1,18}$")]
InvitationNumber = Annotated[str, Path(pattern=r"^\d{1,18}$")]
Id = Annotated[str, Path(min_length=1, max_length=100)]


class RoleBody(BaseModel):
    """What somebody is here from now on."""

    role: Role


class InvitationBody(BaseModel):
    """How many can sign up by it, for how long, and what it is for, as administrators read it."""

    uses: Annotated[int, Field(ge=1, le=invitations.USES_MAX)] = 1
    days: Annotated[int, Field(ge=1, le=invitations.DAYS_MAX)] = 7
    note: Annotated[Line, AfterValidator(at_most(invitations.NOTE_MAX))] = ""


# Who may


async def _acting_admin(actor: Admin, limits: GivenLimits) -> Actor:
    """Let administrators act, as often as anybody may."""
    limits.acts.take(actor.id)
    return actor


async def _acting_staff(actor: Staff, limits: GivenLimits) -> Actor:
    """Let staff act, as often as anybody may."""
    limits.acts.take(actor.id)
    return actor


ActingAdmin = Annotated[Actor, Depends(_acting_admin)]
ActingStaff = Annotated[Actor, Depends(_acting_staff)]


# People


@router.get("/admin/people")
async def list_people(
    _actor: Admin,
    session: Reading,
    transactions: GivenTransactions,
    index: GivenIndex,
    q: Annotated[str, Query(max_length=QUERY_MAX)] = "",
    whom: Whom = "everybody",
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,17}-[\w-]{1,100}$")] = None,
    limit: PageSize = 20,
) -> AccountPage:
    """List people with accounts, the newest first; q: only those whose names have these words."""
    before, now = (_place(cursor) if cursor else roles.NEWEST), transactions.now()
    # One more than asked for tells whether there is another page.
    if q.strip():
        found = await service.find(index, session, q, before=before, limit=limit + 1)
    else:
        found = await roles.people(session, whom, now, before=before, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [account_view(person, now) for person in shown],
        "next_cursor": _cursor(shown[-1]) if len(found) > limit else None,
    }


@router.get("/admin/people/{user}")
async def show_account(
    user: Id, actor: Admin, session: Reading, transactions: GivenTransactions
) -> WholeAccountView:
    """Give somebody's account, with how they sign in and how they came."""
    person, now = await find_person(session, actor, user), transactions.now()
    if person.kind == "guest":
        raise AccountsOnly("Guests have no account.")
    ways = await roles.ways_of(session, person, now)
    by = await session.get(Person, ways.invited_by) if ways.invited_by else None
    return whole_account_view(person, ways, by, now)


@router.put("/admin/people/{user}/role", status_code=204)
async def give_role(user: Id, body: RoleBody, actor: ActingAdmin, tx: Writing) -> None:
    """Say what somebody is here: a member, a moderator, an administrator."""
    await service.give_role(tx, actor, await find_person(tx.session, actor, user), body.role)


@router.delete("/admin/people/{user}/sessions", status_code=204)
async def send_out(user: Id, actor: ActingAdmin, tx: Writing) -> None:
    """Sign somebody out everywhere; when this is answered nothing of theirs is connected."""
    await service.send_out(tx, actor, await find_person(tx.session, actor, user))


@router.post("/admin/people/{user}/way-back", status_code=201)
async def give_way_back(user: Id, actor: ActingAdmin, tx: Writing) -> WayBackView:
    """Make a code that signs somebody in once within a day, and is told this once."""
    person = await find_person(tx.session, actor, user)
    code, ends = await service.give_way_back(tx, actor, person)
    return {"name": person.name or "", "code": code, "expires_at": rfc_3339(ends)}


# The waiting list


@router.get("/moderation/waiting")
async def list_waiting(
    _actor: Staff, session: Reading, cursor: Number = "0", limit: PageSize = 20
) -> WaitingPage:
    """List who waits to be let in, the longest first."""
    found = await waiting.in_line(session, after=int(cursor), limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [waiting_person_view(*row) for row in shown],
        "next_cursor": str(shown[-1][1].number) if len(found) > limit else None,
    }


@router.post("/moderation/waiting/{person_id}/let-in", status_code=204)
async def let_in(person_id: Id, actor: ActingStaff, tx: Writing) -> None:
    """Make an account of one to be; who waited is signed in with their next visit."""
    await service.let_in(tx, actor, person_id)


@router.post("/moderation/waiting/{person_id}/turn-away", status_code=204)
async def turn_away(person_id: Id, actor: ActingStaff, tx: Writing) -> None:
    """Do not let somebody in; they see it when they look, for a week."""
    await waiting.turn_away(tx, actor, person_id)


# Invitations


@router.get("/admin/invitations")
async def list_invitations(
    _actor: Admin,
    session: Reading,
    transactions: GivenTransactions,
    cursor: Number | None = None,
    limit: PageSize = 20,
) -> SignUpInvitationPage:
    """List the codes with which people sign up, the latest first; not the codes themselves."""
    before = int(cursor) if cursor else invitations.LATEST
    found = await invitations.listed(session, by=None, before=before, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": await _shown(session, shown, transactions.now()),
        "next_cursor": str(shown[-1].number) if len(found) > limit else None,
    }


@router.post("/admin/invitations", status_code=201)
async def make_invitation(
    body: InvitationBody, actor: ActingAdmin, tx: Writing
) -> MadeInvitationView:
    """Make a code with which people can sign up; it is told this once."""
    made, code = await invitations.make(tx, actor, uses=body.uses, days=body.days, note=body.note)
    return {"invitation": (await _shown(tx.session, [made], tx.now))[0], "code": code}


@router.delete("/admin/invitations/{invitation}", status_code=204)
async def end_invitation(invitation: InvitationNumber, actor: ActingAdmin, tx: Writing) -> None:
    """Let nobody sign up by a code any more; who came by it stays."""
    await invitations.end(tx, actor, int(invitation))


@router.get("/admin/invitations/{invitation}/people")
async def who_came(
    invitation: InvitationNumber,
    _actor: Admin,
    session: Reading,
    cursor: Annotated[str, Query(max_length=100)] = "",
    limit: PageSize = 20,
) -> CamePage:
    """List who signed up by an invitation."""
    found = await invitations.who_came(session, int(invitation), after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [person_view(person) for person in shown],
        "next_cursor": shown[-1].id if len(found) > limit else None,
    }


@router.get("/me/invitations")
async def own_invitations(
    actor: Who, session: Reading, transactions: GivenTransactions, settings: GivenSettings
) -> OwnInvitationsView:
    """List the latest codes one made, and how many more one can."""
    need_account(actor, "read")
    now = transactions.now()
    made = await invitations.listed(session, by=actor.id, before=invitations.LATEST, limit=50)
    return {
        "items": await _shown(session, made, now),
        "left": await invitations.left(session, actor, settings.member_invitations, now),
    }


@router.post("/me/invitations", status_code=201)
async def invite_somebody(
    actor: Who, tx: Writing, settings: GivenSettings, limits: GivenLimits
) -> MadeInvitationView:
    """Make a code with which one person can sign up within two weeks; it is told this once."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    made, code = await invitations.make_own(tx, actor, settings.member_invitations)
    return {"invitation": (await _shown(tx.session, [made], tx.now))[0], "code": code}


@router.delete("/me/invitations/{invitation}", status_code=204)
async def end_own_invitation(
    invitation: InvitationNumber, actor: Who, tx: Writing, limits: GivenLimits
) -> None:
    """Let nobody sign up by a code of one's own any more."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await invitations.end(tx, actor, int(invitation), own=True)


async def _shown(
    session: AsyncSession, rows: Collection[SignUpInvitation], now: datetime
) -> list[SignUpInvitationView]:
    """Show invitations, with who made them looked up at once."""
    makers = {row.made_by for row in rows if row.made_by}
    found = await session.scalars(select(Person).where(Person.id.in_(makers)))
    people = {person.id: person for person in found}
    return [invitation_view(row, people.get(row.made_by or ""), now) for row in rows]


def _cursor(person: Person) -> str:
    """Write where a page of people ends: microseconds since 1970, and an id."""
    return f"{(person.created_at - EPOCH) // timedelta(microseconds=1)}-{person.id}"


def _place(cursor: str) -> Place:
    """Read where a page of people ended."""
    at, _, person_id = cursor.partition("-")
    return Place(EPOCH + timedelta(microseconds=int(at)), person_id)
