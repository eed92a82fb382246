"""The stage's parts of a space's picture: the seats, the queue, and how each person stands."""

from collections.abc import Hashable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.live.parts import Each, LoadStanding, Part, Standing, Whole
from convivium.spaces.models import Invitation, InvitedRole, Space
from convivium.spaces.rules import Admission, Door, admission
from convivium.spaces.service import co_hosts_of, door_of
from convivium.spaces.view import time_view
from convivium.stage.models import Seat, SpeakRequest
from convivium.stage.rules import Asking, Stage, asking, may_take_seat
from convivium.stage.service import stage_of

SHOWN_REQUESTS = 100


class SeatView(TypedDict):
    """A seat as everybody sees it."""

    person: PersonView
    role: str
    muted: bool
    connected: bool
    source: int
    seated_at: str | None


class RequestView(TypedDict):
    """A request to speak, as hosts and the one who asks see it."""

    person: PersonView
    note: str
    asked_at: str | None
    place: int


class InvitationView(TypedDict):
    """What somebody is invited to."""

    role: InvitedRole


async def load_stage(session: AsyncSession, space_id: str) -> list[SeatView]:
    """Show the seats in order of arrival."""
    space = (await session.scalars(select(Space).where(Space.id == space_id))).one()
    stage = Stage(space.host_id, await co_hosts_of(session, space_id), ())
    rows = (
        await session.execute(
            select(Seat, Person)
            .join(Person, Person.id == Seat.person_id)
            .where(Seat.space_id == space_id)
            .order_by(Seat.number)
        )
    ).all()
    return [seat_view(seat, person, _role(stage, person.id)) for seat, person in rows]


def seat_view(seat: Seat, person: Person, role: str) -> SeatView:
    """Show one seat."""
    return {
        "person": person_view(person),
        "role": role,
        "muted": seat.muted,
        "connected": seat.absent_since is None,
        "source": person.voice,
        "seated_at": time_view(seat.seated_at),
    }


async def load_queue(session: AsyncSession, space_id: str) -> list[RequestView]:
    """Show the queue in order."""
    rows = (
        await session.execute(
            select(SpeakRequest, Person)
            .join(Person, Person.id == SpeakRequest.person_id)
            .where(SpeakRequest.space_id == space_id)
            .order_by(SpeakRequest.number)
            .limit(SHOWN_REQUESTS)
        )
    ).all()
    return [
        {
            "person": person_view(person),
            "note": request.note,
            "asked_at": time_view(request.asked_at),
            "place": place,
        }
        for place, (request, person) in enumerate(rows, 1)
    ]


@dataclass(frozen=True, slots=True)
class SpaceStanding:
    """How everybody stands to one space, as of one moment."""

    space: Space
    stage: Stage
    door: Door
    requests: dict[str, RequestView]
    invitations: dict[str, InvitedRole]

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
        return (
            frozenset([*self.stage.seated, *self.requests, *self.invitations, *self.door.barred])
            | self.hosts
        )

    @property
    def general(self) -> Hashable:
        """What everybody's standing depends on."""
        space = self.space
        return space.state, space.listen_policy, space.speak_policy, space.requests

    def you(self, actor: Actor) -> dict[str, object]:
        """Say how one person stands."""
        decided = admission(self.door, actor)
        may_listen = decided is Admission.GRANTED
        is_seated = actor.id in self.stage.seated
        invited = self.invitations.get(actor.id)
        is_open = self.is_live and may_listen and not is_seated
        return {
            "kind": actor.kind,
            "person": person_view(actor) if actor.id else None,
            "role": self.stage.role_of(actor.id),
            "may_listen": may_listen,
            "may_ask": is_open and asking(self.stage, self.space.requests, actor) is Asking.ALLOWED,
            "may_take_seat": is_open and may_take_seat(self.space.speak_policy, actor, invited),
            "removed": decided is Admission.REMOVED,
            "request": self.requests.get(actor.id),
            "invitation": self._invitation(invited, is_seated=is_seated),
        }

    def _invitation(self, invited: InvitedRole | None, *, is_seated: bool) -> InvitationView | None:
        """Show what somebody can still make use of."""
        is_of_use = invited != "listener" or self.space.listen_policy == "invited"
        return {"role": invited} if invited and is_of_use and not is_seated else None


def standing_loader(*, anonymous_listening: bool) -> LoadStanding:
    """Make what looks up how everybody stands."""

    async def load(session: AsyncSession, space_id: str) -> Standing:
        space = (await session.scalars(select(Space).where(Space.id == space_id))).one()
        queue = await load_queue(session, space_id)
        invitations = await session.execute(
            select(Invitation.person_id, Invitation.role).where(Invitation.space_id == space_id)
        )
        return SpaceStanding(
            space=space,
            stage=await stage_of(session, space),
            door=await door_of(session, space, anonymous_listening=anonymous_listening),
            requests={request["person"]["id"]: request for request in queue},
            invitations={row.person_id: row.role for row in invitations},
        )

    return load


def _role(stage: Stage, person_id: str) -> str:
    if person_id == stage.host:
        return "host"
    return "co_host" if person_id in stage.co_hosts else "speaker"


STAGE = Part(
    "stage",
    load_stage,
    Each("seat_changed", "seat", "seat_left", lambda seat: str(seat["person"]["id"])),
)
QUEUE = Part("queue", load_queue, Whole("queue_changed", "queue"), for_hosts=True)
