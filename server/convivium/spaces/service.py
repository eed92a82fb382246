"""What people do with a space as a whole, and who is let in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import PersonNotFound
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, Forbidden, Malformed, NotFound, NotSignedIn
from convivium.core.grouping import grouped
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.relationships.followers import Followers
from convivium.relationships.service import (
    blocked_among,
    blocks,
    followed_among,
    follows,
    who_blocks,
)
from convivium.spaces.events import (
    InvitationOver,
    InvitationSent,
    ListeningNarrowed,
    MusicSet,
    PeopleBarred,
    PersonBarred,
    PersonInvited,
    PersonShutOut,
    RemovalsLifted,
    SpaceCancelled,
    SpaceChanged,
    SpaceCreated,
    SpaceEnded,
    SpaceStarted,
    StandingChanged,
)
from convivium.spaces.models import (
    OVER,
    UNFINISHED,
    CoHost,
    Invitation,
    InvitationLink,
    InvitedRole,
    ListenPolicy,
    Reminder,
    Removal,
    RequestPolicy,
    Space,
    SpeakPolicy,
)
from convivium.spaces.rules import Admission, Circle, Door, admission, by_office


class SpaceNotFound(NotFound):
    """No such space, or a draft of somebody else."""

    code = "space_not_found"
    title = "There is no such space"
    detail = "The link may be wrong, or the space was never opened."


class Removed(Forbidden):
    """The host removed this person."""

    code = "removed"
    title = "You were removed from this space"
    detail = "A host removed you. You cannot come back to this space."


class NotInvited(Forbidden):
    """Only invited people may listen."""

    code = "not_invited"
    title = "This space is for invited people"
    detail = "Ask the host for an invitation."


class NotFollowed(Forbidden):
    """Only people whom the host follows may listen."""

    code = "not_followed"
    title = "This space is for people the host follows"
    detail = "The host lets in people they follow. Ask the host for an invitation."


class FollowFirst(Forbidden):
    """Only those who follow the host may listen."""

    code = "follow_first"
    title = "This space is for followers of the host"
    detail = "Follow the host, and come in."


class AnonymousOff(Forbidden):
    """Somebody wants to listen without a name where names are shown."""

    code = "anonymous_off"
    title = "One cannot listen anonymously here"
    detail = "The host wants to see who listens. Come in with your name."


class SignInToListen(NotSignedIn):
    """Somebody unknown is at a door that asks for names."""

    code = "sign_in_to_listen"
    title = "Sign in to listen"
    detail = "This space is not open to guests. Sign in and try again."


class SpaceNotLive(Conflict):
    """This can be done in a live space only."""

    code = "space_not_live"
    title = "This space is not live"
    detail = "It has not started yet, or it has ended."


class HostsOnly(Forbidden):
    """This is for the host and co-hosts."""

    code = "hosts_only"
    title = "Only hosts can do this"
    detail = "The host and the co-hosts of this space can do this."


class WordsStay(Forbidden):
    """Staff wrote what a space is called, and a host wants to call it otherwise."""

    code = "words_stay"
    title = "Moderators wrote this"
    detail = (
        "Moderators changed the title or the description of this space, so only they can change "
        "them again. Everything else is yours to change, and so are your other spaces."
    )


class OnlyHost(Forbidden):
    """This is for the host alone."""

    code = "only_host"
    title = "Only the host can do this"
    detail = "Co-hosts are made, unmade and removed by the host alone."


class TooManyUnfinished(Conflict):
    """The host has as many spaces that are not over as one may have."""

    code = "too_many_unfinished"
    title = "You have many spaces already"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"One can have {most:,} spaces that are not over, drafts included. End one of them."
        )


class PolicyUnavailable(Malformed):
    """A policy that this version does not have."""

    code = "policy_unavailable"
    title = "This policy is not available"


class HostStays(Conflict):
    """The host cannot be moved, muted away or removed."""

    code = "host_stays"
    title = "The host stays"
    detail = "A space has its host until it ends. End the space instead."


class BlockedHere(Conflict):
    """Somebody whom the host blocks cannot be invited."""

    code = "blocked_here"
    title = "This person cannot come here"
    detail = "The host of this space has blocked them."


class RemovedHere(Conflict):
    """Somebody who was removed cannot be invited back."""

    code = "removed_here"
    title = "This person was removed"
    detail = "Somebody who was removed stays out as long as the space lives."


@dataclass(frozen=True, slots=True)
class Words:
    """What a host says about a space; None leaves a thing as it is."""

    title: str | None = None
    description: str | None = None
    topics: list[str] | None = None
    languages: list[str] | None = None
    listen_policy: str | None = None
    speak_policy: str | None = None
    requests: str | None = None
    anonymous_listening: bool | None = None
    music: bool | None = None

    def given(self) -> dict[str, object]:
        """List what was said."""
        said = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in said if value is not None}


BUILT: dict[str, tuple[str, ...]] = {
    "listen_policy": get_args(ListenPolicy),
    "speak_policy": get_args(SpeakPolicy),
    "requests": get_args(RequestPolicy),
}
# What there will be, and is not there yet.
NOT_BUILT = {"ticket": "tickets are not sold here yet"}


async def create(tx: Transaction, actor: Actor, words: Words, *, most: int) -> Space:
    """Make a draft with the actor as its host. Raises PolicyUnavailable, TooManyUnfinished.

    most: so many spaces that are not over may one host have.
    """
    _check_policies(words)
    unfinished = select(func.count()).where(Space.host_id == actor.id, Space.state.in_(UNFINISHED))
    if (await tx.session.scalar(unfinished) or 0) >= most:
        raise TooManyUnfinished(most)
    space = Space(
        id=new_id(),
        host_id=actor.id,
        state="draft",
        created_at=tx.now,
        **_DEFAULTS | words.given(),
    )
    tx.session.add(space)
    await tx.session.flush()
    await tx.announce(SpaceCreated(space.id, actor.id))
    return space


async def change(tx: Transaction, actor: Actor, space_id: str, words: Words) -> Space:
    """Change what is said about a space, also while it is live.

    Raises PolicyUnavailable, WordsStay.
    """
    space = await of_hosts(tx, actor, space_id)
    _check_policies(words)
    if space.worded_by_staff and {"title", "description"} & {*_changes(space, words)}:
        raise WordsStay
    narrowed = _narrows(space, words)
    await rewrite(tx, space, words, by=actor.id)
    if words.music is not None and space.state == "live":
        # Also when it was so before: to ask again is to ask that the engine follow.
        await tx.announce(MusicSet(space.id))
    if narrowed:
        await tx.announce(ListeningNarrowed(space.id))
    return space


async def rewrite(tx: Transaction, space: Space, words: Words, *, by: str) -> None:
    """Write down what is said of a space from now on; what was so already is no change."""
    changes = _changes(space, words)
    for name, value in changes.items():
        setattr(space, name, value)
    if changes:
        await tx.announce(SpaceChanged(space.id, by, changes))


async def reword(tx: Transaction, space: Space, words: Words, *, by: str) -> None:
    """Let staff write what a space says; from then on nobody else changes title or description."""
    space.worded_by_staff = True
    await rewrite(tx, space, words, by=by)


async def start(tx: Transaction, actor: Actor, space_id: str) -> Space:
    """Make a draft or a scheduled space live, at whatever time; a live one stays so."""
    space = await of_hosts(tx, actor, space_id)
    if space.state in OVER:
        raise SpaceNotLive("This space is over. Open a new one.")
    if space.state != "live":
        space.state, space.started_at = "live", tx.now
        await tx.announce(SpaceStarted(space.id, space.number, actor.id))
    return space


async def end(tx: Transaction, actor: Actor, space_id: str) -> Space:
    """End a space, or cancel a scheduled one; what is over stays so."""
    space = await of_hosts(tx, actor, space_id)
    await close(tx, space, by=actor.id)
    return space


async def close(tx: Transaction, space: Space, *, by: str = "") -> None:
    """End a space because somebody said so, or because nobody is left to hold it.

    What had not begun is cancelled. Announced each time: to end a space again is to ask that every
    door be tried again.
    """
    if space.state in OVER:
        await tx.announce(SpaceEnded(space.id, space.number))
        return
    fact = SpaceCancelled if space.state == "scheduled" else SpaceEnded
    space.state = "cancelled" if space.state == "scheduled" else "ended"
    space.ended_at = tx.now
    await tx.announce(fact(space.id, space.number, by))


async def hand_over(
    tx: Transaction, space: Space, person_id: str, *, returns_to: str | None
) -> None:
    """Give a space another host; returns_to: who gets it back by coming back."""
    former = space.owner_id
    space.host_id, space.returns_to = person_id, returns_to
    await unmake_co_host(tx, space.id, person_id)
    await tx.announce(SpaceChanged(space.id))
    if space.owner_id != former:
        # Another owner follows and blocks others.
        await tx.announce(ListeningNarrowed(space.id))


async def invite(
    tx: Transaction, actor: Actor, space_id: str, person_id: str, role: InvitedRole
) -> None:
    """Invite somebody; a later invitation replaces an earlier one. Raises as `send` does."""
    space = await of_hosts(tx, actor, space_id)
    if space.state in OVER:
        raise SpaceNotLive
    await send(tx, actor, space, person_id, role)


async def send(
    tx: Transaction, actor: Actor, space: Space, person_id: str, role: InvitedRole
) -> None:
    """Send somebody an invitation. Whom the host asked to help, no co-host asks to do less.

    Raises OnlyHost, RemovedHere, BlockedHere, PersonNotFound.
    """
    invited = await invited_to(tx.session, space.id, person_id)
    if "co_host" in (role, invited) and actor.id != space.host_id:
        raise OnlyHost
    await check_welcome(tx.session, actor, space, person_id)
    await grant(tx, space.id, person_id, role)
    await tx.announce(InvitationSent(space.id, person_id, role, actor.id))


async def decline(tx: Transaction, actor: Actor, space_id: str) -> None:
    """Not want to come up: the invitation is used up, listening stays allowed."""
    space = await known_to(tx.session, actor, space_id)
    if await invited_to(tx.session, space.id, actor.id) in ("speaker", "co_host"):
        await grant(tx, space.id, actor.id, "listener")
    await tx.announce(InvitationOver(space.id, actor.id, actor.id))


async def uninvite(tx: Transaction, actor: Actor, space_id: str, person_id: str) -> None:
    """Take an invitation back; who came only by it has to go. Raises HostsOnly, OnlyHost."""
    space = await of_hosts(tx, actor, space_id)
    if await invited_to(tx.session, space_id, person_id) == "co_host" and actor.id != space.host_id:
        raise OnlyHost
    over = await tx.session.scalar(
        delete(Invitation)
        .where(Invitation.space_id == space_id, Invitation.person_id == person_id)
        .returning(Invitation.role)
    )
    if over is not None:
        await tx.announce(InvitationOver(space_id, person_id, actor.id))
    # Also where there was none: to ask again is to ask that every door be tried again.
    await tx.announce(ListeningNarrowed(space_id, person_id))


async def invited_people(
    session: AsyncSession, space_id: str, *, after: str, limit: int
) -> Sequence[tuple[Invitation, Person]]:
    """List who is invited to a space, by name or by a link; whoever was asked up is, too.

    after: the id of the last person on the page before.
    """
    rows = await session.execute(
        select(Invitation, Person)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.space_id == space_id, Invitation.person_id > after)
        .order_by(Invitation.person_id)
        .limit(limit)
    )
    return [(invitation, person) for invitation, person in rows]


async def grant(tx: Transaction, space_id: str, person_id: str, role: InvitedRole) -> None:
    """Write down what somebody is invited to."""
    await tx.session.merge(Invitation(space_id=space_id, person_id=person_id, role=role))
    await tx.session.flush()
    await tx.announce(PersonInvited(space_id, person_id))


async def bar(tx: Transaction, space_id: str, person_id: str, by: str) -> None:
    """Keep somebody out for the life of the space; what they were granted is void.

    Announced each time: to remove somebody again is to ask that every door be tried again.
    """
    again = await is_barred(tx.session, space_id, person_id)
    if not again:
        tx.session.add(Removal(space_id=space_id, person_id=person_id, by=by, at=tx.now))
    await void_grants(tx, [space_id], person_id)
    await tx.announce(PersonBarred(space_id, person_id, by, again))


async def void_grants(
    tx: Transaction, spaces: Collection[str] | Select[str], person_id: str
) -> frozenset[str]:
    """Take back what somebody was granted in some spaces; tells in which they were granted any."""
    void: set[str] = set()
    for granted in (Invitation, CoHost, Reminder):
        void |= set(
            await tx.session.scalars(
                delete(granted)
                .where(granted.space_id.in_(spaces), granted.person_id == person_id)
                .returning(granted.space_id)
            )
        )
    return frozenset(void)


async def shut_out(tx: Transaction, owner_id: str, person_id: str) -> None:
    """Put somebody out of all spaces of another person, as a removal would.

    Of drafts only those concern them which they knew of: a host may have very many.
    """
    owned = select(Space.id).where(_owned(owner_id))
    void = await void_grants(tx, owned, person_id)
    for space in await owned_by(tx.session, owner_id):
        if space.state != "draft" or space.id in void:
            await tx.announce(PersonShutOut(space.id, person_id, owner_id))


async def void_everything(tx: Transaction, person_id: str) -> None:
    """Take back all that somebody was granted in spaces that are not over, and gave in links."""
    is_open = select(Space.id).where(Space.state.in_(UNFINISHED))
    concerned = await void_grants(tx, is_open, person_id)
    await tx.session.execute(delete(InvitationLink).where(InvitationLink.by == person_id))
    for space_id in sorted(concerned):
        await tx.announce(StandingChanged(space_id, person_id))


async def bar_all(
    tx: Transaction, space_id: str, people: Collection[str], *, by: str, clearing: str
) -> None:
    """Keep many out in one act; who is out already stays so."""
    if not people:
        return
    barred = select(Removal.person_id).where(Removal.space_id == space_id)
    rows = [
        {"space_id": space_id, "person_id": each, "by": by, "at": tx.now, "clearing": clearing}
        for each in set(people).difference(await tx.session.scalars(barred))
    ]
    if rows:
        await tx.session.execute(insert(Removal), rows)
    for granted in (Invitation, CoHost, Reminder):
        await tx.session.execute(
            delete(granted).where(granted.space_id == space_id, granted.person_id.in_(barred))
        )
    await tx.announce(PeopleBarred(space_id, frozenset(people), by))


async def lift(tx: Transaction, space_id: str, which: ColumnElement[bool], *, by: str) -> int:
    """Let those back in whose removals these are; tells how many."""
    lifted = await tx.session.scalars(
        delete(Removal).where(Removal.space_id == space_id, which).returning(Removal.person_id)
    )
    people = frozenset(lifted)
    if people:
        await tx.announce(RemovalsLifted(space_id, people, by))
    return len(people)


async def make_co_host(tx: Transaction, space_id: str, person_id: str) -> None:
    """Let somebody help the host."""
    await tx.session.merge(CoHost(space_id=space_id, person_id=person_id))
    await tx.session.flush()


async def unmake_co_host(tx: Transaction, space_id: str, person_id: str) -> None:
    """Let somebody no longer help the host."""
    await tx.session.execute(
        delete(CoHost).where(CoHost.space_id == space_id, CoHost.person_id == person_id)
    )


def refuse_unbuilt(*, record: bool, captions: bool) -> None:
    """Refuse what a space cannot have yet, rather than open one without it."""
    for name, wanted in (("record", record), ("captions", captions)):
        if wanted:
            raise PolicyUnavailable(f"{name}: this is not available here.")


def refuse_guests(space: Space, *, anonymous_listening: bool) -> None:
    """Raise SignInToListen where guests may not listen: by the instance, or by the host."""
    if not (anonymous_listening and space.anonymous_listening):
        raise SignInToListen


# Asked by every door


async def known_to(session: AsyncSession, actor: Actor, space_id: str) -> Space:
    """Find a space this person may know of. Raises SpaceNotFound."""
    space = await session.scalar(_BY_ID, {"id": space_id})
    if space is None or (not actor.moderates and await _is_blocked(session, space, actor.id)):
        raise SpaceNotFound
    if space.state == "draft" and not await _knows_draft(session, actor, space):
        raise SpaceNotFound
    return space


async def known_among(
    session: AsyncSession, actor: Actor, space_ids: Collection[str]
) -> Sequence[Space]:
    """Find those of several spaces this person may know of, in no order."""
    spaces = (await session.scalars(select(Space).where(Space.id.in_(space_ids)))).all()
    owners = {space.owner_id for space in spaces}
    shut = frozenset[str]()
    if actor.id and not actor.moderates:
        shut = await who_blocks(session, owners, actor.id)
    open_to = [space for space in spaces if space.owner_id not in shut]
    return [s for s in open_to if s.state != "draft" or await _knows_draft(session, actor, s)]


async def of_hosts(tx: Transaction, actor: Actor, space_id: str) -> Space:
    """Find a space for one of its hosts. Raises SpaceNotFound, HostsOnly."""
    space = await known_to(tx.session, actor, space_id)
    await check_hosts(tx.session, actor, space)
    return space


async def of_hosts_or_staff(session: AsyncSession, actor: Actor, space_id: str) -> Space:
    """Find a space for one of its hosts, or a moderator. Raises SpaceNotFound, HostsOnly."""
    space = await known_to(session, actor, space_id)
    if not actor.moderates:
        await check_hosts(session, actor, space)
    return space


async def check_hosts(session: AsyncSession, actor: Actor, space: Space) -> None:
    """Let the host and the co-hosts through. Raises HostsOnly."""
    if actor.id not in await hosts_of(session, space):
        raise HostsOnly


async def admitted(
    session: AsyncSession,
    actor: Actor,
    space_id: str,
    *,
    anonymous_listening: bool,
    takes_part: bool = False,
) -> Space:
    """Find a space for somebody who wants to listen, or to take part.

    Raises SpaceNotFound, Removed, NotInvited, NotFollowed, FollowFirst, SignInToListen.
    """
    space = await known_to(session, actor, space_id)
    door = await _door_for(session, space, actor, anonymous_listening=anonymous_listening)
    decided = admission(door, actor, takes_part=takes_part)
    if decided is not Admission.GRANTED:
        raise _REFUSALS[decided]
    return space


async def opens_by_office(session: AsyncSession, space: Space, actor: Actor) -> bool:
    """Tell whether a space is open to a moderator only because they are one."""
    if not actor.moderates:
        return False
    door = await _door_for(session, space, actor, anonymous_listening=True)
    return by_office(door, actor)


async def by_id(session: AsyncSession, space_id: str) -> Space:
    """Give a space that is known to exist, whoever asks."""
    return (await session.scalars(_BY_ID, {"id": space_id})).one()


async def door_of(
    session: AsyncSession, space: Space, followers: Followers, *, anonymous_listening: bool
) -> Door:
    """Look up what everybody's admission to a space depends on."""
    doors = await doors_of(session, [space], followers, anonymous_listening=anonymous_listening)
    return doors[space.id]


