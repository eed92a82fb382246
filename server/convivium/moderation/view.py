"""Cases, records and the log, as moderators and hosts see them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import STAFF, Role
from convivium.live.parts import Whole
from convivium.live.personal import PersonalPart
from convivium.moderation import service, suspensions
from convivium.moderation.models import (
    AuditEntry,
    Case,
    Outcome,
    PersonWarning,
    Reason,
    Report,
    Suspension,
)
from convivium.moderation.service import CaseState
from convivium.posts.models import Post
from convivium.posts.view import VoiceView
from convivium.spaces.models import Removal, Space, State
from convivium.spaces.view import time_view
from convivium.stage.rules import StageRole

# So many reports are shown of a case, and of one in a list: the latest; the others are counted.
SHOWN_REPORTS = 100
SHOWN_IN_LIST = 3
# So many cases and warnings stand in a record.
SHOWN_IN_RECORD = 50


class SceneLine(TypedDict):
    """A line of the chat, as it was."""

    text: str
    at: str


class SceneView(TypedDict):
    """What could be seen in a space when somebody reported.

    role: of the person meant; null when none was. lines: their last ones in the chat.
    """

    title: str
    live_s: int
    role: StageRole | None
    stage: list[PersonView]
    lines: list[SceneLine]


class PostOfReport(TypedDict):
    """A post as it was when somebody reported it; is_there: nobody has taken it away since.

    voice: under an id of its own, by which moderators hear it also when the post is gone.
    """

    id: str
    text: str
    at: str
    voice: VoiceView | None
    is_there: bool


class ReportView(TypedDict):
    """What one person said; by: null when they are gone. scene: null without a space.

    posts: those that it is about.
    """

    id: str
    reason: Reason
    words: str
    at: str
    by: PersonView | None
    scene: SceneView | None
    posts: list[PostOfReport]


class SpaceOfCase(TypedDict):
    """The space that a case is about, or where its person was, as it is now."""

    id: str
    title: str
    description: str
    state: State
    host: PersonView


class SettledView(TypedDict):
    """What came of a case, and why."""

    at: str
    by: PersonView
    outcome: Outcome
    words: str


class CaseOfRecord(TypedDict):
    """A case without what was said. count: how many reported."""

    id: str
    state: CaseState
    urgent: bool
    opened_at: str
    last_at: str
    count: int
    person: PersonView | None
    space: SpaceOfCase | None
    settled: SettledView | None


class CaseView(CaseOfRecord):
    """A case with its latest reports, the last one first."""

    reports: list[ReportView]


class WarningView(TypedDict):
    """A warning that somebody got."""

    words: str
    at: str
    by: PersonView


class AppealView(TypedDict):
    """What somebody said to their suspension."""

    words: str
    at: str


class SuspensionView(TypedDict):
    """A suspension in force; until: null for good."""

    until: str | None
    words: str
    at: str
    by: PersonView
    appeal: AppealView | None


class SuspendedView(SuspensionView):
    """A suspension in force, and whose it is."""

    person: PersonView


class PersonRecordView(TypedDict):
    """What moderators know of somebody.

    since: when the account was made. removals: from how many spaces they were removed.
    """

    person: PersonView
    since: str
    role: Role | None
    spaces_hosted: int
    removals: int
    cases: list[CaseOfRecord]
    warnings: list[WarningView]
    suspension: SuspensionView | None


class SpaceOfEntry(TypedDict):
    """Where something was done."""

    id: str
    title: str


class EntryView(TypedDict):
    """One act; `act` is a word. by, person, space: null for those that are gone, or were none."""

    number: int
    at: str
    act: str
    by: PersonView | None
    person: PersonView | None
    space: SpaceOfEntry | None
    data: dict[str, Any]


class OpenCases(TypedDict):
    """How much waits for a moderator; urgent: how many cases of danger are among them.

    last_at: when something was last reported about any of them; null while none is open.
    """

    open_cases: int
    urgent: int
    last_at: str | None


async def show_cases(
    session: AsyncSession, cases: Sequence[Case], *, reports_each: int
) -> list[CaseView]:
    """Show cases with their latest reports, of each so many at most."""
    shown = await show_without_reports(session, cases)
    reports = await _latest_reports(session, [case.number for case in cases], reports_each)
    people = await _people(session, (report.by for report in reports))
    posts = await _posts_there(session, reports)
    return [
        {
            **view,
            "reports": [
                _report_view(report, people, posts)
                for report in reports
                if report.case_number == case.number
            ],
        }
        for case, view in zip(cases, shown, strict=True)
    ]


async def show_without_reports(session: AsyncSession, cases: Sequence[Case]) -> list[CaseOfRecord]:
    """Show cases, with the people and spaces they are about looked up at once."""
    about = select(Space).where(Space.id.in_({case.space_id for case in cases}))
    spaces = {space.id: space for space in await session.scalars(about)}
    named = [each for case in cases for each in (case.person_id, case.settled_by)]
    people = await _people(session, [*named, *(space.host_id for space in spaces.values())])
    return [_case_view(case, spaces.get(case.space_id or ""), people) for case in cases]


async def show_record(session: AsyncSession, person: Person, now: datetime) -> PersonRecordView:
    """Show what is known of somebody."""
    cases = await service.cases_about(session, person.id, SHOWN_IN_RECORD)
    warnings = await _warnings(session, person.id)
    suspension = await suspensions.of_person(session, person.id, now)
    people = await _people(
        session, [*(each.by for each in warnings), suspension.by if suspension else None]
    )
    return {
        "person": person_view(person),
        "since": time_view(person.created_at),
        "role": person.role,
        "spaces_hosted": await _count(session, Space, Space.host_id == person.id),
        "removals": await _count(session, Removal, Removal.person_id == person.id),
        "cases": await show_without_reports(session, cases),
        "warnings": [
            {"words": each.words, "at": time_view(each.at), "by": people[each.by]}
            for each in warnings
        ],
        "suspension": _suspension_view(suspension, people) if suspension else None,
    }


async def show_suspensions(
    session: AsyncSession, rows: Sequence[Suspension]
) -> list[SuspendedView]:
    """Show suspensions with the people they are of."""
    people = await _people(session, [each for row in rows for each in (row.person_id, row.by)])
    return [{**_suspension_view(row, people), "person": people[row.person_id]} for row in rows]


async def show_entries(session: AsyncSession, rows: Sequence[AuditEntry]) -> list[EntryView]:
    """Show what was done, with everybody and everything looked up as they are now."""
    people = await _people(session, [each for row in rows for each in (row.by, row.person_id)])
    found = await session.execute(
        select(Space.id, Space.title).where(Space.id.in_({row.space_id for row in rows}))
    )
    spaces: dict[str | None, SpaceOfEntry] = {
        space_id: {"id": space_id, "title": title} for space_id, title in found
    }
    return [
        {
            "number": row.number,
            "at": time_view(row.at),
            "act": row.act,
            "by": people.get(row.by),
            "person": people.get(row.person_id or ""),
            "space": spaces.get(row.space_id),
            "data": row.data,
        }
        for row in rows
    ]


def personal_parts() -> list[PersonalPart]:
    """Make the part of a moderator's picture that says what waits; null for everybody else."""

    async def count(session: AsyncSession, person_id: str) -> OpenCases | None:
        role = await session.scalar(select(Person.role).where(Person.id == person_id))
        if role not in STAFF:
            return None
        open_cases, urgent, last_at = await service.look_over(session, person_id)
        return {"open_cases": open_cases, "urgent": urgent, "last_at": time_view(last_at)}

    return [PersonalPart("moderation", count, Whole("moderation_changed", "moderation"))]


