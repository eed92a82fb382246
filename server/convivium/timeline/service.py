"""Which spaces are listed for whom."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor
from convivium.spaces.models import Invitation, Removal, Space

# Nothing is scheduled yet; whoever asks gets an empty page.
ListedState = Literal["draft", "scheduled", "live", "ended"]


async def spaces_for(
    session: AsyncSession, actor: Actor, state: ListedState, *, before: int | None, limit: int
) -> Sequence[Space]:
    """List spaces, the newest first, as far as this person may listen to them.

    before: the number of the last space of the page before. Drafts are listed for their hosts.
    """
    query = select(Space).where(Space.state == state, _may_listen(actor, state))
    if before is not None:
        query = query.where(Space.number < before)
    return (await session.scalars(query.order_by(Space.number.desc()).limit(limit))).all()


def _may_listen(actor: Actor, state: ListedState) -> ColumnElement[bool]:
    is_host = Space.host_id == actor.id
    if state == "draft":
        return is_host

    def has_row(table: type[Invitation | Removal]) -> ColumnElement[bool]:
        return (
            select(table.space_id)
            .where(table.space_id == Space.id, table.person_id == actor.id)
            .exists()
        )

    return or_(is_host, Space.listen_policy == "everyone", has_row(Invitation)) & ~has_row(Removal)
