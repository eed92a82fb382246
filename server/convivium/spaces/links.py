"""Links that invite whoever has them: to listen, to speak or to help, so often and for so long.

A link holds a secret of 128 bits, of which the hash is kept. It stands behind the `#` of an
address, which browsers send nowhere: it is in no log and in no Referer.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.service import AccountsOnly
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.ids import fingerprint, new_id
from convivium.core.transaction import Transaction
from convivium.spaces import service
from convivium.spaces.events import LinkMade, LinkTakenBack
from convivium.spaces.models import OVER, InvitationLink, InvitedRole, LinkUse, Space

# So many links can one space have that are worth something.
MOST = 20
# A later role invites to all that an earlier one does.
RANKS: tuple[InvitedRole, ...] = ("listener", "speaker", "co_host")


class LinkVoid(NotFound):
    """No such link, or it is worth nothing any more."""

    code = "link_void"
    title = "This invitation is not valid any more"
    detail = "It was used up, taken back or is too old. Ask the host for another one."


class TooManyLinks(Conflict):
    """As many links as a space may have."""

    code = "too_many_links"
    title = "There are many links already"
    detail = "Take one back, then make another."


async def make(
    tx: Transaction, actor: Actor, space_id: str, role: InvitedRole, *, uses: int, hours: int
) -> tuple[InvitationLink, str]:
    """Make a link; its secret is given once. Raises HostsOnly, OnlyHost, SpaceNotLive."""
    space = await _led(tx, actor, space_id, role)
    if space.state in OVER:
        raise service.SpaceNotLive
    void = (InvitationLink.expires_at <= tx.now) | (InvitationLink.uses_left <= 0)
    await tx.session.execute(delete(InvitationLink).where(_of(space_id), void))
    if len(await links_of(tx.session, space_id)) >= MOST:
        raise TooManyLinks
    secret = new_id()
    link = InvitationLink(
        id=new_id(),
        space_id=space_id,
        role=role,
        secret_hash=fingerprint(secret),
        by=actor.id,
        uses_left=uses,
        created_at=tx.now,
        expires_at=tx.now + timedelta(hours=hours),
    )
    tx.session.add(link)
    await tx.session.flush()
    await tx.announce(LinkMade(space_id, actor.id, role))
    return link, secret


async def links_of(session: AsyncSession, space_id: str) -> Sequence[InvitationLink]:
    """List the links of a space, the oldest first."""
    order = (InvitationLink.created_at, InvitationLink.id)
    return (
        await session.scalars(select(InvitationLink).where(_of(space_id)).order_by(*order))
    ).all()


async def take_back(tx: Transaction, actor: Actor, space_id: str, link_id: str) -> None:
    """Let a link be worth nothing; who has used it stays invited. Raises HostsOnly, OnlyHost."""
    await service.of_hosts(tx, actor, space_id)
    link = await tx.session.scalar(
        select(InvitationLink).where(_of(space_id), InvitationLink.id == link_id)
    )
    if link is not None:
        await _led(tx, actor, space_id, link.role)
        await tx.session.delete(link)
        await tx.announce(LinkTakenBack(space_id, actor.id, link.role))


async def find(tx: Transaction, space_id: str, secret: str) -> InvitationLink:
    """Find the link that this is the secret of. Raises LinkVoid.

    A link is worth as much as whoever made it: nothing once they lead the space no more.
    """
    link = await tx.session.scalar(
        select(InvitationLink).where(
            _of(space_id),
            InvitationLink.secret_hash == fingerprint(secret),
            InvitationLink.expires_at > tx.now,
            InvitationLink.uses_left > 0,
        )
    )
    space = await tx.session.scalar(select(Space).where(Space.id == space_id))
    if link is None or space is None or space.state in OVER:
        raise LinkVoid
    hosts = await service.hosts_of(tx.session, space) | {space.owner_id}
    makers = {space.host_id, space.owner_id} if link.role == "co_host" else hosts
    if link.by not in makers:
        raise LinkVoid
    return link


async def use(tx: Transaction, actor: Actor, link: InvitationLink) -> None:
    """Be invited by a link, once: whoever is invited to as much uses nothing of it.

    Whose invitation was taken back needs another link, or a host.
    Raises AccountsOnly, LinkVoid, Removed, and SpaceNotFound for somebody whom the host blocks.
    """
    if link.role != "listener" and not actor.has_account:
        raise AccountsOnly("Sign up or in, and open the link again: who speaks has a name here.")
    space = await service.by_id(tx.session, link.space_id)
    try:
        await service.check_welcome(tx.session, actor, space, actor.id)
    except service.RemovedHere:
        raise service.Removed from None
    except service.BlockedHere:
        raise service.SpaceNotFound from None
    if actor.id in await service.hosts_of(tx.session, space):
        return
    invited = await service.invited_to(tx.session, space.id, actor.id)
    if invited is not None and RANKS.index(invited) >= RANKS.index(link.role):
        return
    if await tx.session.get(LinkUse, (link.id, actor.id)) is not None:
        raise LinkVoid
    tx.session.add(LinkUse(link_id=link.id, person_id=actor.id))
    link.uses_left -= 1
    await service.grant(tx, space.id, actor.id, link.role)


def _of(space_id: str) -> ColumnElement[bool]:
    return InvitationLink.space_id == space_id


async def _led(tx: Transaction, actor: Actor, space_id: str, role: InvitedRole) -> Space:
    """Find a space for one of its hosts; links for co-hosts are the host's alone."""
    space = await service.of_hosts(tx, actor, space_id)
    if role == "co_host" and actor.id != space.host_id:
        raise service.OnlyHost
    return space
