"""The stage's parts of a space's picture: the seats, the queue, and how each person stands."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor, Kind
from convivium.live.parts import Each, Part, Whole
from convivium.spaces.models import InvitedRole, Space
from convivium.spaces.rules import Admission, Door, admission
from convivium.spaces.service import barred_from, co_hosts_of, invitations_to
from convivium.spaces.view import time_view
from convivium.stage.models import Seat, SpeakRequest
from convivium.stage.rules import Asking, SeatRole, Stage, StageRole, asking, may_take_seat


class SeatView(TypedDict):
    """A seat as everybody sees it."""

    person: PersonView
    role: SeatRole
    muted: bool
    connected: bool
    source: int
    seated_at: str


class RequestView(TypedDict):
    """A request to speak, as hosts and the one who asks see it."""

    person: PersonView
    note: str
    asked_at: str
    place: int


class InvitationView(TypedDict):
    """What somebody is invited to."""

    role: InvitedRole


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


def seat_view(seat: Seat, person: Person, role: SeatRole) -> SeatView:
    """Show one seat."""
    return {
        "person": person_view(person),
        "role": role,
        "muted": seat.muted,
        "connected": seat.absent_since is None,
        "source": person.voice,
        "seated_at": time_view(seat.seated_at),
    }


def request_view(request: SpeakRequest, person: Person, place: int) -> RequestView:
    """Show one request."""
    return {
        "person": person_view(person),
        "note": request.note,
        "asked_at": time_view(request.asked_at),
        "place": place,
    }


@dataclass(frozen=True, slots=True)
class Scene:
    """A space with everything that is written down about it, as of one moment."""

    space: Space
    host: Person
    seats: tuple[tuple[Seat, Person], ...]
    queue: tuple[RequestView, ...]
    invitations: dict[str, InvitedRole]
    stage: Stage
    door: Door

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
        return self.space.state == "ended"

    @property
    def hosts(self) -> frozenset[str]:
        """The host and the co-hosts."""
        return frozenset([self.stage.host]) | self.stage.co_hosts

    @property
    def named(self) -> frozenset[str]:
        """Those of whom something is written down here."""
        asking_to_speak = (request["person"]["id"] for request in self.queue)
        return self.hosts.union(
            self.stage.seated, asking_to_speak, self.invitations, self.door.barred
        )

    @property
    def general(self) -> Hashable:
        """What everybody's standing depends on."""
        space = self.space
        return space.state, space.listen_policy, space.speak_policy, space.requests

    def you(self, actor: Actor) -> YouView:
        """Say how one person stands."""
        decided = admission(self.door, actor)
        may_listen = decided is Admission.GRANTED
        is_seated = actor.id in self.stage.seated
        invited = self.invitations.get(actor.id)
        is_open = self.is_live and may_listen and not is_seated
        may_ask = asking(self.stage, self.space.requests, actor) is Asking.ALLOWED
        may_sit = may_take_seat(self.space.speak_policy, actor, invited)
        return {
            "kind": actor.kind,
            "person": person_view(actor) if actor.id else None,
            "role": self.stage.role_of(actor.id),
            "may_listen": may_listen,
            "may_ask": is_open and may_ask,
            "may_take_seat": is_open and may_sit,
            "removed": decided is Admission.REMOVED,
            "request": self.request_of(actor.id),
            "invitation": None if is_seated else self._invitation(invited),
        }

    def request_of(self, person_id: str) -> RequestView | None:
        """Show somebody's request, if there is one."""
        of_person = (r for r in self.queue if person_id and r["person"]["id"] == person_id)
        return next(of_person, None)

    def _invitation(self, invited: InvitedRole | None) -> InvitationView | None:
        """Show what somebody can still make use of."""
        is_of_use = invited != "listener" or self.space.listen_policy == "invited"
        return {"role": invited} if invited and is_of_use else None


def scene_loader(*, anonymous_listening: bool) -> Callable[[AsyncSession, str], Awaitable[Scene]]:
    """Make what looks up everything about a space, in one look."""

    async def load(session: AsyncSession, space_id: str) -> Scene:
        space, host = (
            await session.execute(
                select(Space, Person)
                .join(Person, Person.id == Space.host_id)
                .where(Space.id == space_id)
            )
        ).one()
        seats = (
            await session.execute(
                select(Seat, Person)
                .join(Person, Person.id == Seat.person_id)
                .where(Seat.space_id == space_id)
                .order_by(Seat.number)
            )
        ).all()
        invitations = await invitations_to(session, space_id)
        return Scene(
            space=space,
            host=host,
            seats=tuple((seat, person) for seat, person in seats),
            queue=tuple(await load_queue(session, space_id)),
            invitations=invitations,
            stage=Stage(
                space.host_id,
                await co_hosts_of(session, space_id),
                tuple(seat.person_id for seat, _ in seats),
            ),
            door=Door(
                listen_policy=space.listen_policy,
                host_id=space.host_id,
                invited=frozenset(invitations),
                barred=await barred_from(session, space_id),
                anonymous_listening=anonymous_listening,
            ),
        )

    return load


async def load_queue(session: AsyncSession, space_id: str) -> list[RequestView]:
    """Show the queue in order."""
    rows = await session.execute(
        select(SpeakRequest, Person)
        .join(Person, Person.id == SpeakRequest.person_id)
        .where(SpeakRequest.space_id == space_id)
        .order_by(SpeakRequest.number)
    )
    return [request_view(request, person, place) for place, (request, person) in enumerate(rows, 1)]


def show_stage(scene: Scene) -> list[SeatView]:
    """Show the seats in order of arrival."""
    stage = scene.stage
    return [seat_view(seat, person, stage.seat_role_of(person.id)) for seat, person in scene.seats]


STAGE = Part(
    "stage",
    show_stage,
    Each("seat_changed", "seat", "seat_left", lambda seat: str(seat["person"]["id"])),
)
QUEUE = Part(
    "queue", lambda scene: list(scene.queue), Whole("queue_changed", "queue"), for_hosts=True
)
