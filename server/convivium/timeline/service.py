"""Which spaces are listed for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor
from convivium.spaces.models import Space
from convivium.spaces.sight import listed_for

ListedState = Literal["draft", "scheduled", "live", "ended"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list a page ends: at a space's number, and for scheduled ones at its time."""

    number: int
    starts_at: datetime | None = None


async def spaces_for(
    session: AsyncSession,
    actor: Actor,
    state: ListedState,
    *,
    anonymous_listening: bool,
    host_id: str | None = None,
    after: Place | None = None,
    limit: int,
) -> Sequence[Space]:
    """List spaces as far as this person may listen to them; drafts for their hosts.

    Scheduled ones come in the order in which they start, all others the newest first.
    host_id: only of this host. after: the last space of the page before.
    """
    seen = (
        Space.host_id == actor.id
        if state == "draft"
        else listed_for(actor, anonymous_listening=anonymous_listening)
    )
    query = select(Space).where(Space.state == state, seen)
    if host_id is not None:
        query = query.where(Space.host_id == host_id)
    if state == "scheduled":
        query = query.order_by(Space.starts_at, Space.number)
        if after is not None:
            place = tuple_(Space.starts_at, Space.number)
            query = query.where(place > tuple_(literal(after.starts_at), literal(after.number)))
    else:
        query = query.order_by(Space.number.desc())
        if after is not None:
            query = query.where(Space.number < after.number)
    return (await session.scalars(query.limit(limit))).all()
