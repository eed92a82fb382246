"""What people do in conversations, and who is let into them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from convivium.accounts.models import Person
from convivium.accounts.service import PersonNotFound, find_person
from convivium.core.actor import Actor
from convivium.core.database import in_parts
from convivium.core.errors import Conflict, Forbidden, NotFound
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.messages.events import ConversationChanged, MessageSent
from convivium.messages.models import (
    Conversation,
    ConversationMember,
    Message,
    MessageKind,
    Standing,
)
from convivium.messages.rules import MOST_MEMBERS, MOST_UNANSWERED, NEWS, standing_of
from convivium.relationships.models import Block, Follow
from convivium.relationships.service import apart_from, are_apart, unwilling
from convivium.spaces.models import InvitedRole

Id = ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
# What one can list.
ListedStanding = Literal["accepted", "asked"]
# Of one conversation; those written first go first.
KEPT_MESSAGES = 20_000
# Requests that nobody answered are put away.
KEPT_ASKED = timedelta(days=90)
FORGOTTEN_AT_ONCE = 500


class ConversationNotFound(NotFound):
    """None of this person's, or nobody to write to; it is not said which."""

    code = "conversation_not_found"
    title = "There is no such conversation"
    detail = "It is gone, or it was never yours."


class MessageNotFound(NotFound):
    """No such message, or none that is there for this person."""

    code = "message_not_found"
    title = "This message is not there"
    detail = "It is gone, or it was never here."


class NotYourMessage(Forbidden):
    """Something another person wrote."""

    code = "not_yours"
    title = "This is not yours"
    detail = "Everybody takes away only what they wrote themselves."


class ToOneself(Conflict):
    """Somebody tried to write to themselves."""

    code = "to_oneself"
    title = "That is you"
    detail = "Name somebody else to write to."


class NotAnswered(Conflict):
    """Somebody who has not accepted yet has heard enough."""

    code = "not_answered"
    title = "They have not answered yet"
    detail = "You can write more once they answer."


class NotAGroup(Conflict):
    """Two people stay two, and their conversation has no name."""

    code = "not_a_group"
    title = "This is between the two of you"
    detail = "To talk with more people, begin a group."


class GroupFull(Conflict):
    """The group is as large as one may be."""

    code = "group_full"
    title = "The group is full"
    detail = f"A group has {MOST_MEMBERS} people at most, you included."


@dataclass(frozen=True, slots=True)
class Membership:
    """A conversation, and how one person stands to it."""

    conversation: Conversation
    member: ConversationMember


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation to write in; asked: how many are asked there for the first time."""

    conversation: Conversation
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What is put into a conversation; the columns of `Message` say what each means."""

    kind: MessageKind = "said"
    text: str = ""
    about_id: str | None = None
    space_id: str | None = None
    role: InvitedRole | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in somebody's list a page ends."""

    at: datetime
    conversation_id: str


# Finding


async def membership(session: AsyncSession, actor: Actor, who: str) -> Membership:
    """Find one of somebody's conversations, by its id or by the other person.

    Raises ConversationNotFound, PersonNotFound, ToOneself.
    """
    found = await _membership(session, actor.id, ConversationMember.conversation_id == who)
    if found is None:
        person = await whom(session, actor, who)
        found = await with_person(session, actor, person)
    if found is None:
        raise ConversationNotFound
    return found


async def with_person(session: AsyncSession, actor: Actor, person: Person) -> Membership | None:
    """Find the conversation of two people, unless the first has put it away."""
    return await _membership(session, actor.id, ConversationMember.other_id == person.id)


async def whom(session: AsyncSession, actor: Actor, who: str) -> Person:
    """Find somebody to write to.

    Whoever blocks, or is blocked, is answered as if nobody were there.
    Raises PersonNotFound for a name, ConversationNotFound for an id, ToOneself.
    """
    try:
        person = await find_person(session, actor, who)
        is_there = person.kind != "guest" and not await are_apart(session, actor.id, person.id)
    except PersonNotFound:
        is_there = False
    if not is_there:
        raise (
            PersonNotFound("Nobody here has this name.")
            if who[:1] == "@"
            else (ConversationNotFound)
        )
    if person.id == actor.id:
        raise ToOneself
    return person


