"""The routes of reports, and of those who look at them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts import passkeys, profiles, staff
from convivium.accounts import service as accounts
from convivium.accounts.challenges import Challenges
from convivium.accounts.limits import AccountLimits
from convivium.accounts.models import Person
from convivium.accounts.needs import let_admin, let_staff
from convivium.accounts.passwords import Passwords
from convivium.accounts.service import find_person
from convivium.core.actor import Actor, Badge
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Exact, Paragraphs, at_most, not_empty
from convivium.core.transaction import Transaction
from convivium.core.web import (
    API,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    given,
    need,
    need_lead,
    reached_by,
)
from convivium.moderation import audit, service, suspensions
from convivium.moderation.models import Case, Reason
from convivium.moderation.service import CaseState, Place
from convivium.moderation.view import (
    SHOWN_IN_LIST,
    SHOWN_REPORTS,
    CaseView,
    EntryView,
    PersonRecordView,
    SuspendedView,
    show_cases,
    show_entries,
    show_record,
    show_suspensions,
)
from convivium.pictures import service as pictures
from convivium.posts import service as posts
from convivium.posts.reading import post_for
from convivium.search import everyone
from convivium.spaces import service as spaces
from convivium.spaces.words import Description, Title

router = APIRouter(prefix=API, tags=["moderation"])

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REPORT_MAX = 500
WORDS_MAX = 500
APPEAL_MAX = 1000


class ModerationLimits:
    """How often one person, and one network, may report and appeal; acts of staff like others."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._own = Limit(clock, burst=10, per_s=10 / 3600)
        self._network = Limit(clock, burst=50, per_s=50 / 3600)
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)

    def before_words(self, person: str, network: str) -> None:
        """Raise SlowDown for who says too much to the moderators."""
        self._own.take(person)
        self._network.take(network)


GivenLimits = Annotated[ModerationLimits, Depends(given(ModerationLimits))]
Admin = Annotated[Actor, Depends(let_admin)]
Staff = Annotated[Actor, Depends(let_staff)]
GivenAccountLimits = Annotated[AccountLimits, Depends(given(AccountLimits))]
GivenChallenges = Annotated[Challenges, Depends(given(Challenges))]
GivenPasswords = Annotated[Passwords, Depends(given(Passwords))]

Id = Annotated[str, Field(min_length=1, max_length=100)]
Number = Annotated[str, Field(pattern=r"^\d{1,18}$")]
CaseNumber = Annotated[str, Path(pattern=r"^\d{1,18}$")]
ReportWords = Annotated[Paragraphs, AfterValidator(at_most(REPORT_MAX))]
Words = Annotated[Paragraphs, AfterValidator(at_most(WORDS_MAX)), AfterValidator(not_empty)]
AppealWords = Annotated[Paragraphs, AfterValidator(at_most(APPEAL_MAX)), AfterValidator(not_empty)]
PageSize = Annotated[int, Query(ge=1, le=100)]
BeforeNumber = Annotated[str | None, Query(pattern=r"^\d{1,18}$")]


class ReportBody(BaseModel):
    """Whom, which space or which post it is about, and why; `user` is an id or `@name`.

    post: its author is whom it is about.
    """

    space: Id | None = None
    user: Id | None = None
    post: Id | None = None
    reason: Reason
    words: ReportWords = ""


class DismissBody(BaseModel):
    """Why there is nothing to do, for other moderators; nothing needs to be said."""

    words: ReportWords = ""


class ActBody(BaseModel):
    """Why, as the person concerned is told, and the case that it settles."""

    words: Words
    case: Number | None = None

    @property
    def number(self) -> int | None:
        """The number of the case."""
        return None if self.case is None else int(self.case)


class SuspensionBody(ActBody):
    """Until when; null for good."""

    until: AwareDatetime | None


class BadgeBody(BaseModel):
    """What is said of somebody from now on."""

    badge: Badge


class RenameBody(ActBody):
    """What a space is called instead; what is left out stays."""

    title: Title | None = None
    description: Description | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.title is None and self.description is None:
            raise ValueError("a title, a description, or both")
        return self


class AppealBody(BaseModel):
    """Who appeals, by name and password or by a passkey, and what they say."""

    name: Annotated[Exact, Field(max_length=100)] = ""
    password: Annotated[Exact, Field(max_length=1000)] = ""
    passkey: passkeys.PasskeyAnswer | None = None
    words: AppealWords


class MadeReport(TypedDict):
    """A report that was made."""

    id: str


class CasePage(TypedDict):
    """One page of cases; next is null on the last."""

    cases: list[CaseView]
    next: str | None


class SuspensionPage(TypedDict):
    """One page of suspensions; next is null on the last."""

    suspensions: list[SuspendedView]
    next: str | None


class LogPage(TypedDict):
    """One page of the log; next is null on the last."""

    entries: list[EntryView]
    next: str | None


# Whoever says something to the moderators


