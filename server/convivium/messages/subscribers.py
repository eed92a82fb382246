"""What messages do when something happens below: who is invited reads it, who blocks parts."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from convivium.accounts.models import Person
from convivium.core.bus import Bus
from convivium.core.database import in_parts
from convivium.core.transaction import Transaction
from convivium.live.personal import Personal
from convivium.messages import service
from convivium.messages.events import ConversationChanged
from convivium.messages.models import Conversation, ConversationMember, Message
from convivium.messages.service import Said
from convivium.relationships.events import Blocked, Unblocked
from convivium.relationships.service import are_apart
from convivium.spaces.events import InvitationOver, InvitationSent, PeopleBarred, PersonShutOut
from convivium.stage.events import SeatTaken


def subscribe(bus: Bus, personal: Personal) -> None:
    """Let invitations and blocks be seen in conversations, and members be told what is new."""
    bus.inside(InvitationSent, _send_invitation)
    bus.inside(InvitationOver, _close_invitation)
    bus.inside(SeatTaken, _show_answered)
    bus.inside(PersonShutOut, _take_back)
    bus.inside(PeopleBarred, _take_back_of_many)
    bus.inside(Blocked, _restate)
    bus.inside(Unblocked, _restate)

    async def tell(facts: Sequence[ConversationChanged]) -> None:
        await personal.refresh(sorted({person for fact in facts for person in fact.people}))

    bus.last(ConversationChanged, tell)


async def _send_invitation(tx: Transaction, fact: InvitationSent) -> None:
    """Write that somebody is invited; an earlier invitation there is not open any more."""
    await _withdraw(tx, fact.space_id, [fact.person_id])
    person = await tx.session.get_one(Person, fact.person_id)
    if person.kind == "guest" or await are_apart(tx.session, fact.by, fact.person_id):
        return
    opened = await service.open_pair(tx, fact.by, fact.person_id)
    role: Any = fact.role
    said = Said("invited", about_id=fact.person_id, space_id=fact.space_id, role=role)
    await service.put(tx, opened.conversation, fact.by, said)


async def _close_invitation(tx: Transaction, fact: InvitationOver) -> None:
    """Take an invitation back with its message; whoever declined it sees that they did."""
    if fact.by == fact.person_id:
        await _show_answered(tx, fact)
    else:
        await _withdraw(tx, fact.space_id, [fact.person_id])


async def _show_answered(tx: Transaction, fact: InvitationOver | SeatTaken) -> None:
    """Let both see that an invitation is not open any more: its row says so by now."""
    for message in await _inviting(tx, fact.space_id, [fact.person_id]):
        conversation = await tx.session.get_one(Conversation, message.conversation_id)
        await service.changed(tx, conversation, [message.person_id, fact.person_id])


async def _take_back(tx: Transaction, fact: PersonShutOut) -> None:
    await _withdraw(tx, fact.space_id, [fact.person_id])


async def _take_back_of_many(tx: Transaction, fact: PeopleBarred) -> None:
    await _withdraw(tx, fact.space_id, fact.people)


async def _withdraw(tx: Transaction, space_id: str, people: Collection[str]) -> None:
    by_conversation = defaultdict(list)
    for message in await _inviting(tx, space_id, people):
        by_conversation[message.conversation_id].append(message)
    for conversation_id, messages in by_conversation.items():
        conversation = await tx.session.get_one(Conversation, conversation_id)
        await service.withdraw(tx, conversation, messages)


async def _inviting(tx: Transaction, space_id: str, people: Collection[str]) -> Sequence[Message]:
    """List the messages by which some people are invited to a space."""
    found: list[Message] = []
    for some in in_parts(people):
        found += await tx.session.scalars(
            select(Message).where(
                Message.space_id == space_id,
                Message.kind == "invited",
                Message.about_id.in_(some),
            )
        )
    return found


async def _restate(tx: Transaction, fact: Blocked | Unblocked) -> None:
    """Let two people see their conversations as they are now that a block came, or went."""
    one, other = aliased(ConversationMember), aliased(ConversationMember)
    common = (
        select(Conversation)
        .join(one, one.conversation_id == Conversation.id)
        .join(other, other.conversation_id == Conversation.id)
        .where(
            one.person_id == fact.by,
            other.person_id == fact.person_id,
            one.standing != "left",
            other.standing != "left",
        )
    )
    for conversation in (await tx.session.scalars(common)).all():
        await service.changed(tx, conversation, [fact.by, fact.person_id])