def _case_view(case: Case, space: Space | None, people: dict[str, PersonView]) -> CaseOfRecord:
    return {
        "id": str(case.number),
        "state": "open" if case.settled_at is None else "settled",
        "urgent": case.urgent,
        "opened_at": time_view(case.opened_at),
        "last_at": time_view(case.last_at),
        "count": case.count,
        "person": people.get(case.person_id or ""),
        "space": _space_view(space, people) if space else None,
        "settled": _settled_view(case, people),
    }


def _settled_view(case: Case, people: dict[str, PersonView]) -> SettledView | None:
    if case.settled_at is None or case.settled_by is None or case.outcome is None:
        return None
    return {
        "at": time_view(case.settled_at),
        "by": people[case.settled_by],
        "outcome": case.outcome,
        "words": case.words,
    }


def _space_view(space: Space, people: dict[str, PersonView]) -> SpaceOfCase:
    return {
        "id": space.id,
        "title": space.title,
        "description": space.description,
        "state": space.state,
        "host": people[space.host_id],
    }


def _report_view(
    report: Report, people: dict[str, PersonView], posts: Collection[str]
) -> ReportView:
    scene: Any = report.scene
    said = [
        PostOfReport(
            id=each["id"],
            text=each["text"],
            at=each["at"],
            voice=each.get("voice"),
            is_there=each["id"] in posts,
        )
        for each in report.posts or ()
    ]
    return {
        "id": str(report.number),
        "reason": report.reason,
        "words": report.words,
        "at": time_view(report.at),
        "by": people.get(report.by or ""),
        "scene": scene,
        "posts": said,
    }


def _suspension_view(row: Suspension, people: dict[str, PersonView]) -> SuspensionView:
    appeal: AppealView | None = None
    if row.appeal is not None and row.appealed_at is not None:
        appeal = {"words": row.appeal, "at": time_view(row.appealed_at)}
    return {
        "until": time_view(row.until),
        "words": row.words,
        "at": time_view(row.at),
        "by": people[row.by],
        "appeal": appeal,
    }


async def _posts_there(session: AsyncSession, reports: Sequence[Report]) -> frozenset[str]:
    """Tell which of the posts that were reported nobody has taken away since."""
    asked = {each["id"] for report in reports for each in report.posts or ()}
    there = select(Post.id).where(Post.id.in_(asked), Post.gone_at.is_(None))
    return frozenset(await session.scalars(there))


async def _people(session: AsyncSession, ids: Iterable[str | None]) -> dict[str, PersonView]:
    """Look up several people at once; those who are gone are left out."""
    rows = await session.scalars(select(Person).where(Person.id.in_({*ids} - {None})))
    return {person.id: person_view(person) for person in rows}


async def _latest_reports(
    session: AsyncSession, cases: Sequence[int], each: int
) -> Sequence[Report]:
    place = func.row_number().over(
        partition_by=Report.case_number, order_by=(Report.at.desc(), Report.number.desc())
    )
    of_cases = Report.case_number.in_(cases)
    placed = select(Report.number, place.label("place")).where(of_cases).subquery()
    latest = select(placed.c.number).where(placed.c.place <= each)
    order = (Report.at.desc(), Report.number.desc())
    return (
        await session.scalars(select(Report).where(Report.number.in_(latest)).order_by(*order))
    ).all()


async def _warnings(session: AsyncSession, person_id: str) -> Sequence[PersonWarning]:
    rows = await session.scalars(
        select(PersonWarning)
        .where(PersonWarning.person_id == person_id)
        .order_by(PersonWarning.number.desc())
        .limit(SHOWN_IN_RECORD)
    )
    return rows.all()


async def _count(
    session: AsyncSession, table: type[Space | Removal], which: ColumnElement[bool]
) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(which)) or 0