async def _seldom(actor: Who, limits: GivenLimits) -> None:
    """Refuse who reports too much before anything is opened."""
    need(actor, "write")
    limits.before_words(actor.id, actor.network)


@router.post("/reports", status_code=201, dependencies=[Depends(_seldom)])
async def report(body: ReportBody, actor: Who, tx: Writing) -> MadeReport:
    """Report a person, a space, or a post. Once more about the same: the words are replaced."""
    space = await service.space_named(tx.session, body.space) if body.space else None
    person = await find_person(tx.session, actor, body.user) if body.user else None
    post = None
    if body.post:
        post, person = await post_for(tx.session, actor, body.post, tx.now)
    made = await service.report(
        tx, actor, space=space, person=person, reason=body.reason, words=body.words, post=post
    )
    return {"id": str(made.number)}


@router.post("/appeals", status_code=202)
async def appeal(
    body: AppealBody,
    actor: Who,
    request: Request,
    transactions: GivenTransactions,
    passwords: GivenPasswords,
    challenges: GivenChallenges,
    account_limits: GivenAccountLimits,
    limits: GivenLimits,
) -> None:
    """Ask the moderators to look at one's suspension again, once."""
    database, key = transactions.database, None
    if body.passkey is not None:
        account_limits.before_passkey(actor.network)
        site = passkeys.Site(*reached_by(request))
        key = await passkeys.shown(database, challenges, site, body.passkey.sent)
    else:
        account_limits.before_sign_in(actor.network, body.name)
        person = await accounts.whose(database, passwords, body.name, body.password)
    async with transactions.begin() as tx:
        if key is not None:
            person = await passkeys.accept(tx, key)
        limits.before_words(person.id, actor.network)
        await suspensions.appeal(tx, person, body.words)


# Moderators


async def _acting(actor: Staff, limits: GivenLimits) -> Actor:
    """Let staff act, as often as anybody may."""
    limits.acts.take(actor.id)
    return actor


Acting = Annotated[Actor, Depends(_acting)]


@router.get("/moderation/cases")
async def list_cases(
    actor: Staff,
    session: Reading,
    state: CaseState = "open",
    before: Annotated[str | None, Query(pattern=r"^[01]-\d{1,17}-\d{1,18}$")] = None,
    limit: PageSize = 20,
) -> CasePage:
    """List cases without those about oneself: open ones of danger first, then the newest."""
    place = _place(before) if before else None
    # One more than asked for tells whether there is another page.
    found = await service.cases_for(session, actor, state, before=place, limit=limit + 1)
    shown = found[:limit]
    return {
        "cases": await show_cases(session, shown, reports_each=SHOWN_IN_LIST),
        "next": _cursor(shown[-1]) if len(found) > limit else None,
    }


@router.get("/moderation/cases/{case}")
async def read_case(case: CaseNumber, actor: Staff, session: Reading) -> CaseView:
    """Give a case with what was said."""
    found = await service.case_for(session, actor, int(case))
    return (await show_cases(session, [found], reports_each=SHOWN_REPORTS))[0]


@router.post("/moderation/cases/{case}/dismiss", status_code=204)
async def dismiss(
    case: CaseNumber, actor: Acting, tx: Writing, body: DismissBody | None = None
) -> None:
    """Settle a case with nothing to do."""
    await service.dismiss(tx, actor, int(case), body.words if body else "")


@router.get("/moderation/people/{user}")
async def read_record(
    user: str, actor: Staff, session: Reading, transactions: GivenTransactions
) -> PersonRecordView:
    """Give what is known of somebody else."""
    person = await find_person(session, actor, user)
    if person.id == actor.id:
        raise staff.NotOneself
    return await show_record(session, person, transactions.now())


@router.post("/moderation/people/{user}/warnings", status_code=204)
async def warn(user: str, body: ActBody, actor: Acting, tx: Writing) -> None:
    """Warn somebody."""
    person = await find_person(tx.session, actor, user)
    await service.warn(tx, actor, person, body.words, body.number)


@router.put("/moderation/people/{user}/suspension", status_code=204)
async def suspend(user: str, body: SuspensionBody, actor: Acting, tx: Writing) -> None:
    """Suspend an account; when the answer is there, nothing of it is connected any more."""
    person = await find_person(tx.session, actor, user)
    await suspensions.suspend(
        tx, actor, person, until=body.until, words=body.words, case=body.number
    )


@router.delete("/moderation/people/{user}/suspension", status_code=204)
async def lift(user: str, actor: Acting, tx: Writing) -> None:
    """Let an account be used again."""
    await suspensions.lift(tx, actor, await find_person(tx.session, actor, user))


@router.put("/moderation/people/{user}/badge", status_code=204)
async def give_badge(user: str, body: BadgeBody, actor: Acting, tx: Writing) -> None:
    """Give somebody a badge, in the place of another they have."""
    person = await _with_account(tx, actor, user)
    await profiles.give_badge(tx, person, body.badge, by=actor.id)