async def _membership(
    session: AsyncSession, person_id: str, which: ColumnElement[bool]
) -> Membership | None:
    row = (
        await session.execute(
            select(Conversation, ConversationMember)
            .join(ConversationMember, ConversationMember.conversation_id == Conversation.id)
            .where(
                ConversationMember.person_id == person_id,
                ConversationMember.standing != "left",
                which,
                ~_is_apart(ConversationMember.person_id, ConversationMember.other_id),
            )
        )
    ).first()
    return None if row is None else Membership(*row)


# Writing


async def open_for(tx: Transaction, actor: Actor, to: str) -> Opened:
    """Find where one writes to a person or in a conversation, or begin it.

    Raises ConversationNotFound, PersonNotFound, ToOneself, NotAnswered.
    """
    by_id = ConversationMember.conversation_id == to
    own = await _membership(tx.session, actor.id, by_id)
    if own is not None and own.conversation.is_group:
        await _check_answered(tx.session, actor.id, own.conversation.id)
        own.member.standing = "accepted"
        return Opened(own.conversation)
    if own is not None and own.member.other_id is None:
        raise ConversationNotFound("Whom you wrote with has no account any more.")
    other_id = own.member.other_id if own else (await whom(tx.session, actor, to)).id
    opened = await open_pair(tx, actor.id, str(other_id))
    await _check_answered(tx.session, actor.id, opened.conversation.id)
    return opened


async def open_pair(tx: Transaction, by: str, other_id: str) -> Opened:
    """Find the conversation of two people, or begin it; whoever writes takes part in it."""
    own = await tx.session.scalar(
        select(ConversationMember).where(
            ConversationMember.person_id == by, ConversationMember.other_id == other_id
        )
    )
    if own is None:
        conversation = await _begin(tx, is_group=False)
        before = None
    else:
        conversation = await tx.session.get_one(Conversation, own.conversation_id)
        theirs = await tx.session.get(ConversationMember, (conversation.id, other_id))
        before = theirs.standing if theirs else None
    follows = await _who_follow(tx.session, by, [other_id])
    standing = standing_of(follows=other_id in follows, before=before, is_group=False)
    await _join(tx, conversation, by, "accepted", other_id=other_id)
    await _join(tx, conversation, other_id, standing, other_id=by)
    return Opened(conversation, int(standing == "asked" != before))


async def open_group(tx: Transaction, actor: Actor, people: Sequence[Person], title: str) -> Opened:
    """Begin a group. Raises GroupFull."""
    if len(people) >= MOST_MEMBERS:
        raise GroupFull
    conversation = await _begin(tx, is_group=True, title=title)
    await _join(tx, conversation, actor.id, "accepted")
    return Opened(conversation, await _bring_in(tx, actor, conversation, people))


async def put(tx: Transaction, conversation: Conversation, by: str, said: Said) -> Message:
    """Put a message into a conversation; it is news to everybody who wants to hear of its author.

    Nothing of it reaches those in a group who block its author, or are blocked by them.
    """
    # Counted under a lock, where more than one writes at a time.
    await tx.session.refresh(conversation, ["count"], with_for_update=True)
    conversation.count += 1
    message = Message(
        conversation_id=conversation.id,
        number=conversation.count,
        person_id=by,
        kind=said.kind,
        text=said.text,
        about_id=said.about_id,
        space_id=said.space_id,
        role=said.role,
        at=tx.now,
    )
    tx.session.add(message)
    members = await _reached(tx.session, conversation.id, by)
    deaf = await unwilling(tx.session, by, [member.person_id for member in members])
    for member in members:
        _note(member, message, deaf)
    await tx.session.flush()
    await _forget_first(tx, conversation)
    told = {m.person_id for m in members if m.standing == "accepted"} - deaf - {by}
    people = frozenset(member.person_id for member in members)
    await tx.announce(MessageSent(conversation.id, people, message.number, by, frozenset(told)))
    return message


def _note(member: ConversationMember, message: Message, deaf: Collection[str]) -> None:
    """Let one member's row say that there is one message more."""
    member.last = message.number
    is_own = member.person_id == message.person_id
    if message.kind not in NEWS and not is_own:
        return
    member.last_at = message.at
    if is_own:
        member.read, member.unread = message.number, 0
    elif member.person_id not in deaf:
        member.unread += 1


