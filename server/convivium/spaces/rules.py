"""Who is let in; pure."""

from dataclasses import dataclass
from enum import Enum

from convivium.core.actor import Actor
from convivium.spaces.models import ListenPolicy


class Admission(Enum):
    """What somebody at the door is told."""

    GRANTED = "granted"
    BLOCKED = "blocked"
    REMOVED = "removed"
    NOT_INVITED = "not_invited"
    NOT_FOLLOWED = "not_followed"
    FOLLOW_FIRST = "follow_first"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Circle:
    """Those around the owner of a space whom its policies name, and those the owner blocks."""

    followed: frozenset[str] = frozenset()
    followers: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Door:
    """What admission to one space depends on."""

    listen_policy: ListenPolicy
    host_id: str
    invited: frozenset[str]
    barred: frozenset[str]
    anonymous_listening: bool
    circle: Circle = Circle()


def admission(door: Door, actor: Actor, *, takes_part: bool = False) -> Admission:
    """Decide whether somebody may listen; a block outweighs a removal, and both everything else.

    Moderators may listen everywhere, whatever a host says of them, and are seen there.
    takes_part: also asks to speak or to write, which moderators may where anybody else might.
    """
    if actor.moderates and not takes_part:
        return Admission.GRANTED
    if actor.id and actor.id in door.circle.blocked:
        return Admission.BLOCKED
    if actor.id and actor.id in door.barred:
        return Admission.REMOVED
    if actor.id and (actor.id == door.host_id or actor.id in door.invited):
        return Admission.GRANTED
    if not actor.has_account and not door.anonymous_listening:
        return Admission.SIGN_IN
    if door.listen_policy == "everyone":
        return Admission.GRANTED
    if not actor.has_account:
        return Admission.SIGN_IN
    return _by_circle(door, actor.id)


def by_office(door: Door, actor: Actor) -> bool:
    """Tell whether somebody is let in only because they moderate."""
    if not actor.moderates:
        return False
    return admission(door, actor, takes_part=True) is not Admission.GRANTED


def _by_circle(door: Door, person_id: str) -> Admission:
    match door.listen_policy:
        case "followed" if person_id not in door.circle.followed:
            return Admission.NOT_FOLLOWED
        case "followers" if person_id not in door.circle.followers:
            return Admission.FOLLOW_FIRST
        case "followed" | "followers":
            return Admission.GRANTED
        case _:
            return Admission.NOT_INVITED