@router.delete("/moderation/people/{user}/badge", status_code=204)
async def take_badge(user: str, actor: Acting, tx: Writing) -> None:
    """Take somebody's badge; who has none stays so."""
    await profiles.take_badge(tx, await _with_account(tx, actor, user), by=actor.id)


@router.delete("/moderation/people/{user}/picture", status_code=204)
async def take_picture(user: str, actor: Acting, tx: Writing) -> None:
    """Let somebody be shown by their pebble again; who is so already stays so."""
    await pictures.take_off(tx, await _with_account(tx, actor, user), by=actor.id)


async def _with_account(tx: Transaction, actor: Actor, user: str) -> Person:
    """Find somebody whom staff may say something of. Raises what `staff.check_reach` raises."""
    person = await find_person(tx.session, actor, user)
    staff.check_reach(actor, person)
    if person.kind == "guest":
        raise accounts.AccountsOnly("Guests have no account, and so no badge.")
    return person


@router.get("/moderation/suspensions")
async def list_suspensions(
    _actor: Staff,
    session: Reading,
    transactions: GivenTransactions,
    before: Annotated[str | None, Query(pattern=r"^[01]-\d{1,18}$")] = None,
    limit: PageSize = 20,
) -> SuspensionPage:
    """List the suspensions in force, those with an appeal first."""
    has_appeal, _, number = (before or "").partition("-")
    place = suspensions.Place(has_appeal == "1", int(number)) if before else None
    found = await suspensions.in_force(session, transactions.now(), before=place, limit=limit + 1)
    shown = found[:limit]
    last = f"{shown[-1].appeal is not None:d}-{shown[-1].number}" if shown else None
    return {
        "suspensions": await show_suspensions(session, shown),
        "next": last if len(found) > limit else None,
    }


@router.post("/moderation/spaces/{space_id}/end", status_code=204)
async def end_space(space_id: str, body: ActBody, actor: Acting, tx: Writing) -> None:
    """End a live space, or cancel a scheduled one."""
    space = await service.space_named(tx.session, space_id)
    await service.end_space(tx, actor, space, body.words, body.number)


@router.patch("/moderation/spaces/{space_id}", status_code=204)
async def rename_space(space_id: str, body: RenameBody, actor: Acting, tx: Writing) -> None:
    """Put another title or description in the place of a hateful one."""
    space = await service.space_named(tx.session, space_id)
    said = spaces.Words(title=body.title, description=body.description)
    await service.rename_space(tx, actor, space, said, body.words, body.number)


@router.put("/moderation/spaces/{space_id}/featured", status_code=204)
async def feature(space_id: str, actor: Acting, tx: Writing) -> None:
    """Put a space before everybody, where people look for what there is."""
    await everyone.feature(tx, actor, await service.space_named(tx.session, space_id))


@router.delete("/moderation/spaces/{space_id}/featured", status_code=204)
async def unfeature(space_id: str, actor: Acting, tx: Writing) -> None:
    """Put it there no more."""
    await everyone.unfeature(tx, actor, await service.space_named(tx.session, space_id))


@router.post("/moderation/posts/{post_id}/take-away", status_code=204)
async def take_post_away(post_id: str, body: ActBody, actor: Acting, tx: Writing) -> None:
    """Take away what somebody wrote; they are told why."""
    post = await posts.by_id(tx.session, post_id)
    await service.take_post_away(tx, actor, post, body.words, body.number)


# The log


@router.get("/moderation/log")
async def read_log(
    _actor: Admin, session: Reading, before: BeforeNumber = None, limit: PageSize = 50
) -> LogPage:
    """Give everything that was done here, the latest first."""
    return await _log(session, None, before, limit)


@router.get("/spaces/{space_id}/log")
async def read_log_of_space(
    space_id: str,
    actor: Who,
    session: Reading,
    before: BeforeNumber = None,
    limit: PageSize = 50,
) -> LogPage:
    """Give what was done in a space to its hosts, the latest first."""
    need_lead(actor)
    space = await spaces.of_hosts_or_staff(session, actor, space_id)
    return await _log(session, space.id, before, limit)


async def _log(
    session: AsyncSession, space_id: str | None, before: str | None, limit: int
) -> LogPage:
    found = await audit.entries(
        session, space_id=space_id, before=int(before) if before else None, limit=limit + 1
    )
    shown = await show_entries(session, found[:limit])
    return {"entries": shown, "next": str(shown[-1]["number"]) if len(found) > limit else None}


def _cursor(case: Case) -> str:
    """Write where a page of cases ends: microseconds since 1970, and the number."""
    urgent = case.urgent and case.settled_at is None
    at = case.settled_at or case.last_at
    return f"{urgent:d}-{(at - EPOCH) // timedelta(microseconds=1)}-{case.number}"


def _place(cursor: str) -> Place:
    """Read where a page of cases ended."""
    urgent, at, number = cursor.split("-")
    return Place(urgent == "1", EPOCH + timedelta(microseconds=int(at)), int(number))
