"""What people do by way of a provider: sign in, be introduced, link it, show that it is them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from convivium.accounts import identities, service, sign_ins
from convivium.accounts.devices import Device
from convivium.accounts.identities import Introduced, handle_of, shown_name_of
from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import Forbidden, NotFound
from convivium.core.transaction import Transaction
from convivium.oidc.claims import Said
from convivium.oidc.provider import Provider, is_fresh
from convivium.oidc.visits import Visit, VisitOver

PROVED_WITHIN_S = int(sign_ins.RECENT.total_seconds())
# How far the clocks of two servers may be apart.
LEEWAY_S = 60


class ProviderUnknown(NotFound):
    """The operator named none that is called so."""

    code = "provider_unknown"
    title = "There is no such provider here"
    detail = "Nobody signs in here by that server, or not any more."


class Declined(Forbidden):
    """They thought better of it there, or the provider does not let them."""

    code = "declined"
    title = "Nothing came of it"
    detail = "You did not go on there, or were not let. Try again, or sign in another way."


class NotTheSame(Forbidden):
    """They showed there that they are somebody, who is not who is signed in here."""

    code = "not_the_same"
    title = "That is another account"
    detail = "The account there is not linked to the one you are signed in with here."


class NotFresh(Forbidden):
    """They showed it there too long ago."""

    code = "not_fresh"
    title = "You signed in there a while ago"
    detail = "Sign out there and in again, or show your password or passkey here."


@dataclass(frozen=True, slots=True)
class Came:
    """Who came back, and what it was worth.

    secret: of the session that began. introduced: who is new here. None where it is not that.
    """

    what: Literal["signed_in", "introduced", "linked", "proved"]
    person: Person | None = None
    secret: str | None = None
    introduced: Introduced | None = None

    @property
    def waits(self) -> bool:
        """Whether they have still to be let in."""
        return self.person is not None and self.person.kind == "waiting"


async def come_back(
    tx: Transaction, actor: Actor, provider: Provider, visit: Visit, said: Said, device: Device
) -> Came:
    """Do what somebody went there for.

    Raises AccountSuspended, VisitOver, IdentityTaken, NotTheSame, NotFresh.
    """
    who = Introduced(
        issuer=provider.settings.issuer,
        subject=said.subject,
        name=handle_of(said.name),
        display_name=shown_name_of(said.display_name),
    )
    if visit.purpose == "sign_in":
        return await _sign_in(tx, actor, who, said, device)
    if actor.credential != visit.session:
        raise VisitOver
    # The provider was waited for: what opened the way may have ended meanwhile.
    await service.check_still_valid(tx.session, actor, tx.now)
    await sign_ins.own(tx.session, actor)
    if visit.purpose == "link":
        await identities.link(tx, actor.id, who)
        return Came("linked")
    return await _prove(tx, actor, who, said)


async def _sign_in(
    tx: Transaction, actor: Actor, who: Introduced, said: Said, device: Device
) -> Came:
    person = await identities.whose(tx.session, who.issuer, who.subject)
    if person is None:
        return Came("introduced", introduced=who)
    secret = await service.enter(tx, actor, person, "provider", device, _proved_at(tx, said))
    await identities.used(tx, who.issuer, who.subject)
    return Came("signed_in", person, secret)


async def _prove(tx: Transaction, actor: Actor, who: Introduced, said: Said) -> Came:
    person = await identities.whose(tx.session, who.issuer, who.subject)
    if person is None or person.id != actor.id:
        raise NotTheSame
    if not is_fresh(said, tx.now, PROVED_WITHIN_S + LEEWAY_S):
        raise NotFresh
    await sign_ins.prove(tx, actor, "provider")
    return Came("proved")


def _proved_at(tx: Transaction, said: Said) -> datetime:
    """Tell when they showed who they are: there, maybe long ago, as it is where none tells."""
    return min(tx.now, datetime.fromtimestamp(max(0.0, (said.proved_at or 0.0)), UTC))
