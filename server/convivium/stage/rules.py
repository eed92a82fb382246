"""What the stage allows; pure, with the stage as a value and nothing looked up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

from convivium.core.actor import Actor
from convivium.spaces.models import InvitedRole, RequestPolicy, SpeakPolicy
from convivium.stage.models import QueuePolicy

SeatRole = Literal["host", "co_host", "speaker"]
StageRole = SeatRole | Literal["listener"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seats there are; beside the host's, and `heard` for everybody together."""

    co_hosts: int
    speakers: int
    heard: int
    queue: int


@dataclass(frozen=True, slots=True)
class FloorRules:
    """How turns are given, and who may ask; the columns of `Floor` say what each means."""

    policy: QueuePolicy = "in_order"
    turn_seconds: int | None = None
    locked: bool = False
    account_age_hours: int = 0
    followers_only: bool = False
    slow_seconds: int = 0

    @property
    def turn(self) -> timedelta | None:
        """How long a turn lasts."""
        return None if self.turn_seconds is None else timedelta(seconds=self.turn_seconds)


USUAL = FloorRules()


@dataclass(frozen=True, slots=True)
class Stage:
    """Who sits where: one host, the co-hosts, and everybody seated in order of arrival."""

    host: str
    co_hosts: frozenset[str]
    seated: tuple[str, ...]

    def role_of(self, person: str) -> StageRole:
        """Tell a person's role; a co-host without a seat is a listener."""
        if person != self.host and person not in self.seated:
            return "listener"
        return self.seat_role_of(person)

    def seat_role_of(self, person: str) -> SeatRole:
        """Tell the role of somebody who has a seat."""
        if person == self.host:
            return "host"
        return "co_host" if person in self.co_hosts else "speaker"

    def is_host(self, person: str) -> bool:
        """Tell whether this person leads the space."""
        return self.role_of(person) in ("host", "co_host")

    def count(self, role: StageRole) -> int:
        """Count the seats of one role."""
        return sum(self.role_of(person) == role for person in self.seated)


def has_room(stage: Stage, limits: Limits, person: str, role: InvitedRole) -> bool:
    """Decide whether a person may have this role's seat, coming from where they are now."""
    if stage.role_of(person) == role:
        return True
    is_new = person not in stage.seated
    if is_new and len(stage.seated) >= limits.heard:
        return False
    most = limits.co_hosts if role == "co_host" else limits.speakers
    return stage.count("co_host" if role == "co_host" else "speaker") < most


class Reach(Enum):
    """Whether one person may decide about another."""

    ALLOWED = "allowed"
    HOSTS_ONLY = "hosts_only"
    ONLY_HOST = "only_host"
    HOST_STAYS = "host_stays"


def may_move(stage: Stage, actor: str, person: str) -> Reach:
    """Decide whether one may take another's seat away: hosts may, co-hosts only speakers."""
    if not stage.is_host(actor):
        return Reach.HOSTS_ONLY
    if person == stage.host:
        return Reach.HOST_STAYS
    if stage.role_of(person) == "co_host" and actor != stage.host:
        return Reach.ONLY_HOST
    return Reach.ALLOWED


def may_remove(stage: Stage, actor: Actor, person: str) -> Reach:
    """Decide whether one may send another away: hosts as above, moderators all but the host."""
    if actor.moderates:
        return Reach.HOST_STAYS if person == stage.host else Reach.ALLOWED
    return may_move(stage, actor.id, person)


def may_take_seat(
    policy: SpeakPolicy, actor: Actor, invited: InvitedRole | None, *, is_followed: bool = False
) -> bool:
    """Decide whether somebody may sit down without asking.

    is_followed: the owner of the space follows them.
    """
    by_policy = policy == "everyone" or (policy == "followed" and is_followed)
    return actor.has_account and (by_policy or invited in ("speaker", "co_host"))


class Asking(Enum):
    """What somebody is told who asks to speak."""

    ALLOWED = "allowed"
    GUEST = "guest"
    SEATED = "already_seated"
    OFF = "requests_off"
    LOCKED = "stage_locked"
    TOO_NEW = "account_too_new"
    FOLLOWERS = "followers_only"
    NOT_FOLLOWED = "requests_followed"
    TOO_SOON = "asked_too_soon"


def asking(
    stage: Stage, requests: RequestPolicy, actor: Actor, *, is_followed: bool = False
) -> Asking:
    """Decide whether somebody may join the queue."""
    if not actor.has_account:
        return Asking.GUEST
    if actor.id in stage.seated:
        return Asking.SEATED
    if requests == "off":
        return Asking.OFF
    if requests == "followed" and not is_followed:
        return Asking.NOT_FOLLOWED
    return Asking.ALLOWED


def at_the_gates(
    floor: FloorRules, *, since: datetime, follows: bool, last: datetime | None, now: datetime
) -> Asking:
    """Decide whether the floor lets somebody ask anew.

    since: when the account was made. follows: the host. last: when they asked here before.
    """
    if floor.locked:
        return Asking.LOCKED
    if now - since < timedelta(hours=floor.account_age_hours):
        return Asking.TOO_NEW
    if floor.followers_only and not follows:
        return Asking.FOLLOWERS
    if last is not None and now - last < timedelta(seconds=floor.slow_seconds):
        return Asking.TOO_SOON
    return Asking.ALLOWED


def kept_role(stage: Stage, limits: Limits) -> InvitedRole | None:
    """Choose what whoever held a space is once its host is back; None when there is no room.

    stage: as it is with the host back, and whoever held the space among the speakers.
    """
    if len(stage.seated) > limits.heard:
        return None
    if stage.count("co_host") < limits.co_hosts:
        return "co_host"
    return "speaker" if stage.count("speaker") <= limits.speakers else None


def heir(stage: Stage, present: frozenset[str]) -> str | None:
    """Choose who gets a space whose host does not come back: the co-host seated for longest."""
    heirs = (p for p in stage.seated if p in stage.co_hosts and p in present)
    return next(heirs, None)
