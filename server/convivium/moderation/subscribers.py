"""What moderation hears: acts to be written down, and somebody suspended at the door."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from convivium.accounts.events import (
    BadgeGiven,
    BadgeTaken,
    LetIn,
    RoleGiven,
    SentOut,
    SignUpInvitationEnded,
    SignUpInvitationMade,
    Suspended,
    SuspendedAtDoor,
    SuspensionLifted,
    TurnedAway,
    WayBackGiven,
)
from convivium.accounts.models import Person
from convivium.accounts.service import AccountSuspended
from convivium.branding.events import BrandingChanged
from convivium.chat.events import ChatRulesChanged, LineTakenAway, PinChanged, SharedTakenAway
from convivium.core.actor import STAFF
from convivium.core.bus import Bus, Fact
from convivium.core.database import Database
from convivium.core.transaction import Transaction
from convivium.live.personal import Personal
from convivium.moderation import suspensions
from convivium.moderation.audit import Entry, has, write
from convivium.moderation.events import Appealed, CaseAnswered, CasesChanged, PostTakenAway, Warned
from convivium.pictures.events import PictureTaken
from convivium.search.events import SpaceFeatured, SpaceUnfeatured
from convivium.spaces.events import (
    InvitationOver,
    InvitationSent,
    LinkFact,
    LinkMade,
    LinkTakenBack,
    LookedIn,
    PeopleBarred,
    PersonBarred,
    RemovalsLifted,
    SpaceCancelled,
    SpaceChanged,
    SpaceEnded,
    SpaceScheduled,
    SpaceStarted,
)
from convivium.spaces.view import time_view
from convivium.stage.events import (
    BroughtUp,
    FloorChanged,
    HandedOver,
    MovedBack,
    Muted,
    RequestDeclined,
    RequestMoved,
    RoleChanged,
    SpeakersMuted,
    TimeGiven,
)

# What an act is called in the log, and what there is to say of it beside who and where.
Word = tuple[type[Fact], str, Callable[[Any], dict[str, object]]]


def subscribe(bus: Bus, personal: Personal, database: Database) -> None:
    """Write acts down, say why to who is suspended, and tell moderators what waits."""
    keep_log(bus)
    bus.inside(SuspendedAtDoor, _say_why)

    async def tell_staff(_facts: Sequence[CasesChanged]) -> None:
        async with database.read() as session:
            staff = await session.scalars(select(Person.id).where(Person.role.in_(STAFF)))
            people = staff.all()
        await personal.refresh(people)

    bus.last(CasesChanged, tell_staff)


def keep_log(bus: Bus) -> None:
    """Write acts down, also those of a command beside the server."""
    for kind, act, data in ACTS:
        bus.inside(kind, _writer(act, data))
    bus.inside(LookedIn, _note_look)


async def _say_why(tx: Transaction, fact: SuspendedAtDoor) -> None:
    suspension = await suspensions.of_person(tx.session, fact.person_id, tx.now)
    if suspension is not None:
        raise AccountSuspended(suspension.until, suspension.words)


async def _note_look(tx: Transaction, fact: LookedIn) -> None:
    """Write down once of each moderator that they looked into a space, however often they do."""
    if not await has(tx.session, LOOKED_IN, by=fact.by, space_id=fact.space_id):
        await write(tx, Entry(LOOKED_IN, fact.by, space_id=fact.space_id))


def _writer(
    act: str, data: Callable[[Any], dict[str, object]]
) -> Callable[[Transaction, Any], Any]:
    """Make what writes down one kind of act.

    What nobody did is none, nor what one did to oneself, nor what was so before.
    """

    async def note(tx: Transaction, fact: Any) -> None:  # noqa: ANN401 - facts have parts in common
        person_id = getattr(fact, "person_id", None)
        if fact.by and fact.by != person_id and not getattr(fact, "again", False):
            space_id = getattr(fact, "space_id", None)
            await write(tx, Entry(act, fact.by, person_id, space_id, data(fact)))

    return note


def _nothing(_fact: Fact) -> dict[str, object]:
    return {}


def _role(fact: InvitationSent | LinkFact | RoleChanged) -> dict[str, object]:
    return {"role": fact.role}


def _how_many(fact: PeopleBarred | RemovalsLifted) -> dict[str, object]:
    return {"count": len(fact.people)}


def _invitation(fact: SignUpInvitationMade | SignUpInvitationEnded) -> dict[str, object]:
    uses = {"uses": fact.uses} if isinstance(fact, SignUpInvitationMade) else {}
    return {"invitation": str(fact.number), **uses}


def _change(fact: SpaceChanged | FloorChanged | ChatRulesChanged) -> dict[str, object]:
    """Say what is another now; of what people wrote only that it is."""
    return {name: None if name in WRITTEN else value for name, value in fact.change.items()}


LOOKED_IN = "looked_in"
WRITTEN = ("title", "description", "topics")

ACTS: tuple[Word, ...] = (
    (Muted, "muted", _nothing),
    (SpeakersMuted, "speakers_muted", _nothing),
    (BroughtUp, "brought_up", _nothing),
    (RoleChanged, "role_changed", _role),
    (MovedBack, "moved_back", _nothing),
    (TimeGiven, "time_given", lambda fact: {"seconds": fact.seconds}),
    (RequestDeclined, "declined", _nothing),
    (RequestMoved, "moved_in_line", _nothing),
    (HandedOver, "handed_over", _nothing),
    (FloorChanged, "queue_changed", _change),
    (PersonBarred, "removed", _nothing),
    (PeopleBarred, "cleared", _how_many),
    (RemovalsLifted, "let_back", _how_many),
    (InvitationSent, "invited", _role),
    (InvitationOver, "uninvited", _nothing),
    (LinkMade, "link_made", _role),
    (LinkTakenBack, "link_taken_back", _role),
    (SpaceChanged, "space_changed", _change),
    (SpaceScheduled, "scheduled", lambda fact: {"starts_at": time_view(fact.starts_at)}),
    (SpaceStarted, "space_started", _nothing),
    (SpaceEnded, "space_ended", lambda fact: {"cancelled": isinstance(fact, SpaceCancelled)}),
    (SpaceFeatured, "space_featured", _nothing),
    (SpaceUnfeatured, "space_unfeatured", _nothing),
    (LineTakenAway, "line_taken_away", lambda fact: {"line": fact.number}),
    (SharedTakenAway, "shared_taken_away", _nothing),
    (PinChanged, "pinned", lambda fact: {"pinned": fact.pinned}),
    (ChatRulesChanged, "chat_changed", _change),
    (CaseAnswered, "settled", lambda fact: {"case": str(fact.number), "outcome": fact.outcome}),
    (Warned, "warned", _nothing),
    (PostTakenAway, "post_taken_away", lambda fact: {"post": fact.post_id}),
    (BadgeGiven, "badge_given", lambda fact: {"badge": fact.badge}),
    (BadgeTaken, "badge_taken", _nothing),
    (PictureTaken, "picture_taken", _nothing),
    (BrandingChanged, "branding_changed", lambda fact: dict.fromkeys(fact.what)),
    (Suspended, "suspended", lambda fact: {"until": time_view(fact.until)}),
    (SuspensionLifted, "suspension_lifted", _nothing),
    (Appealed, "appealed", _nothing),
    (LetIn, "let_in", _nothing),
    (TurnedAway, "turned_away", _nothing),
    (RoleGiven, "role_given", lambda fact: {"role": fact.role}),
    (SentOut, "sent_out", _nothing),
    (WayBackGiven, "way_back_given", _nothing),
    (SignUpInvitationMade, "sign_up_invitation_made", _invitation),
    (SignUpInvitationEnded, "sign_up_invitation_ended", _invitation),
)
