"""Who is listening, as others see it; from the calls in memory."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.view import PersonView, person_view
from convivium.calls.registry import Registry
from convivium.core.actor import Actor
from convivium.live.parts import Each, Item, Part, Whole
from convivium.stage.models import Seat, SpeakRequest

SHOWN_PEOPLE = 200
COUNTS_PACE_S = 0.5


class CountsView(TypedDict):
    """How many listen, and how many want to speak."""

    listeners: int
    requests: int


def listening_parts(registry: Registry) -> list[Part]:
    """Make the parts that show listeners: how many, those who allow it, and all for the hosts."""

    async def listeners_of(session: AsyncSession, space_id: str) -> list[Actor]:
        seated = set(await session.scalars(select(Seat.person_id).where(Seat.space_id == space_id)))
        people = registry.people(space_id)
        return [actor for person_id, actor in people.items() if person_id not in seated]

    async def load_counts(session: AsyncSession, space_id: str) -> CountsView:
        requests = await session.scalar(
            select(func.count()).where(SpeakRequest.space_id == space_id)
        )
        listeners = await listeners_of(session, space_id)
        return {"listeners": len(listeners), "requests": requests or 0}

    async def load_listeners(session: AsyncSession, space_id: str) -> list[PersonView]:
        listeners = await listeners_of(session, space_id)
        return [person_view(actor) for actor in listeners if actor.listed][:SHOWN_PEOPLE]

    async def load_people(session: AsyncSession, space_id: str) -> list[PersonView]:
        listeners = await listeners_of(session, space_id)
        return [person_view(actor) for actor in listeners if actor.has_account][:SHOWN_PEOPLE]

    return [
        Part("counts", load_counts, Whole("counts_changed", "counts"), pace_s=COUNTS_PACE_S),
        Part(
            "listeners",
            load_listeners,
            Each("listener_arrived", "person", "listener_left", _person),
        ),
        Part(
            "people",
            load_people,
            Each("person_arrived", "person", "person_left", _person),
            for_hosts=True,
        ),
    ]


def _person(item: Item) -> str:
    return str(item["id"])
