"""The routes of conversations and messages."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from pydantic import AfterValidator, BaseModel, Field
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.needs import need_account
from convivium.accounts.repeats import KEY_MAX, once
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor, Scope
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import Malformed
from convivium.core.rate import Limit
from convivium.core.text import Exact, Line, Paragraphs, at_most
from convivium.core.transaction import Transaction
from convivium.core.web import API, GivenSettings, Reading, Who, Writing, given
from convivium.messages import service
from convivium.messages.rules import MOST_MEMBERS, TITLE_MAX, as_written
from convivium.messages.service import Membership, Opened, Place, Said
from convivium.messages.view import (
    ConversationView,
    MessageView,
    WrittenView,
    show_conversations,
    show_messages,
)
from convivium.spaces import service as spaces

router = APIRouter(prefix=f"{API}/messages", tags=["messages"])

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MessageLimits:
    """How often one person may write, ask people who do not follow them, and do the rest."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.own = Limit(clock, burst=settings.messages_burst, per_s=settings.messages_per_s)
        self.asking = Limit(
            clock, burst=settings.message_requests_burst, per_s=settings.message_requests_per_s
        )
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[MessageLimits, Depends(given(MessageLimits))]
PersonOrId = Annotated[Exact, Field(min_length=1, max_length=64)]
Several = Annotated[list[PersonOrId], Field(min_length=1, max_length=MOST_MEMBERS - 1)]
GroupTitle = Annotated[Line, AfterValidator(at_most(TITLE_MAX))]
Number = Annotated[int, Path(ge=1, le=2**53)]


class MessageBody(BaseModel):
    """A message: to a person, to several (a new group), or in a conversation.

    space: one to be shown with it; then it needs no text. title: of a new group.
    """

    to: PersonOrId | Several
    text: Paragraphs = ""
    space: PersonOrId | None = None
    title: GroupTitle = ""


class ReadBody(BaseModel):
    """The number of the last message that one has seen."""

    up_to: Annotated[int, Field(ge=0, le=2**53)]


class TitleBody(BaseModel):
    """What a group is called; empty for nothing."""

    title: GroupTitle


class MembersBody(BaseModel):
    """Who is to be in a group too."""

    people: Several


class ConversationPage(TypedDict):
    """One page of conversations, those with the latest news first."""

    items: list[ConversationView]
    next_cursor: str | None
    unread: int
    asked: int


class MessagePage(TypedDict):
    """One page of messages, the latest first, and the conversation as it is.

    conversation: null where there is none with this person yet.
    """

    conversation: ConversationView | None
    person: PersonView | None
    items: list[MessageView]
    next_cursor: str | None


def _need_account(actor: Actor, scope: Scope) -> None:
    need_account(
        actor, scope, "Guests neither write nor get messages. Sign up, and people find you."
    )


async def _reads(actor: Who) -> None:
    _need_account(actor, "read")


async def _acts(actor: Who, limits: GivenLimits) -> None:
    _need_account(actor, "write")
    limits.acts.take(actor.id)


async def _writes(actor: Who, limits: GivenLimits) -> None:
    """Refuse who writes too fast before anything is opened."""
    _need_account(actor, "write")
    limits.own.take(actor.id)


async def _own(user: str, actor: Who, tx: Writing) -> Membership:
    """Find the conversation that somebody does something with."""
    return await service.membership(tx.session, actor, user)


READS, ACTS, WRITES = Depends(_reads), Depends(_acts), Depends(_writes)
# scope="function", as the transaction it looks in.
Own = Annotated[Membership, Depends(_own, scope="function")]


@router.post("", status_code=201, dependencies=[WRITES])
async def write(
    body: MessageBody,
    actor: Who,
    tx: Writing,
    settings: GivenSettings,
    limits: GivenLimits,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=KEY_MAX)] = None,
) -> WrittenView:
    """Write to a person, to several, or in a conversation; sent twice, it is written once."""

    async def make() -> str:
        said = await _said(tx, actor, body, settings)
        opened = await _open(tx, actor, body)
        _take_asked(limits, actor, opened.asked)
        message = await service.put(tx, opened.conversation, actor.id, said)
        return f"{message.number} {opened.conversation.id}"

    number, _, conversation_id = (await once(tx, actor, idempotency_key, body, make)).partition(" ")
    message = await service.by_number(tx.session, conversation_id, int(number))
    [shown] = await show_messages(tx.session, actor.id, [message])
    return {**shown, "conversation": conversation_id}


@router.get("", dependencies=[READS])
async def conversations(
    actor: Who,
    session: Reading,
    state: Annotated[service.ListedStanding, Query()] = "accepted",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,17}-[A-Za-z0-9_-]{1,64}$")] = None,
) -> ConversationPage:
    """List one's conversations, or those one is asked to; the latest news first."""
    before = _place(cursor) if cursor else None
    # One more than asked for tells whether there is another page.
    own = await service.listed(session, actor.id, state, limit=limit + 1, before=before)
    unread, asked = await service.count_news(session, actor.id)
    return {
        "items": await show_conversations(session, actor.id, own[:limit]),
        "next_cursor": _cursor(own[limit - 1]) if len(own) > limit else None,
        "unread": unread,
        "asked": asked,
    }


