"""Which spaces are listed for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor
from convivium.relationships.models import Block, Follow
from convivium.spaces.models import Invitation, Removal, Space

ListedState = Literal["draft", "scheduled", "live", "ended"]
Said = ColumnElement[str] | str


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
    query = select(Space).where(Space.state == state, _may_listen(actor, state))
    if not (actor.has_account or anonymous_listening):
        query = query.where(_has_row(Invitation, actor))
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


def _may_listen(actor: Actor, state: ListedState) -> ColumnElement[bool]:
    is_host = Space.host_id == actor.id
    if state == "draft":
        return is_host

    def is_said(kind: type[Follow | Block], by: Said, about: Said) -> ColumnElement[bool]:
        return select(kind.number).where(kind.person_id == by, kind.other_id == about).exists()

    owner = func.coalesce(Space.returns_to, Space.host_id)
    by_policy = or_(
        Space.listen_policy == "everyone",
        (Space.listen_policy == "followed") & is_said(Follow, owner, actor.id),
        (Space.listen_policy == "followers") & is_said(Follow, actor.id, owner),
    )
    if not actor.has_account:
        by_policy &= Space.anonymous_listening
    are_apart = is_said(Block, owner, actor.id) | is_said(Block, actor.id, owner)
    may_come = or_(is_host, by_policy, _has_row(Invitation, actor))
    return may_come & ~_has_row(Removal, actor) & ~are_apart


def _has_row(table: type[Invitation | Removal], actor: Actor) -> ColumnElement[bool]:
    return (
        select(table.space_id)
        .where(table.space_id == Space.id, table.person_id == actor.id)
        .exists()
    )
