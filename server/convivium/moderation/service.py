"""What people report, and what moderators do about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, literal, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import AccountsOnly
from convivium.accounts.staff import NotOneself, check_reach
from convivium.accounts.view import person_view
from convivium.chat.service import lines_of
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, Malformed, NotFound
from convivium.core.transaction import Transaction
from convivium.moderation.events import CaseAnswered, CasesChanged, PostTakenAway, Warned
from convivium.moderation.models import Case, Outcome, PersonWarning, Reason, Report
from convivium.moderation.rules import live_s, subject_of
from convivium.notifications.service import About, tell, tell_many
from convivium.posts import service as posts
from convivium.posts.models import Post
from convivium.posts.reading import PostNotFound
from convivium.posts.view import voice_view
from convivium.spaces import service as spaces
from convivium.spaces.models import OVER, Space
from convivium.spaces.view import time_view
from convivium.stage.models import Seat
from convivium.stage.service import stage_of
from convivium.voice_notes import service as voice_notes
from convivium.voice_notes.models import HeldVoiceNote

# So many of the last lines of whoever is reported are kept with a report.
KEPT_LINES = 10
# So many posts are kept with one report, the last ones.
KEPT_POSTS = 20
FORGOTTEN_AT_ONCE = 500

# What a moderator asks for again when a door was stuck, or the answer was lost on the way.
ASKED_AGAIN: tuple[Outcome, ...] = ("suspended", "ended")

CaseState = Literal["open", "settled"]


class NothingReported(Malformed):
    """A report about nobody and nothing."""

    code = "nothing_reported"
    title = "This is about nobody"
    detail = "Say what it is about: user, space, or both, or post."


class CaseNotFound(NotFound):
    """No such case, or it is about whoever asks."""

    code = "case_not_found"
    title = "There is no such case"


class CaseSettled(Conflict):
    """Another moderator was faster."""

    code = "case_settled"
    title = "This case is settled"
    detail = "Another moderator was faster. Look what they did."


class OverAlready(Conflict):
    """A moderator wants to settle a case by ending a space that is over."""

    code = "over_already"
    title = "This space was over already"
    detail = "Nothing was left to end. Dismiss the case, or warn or suspend somebody."


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list of cases a page ends: those of danger come first, then the newest."""

    urgent: bool
    at: datetime
    number: int


# Reporting


async def report(
    tx: Transaction,
    actor: Actor,
    *,
    space: Space | None,
    person: Person | None,
    reason: Reason,
    words: str,
    post: Post | None = None,
) -> Report:
    """Say something about a person or a space; to say it again replaces the words.

    post: what `person` wrote, that is meant. Raises NothingReported, NotOneself.
    """
    person_id, space_id = person.id if person else None, space.id if space else None
    subject = subject_of(person_id, space_id)
    if subject is None:
        raise NothingReported
    if actor.id in (person_id, space.host_id if space and not person else None):
        raise NotOneself
    case = await _open_case(tx, subject)
    case.person_id, case.space_id = person_id, space_id or case.space_id
    if person is None and case.host_id is None:
        case.host_id = space.owner_id if space else None
    case.last_at = tx.now
    case.urgent = case.urgent or reason == "danger"
    await tx.session.flush()
    said = await tx.session.scalar(
        select(Report).where(Report.case_number == case.number, Report.by == actor.id)
    )
    if said is None:
        said = Report(case_number=case.number, by=actor.id)
        tx.session.add(said)
        case.count += 1
    said.reason, said.words, said.at = reason, words, tx.now
    if post is not None:
        await tx.session.flush()
        await _keep_post(tx, said, post)
    if said.scene is None and space is not None:
        # What was seen first is kept: the place where it was may have been tidied up since.
        said.scene = await _scene(tx, space, person)
    await tx.session.flush()
    await tx.announce(CasesChanged())
    return said


async def _keep_post(tx: Transaction, said: Report, post: Post) -> None:
    """Keep what a post said, as it was first: its author may change it or take it away."""
    kept = said.posts or []
    if any(each["id"] == post.id for each in kept):
        return
    fresh: dict[str, Any] = {"id": post.id, "text": post.text, "at": time_view(post.written_at)}
    if (note := await posts.voice_of(tx.session, post)) is not None:
        held = await voice_notes.hold(tx, note, said.number)
        fresh["voice"] = {**voice_view(note), "id": held.id}
    said.posts = [*kept, fresh][-KEPT_POSTS:]
    gone = [each["voice"]["id"] for each in kept if each not in said.posts and "voice" in each]
    await voice_notes.release(tx, HeldVoiceNote.id.in_(gone))


async def space_named(session: AsyncSession, space_id: str) -> Space:
    """Find a space that others than its host can know of, whoever asks. Raises SpaceNotFound.

    Whoever was removed or is blocked there may still report it.
    """
    space = await session.scalar(select(Space).where(Space.id == space_id))
    if space is None or space.state == "draft":
        raise spaces.SpaceNotFound
    return space


