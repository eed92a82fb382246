"""The stage's parts of a space's picture: the seats, the queue, and how each person stands."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor, Kind
from convivium.core.grouping import grouped
from convivium.live.parts import Each, LoadStandings, Part, Whole
from convivium.relationships.followers import Followers
from convivium.relationships.service import Relation, relations
from convivium.spaces.models import OVER, CoHost, InvitedRole, Removal, Space
from convivium.spaces.rules import Admission, Door, admission, by_office
from convivium.spaces.service import doors_of, invitations_among, people_of, reminded_among
from convivium.spaces.view import time_view
from convivium.stage import floor
from convivium.stage.models import QueuePolicy, Seat, SpeakRequest, Turn
from convivium.stage.order import Waiting, expected_at, who_is_next
from convivium.stage.rules import (
    Asking,
    FloorRules,
    SeatRole,
    Stage,
    StageRole,
    asking,
    may_take_seat,
)

# So many at the head of the line everybody sees, as far as they let themselves be seen.
SHOWN_LINE = 8
FLOOR_PACE_S = 0.5


class SeatView(TypedDict):
    """A seat as everybody sees it."""

    person: PersonView
    role: SeatRole
    muted: bool
    connected: bool
    source: int
    seated_at: str
    confirm_by: str | None
    turn_ends_at: str | None


class RequestView(TypedDict):
    """A request to speak, as hosts and the one who asks see it.

    expected_at: about when its turn comes; null while nobody can know.
    """

    person: PersonView
    note: str
    asked_at: str
    place: int
    ready: bool
    expected_at: str | None


class AboutView(TypedDict):
    """What a host may want to know of somebody who asks.

    since: when the account was made. spoke: how many turns they had here. removed: from how many
    other spaces of this instance they were removed.
    """

    since: str
    follows_host: bool
    followed_by_host: bool
    spoke: int
    removed: int


class WaitingView(RequestView):
    """A request as hosts see it."""

    about: AboutView


class FloorView(TypedDict):
    """How turns are given, who may ask, and the head of the line.

    line: null for who does not want to be listed. next: the place of whoever comes up next.
    """

    policy: QueuePolicy
    turn_seconds: int | None
    locked: bool
    account_age_hours: int
    followers_only: bool
    slow_seconds: int
    line: list[PersonView | None]
    next: int | None


class InvitationView(TypedDict):
    """What somebody is invited to."""

    role: InvitedRole


class RemovalView(TypedDict):
    """Somebody who was removed, as hosts see it; clearing: the act against a raid that did it."""

    person: PersonView
    at: str
    clearing: str | None


class YouView(TypedDict):
    """How one person stands to a space."""

    kind: Kind
    person: PersonView | None
    role: StageRole
    may_listen: bool
    may_ask: bool
    may_take_seat: bool
    removed: bool
    request: RequestView | None
    invitation: InvitationView | None
    reminded: bool


def seat_view(seat: Seat, person: Person, role: SeatRole) -> SeatView:
    """Show one seat."""
    return {
        "person": person_view(person),
        "role": role,
        "muted": seat.muted,
        "connected": seat.absent_since is None,
        "source": person.voice,
        "seated_at": time_view(seat.seated_at),
        "confirm_by": time_view(seat.confirm_by),
        "turn_ends_at": time_view(seat.turn_ends_at),
    }


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody in the queue, with what is known of them here and elsewhere.

    relation: how the host stands to them.
    """

    request: SpeakRequest
    person: Person
    spoke: int
    removed: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class Queue:
    """The requests of a space in order, and how its turns are given.

    came_up: when others did, the latest first.
    """

    rules: FloorRules
    came_up: Sequence[datetime] = ()
    askers: Sequence[Asker] = ()

    def request(self, person_id: str) -> RequestView | None:
        """Show somebody's request, if there is one."""
        for place, asker in enumerate(self.askers, 1):
            if person_id and asker.person.id == person_id:
                return self._request(asker, place)
        return None

    def for_hosts(self) -> list[WaitingView]:
        """Show all requests, and what hosts may want to know of who made them."""
        return [
            {**self._request(asker, place), "about": _about(asker)}
            for place, asker in enumerate(self.askers, 1)
        ]

    def for_everyone(self) -> FloorView:
        """Show how turns are given, and who is next."""
        waiting = [
            Waiting(asker.person.id, asker.spoke > 0, asker.request.is_ready)
            for asker in self.askers
        ]
        at = who_is_next(self.rules.policy, waiting)
        head = self.askers[:SHOWN_LINE]
        return {
            "policy": self.rules.policy,
            "turn_seconds": self.rules.turn_seconds,
            "locked": self.rules.locked,
            "account_age_hours": self.rules.account_age_hours,
            "followers_only": self.rules.followers_only,
            "slow_seconds": self.rules.slow_seconds,
            "line": [person_view(a.person) if a.person.listed else None for a in head],
            "next": None if at is None else at + 1,
        }

    def _request(self, asker: Asker, place: int) -> RequestView:
        one_by_one = self.rules.turn if self.rules.policy == "fast_lane" else None
        return {
            "person": person_view(asker.person),
            "note": asker.request.note,
            "asked_at": time_view(asker.request.asked_at),
            "place": place,
            "ready": asker.request.is_ready,
            "expected_at": time_view(expected_at(place, self.came_up, one_by_one)),
        }


