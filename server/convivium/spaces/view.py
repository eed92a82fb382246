"""A space's own part of its picture, and what of a card is kept from those outside."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.live.parts import Part, Whole
from convivium.spaces.models import Space

# What a restricted space keeps for those who may listen.
KEPT_INSIDE = ("stage", "counts", "description")


class SpaceView(TypedDict):
    """A space as everybody inside sees it."""

    id: str
    title: str
    description: str
    topics: list[str]
    languages: list[str]
    state: str
    listen_policy: str
    speak_policy: str
    requests: str
    host: PersonView
    created_at: str | None
    started_at: str | None
    ended_at: str | None


def time_view(time: datetime | None) -> str | None:
    """Write a time as RFC 3339 in UTC."""
    return None if time is None else time.isoformat().replace("+00:00", "Z")


async def load_space(session: AsyncSession, space_id: str) -> SpaceView:
    """Show a space as it is."""
    space, host = (
        await session.execute(
            select(Space, Person)
            .join(Person, Person.id == Space.host_id)
            .where(Space.id == space_id)
        )
    ).one()
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
        "host": person_view(host),
        "created_at": time_view(space.created_at),
        "started_at": time_view(space.started_at),
        "ended_at": time_view(space.ended_at),
    }


def for_outsiders(card: dict[str, Any]) -> dict[str, Any]:
    """Keep back what only those inside a restricted space see."""
    if card["listen_policy"] == "everyone" or card["you"]["may_listen"]:
        return card
    return card | dict.fromkeys(KEPT_INSIDE)


SPACE = Part("space", load_space, Whole("space_changed", "space"))
