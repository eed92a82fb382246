"""A space's own part of its picture, and what of a card is kept from those outside."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Protocol, overload

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.core.clock import rfc_3339
from convivium.core.config import Settings
from convivium.core.transaction import Transaction, Transactions
from convivium.live.parts import Part, Whole
from convivium.live.service import Live
from convivium.spaces import service
from convivium.spaces.models import (
    InvitationLink,
    InvitedRole,
    ListenPolicy,
    RequestPolicy,
    Space,
    SpeakPolicy,
    State,
)

# Put together of the parts of all features, so no feature can name its type: shapes.py does.
Card = Annotated[dict[str, Any], WithJsonSchema({"x-shape": "Card"})]

# What is kept for those who may listen: others see that there is a space, and who holds it when.
KEPT_INSIDE = ("stage", "counts", "description", "reminders")


class DoorView(TypedDict):
    """What everybody may know of a space."""

    id: str
    title: str
    topics: list[str]
    languages: list[str]
    state: State
    listen_policy: ListenPolicy
    speak_policy: SpeakPolicy
    requests: RequestPolicy
    anonymous_listening: bool
    music: bool
    host: PersonView
    created_at: str
    starts_at: str | None
    started_at: str | None
    ended_at: str | None


class SpaceView(DoorView):
    """A space as everybody inside sees it."""

    description: str
    reminders: int


class InviteeView(TypedDict):
    """Somebody who is invited, as hosts see it."""

    person: PersonView
    role: InvitedRole


class InviteePage(TypedDict):
    """One page of those who are invited; the cursor is null on the last."""

    items: list[InviteeView]
    next_cursor: str | None


class LinkView(TypedDict):
    """A link that invites, as hosts see it."""

    id: str
    role: InvitedRole
    uses_left: int
    created_at: str
    expires_at: str


class LinksView(TypedDict):
    """The links of a space."""

    items: list[LinkView]


class MadeLinkView(TypedDict):
    """A link with its secret, which is told once."""

    link: LinkView
    token: str


def link_view(link: InvitationLink) -> LinkView:
    """Show a link."""
    return {
        "id": link.id,
        "role": link.role,
        "uses_left": link.uses_left,
        "created_at": time_view(link.created_at),
        "expires_at": time_view(link.expires_at),
    }


@overload
def time_view(time: datetime) -> str: ...


@overload
def time_view(time: datetime | None) -> str | None: ...


def time_view(time: datetime | None) -> str | None:
    """Write a time as RFC 3339 in UTC."""
    return None if time is None else rfc_3339(time)


class HasSpace(Protocol):
    """What a space is shown from."""

    @property
    def space(self) -> Space:
        """Its row."""

    @property
    def host(self) -> Person:
        """Its host."""

    @property
    def reminded(self) -> frozenset[str]:
        """Who wants to be told when it starts."""


def show_space(scene: HasSpace) -> SpaceView:
    """Show a space as it is."""
    space = scene.space
    return {
        "id": space.id,
        "title": space.title,
        "description": space.description,
        "topics": space.topics,
        "languages": space.languages,
        "state": space.state,
        "listen_policy": space.listen_policy,
        "speak_policy": space.speak_policy,
        "requests": space.requests,
        "anonymous_listening": space.anonymous_listening,
        "music": space.music,
        "host": person_view(scene.host),
        "created_at": time_view(space.created_at),
        "starts_at": time_view(space.starts_at),
        "started_at": time_view(space.started_at),
        "ended_at": time_view(space.ended_at),
        "reminders": len(scene.reminded),
    }


def for_outsiders(card: Card) -> Card:
    """Keep back what is for those who may listen: also from whoever was removed."""
    return card if card["you"]["may_listen"] else card | dict.fromkeys(KEPT_INSIDE)


SPACE = Part("space", show_space, Whole("space_changed", "space"))


@dataclass(frozen=True, slots=True)
class Desk:
    """What a route needs that answers with a card: the card is put together after the commit."""

    transactions: Transactions
    live: Live
    settings: Settings

    async def card(self, space_id: str, actor: Actor) -> Card:
        """Put the card of a space together as this person may see it."""
        return (await self.cards([space_id], actor))[space_id]

    async def cards(self, space_ids: Sequence[str], actor: Actor) -> dict[str, Card]:
        """Put the cards of spaces together that this person may know of."""
        cards = await self.live.cards(space_ids, actor)
        return {space_id: for_outsiders(card) for space_id, card in cards.items()}

    async def cards_among(self, space_ids: Sequence[str], actor: Actor) -> dict[str, Card]:
        """Put the cards together of those of several spaces that somebody may know of.

        Moderators are shown here what everybody is: they look in where they mean to.
        """
        if actor.is_staff:
            actor = replace(actor, role="member")
        async with self.transactions.database.read() as session:
            known = {space.id for space in await service.known_among(session, actor, space_ids)}
        return await self.cards([each for each in space_ids if each in known], actor)

    @asynccontextmanager
    async def writing(self, actor: Actor) -> AsyncIterator[Transaction]:
        """Write, unless somebody was sent away since they asked, and answer with a card."""
        async with self.transactions.begin() as tx:
            await accounts.check_still_valid(tx.session, actor, tx.now)
            yield tx

    async def admit(self, space_id: str, actor: Actor) -> None:
        """Let somebody in who may listen; else raise why not."""
        async with self.transactions.database.read() as session:
            await service.admitted(
                session, actor, space_id, anonymous_listening=self.settings.anonymous_listening
            )

    async def admit_again(self, space_id: str, actor: Actor) -> None:
        """Ask once more what may have changed meanwhile: also whether somebody signed out."""
        async with self.transactions.database.read() as session:
            await accounts.check_still_valid(session, actor, self.transactions.now())
        await self.admit(space_id, actor)
