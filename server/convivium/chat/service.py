"""What people do in the chat of a space."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import AccountsOnly
from convivium.chat.events import AllTakenAway, ChatRulesChanged, LineTakenAway, LineWritten
from convivium.chat.models import Chat, ChatLine, SharedItem
from convivium.chat.rules import USUAL, Rules, Writing, may_write, wait_s
from convivium.core.actor import Actor
from convivium.core.database import in_parts
from convivium.core.errors import Forbidden, NotFound
from convivium.core.transaction import Transaction
from convivium.relationships.models import Block, Mute
from convivium.spaces.models import Space
from convivium.stage.rules import Stage
from convivium.stage.service import TooSoon, lead, stage_of

# Of one space; those written first go first.
KEPT_LINES = 20_000

Row = tuple[ChatLine, Person]


class ChatOff(Forbidden):
    """The hosts have switched the chat off."""

    code = "chat_off"
    title = "The chat is off"
    detail = "The hosts of this space have switched the chat off for now."


class StageWrites(Forbidden):
    """Only those on the stage may write."""

    code = "stage_writes"
    title = "Only the stage writes"
    detail = "In this space the people on the stage write. You can read along."


class WroteTooSoon(TooSoon):
    """Slow mode is on."""

    code = "wrote_too_soon"
    title = "Slow mode is on"
    act = "write"


class LineNotFound(NotFound):
    """No such line."""

    code = "line_not_found"
    title = "This line is not there"
    detail = "It was taken away, or it was never here."


class NotYours(Forbidden):
    """Something somebody else wrote or shared."""

    code = "not_yours"
    title = "This is not yours"
    detail = "Only a host, or whoever wrote it, can take it away."


# Lines


async def check_may_write(tx: Transaction, actor: Actor, space: Space) -> Stage:
    """Give the stage if somebody may write now.

    Raises ChatOff, AccountsOnly, StageWrites, WroteTooSoon.
    """
    rules = await rules_of(tx.session, space.id)
    stage = await stage_of(tx.session, space)
    decided = may_write(rules, actor, stage.role_of(actor.id))
    if decided is not Writing.ALLOWED:
        raise _REFUSED[decided]
    if rules.slow_seconds and not stage.is_host(actor.id):
        wait = wait_s(rules, await _wrote_last(tx.session, space.id, actor.id), tx.now)
        if wait > 0:
            raise WroteTooSoon(wait)
    return stage


async def write(tx: Transaction, actor: Actor, space: Space, text: str) -> Row:
    """Write a line; whether one may is `check_may_write`."""
    last = await tx.session.scalar(
        select(func.max(ChatLine.number)).where(ChatLine.space_id == space.id)
    )
    number = (last or 0) + 1
    line = ChatLine(
        space_id=space.id, number=number, person_id=actor.id, text=text, written_at=tx.now
    )
    tx.session.add(line)
    await tx.session.flush()
    await tx.session.execute(
        delete(ChatLine).where(
            ChatLine.space_id == space.id, ChatLine.number <= number - KEPT_LINES
        )
    )
    await tx.announce(LineWritten(space.id, actor.id, number))
    return line, await tx.session.get_one(Person, actor.id)


async def take_away(tx: Transaction, actor: Actor, space: Space, number: int) -> None:
    """Take a line away; what is gone stays so. Raises LineNotFound, NotYours."""
    line = await tx.session.get(ChatLine, (space.id, number))
    if line is None:
        raise LineNotFound
    if line.person_id != actor.id:
        await check_may_clear(tx.session, actor, space)
    if line.taken_at is None:
        line.text, line.taken_at = "", tx.now
        await tx.announce(LineTakenAway(space.id, actor.id, line.person_id, number))


async def check_may_clear(session: AsyncSession, actor: Actor, space: Space) -> None:
    """Let hosts and moderators take away what is not theirs. Raises NotYours."""
    if not actor.moderates and not (await stage_of(session, space)).is_host(actor.id):
        raise NotYours


async def live_with(session: AsyncSession, person_id: str) -> Sequence[str]:
    """List the live spaces in which somebody wrote or shared something."""
    written = [
        select(table.space_id).where(table.person_id == person_id)
        for table in (ChatLine, SharedItem)
    ]
    is_there = Space.id.in_(union(*written))
    return (await session.scalars(select(Space.id).where(Space.state == "live", is_there))).all()


async def take_all_away(
    tx: Transaction, space_id: str, people: Collection[str], *, by: str
) -> None:
    """Take away everything these people wrote and shared in a space, if there is anything."""
    taken: list[int] = []
    for some in in_parts(people):
        taken += await tx.session.scalars(
            update(ChatLine)
            .where(
                ChatLine.space_id == space_id,
                ChatLine.person_id.in_(some),
                ChatLine.taken_at.is_(None),
            )
            .values(text="", taken_at=tx.now)
            .returning(ChatLine.number)
        )
        taken += await tx.session.scalars(
            delete(SharedItem)
            .where(SharedItem.space_id == space_id, SharedItem.person_id.in_(some))
            .returning(SharedItem.number)
        )
    if taken:
        await tx.announce(AllTakenAway(space_id, by, frozenset(people)))


async def forget_unkept(tx: Transaction, space_id: str) -> None:
    """Forget what was written and shared in a space that is over, unless its hosts keep it."""
    if not (await rules_of(tx.session, space_id)).kept:
        for table in (ChatLine, SharedItem):
            await tx.session.execute(delete(table).where(table.space_id == space_id))


async def lines_for(
    session: AsyncSession, actor: Actor, space_id: str, *, before: int | None, limit: int
) -> Sequence[Row]:
    """List lines, the latest first, without those of people whom the actor blocks or mutes."""
    query = _shown(space_id)
    if before is not None:
        query = query.where(ChatLine.number < before)
    if actor.has_account:
        unwanted = (
            exists().where(word.person_id == actor.id, word.other_id == ChatLine.person_id)
            for word in (Block, Mute)
        )
        query = query.where(~or_(*unwanted))
    rows = await session.execute(query.limit(limit))
    return [(line, person) for line, person in rows]


async def latest(session: AsyncSession, space_id: str, limit: int) -> Sequence[Row]:
    """List the latest lines, the last one first."""
    rows = await session.execute(_shown(space_id).limit(limit))
    return [(line, person) for line, person in rows]


async def lines_of(
    session: AsyncSession, space_id: str, person_id: str, limit: int
) -> Sequence[ChatLine]:
    """List the latest lines of one person, the last one first."""
    of_person = select(ChatLine).where(
        ChatLine.space_id == space_id,
        ChatLine.person_id == person_id,
        ChatLine.taken_at.is_(None),
    )
    return (await session.scalars(of_person.order_by(ChatLine.number.desc()).limit(limit))).all()


async def taken_lately(session: AsyncSession, space_id: str, limit: int) -> Sequence[int]:
    """List the numbers of the lines that were taken away last, in order of their numbers."""
    numbers = await session.scalars(
        select(ChatLine.number)
        .where(ChatLine.space_id == space_id, ChatLine.taken_at.is_not(None))
        .order_by(ChatLine.taken_at.desc(), ChatLine.number.desc())
        .limit(limit)
    )
    return sorted(numbers)


# Rules


async def rules_of(session: AsyncSession, space_id: str) -> Rules:
    """Read how a space talks in text."""
    row = await session.get(Chat, space_id)
    if row is None:
        return USUAL
    return Rules(**{name: getattr(row, name) for name in Rules.__slots__})


async def change_rules(
    tx: Transaction, actor: Actor, space: Space, change: dict[str, object]
) -> Rules:
    """Change who may write, and how often; what is not named stays. Raises HostsOnly."""
    await lead(tx.session, actor, space)
    before = await rules_of(tx.session, space.id)
    rules = replace(before, **change)  # type: ignore[arg-type]
    await tx.session.merge(Chat(space_id=space.id, **asdict(rules)))
    await tx.session.flush()
    changed = {name: said for name, said in change.items() if getattr(before, name) != said}
    if changed:
        await tx.announce(ChatRulesChanged(space.id, actor.id, changed))
    return rules


_REFUSED: dict[Writing, type[Forbidden]] = {
    Writing.OFF: ChatOff,
    Writing.GUEST: AccountsOnly,
    Writing.STAGE: StageWrites,
}


def _shown(space_id: str) -> Select[ChatLine, Person]:
    return (
        select(ChatLine, Person)
        .join(Person, Person.id == ChatLine.person_id)
        .where(ChatLine.space_id == space_id, ChatLine.taken_at.is_(None))
        .order_by(ChatLine.number.desc())
    )


async def _wrote_last(session: AsyncSession, space_id: str, person_id: str) -> datetime | None:
    """Tell when somebody wrote last, also if the line is gone."""
    return await session.scalar(
        select(ChatLine.written_at)
        .where(ChatLine.space_id == space_id, ChatLine.person_id == person_id)
        .order_by(ChatLine.number.desc())
        .limit(1)
    )
