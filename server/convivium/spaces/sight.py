"""Which spaces are listed for whom: one condition, part of every query that lists spaces."""

from sqlalchemy import ColumnElement, func, or_, select

from convivium.core.actor import Actor
from convivium.relationships.models import Block, Follow
from convivium.spaces.models import Invitation, Removal, Space

_Id = ColumnElement[str] | str


def listed_for(actor: Actor, *, anonymous_listening: bool) -> ColumnElement[bool]:
    """Ask of a space whether somebody may listen to it; nobody's office counts here.

    anonymous_listening: the instance lets guests listen.
    """
    owner = func.coalesce(Space.returns_to, Space.host_id)
    by_policy = or_(
        Space.listen_policy == "everyone",
        (Space.listen_policy == "followed") & _said(Follow, owner, actor.id),
        (Space.listen_policy == "followers") & _said(Follow, actor.id, owner),
    )
    if not actor.has_account:
        by_policy &= Space.anonymous_listening
    are_apart = _said(Block, owner, actor.id) | _said(Block, actor.id, owner)
    may_come = or_(Space.host_id == actor.id, by_policy, _has_row(Invitation, actor))
    may_listen = may_come & ~_has_row(Removal, actor) & ~are_apart
    if not (actor.has_account or anonymous_listening):
        may_listen &= _has_row(Invitation, actor)
    return may_listen


def _said(kind: type[Follow | Block], by: _Id, about: _Id) -> ColumnElement[bool]:
    return select(kind.number).where(kind.person_id == by, kind.other_id == about).exists()


def _has_row(table: type[Invitation | Removal], actor: Actor) -> ColumnElement[bool]:
    return (
        select(table.space_id)
        .where(table.space_id == Space.id, table.person_id == actor.id)
        .exists()
    )