async def _open_case(tx: Transaction, subject: str) -> Case:
    is_open = (Case.subject == subject) & Case.settled_at.is_(None)
    case = await tx.session.scalar(select(Case).where(is_open))
    if case is None:
        case = Case(subject=subject, urgent=False, count=0, opened_at=tx.now, last_at=tx.now)
        tx.session.add(case)
    return case


async def _scene(tx: Transaction, space: Space, person: Person | None) -> dict[str, Any]:
    """Write down what can be seen in a space at this moment; nothing of what is heard."""
    seated = await tx.session.scalars(
        select(Person)
        .join(Seat, Seat.person_id == Person.id)
        .where(Seat.space_id == space.id)
        .order_by(Seat.number)
    )
    lines = await lines_of(tx.session, space.id, person.id, KEPT_LINES) if person else ()
    stage = await stage_of(tx.session, space)
    return {
        "title": space.title,
        "live_s": live_s(space.started_at, space.ended_at, tx.now),
        "role": stage.role_of(person.id) if person else None,
        "stage": [person_view(each) for each in seated],
        "lines": [{"text": line.text, "at": time_view(line.written_at)} for line in lines][::-1],
    }


# Answering


async def dismiss(tx: Transaction, actor: Actor, number: int, words: str) -> None:
    """Settle a case with nothing to do. Raises what `settle` raises."""
    await settle(tx, actor, number, "dismissed", words)


async def warn(
    tx: Transaction, actor: Actor, person: Person, words: str, case: int | None = None
) -> None:
    """Tell somebody that they did what is not done here.

    Raises NotOneself, ModeratesStaff, AccountsOnly, and what `settle` raises.
    """
    check_reach(actor, person)
    if person.kind == "guest":
        raise AccountsOnly("Guests have no list to be told in. Remove them from the space instead.")
    warning = PersonWarning(person_id=person.id, by=actor.id, at=tx.now, words=words)
    tx.session.add(warning)
    await tx.session.flush()
    await tell(tx, person.id, About("warned", str(warning.number), data={"words": words}))
    await tx.announce(Warned(person.id, actor.id))
    await settle_if_any(tx, actor, case, "warned", words, person=person)


async def end_space(
    tx: Transaction, actor: Actor, space: Space, words: str, case: int | None = None
) -> None:
    """End a space for everybody, or cancel a scheduled one; its hosts are told why.

    Raises NotOneself, ModeratesStaff, OverAlready, and what `settle` raises.
    """
    await _check_reach_of(tx.session, actor, space)
    hosts, was_over = await _hosts(tx.session, space), space.state in OVER
    await spaces.close(tx, space, by=actor.id)
    if not was_over:
        await _tell_hosts(tx, hosts, About.space("space_ended", space.id, words=words))
    settles = await settle_if_any(tx, actor, case, "ended", words, space=space)
    if settles and was_over:
        raise OverAlready


async def rename_space(
    tx: Transaction,
    actor: Actor,
    space: Space,
    said: spaces.Words,
    words: str,
    case: int | None = None,
) -> None:
    """Put other words in the place of a space's title or description; its hosts are told why.

    Raises NotOneself, ModeratesStaff, and what `settle` raises.
    """
    await _check_reach_of(tx.session, actor, space)
    await spaces.reword(tx, space, said, by=actor.id)
    hosts = await _hosts(tx.session, space)
    await _tell_hosts(tx, hosts, About.space("space_renamed", space.id, words=words))
    await settle_if_any(tx, actor, case, "renamed", words, space=space)


async def take_post_away(
    tx: Transaction, actor: Actor, post: Post, words: str, case: int | None = None
) -> None:
    """Take away what somebody wrote; they are told why.

    Raises NotOneself, ModeratesStaff, PostNotFound, and what `settle` raises.
    """
    author = await tx.session.get(Person, post.person_id) if post.person_id else None
    if author is None or post.gone_at is not None:
        raise PostNotFound
    check_reach(actor, author)
    await posts.remove(tx, post, by=actor.id)
    about = About("post_taken_away", post.id, data={"words": words})
    await tell(tx, author.id, about)
    await tx.announce(PostTakenAway(post.id, author.id, actor.id))
    await settle_if_any(tx, actor, case, "post_taken_away", words, person=author)


async def settle(tx: Transaction, actor: Actor, number: int, outcome: Outcome, words: str) -> None:
    """Close a case; those who reported are told that somebody looked, and not what came of it.

    Raises CaseNotFound, CaseSettled, ModeratesStaff.
    """
    case = await case_for(tx.session, actor, number)
    if case.settled_at is not None:
        raise CaseSettled
    about = await _person_of(tx.session, case)
    if about is not None:
        check_reach(actor, about)
    case.settled_at, case.settled_by = tx.now, actor.id
    case.outcome, case.words = outcome, words
    await tx.session.flush()
    reporters = await tx.session.scalars(
        select(Person.id)
        .join(Report, Report.by == Person.id)
        .where(Report.case_number == number, Person.kind == "account")
    )
    await tell_many(tx, reporters.all(), About("report_seen", str(number)))
    await tx.announce(CaseAnswered(number, outcome, case.person_id, actor.id))
    await tx.announce(CasesChanged())