async def doors_of(
    session: AsyncSession,
    spaces: Collection[Space],
    followers: Followers,
    *,
    anonymous_listening: bool,
) -> dict[str, Door]:
    """Look up what everybody's admission depends on, by the ids of several spaces."""
    ids = [space.id for space in spaces]
    invited = await people_of(session, Invitation, ids)
    barred = await people_of(session, Removal, ids)
    circles = await _circles_of(session, spaces, followers)
    return {
        space.id: Door(
            listen_policy=space.listen_policy,
            host_id=space.host_id,
            invited=invited[space.id],
            barred=barred[space.id],
            anonymous_listening=anonymous_listening and space.anonymous_listening,
            circle=circles[space.id],
        )
        for space in spaces
    }


async def _circles_of(
    session: AsyncSession, spaces: Collection[Space], followers: Followers
) -> dict[str, Circle]:
    """Look up those around each owner as far as the policies of their space ask for them."""
    nobody = frozenset[str]()
    asking = {space.owner_id for space in spaces if space.asks_whom_owner_follows}
    followed = await followed_among(session, asking)
    blocked = await blocked_among(session, {space.owner_id for space in spaces})
    by_followers = {space.owner_id for space in spaces if space.listen_policy == "followers"}
    following = {owner: await followers.of(session, owner) for owner in by_followers}
    return {
        space.id: Circle(
            followed=followed[space.owner_id] if space.asks_whom_owner_follows else nobody,
            followers=following[space.owner_id] if space.listen_policy == "followers" else nobody,
            blocked=blocked[space.owner_id],
        )
        for space in spaces
    }