async def _check_answered(session: AsyncSession, by: str, conversation_id: str) -> None:
    """Raise NotAnswered for who has written enough while nobody else has accepted."""
    rows = await session.scalars(
        select(ConversationMember).where(
            ConversationMember.conversation_id == conversation_id,
            ConversationMember.person_id != by,
            ConversationMember.standing != "left",
        )
    )
    others = rows.all()
    if not others or any(other.standing == "accepted" for other in others):
        return
    hidden = min(other.hidden for other in others)
    written = select(func.count()).where(
        Message.conversation_id == conversation_id,
        Message.number > hidden,
        Message.person_id == by,
        Message.kind == "said",
    )
    if (await session.scalar(written) or 0) >= MOST_UNANSWERED:
        raise NotAnswered


async def take_away(tx: Transaction, actor: Actor, own: Membership, number: int) -> None:
    """Take away what one wrote, for everybody; again is the same. Its place stays.

    Raises MessageNotFound, NotYourMessage.
    """
    message = await tx.session.get(Message, (own.conversation.id, number))
    if message is None or number <= own.member.hidden:
        raise MessageNotFound
    if message.person_id != actor.id or message.kind != "said":
        raise NotYourMessage
    if message.taken_at is None:
        await withdraw(tx, own.conversation, [message])


async def withdraw(
    tx: Transaction, conversation: Conversation, messages: Sequence[Message]
) -> None:
    """Empty some messages of one author, which are not news to anybody any more."""
    by = messages[0].person_id
    members = await _reached(tx.session, conversation.id, by)
    deaf = await unwilling(tx.session, by, [member.person_id for member in members])
    for message in messages:
        message.text, message.space_id, message.taken_at = "", None, tx.now
        for member in members:
            if member.read < message.number and member.person_id not in deaf | {by}:
                member.unread = max(0, member.unread - 1)
    await changed(tx, conversation, [member.person_id for member in members])


async def changed(tx: Transaction, conversation: Conversation, people: Collection[str]) -> None:
    """Let these people come to know that something is not as it was shown."""
    conversation.version += 1
    await tx.session.flush()
    await tx.announce(ConversationChanged(conversation.id, frozenset(people)))


# What one does with a conversation


async def read_up_to(tx: Transaction, actor: Actor, own: Membership, number: int) -> None:
    """Note how far somebody has read; the others see it, once they have accepted."""
    member = own.member
    number = min(number, own.conversation.count)
    if number <= member.read:
        return
    after = select(func.count()).where(
        Message.conversation_id == own.conversation.id,
        Message.number > number,
        Message.person_id != actor.id,
        Message.kind.in_(NEWS),
        Message.taken_at.is_(None),
    )
    left = await tx.session.scalar(after) or 0
    member.read, member.unread = number, min(member.unread, left)
    await tx.session.flush()
    shows = member.standing == "accepted"
    members = await _reached(tx.session, own.conversation.id, actor.id) if shows else [member]
    people = frozenset(each.person_id for each in members)
    await tx.announce(ConversationChanged(own.conversation.id, people))


async def accept(tx: Transaction, own: Membership) -> None:
    """Take part in a conversation that another began; they see then how far one has read."""
    own.member.standing = "accepted"
    members = await _reached(tx.session, own.conversation.id, own.member.person_id)
    await tx.session.flush()
    people = frozenset(member.person_id for member in members)
    await tx.announce(ConversationChanged(own.conversation.id, people))


async def leave(tx: Transaction, actor: Actor, own: Membership) -> None:
    """Put a conversation away with all that is in it, or leave a group.

    The other one keeps it; what nobody keeps is gone.
    """
    conversation, member = own.conversation, own.member
    if conversation.is_group:
        await put(tx, conversation, actor.id, Said("left"))
    member.standing = "left"
    member.hidden = member.last = member.read = conversation.count
    member.unread = 0
    await tx.session.flush()
    await tx.announce(ConversationChanged(conversation.id, frozenset([actor.id])))
    await _forget_unkept(tx, [conversation.id])


async def rename(tx: Transaction, actor: Actor, own: Membership, title: str) -> None:
    """Give a group a name, or none. Raises NotAGroup."""
    _check_group(own)
    if own.conversation.title != title:
        own.conversation.title = title
        await put(tx, own.conversation, actor.id, Said("named", title))


async def add(tx: Transaction, actor: Actor, own: Membership, people: Sequence[Person]) -> int:
    """Bring people into a group, who see what is written from then on; tells how many are asked.

    Raises NotAGroup, GroupFull.
    """
    _check_group(own)
    conversation = own.conversation
    here = {member.person_id for member in await members_of(tx.session, [conversation.id])}
    new = [person for person in people if person.id not in here]
    if len(here) + len(new) > MOST_MEMBERS:
        raise GroupFull
    asked = await _bring_in(tx, actor, conversation, new)
    for person in new:
        await put(tx, conversation, actor.id, Said("added", about_id=person.id))
    return asked