def _about(asker: Asker) -> AboutView:
    return {
        "since": time_view(asker.person.created_at),
        "follows_host": asker.relation.followed_by,
        "followed_by_host": asker.relation.follows,
        "spoke": asker.spoke,
        "removed": asker.removed,
    }


def removal_view(removal: Removal, person: Person) -> RemovalView:
    """Show one removal."""
    return {
        "person": person_view(person),
        "at": time_view(removal.at),
        "clearing": removal.clearing,
    }


@dataclass(frozen=True, slots=True)
class Scene:
    """A space with everything that is written down about it, as of one moment."""

    space: Space
    host: Person
    seats: tuple[tuple[Seat, Person], ...]
    queue: Queue
    invitations: dict[str, InvitedRole]
    stage: Stage
    door: Door
    reminded: frozenset[str]

    @property
    def number(self) -> int:
        """The engine's number of the space."""
        return self.space.number

    @property
    def is_live(self) -> bool:
        """Whether the space is live."""
        return self.space.state == "live"

    @property
    def is_over(self) -> bool:
        """Whether the space has ended."""
        return self.space.state in OVER

    @property
    def hosts(self) -> frozenset[str]:
        """The host and the co-hosts."""
        return frozenset([self.stage.host]) | self.stage.co_hosts

    @property
    def named(self) -> frozenset[str]:
        """Those of whom something is written down here."""
        asking_to_speak = (asker.person.id for asker in self.queue.askers)
        return self.hosts.union(
            self.stage.seated, asking_to_speak, self.invitations, self.door.barred, self.reminded
        )

    def moved_since(self, old: "Scene") -> frozenset[str]:
        """Those who came among the people of the owner, or are not among them any more."""
        before, now = old.door.circle, self.door.circle
        of_each = (
            (before.followed, now.followed),
            (before.followers, now.followers),
            (before.blocked, now.blocked),
        )
        # There may be very many followers; the same set of them is the same object.
        return frozenset().union(*(a ^ b for a, b in of_each if a is not b))

    @property
    def general(self) -> Hashable:
        """What everybody's standing depends on."""
        space = self.space
        policies = space.listen_policy, space.speak_policy, space.requests
        locked = self.queue.rules.locked
        return space.state, *policies, space.owner_id, space.anonymous_listening, locked

    def you(self, actor: Actor) -> YouView:
        """Say how one person stands."""
        decided = admission(self.door, actor)
        may_listen = decided is Admission.GRANTED
        may_take_part = admission(self.door, actor, takes_part=True) is Admission.GRANTED
        is_seated = actor.id in self.stage.seated
        invited = self.invitations.get(actor.id)
        locked = self.queue.rules.locked
        is_open = self.is_live and may_take_part and not is_seated and not locked
        is_followed = actor.id in self.door.circle.followed
        asked = asking(self.stage, self.space.requests, actor, is_followed=is_followed)
        may_sit = may_take_seat(self.space.speak_policy, actor, invited, is_followed=is_followed)
        return {
            "kind": actor.kind,
            "person": person_view(actor) if actor.id else None,
            "role": self.stage.role_of(actor.id),
            "may_listen": may_listen,
            "may_ask": is_open and asked is Asking.ALLOWED,
            "may_take_seat": is_open and may_sit,
            "removed": decided is Admission.REMOVED,
            "request": self.queue.request(actor.id),
            "invitation": None if is_seated else self._invitation(invited),
            "reminded": actor.id in self.reminded,
        }

    def by_office(self, actor: Actor) -> bool:
        """Whether somebody may be told only because they moderate."""
        return by_office(self.door, actor)

    def _invitation(self, invited: InvitedRole | None) -> InvitationView | None:
        """Show what somebody can still make use of."""
        is_of_use = invited != "listener" or self.space.listen_policy != "everyone"
        return {"role": invited} if invited and is_of_use else None