async def _door_for(
    session: AsyncSession, space: Space, actor: Actor, *, anonymous_listening: bool
) -> Door:
    """Look up what one person's admission depends on; a crowd at the door is not listed."""
    own = frozenset([actor.id] if actor.id else [])
    nobody = frozenset[str]()
    owner, policy = space.owner_id, space.listen_policy
    invited = own and await invited_to(session, space.id, actor.id)
    barred = own and await is_barred(session, space.id, actor.id)
    followed = own and policy == "followed" and await follows(session, owner, actor.id)
    follower = own and policy == "followers" and await follows(session, actor.id, owner)
    blocked = own and await blocks(session, owner, actor.id)
    return Door(
        listen_policy=policy,
        host_id=space.host_id,
        invited=own if invited else nobody,
        barred=own if barred else nobody,
        anonymous_listening=anonymous_listening and space.anonymous_listening,
        circle=Circle(
            followed=own if followed else nobody,
            followers=own if follower else nobody,
            blocked=own if blocked else nobody,
        ),
    )


async def may_stay(session: AsyncSession, space: Space, person_id: str) -> bool:
    """Tell whether somebody with an account may listen."""
    person = Actor(kind="account", id=person_id)
    door = await _door_for(session, space, person, anonymous_listening=True)
    return admission(door, person) is Admission.GRANTED