async def settle_if_any(
    tx: Transaction,
    actor: Actor,
    number: int | None,
    outcome: Outcome,
    words: str,
    *,
    person: Person | None = None,
    space: Space | None = None,
) -> bool:
    """Settle the case that an act on a person or a space answers; tells whether it does so now.

    Raises what `settle` raises, and CaseNotFound for a case about somebody or something else.
    """
    if number is None:
        return False
    case = await case_for(tx.session, actor, number)
    if not await _is_about(tx.session, case, person, space):
        raise CaseNotFound
    is_own = (case.settled_by, case.outcome) == (actor.id, outcome)
    if is_own and outcome in ASKED_AGAIN:
        return False
    await settle(tx, actor, number, outcome, words)
    return True


async def _is_about(
    session: AsyncSession, case: Case, person: Person | None, space: Space | None
) -> bool:
    """Tell whether an act on a person or a space can answer a case."""
    if person is None:
        return space is not None and case.space_id == space.id
    if person.id in (case.person_id, case.host_id):
        return True
    if case.host_id is None:
        return False
    # Of a space as such it may also be who holds it now.
    holder = await session.scalar(select(Space.host_id).where(Space.id == case.space_id))
    return holder == person.id


async def _person_of(session: AsyncSession, case: Case) -> Person | None:
    """Find whom a case is about: for a space as such, whose it was."""
    about = case.person_id or case.host_id
    return await session.get(Person, about) if about else None


async def _check_reach_of(session: AsyncSession, actor: Actor, space: Space) -> None:
    """Let staff moderate what others host, whoever holds it meanwhile."""
    for host in {space.host_id, space.owner_id}:
        check_reach(actor, await session.get_one(Person, host))


async def _hosts(session: AsyncSession, space: Space) -> frozenset[str]:
    return await spaces.hosts_of(session, space) | {space.owner_id}


async def _tell_hosts(tx: Transaction, hosts: Collection[str], about: About) -> None:
    for host in sorted(hosts):
        await tell(tx, host, about)


# Forgetting


async def forget_reports(tx: Transaction, kept_days: int) -> None:
    """Forget what was said and seen in cases that are settled for long, a part at a time.

    That somebody reported, why, and what came of it stays. kept_days: 0 for ever.
    """
    if kept_days == 0:
        return
    since = tx.now - timedelta(days=kept_days)
    settled = select(Case.number).where(Case.settled_at <= since)
    said = (Report.words != "") | Report.scene.is_not(None) | Report.posts.is_not(None)
    found = select(Report.number).where(Report.case_number.in_(settled), said)
    old = (await tx.session.scalars(found.limit(FORGOTTEN_AT_ONCE))).all()
    await voice_notes.release(tx, HeldVoiceNote.report_number.in_(old))
    await tx.session.execute(
        update(Report).where(Report.number.in_(old)).values(words="", scene=null(), posts=null())
    )


# Looking


async def case_for(session: AsyncSession, actor: Actor, number: int) -> Case:
    """Find a case for somebody whom it is not about. Raises CaseNotFound."""
    case = await session.scalar(select(Case).where(Case.number == number, ~_concerns(actor.id)))
    if case is None:
        raise CaseNotFound
    return case


async def cases_for(
    session: AsyncSession, actor: Actor, state: CaseState, *, before: Place | None, limit: int
) -> Sequence[Case]:
    """List cases for somebody, without those about themselves.

    Open ones come with those of danger first, then the newest; settled ones as they were settled.
    """
    at = Case.last_at if state == "open" else Case.settled_at
    urgent = Case.urgent if state == "open" else literal(value=False)
    order = (urgent, at, Case.number)
    is_in = Case.settled_at.is_(None) if state == "open" else Case.settled_at.is_not(None)
    query = select(Case).where(is_in, ~_concerns(actor.id))
    if before is not None:
        place = (literal(before.urgent), literal(before.at), literal(before.number))
        query = query.where(tuple_(*order) < tuple_(*place))
    rows = await session.scalars(query.order_by(*(each.desc() for each in order)).limit(limit))
    return rows.all()


async def cases_about(session: AsyncSession, person_id: str, limit: int) -> Sequence[Case]:
    """List the cases about somebody or a space of theirs, the latest first."""
    rows = await session.scalars(
        select(Case).where(_concerns(person_id)).order_by(Case.number.desc()).limit(limit)
    )
    return rows.all()


async def look_over(session: AsyncSession, person_id: str) -> tuple[int, int, datetime | None]:
    """Count the open cases that somebody may see, and those of danger among them.

    The time is that of the latest report about any of them.
    """
    row = await session.execute(
        select(func.count(), func.count().filter(Case.urgent), func.max(Case.last_at)).where(
            Case.settled_at.is_(None), ~_concerns(person_id)
        )
    )
    all_of_them, urgent, last_at = row.one()
    return all_of_them, urgent, last_at


def _concerns(person_id: str) -> ColumnElement[bool]:
    """Ask of a case whether it is about somebody, or about a space of theirs as such."""
    return (func.coalesce(Case.person_id, "") == person_id) | (
        func.coalesce(Case.host_id, "") == person_id
    )