def _check_group(own: Membership) -> None:
    """Let whoever acts in a group take part in it. Raises NotAGroup."""
    if not own.conversation.is_group:
        raise NotAGroup
    own.member.standing = "accepted"


# Looking


async def listed(
    session: AsyncSession,
    person_id: str,
    standing: Standing,
    *,
    limit: int,
    before: Place | None = None,
) -> Sequence[Membership]:
    """List somebody's conversations, those with the latest news first."""
    query = (
        select(Conversation, ConversationMember)
        .join(ConversationMember, ConversationMember.conversation_id == Conversation.id)
        .where(_counts_for(person_id, standing))
    )
    place = tuple_(ConversationMember.last_at, ConversationMember.conversation_id)
    if before is not None:
        query = query.where(place < tuple_(literal(before.at), literal(before.conversation_id)))
    order = (ConversationMember.last_at.desc(), ConversationMember.conversation_id.desc())
    rows = await session.execute(query.order_by(*order).limit(limit))
    return [Membership(*row) for row in rows]


async def count_news(session: AsyncSession, person_id: str) -> tuple[int, int]:
    """Count what somebody has not read, and how many conversations wait for their answer."""
    unread = select(func.coalesce(func.sum(ConversationMember.unread), 0)).where(
        _counts_for(person_id, "accepted")
    )
    asked = select(func.count()).where(_counts_for(person_id, "asked"))
    # PostgreSQL's sums are no whole numbers.
    return int(await session.scalar(unread) or 0), await session.scalar(asked) or 0


async def messages_in(
    session: AsyncSession, own: Membership, *, before: int | None, limit: int
) -> Sequence[Message]:
    """List what is there for somebody to see in a conversation, the latest first."""
    query = select(Message).where(
        Message.conversation_id == own.conversation.id,
        Message.number > own.member.hidden,
        ~_is_apart(literal(own.member.person_id), Message.person_id),
    )
    if before is not None:
        query = query.where(Message.number < before)
    return (await session.scalars(query.order_by(Message.number.desc()).limit(limit))).all()


async def last_of(session: AsyncSession, own: Sequence[Membership]) -> dict[str, Message]:
    """Find the last message of each conversation of one person, as far as it is theirs to see."""
    if not own:
        return {}
    reader = own[0].member.person_id
    # By way of the member's row: SQLite reads all messages for a list of pairs.
    is_last = and_(
        ConversationMember.conversation_id == Message.conversation_id,
        ConversationMember.last == Message.number,
    )
    rows = await session.scalars(
        select(Message)
        .join(ConversationMember, is_last)
        .where(
            ConversationMember.person_id == reader,
            ConversationMember.conversation_id.in_([each.conversation.id for each in own]),
            ~_is_apart(literal(reader), Message.person_id),
        )
    )
    hidden = {each.conversation.id: each.member.hidden for each in own}
    return {row.conversation_id: row for row in rows if row.number > hidden[row.conversation_id]}


async def members_of(
    session: AsyncSession, conversation_ids: Collection[str]
) -> Sequence[ConversationMember]:
    """List who is in some conversations; the other one of a pair is, whatever they put away."""
    is_there = or_(ConversationMember.standing != "left", ConversationMember.other_id.is_not(None))
    rows = await session.scalars(
        select(ConversationMember)
        .where(ConversationMember.conversation_id.in_(conversation_ids), is_there)
        .order_by(ConversationMember.conversation_id, ConversationMember.person_id)
    )
    return rows.all()


async def by_number(session: AsyncSession, conversation_id: str, number: int) -> Message:
    """Give a message that was just written, or the one a request before made.

    Raises MessageNotFound where it is gone.
    """
    message = await session.get(Message, (conversation_id, number))
    if message is None:
        raise MessageNotFound
    return message


async def forget_old(tx: Transaction) -> None:
    """Put away requests nobody answered, a part at a time, and forget what nobody keeps then."""
    since = tx.now - KEPT_ASKED
    old = (ConversationMember.standing == "asked") & (ConversationMember.last_at < since)
    rows = await tx.session.scalars(select(ConversationMember).where(old).limit(FORGOTTEN_AT_ONCE))
    put_away = rows.all()
    for member in put_away:
        member.standing, member.hidden, member.unread = "left", member.last, 0
    await tx.session.flush()
    await _forget_unkept(tx, {member.conversation_id for member in put_away})