async def check_welcome(session: AsyncSession, actor: Actor, space: Space, person_id: str) -> None:
    """Refuse to invite whom nobody may invite here.

    Raises RemovedHere, BlockedHere, and PersonNotFound for somebody who blocks the actor.
    """
    if await is_barred(session, space.id, person_id):
        raise RemovedHere
    if await blocks(session, space.owner_id, person_id):
        raise BlockedHere
    if await blocks(session, person_id, actor.id):
        raise PersonNotFound


async def is_followed(session: AsyncSession, space: Space, person_id: str) -> bool:
    """Tell whether the owner of a space follows somebody."""
    return await follows(session, space.owner_id, person_id)


async def owned_by(session: AsyncSession, person_id: str) -> Sequence[Space]:
    """List the spaces of a person that are not over."""
    return (await session.scalars(select(Space).where(_owned(person_id)))).all()


async def hosts_of(session: AsyncSession, space: Space) -> frozenset[str]:
    """List the host and the co-hosts."""
    return await co_hosts_of(session, space.id) | {space.host_id}


async def co_hosts_of(session: AsyncSession, space_id: str) -> frozenset[str]:
    """List the co-hosts."""
    return (await people_of(session, CoHost, [space_id]))[space_id]


async def invitations_to(session: AsyncSession, space_id: str) -> dict[str, InvitedRole]:
    """List who is invited, and to what."""
    return (await invitations_among(session, [space_id]))[space_id]