def scenes_loader(*, anonymous_listening: bool) -> LoadStandings:
    """Make what looks up everything about several spaces, in one look."""
    followers = Followers()

    async def load(session: AsyncSession, space_ids: Collection[str]) -> dict[str, Scene]:
        rows = (
            await session.execute(
                select(Space, Person)
                .join(Person, Person.id == Space.host_id)
                .where(Space.id.in_(space_ids))
            )
        ).all()
        spaces = [space for space, _ in rows]
        seats = await _seats_among(session, space_ids)
        queues = await load_queues(session, spaces)
        invitations = await invitations_among(session, space_ids)
        co_hosts = await people_of(session, CoHost, space_ids)
        doors = await doors_of(session, spaces, followers, anonymous_listening=anonymous_listening)
        reminded = await reminded_among(session, spaces)
        return {
            space.id: Scene(
                space=space,
                host=host,
                seats=tuple(seats[space.id]),
                queue=queues[space.id],
                invitations=invitations[space.id],
                stage=Stage(
                    space.host_id,
                    co_hosts[space.id],
                    tuple(seat.person_id for seat, _ in seats[space.id]),
                ),
                door=doors[space.id],
                reminded=reminded[space.id],
            )
            for space, host in rows
        }

    return load


async def _seats_among(
    session: AsyncSession, space_ids: Collection[str]
) -> Mapping[str, Sequence[tuple[Seat, Person]]]:
    rows = await session.execute(
        select(Seat, Person)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.space_id.in_(space_ids))
        .order_by(Seat.number)
    )
    return grouped((seat.space_id, (seat, person)) for seat, person in rows)


async def load_queue(session: AsyncSession, space: Space) -> Queue:
    """Look up the queue in order."""
    return (await load_queues(session, [space]))[space.id]


async def load_queues(session: AsyncSession, spaces: Collection[Space]) -> dict[str, Queue]:
    """Look up the queues of several spaces in order."""
    ids = [space.id for space in spaces]
    spoke = (
        select(func.count())
        .where(
            Turn.space_id == SpeakRequest.space_id,
            Turn.person_id == SpeakRequest.person_id,
            Turn.spoke,
        )
        .scalar_subquery()
    )
    removed = (
        select(func.count())
        .where(
            Removal.space_id != SpeakRequest.space_id,
            Removal.person_id == SpeakRequest.person_id,
        )
        .scalar_subquery()
    )
    rows = await session.execute(
        select(SpeakRequest, Person, spoke, removed)
        .join(Person, Person.id == SpeakRequest.person_id)
        .where(SpeakRequest.space_id.in_(ids))
        .order_by(SpeakRequest.position, SpeakRequest.number)
    )
    waiting = grouped((request.space_id, (request, *rest)) for request, *rest in rows)
    rules = await floor.rules_among(session, ids)
    return {
        space.id: await _queue(session, space, rules[space.id], waiting[space.id])
        for space in spaces
    }


async def _queue(
    session: AsyncSession, space: Space, rules: FloorRules, waiting: Sequence[tuple[Any, ...]]
) -> Queue:
    """Look up more of a queue in which somebody is: a space in which nobody asks takes no look."""
    if not waiting:
        return Queue(rules)
    stands = await relations(session, space.host_id, [person.id for _, person, *_ in waiting])
    askers = [
        Asker(request, person, spoken, elsewhere, stands[person.id])
        for request, person, spoken, elsewhere in waiting
    ]
    return Queue(rules, await floor.came_up(session, space.id), askers)


def show_stage(scene: Scene) -> list[SeatView]:
    """Show the seats in order of arrival."""
    stage = scene.stage
    return [seat_view(seat, person, stage.seat_role_of(person.id)) for seat, person in scene.seats]


STAGE = Part(
    "stage",
    show_stage,
    Each("seat_changed", "seat", "seat_left", lambda seat: str(seat["person"]["id"])),
)
FLOOR = Part(
    "floor",
    lambda scene: scene.queue.for_everyone(),
    Whole("floor_changed", "floor"),
    pace_s=FLOOR_PACE_S,
)
QUEUE = Part(
    "queue", lambda scene: scene.queue.for_hosts(), Whole("queue_changed", "queue"), for_hosts=True
)