async def forget_member(tx: Transaction, person_id: str) -> None:
    """Let somebody be in no conversation any more, and forget those that nobody else keeps."""
    own = delete(ConversationMember).where(ConversationMember.person_id == person_id)
    rows = await tx.session.scalars(own.returning(ConversationMember.conversation_id))
    for some in in_parts(rows.all()):
        await _forget_unkept(tx, some)


# Within


def _counts_for(person_id: str, standing: Standing) -> ColumnElement[bool]:
    """Ask of a member's row whether it is somebody's who stands so, and no block lies between."""
    return and_(
        ConversationMember.person_id == person_id,
        ConversationMember.standing == standing,
        ~_is_apart(ConversationMember.person_id, ConversationMember.other_id),
    )


def _is_apart(one: Id, other: Id) -> ColumnElement[bool]:
    """Ask whether one of two people blocks the other."""

    def is_said(by: Id, about: Id) -> ColumnElement[bool]:
        return select(Block.number).where(Block.person_id == by, Block.other_id == about).exists()

    return or_(is_said(one, other), is_said(other, one))


async def _begin(tx: Transaction, *, is_group: bool, title: str = "") -> Conversation:
    conversation = Conversation(id=new_id(), is_group=is_group, title=title, count=0, version=0)
    tx.session.add(conversation)
    await tx.session.flush()
    return conversation


async def _bring_in(
    tx: Transaction, actor: Actor, conversation: Conversation, people: Sequence[Person]
) -> int:
    """Let people into a group as they stand to whoever adds them; tells how many are asked."""
    follow = await _who_follow(tx.session, actor.id, [person.id for person in people])
    asked = 0
    for person in people:
        row = await tx.session.get(ConversationMember, (conversation.id, person.id))
        before = row.standing if row else None
        standing = standing_of(follows=person.id in follow, before=before, is_group=True)
        await _join(tx, conversation, person.id, standing)
        asked += standing == "asked"
    return asked


async def _join(
    tx: Transaction,
    conversation: Conversation,
    person_id: str,
    standing: Standing,
    *,
    other_id: str | None = None,
) -> None:
    """Let somebody stand so to a conversation; who was not in it sees what comes from now on."""
    row = await tx.session.get(ConversationMember, (conversation.id, person_id))
    if row is not None and row.standing != "left":
        row.standing = standing
        return
    now = conversation.count
    member = ConversationMember(
        conversation_id=conversation.id,
        person_id=person_id,
        other_id=other_id,
        standing=standing,
        hidden=now,
        last=now,
        read=now,
        unread=0,
        last_at=tx.now,
    )
    await tx.session.merge(member)
    await tx.session.flush()


async def _reached(
    session: AsyncSession, conversation_id: str, by: str
) -> Sequence[ConversationMember]:
    """List the members for whom there is anything that one of them does, that one included."""
    rows = await session.scalars(
        select(ConversationMember).where(
            ConversationMember.conversation_id == conversation_id,
            ConversationMember.standing != "left",
        )
    )
    members = rows.all()
    apart = await apart_from(session, by, [member.person_id for member in members])
    return [member for member in members if member.person_id not in apart]


async def _who_follow(
    session: AsyncSession, person_id: str, others: Collection[str]
) -> frozenset[str]:
    """List who of several others follows somebody."""
    rows = await session.scalars(
        select(Follow.person_id).where(Follow.other_id == person_id, Follow.person_id.in_(others))
    )
    return frozenset(rows)


async def _forget_unkept(tx: Transaction, conversation_ids: Collection[str]) -> None:
    """Forget those of some conversations that everybody has put away."""
    keeps = select(ConversationMember.person_id).where(
        ConversationMember.conversation_id == Conversation.id,
        ConversationMember.standing != "left",
    )
    await tx.session.execute(
        delete(Conversation).where(Conversation.id.in_(conversation_ids), ~keeps.exists())
    )


async def _forget_first(tx: Transaction, conversation: Conversation) -> None:
    await tx.session.execute(
        delete(Message).where(
            Message.conversation_id == conversation.id,
            Message.number <= conversation.count - KEPT_MESSAGES,
        )
    )