async def invitations_among(
    session: AsyncSession, space_ids: Collection[str]
) -> dict[str, dict[str, InvitedRole]]:
    """List who is invited to each of several spaces, and to what."""
    rows = await session.scalars(select(Invitation).where(Invitation.space_id.in_(space_ids)))
    found = grouped((row.space_id, (row.person_id, row.role)) for row in rows)
    return {space_id: dict(found[space_id]) for space_id in space_ids}


async def is_barred(session: AsyncSession, space_id: str, person_id: str) -> bool:
    """Tell whether somebody was removed."""
    return await session.get(Removal, (space_id, person_id)) is not None


async def invited_to(session: AsyncSession, space_id: str, person_id: str) -> InvitedRole | None:
    """Tell what somebody is invited to."""
    return await session.scalar(
        select(Invitation.role).where(
            Invitation.space_id == space_id, Invitation.person_id == person_id
        )
    )


async def reminded_among(
    session: AsyncSession, spaces: Collection[Space]
) -> dict[str, frozenset[str]]:
    """List who wants to be told when each of several spaces starts; nobody once it has."""
    ahead = [space.id for space in spaces if space.state == "scheduled"]
    nobody = dict.fromkeys((space.id for space in spaces), frozenset[str]())
    return nobody | await people_of(session, Reminder, ahead)


