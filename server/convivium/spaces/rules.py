"""Who is let in; pure."""

from dataclasses import dataclass
from enum import Enum

from convivium.core.actor import Actor
from convivium.spaces.models import ListenPolicy


class Admission(Enum):
    """What somebody at the door is told."""

    GRANTED = "granted"
    REMOVED = "removed"
    NOT_INVITED = "not_invited"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Door:
    """What admission to one space depends on."""

    listen_policy: ListenPolicy
    host_id: str
    invited: frozenset[str]
    barred: frozenset[str]
    anonymous_listening: bool


def admission(door: Door, actor: Actor) -> Admission:
    """Decide whether somebody may listen; a removal outweighs everything else."""
    if actor.id and actor.id in door.barred:
        return Admission.REMOVED
    if actor.id and (actor.id == door.host_id or actor.id in door.invited):
        return Admission.GRANTED
    if not actor.has_account and not door.anonymous_listening:
        return Admission.SIGN_IN
    if door.listen_policy == "everyone":
        return Admission.GRANTED
    return Admission.NOT_INVITED if actor.has_account else Admission.SIGN_IN
