"""Who is told what, when something happens below, or when it is time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, union

from convivium.accounts.events import Suspended
from convivium.accounts.models import Person
from convivium.core import jobs
from convivium.core.bus import Bus
from convivium.core.database import in_parts
from convivium.core.transaction import Transaction
from convivium.notifications import posts
from convivium.notifications.kinds import Kind
from convivium.notifications.models import Notification
from convivium.notifications.service import About, leave_out, take_back, tell, tell_many
from convivium.posts.models import Post
from convivium.relationships.events import (
    Blocked,
    FollowAnswered,
    FollowAsked,
    Followed,
    Unfollowed,
)
from convivium.relationships.models import Bell
from convivium.relationships.requests import is_awaited
from convivium.spaces.events import (
    InvitationOver,
    InvitationSent,
    PeopleBarred,
    PersonShutOut,
    SpaceCancelled,
    SpaceRescheduled,
    SpaceScheduled,
    SpaceStarted,
)
from convivium.spaces.models import Invitation, Reminder, Space
from convivium.spaces.service import by_id, hosts_of, may_stay
from convivium.spaces.view import time_view
from convivium.stage.events import BroughtUp, HandedOver, SeatTaken

# The jobs: reminding the hosts of a space, and telling all who asked, some at a time.
REMIND_HOSTS = "remind_hosts"
TELL_COMING = "tell_coming"
# How long before the start hosts are reminded.
AHEAD = timedelta(minutes=30)
# So many are told in one transaction: others write in between.
TOLD_AT_ONCE = 500


def subscribe(bus: Bus, runner: jobs.Runner) -> None:
    """Take part in the transactions that people are told of, and do what was put off."""
    bus.inside(SpaceScheduled, _remind_hosts_later)
    bus.inside(SpaceRescheduled, _tell_of_new_time)
    bus.inside(SpaceStarted, _tell_of_start)
    bus.inside(SpaceCancelled, _tell_of_end)
    bus.inside(InvitationSent, _tell_invited)
    bus.inside(BroughtUp, _tell_brought_up)
    bus.inside(HandedOver, _tell_new_host)
    bus.inside(InvitationOver, _forget_invitation)
    bus.inside(SeatTaken, _forget_invitation)
    bus.inside(PersonShutOut, _forget_space)
    bus.inside(PeopleBarred, _forget_space_of_many)
    bus.inside(Followed, _tell_followed)
    bus.inside(FollowAsked, _tell_asked)
    bus.inside(FollowAnswered, _forget_asked)
    bus.inside(Unfollowed, _forget_follower)
    bus.inside(Blocked, _part)
    bus.inside(Suspended, _forget_invitations)
    posts.subscribe(bus)
    runner.on(REMIND_HOSTS, remind_hosts)
    runner.on(TELL_COMING, tell_coming)


# Scheduled spaces


async def _remind_hosts_later(tx: Transaction, fact: SpaceScheduled) -> None:
    """Remind the hosts half an hour before, if that is still to come, and at the start."""
    times: dict[Kind, datetime] = {
        "starts_soon": fact.starts_at - AHEAD,
        "time_to_start": fact.starts_at,
    }
    for kind, at in times.items():
        key = f"{fact.space_id} {kind}"
        if at <= tx.now:
            await jobs.withdraw(tx, REMIND_HOSTS, key)
        else:
            await jobs.put(tx, REMIND_HOSTS, key, at, {"space_id": fact.space_id, "kind": kind})


async def remind_hosts(tx: Transaction, due: jobs.Due) -> None:
    """Remind the host and the co-hosts of a space that has not started yet."""
    space_id, kind = due.payload["space_id"], due.payload["kind"]
    space = await tx.session.scalar(select(Space).where(Space.id == space_id))
    if space is None or space.state != "scheduled":
        return
    for host in sorted(await hosts_of(tx.session, space)):
        await tell(tx, host, About.space(kind, space_id))


async def _tell_of_new_time(tx: Transaction, fact: SpaceRescheduled) -> None:
    times = {"starts_at": time_view(fact.starts_at), "was": time_view(fact.was)}
    await _tell_coming_soon(tx, "rescheduled", fact.space_id, fact.by, times)


async def _tell_of_start(tx: Transaction, fact: SpaceStarted) -> None:
    # Whoever was reminded has done what they were reminded of.
    reminders = Notification.kind.in_(("starts_soon", "time_to_start"))
    await take_back(tx, reminders & (Notification.space_id == fact.space_id))
    space = (await tx.session.scalars(select(Space).where(Space.id == fact.space_id))).one()
    await _tell_coming_soon(tx, "started", fact.space_id, space.host_id, {})


async def _tell_of_end(tx: Transaction, fact: SpaceCancelled) -> None:
    space = await by_id(tx.session, fact.space_id)
    # Which moderator did it is for its hosts to know.
    is_own = not fact.by or fact.by in await hosts_of(tx.session, space)
    by = fact.by if is_own else space.host_id
    await _tell_coming_soon(tx, "cancelled", fact.space_id, by, {})


async def _tell_coming_soon(
    tx: Transaction, kind: Kind, space_id: str, by: str, data: dict[str, Any]
) -> None:
    """Tell all who asked or are invited, in transactions of their own: they may be thousands."""
    payload = {"space_id": space_id, "kind": kind, "by": by, "data": data, "after": ""}
    await jobs.put(tx, TELL_COMING, f"{space_id} {kind}", tx.now, payload)


async def tell_coming(tx: Transaction, due: jobs.Due) -> None:
    """Tell the next of those who asked or are invited, and put down the rest."""
    said = due.payload
    space = await by_id(tx.session, said["space_id"])
    some = await _next_coming(tx, space, said)
    told = [person for person in some if await _may_know(tx, space, person)]
    about = About.space(said["kind"], said["space_id"], **said["data"])
    await tell_many(tx, told, about, by=said["by"])
    if len(some) == TOLD_AT_ONCE:
        await jobs.put(tx, TELL_COMING, due.key, tx.now, said | {"after": some[-1]})


async def _next_coming(tx: Transaction, space: Space, said: dict[str, Any]) -> Sequence[str]:
    """List the next of those who asked or are invited, and at the start of those whom a bell calls.

    Nobody waits for a space that was not scheduled but those whom a bell calls.
    """
    is_start = said["kind"] == "started"
    rows = [
        select(table.person_id).where(table.space_id == space.id, table.person_id > said["after"])
        for table in ((Reminder, Invitation) if space.starts_at or not is_start else ())
    ]
    if is_start:
        bell = (Bell.other_id == said["by"]) & (Bell.person_id > said["after"])
        rows.append(select(Bell.person_id).where(bell))
    coming = union(*rows).subquery()
    people = await tx.session.scalars(
        select(coming.c.person_id)
        .join(Person, Person.id == coming.c.person_id)
        .where(Person.kind == "account")
        .order_by(coming.c.person_id)
        .limit(TOLD_AT_ONCE)
    )
    return people.all()


async def _may_know(tx: Transaction, space: Space, person_id: str) -> bool:
    """Tell whether somebody who once asked may still listen."""
    return space.listen_policy == "everyone" or await may_stay(tx.session, space, person_id)


# In and around a space


async def _tell_invited(tx: Transaction, fact: InvitationSent) -> None:
    about = About.space("invited", fact.space_id, role=fact.role)
    await tell(tx, fact.person_id, about, by=fact.by)


async def _tell_brought_up(tx: Transaction, fact: BroughtUp) -> None:
    await tell(tx, fact.person_id, About.space("brought_up", fact.space_id), by=fact.by)


async def _tell_new_host(tx: Transaction, fact: HandedOver) -> None:
    await tell(tx, fact.person_id, About.space("handed_over", fact.space_id), by=fact.by)


async def _forget_invitation(tx: Transaction, fact: InvitationOver | SeatTaken) -> None:
    """Not ask any more what was answered, or is asked no more."""
    asked = (Notification.kind == "invited") & (Notification.space_id == fact.space_id)
    await take_back(tx, asked & (Notification.person_id == fact.person_id))


async def _forget_space_of_many(tx: Transaction, fact: PeopleBarred) -> None:
    of_space = Notification.space_id == fact.space_id
    for some in in_parts(fact.people):
        await take_back(tx, of_space & Notification.person_id.in_(some))


async def _forget_space(tx: Transaction, fact: PersonShutOut) -> None:
    """Take back what somebody was told of a space in which they are not wanted."""
    of_space = Notification.space_id == fact.space_id
    await take_back(tx, of_space & (Notification.person_id == fact.person_id))


# Between people


async def _tell_followed(tx: Transaction, fact: Followed) -> None:
    if fact.was_asked:
        await tell(tx, fact.by, About("follow_accepted", fact.person_id), by=fact.person_id)
        await _forget_asked(tx, fact)
    else:
        await tell(tx, fact.person_id, About("followed", ""), by=fact.by)


async def _tell_asked(tx: Transaction, fact: FollowAsked) -> None:
    await tell(tx, fact.person_id, About("follow_asked", ""), by=fact.by)


async def _forget_asked(tx: Transaction, fact: Followed | FollowAnswered) -> None:
    """Ask nobody any more what is answered, or taken back."""
    own = Notification.person_id == fact.person_id
    asked = own & (Notification.kind == "follow_asked")
    await leave_out(tx, asked, by=fact.by)
    # Of very many who asked, the first are counted and not named.
    if not await is_awaited(tx.session, fact.person_id):
        await take_back(tx, asked)


async def _forget_follower(tx: Transaction, fact: Unfollowed) -> None:
    """Not go on saying that somebody follows who does not."""
    own = Notification.person_id == fact.person_id
    await leave_out(tx, own & (Notification.kind == "followed"), by=fact.by)


async def _part(tx: Transaction, fact: Blocked) -> None:
    """Take back what two people were told of each other's spaces and posts, once one blocks."""
    for one, other in ((fact.by, fact.person_id), (fact.person_id, fact.by)):
        spaces = select(Space.id).where(Space.host_id == other)
        written = select(Post.number).where(Post.person_id == other)
        of_other = Notification.space_id.in_(spaces) | Notification.post_number.in_(written)
        await take_back(tx, (Notification.person_id == one) & of_other)
        await _leave_out_everywhere(tx, one, other)


async def _leave_out_everywhere(tx: Transaction, person_id: str, by: str) -> None:
    """Not go on naming somebody among those who liked or passed on what another wrote."""
    told = await tx.session.scalars(
        select(Notification).where(
            Notification.person_id == person_id, Notification.kind.in_(("liked", "reposted"))
        )
    )
    for number in [row.number for row in told if by in row.people]:
        await leave_out(tx, Notification.number == number, by=by)


async def _forget_invitations(tx: Transaction, fact: Suspended) -> None:
    """Ask nobody any more whose invitations are void."""
    asked = (Notification.kind == "invited") & (Notification.person_id == fact.person_id)
    await take_back(tx, asked)