async def live_spaces(session: AsyncSession) -> Sequence[Space]:
    """List every space that is live, whoever asks."""
    return (await session.scalars(select(Space).where(Space.state == "live"))).all()


# Made once: every door asks it.
_BY_ID = select(Space).where(Space.id == bindparam("id"))

_REFUSALS = {
    Admission.REMOVED: Removed,
    Admission.BLOCKED: SpaceNotFound,
    Admission.NOT_INVITED: NotInvited,
    Admission.NOT_FOLLOWED: NotFollowed,
    Admission.FOLLOW_FIRST: FollowFirst,
    Admission.SIGN_IN: SignInToListen,
}

_DEFAULTS: dict[str, object] = {
    "description": "",
    "topics": [],
    "languages": [],
    "listen_policy": "everyone",
    "speak_policy": "invited",
    "requests": "everyone",
    "anonymous_listening": True,
    "music": False,
}


def _owned(person_id: str) -> ColumnElement[bool]:
    # Written so that both ways of owning are looked up in an index.
    owns = or_(
        Space.returns_to == person_id, and_(Space.returns_to.is_(None), Space.host_id == person_id)
    )
    return and_(Space.state.in_(UNFINISHED), owns)


def _changes(space: Space, words: Words) -> dict[str, object]:
    """List what of it is said otherwise until now."""
    said = words.given().items()
    return {name: value for name, value in said if getattr(space, name) != value}