@router.get("/{user}", dependencies=[READS])
async def messages(
    user: str,
    actor: Who,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,15}$")] = None,
) -> MessagePage:
    """Read a conversation, or find that there is none with somebody yet."""
    try:
        own = await service.membership(session, actor, user)
    except service.ConversationNotFound:
        person = await service.whom(session, actor, user)
        return {
            "conversation": None,
            "person": person_view(person),
            "items": [],
            "next_cursor": None,
        }
    before = int(cursor) if cursor else None
    rows = await service.messages_in(session, own, before=before, limit=limit + 1)
    [shown] = await show_conversations(session, actor.id, [own])
    return {
        "conversation": shown,
        "person": None,
        "items": await show_messages(session, actor.id, rows[:limit]),
        "next_cursor": str(rows[limit - 1].number) if len(rows) > limit else None,
    }


@router.patch("/{user}", dependencies=[ACTS])
async def rename(body: TitleBody, actor: Who, tx: Writing, own: Own) -> ConversationView:
    """Give a group a name."""
    await service.rename(tx, actor, own, body.title)
    return await _shown(tx, actor, own)


@router.delete("/{user}", status_code=204, dependencies=[ACTS])
async def leave(actor: Who, tx: Writing, own: Own) -> None:
    """Put a conversation away, decline a request, or leave a group."""
    await service.leave(tx, actor, own)


@router.put("/{user}/read", status_code=204, dependencies=[ACTS])
async def read(body: ReadBody, actor: Who, tx: Writing, own: Own) -> None:
    """Say up to which message one has read."""
    await service.read_up_to(tx, actor, own, body.up_to)


@router.post("/{user}/accept", dependencies=[ACTS])
async def accept(actor: Who, tx: Writing, own: Own) -> ConversationView:
    """Accept a request: from now on its messages are news."""
    await service.accept(tx, own)
    return await _shown(tx, actor, own)


@router.post("/{user}/members", dependencies=[ACTS])
async def add(
    body: MembersBody, actor: Who, tx: Writing, own: Own, limits: GivenLimits
) -> ConversationView:
    """Bring people into a group; they see what is written from then on."""
    people = await _people(tx, actor, body.people)
    _take_asked(limits, actor, await service.add(tx, actor, own, people))
    return await _shown(tx, actor, own)


@router.delete("/{user}/{number}", status_code=204, dependencies=[ACTS])
async def take_away(number: Number, actor: Who, tx: Writing, own: Own) -> None:
    """Take away what one wrote, for everybody."""
    await service.take_away(tx, actor, own, number)


async def _said(tx: Transaction, actor: Actor, body: MessageBody, settings: Settings) -> Said:
    """Read what is to be written. Raises Malformed, SpaceNotFound."""
    try:
        text = as_written(body.text, settings.message_length)
    except ValueError as error:
        raise Malformed(f"text: {error}.") from error
    if body.space is None:
        if not text:
            raise Malformed("text: there is nothing in it.")
        return Said(text=text)
    space = await spaces.known_to(tx.session, actor, body.space)
    return Said(text=text, space_id=space.id)


async def _open(tx: Transaction, actor: Actor, body: MessageBody) -> Opened:
    if isinstance(body.to, str):
        return await service.open_for(tx, actor, body.to)
    people = await _people(tx, actor, body.to)
    if len(people) == 1:
        return await service.open_for(tx, actor, people[0].id)
    return await service.open_group(tx, actor, people, body.title)


async def _people(tx: Transaction, actor: Actor, named: list[str]) -> list[Person]:
    """Find people, each once."""
    found = [await service.whom(tx.session, actor, who) for who in named]
    return list({person.id: person for person in found}.values())


def _take_asked(limits: MessageLimits, actor: Actor, asked: int) -> None:
    """Count whom somebody asks who does not follow them. Raises SlowDown."""
    for _ in range(asked):
        limits.asking.take(actor.id)


async def _shown(tx: Transaction, actor: Actor, own: Membership) -> ConversationView:
    [shown] = await show_conversations(tx.session, actor.id, [own])
    return shown


def _cursor(own: Membership) -> str:
    """Write where a page ends: microseconds since 1970, and which conversation."""
    at = (own.member.last_at - EPOCH) // timedelta(microseconds=1)
    return f"{at}-{own.conversation.id}"


def _place(cursor: str) -> Place:
    at, _, conversation_id = cursor.partition("-")
    return Place(EPOCH + timedelta(microseconds=int(at)), conversation_id)
