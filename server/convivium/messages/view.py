"""Conversations and messages as one of their members sees them, in a list and live."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.live.parts import Told, Whole
from convivium.live.personal import PersonalPart
from convivium.messages import service
from convivium.messages.models import ConversationMember, Message, MessageKind, Standing
from convivium.messages.service import Membership
from convivium.spaces import service as spaces
from convivium.spaces.models import OVER, Invitation, InvitedRole, Space, State
from convivium.spaces.view import time_view

# So many are told at once to whoever looks; older ones are asked for.
SHOWN_LIVE = 20
SHOWN_ASKED = 10


class MemberView(TypedDict):
    """Somebody in a conversation, and the number of the message up to which they have read."""

    person: PersonView
    read: int


class SpaceOfMessage(TypedDict):
    """The space that a message shows, as it is now."""

    id: str
    title: str
    state: State
    starts_at: str | None
    host: PersonView


class InvitationOfMessage(TypedDict):
    """What a message invites to; open: whether it can still be answered."""

    role: InvitedRole
    person: PersonView | None
    open: bool


class MessageView(TypedDict):
    """One message; `number` is its place in its conversation.

    kind: `said`, `invited`, or of a group `added`, `left`, `named` (`text` is the name).
    person: whom it tells of, of `added`. space: null also for who may not know of it.
    gone: it was taken away, and there is nothing in it any more.
    """

    number: int
    kind: MessageKind
    by: PersonView
    text: str
    at: str
    person: PersonView | None
    space: SpaceOfMessage | None
    invitation: InvitationOfMessage | None
    gone: bool


class WrittenView(MessageView):
    """A message that one wrote just now, and where."""

    conversation: str


class ConversationView(TypedDict):
    """One conversation.

    title: of a group that has one. unread: how many messages are news. at: when there was news.
    version: another one as soon as something was changed that is not the last message.
    """

    id: str
    is_group: bool
    title: str
    standing: Standing
    members: list[MemberView]
    last: MessageView | None
    unread: int
    at: str
    version: int


class NewsView(TypedDict):
    """How many messages one has not read, and how many conversations wait for one's answer."""

    unread: int
    asked: int


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What messages tell of, looked up at once, as one person may know it."""

    people: Mapping[str, PersonView]
    spaces: Mapping[str, Space]
    invited: Mapping[tuple[str, str], InvitedRole]

    def show(self, message: Message) -> MessageView:
        return {
            "number": message.number,
            "kind": message.kind,
            "by": self.people[message.person_id],
            "text": message.text,
            "at": time_view(message.at),
            "person": self.people.get(message.about_id or "") if message.kind == "added" else None,
            "space": self._space(message),
            "invitation": self._invitation(message),
            "gone": message.taken_at is not None,
        }

    def _space(self, message: Message) -> SpaceOfMessage | None:
        space = self.spaces.get(message.space_id or "")
        if space is None:
            return None
        return {
            "id": space.id,
            "title": space.title,
            "state": space.state,
            "starts_at": time_view(space.starts_at),
            "host": self.people[space.host_id],
        }

    def _invitation(self, message: Message) -> InvitationOfMessage | None:
        if message.role is None or message.taken_at is not None:
            return None
        space = self.spaces.get(message.space_id or "")
        role = self.invited.get((message.space_id or "", message.about_id or ""))
        return {
            "role": message.role,
            "person": self.people.get(message.about_id or ""),
            "open": space is not None and space.state not in OVER and role == message.role,
        }


async def show_messages(
    session: AsyncSession, person_id: str, messages: Sequence[Message]
) -> list[MessageView]:
    """Show messages to one person."""
    look = await _look_up(session, person_id, messages)
    return [look.show(message) for message in messages]


async def show_conversations(
    session: AsyncSession, person_id: str, own: Sequence[Membership]
) -> list[ConversationView]:
    """Show conversations to one of their members."""
    last = await service.last_of(session, own)
    members = await service.members_of(session, [each.conversation.id for each in own])
    named = [member.person_id for member in members]
    look = await _look_up(session, person_id, list(last.values()), named)
    by_conversation: dict[str, list[MemberView]] = {each.conversation.id: [] for each in own}
    for member in members:
        by_conversation[member.conversation_id].append(_member_view(member, person_id, look.people))
    return [
        {
            "id": each.conversation.id,
            "is_group": each.conversation.is_group,
            "title": each.conversation.title,
            "standing": each.member.standing,
            "members": by_conversation[each.conversation.id],
            "last": look.show(last[each.conversation.id]) if each.conversation.id in last else None,
            "unread": each.member.unread,
            "at": time_view(each.member.last_at),
            "version": each.conversation.version,
        }
        for each in own
    ]


def _member_view(
    member: ConversationMember, reader: str, people: Mapping[str, PersonView]
) -> MemberView:
    """Show a member; how far somebody has read is theirs to know until they accept."""
    is_shown = member.standing == "accepted" or member.person_id == reader
    return {"person": people[member.person_id], "read": member.read if is_shown else 0}


async def _look_up(
    session: AsyncSession, reader: str, messages: Sequence[Message], named: Collection[str] = ()
) -> _Lookup:
    shown = {message.space_id for message in messages if message.space_id}
    known = await _spaces_for(session, reader, shown)
    wanted = {*named, *(space.host_id for space in known.values())}
    for message in messages:
        wanted |= {message.person_id, message.about_id or ""}
    rows = await session.scalars(select(Person).where(Person.id.in_(wanted)))
    invited = await session.scalars(
        select(Invitation).where(
            Invitation.space_id.in_(known),
            Invitation.person_id.in_({message.about_id for message in messages}),
        )
    )
    return _Lookup(
        people={person.id: person_view(person) for person in rows},
        spaces=known,
        invited={(row.space_id, row.person_id): row.role for row in invited},
    )


async def _spaces_for(
    session: AsyncSession, person_id: str, space_ids: Collection[str]
) -> dict[str, Space]:
    """Find spaces as far as somebody with an account may know of them."""
    found: dict[str, Space] = {}
    for space_id in space_ids:
        try:
            actor = Actor(kind="account", id=person_id)
            found[space_id] = await spaces.known_to(session, actor, space_id)
        except spaces.SpaceNotFound:
            continue
    return found


class Newest:
    """How a change among the first conversations of somebody's list is told."""

    def __init__(self, shown: int) -> None:
        self._shown = shown

    def changes(self, old: list[ConversationView], new: list[ConversationView]) -> list[Told]:
        """Say what is gone, then what is new or not as it was, the oldest news first."""
        before = {item["id"]: item for item in old}
        after = {item["id"] for item in new}
        # What only moved out of sight below is still there.
        end = new[-1]["at"] if len(new) == self._shown else ""
        gone = [one for one, item in before.items() if one not in after and item["at"] >= end]
        return [Told("conversation_gone", {"id": one}) for one in gone] + [
            Told("conversation_changed", {"conversation": item})
            for item in reversed(new)
            if before.get(item["id"]) != item
        ]


def personal_parts() -> list[PersonalPart]:
    """Make the parts of a person's picture: what is news, who asks, and the newest conversations.

    Who asks before the others: accepted, a conversation goes there and comes here.
    """

    async def count(session: AsyncSession, person_id: str) -> NewsView:
        unread, asked = await service.count_news(session, person_id)
        return {"unread": unread, "asked": asked}

    def loader(standing: Standing, limit: int) -> Any:  # noqa: ANN401 - a function of its own
        async def load(session: AsyncSession, person_id: str) -> list[ConversationView]:
            own = await service.listed(session, person_id, standing, limit=limit)
            return await show_conversations(session, person_id, own)

        return load

    return [
        PersonalPart("messages", count, Whole("messages_changed", "messages")),
        PersonalPart("asking", loader("asked", SHOWN_ASKED), Newest(SHOWN_ASKED)),
        PersonalPart("conversations", loader("accepted", SHOWN_LIVE), Newest(SHOWN_LIVE)),
    ]