def _check_policies(words: Words) -> None:
    for name, built in BUILT.items():
        value = getattr(words, name)
        if value is not None and value not in built:
            why = NOT_BUILT.get(value, f"'{value}' is not available here")
            raise PolicyUnavailable(f"{name}: {why}. There is {', '.join(built)}.")


def _narrows(space: Space, words: Words) -> bool:
    """Tell whether somebody may listen now who may not after these words."""
    policy = words.listen_policy or space.listen_policy
    hides_nobody = words.anonymous_listening is False and space.anonymous_listening
    return hides_nobody or policy not in (space.listen_policy, "everyone")


async def _is_blocked(session: AsyncSession, space: Space, person_id: str) -> bool:
    return bool(person_id) and await blocks(session, space.owner_id, person_id)


async def _knows_draft(session: AsyncSession, actor: Actor, space: Space) -> bool:
    if not actor.id:
        return False
    return actor.id == space.host_id or (await invited_to(session, space.id, actor.id) is not None)


async def people_of(
    session: AsyncSession,
    table: type[CoHost | Invitation | Removal | Reminder],
    space_ids: Collection[str],
) -> dict[str, frozenset[str]]:
    """List who has a row in one of these tables, by the ids of several spaces."""
    if not space_ids:
        return {}
    rows = await session.execute(
        select(table.space_id, table.person_id).where(table.space_id.in_(space_ids))
    )
    found = grouped((space_id, person_id) for space_id, person_id in rows)
    return {space_id: frozenset(found[space_id]) for space_id in space_ids}
