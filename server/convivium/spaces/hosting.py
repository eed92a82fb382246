"""Who may host here, as the operator has set it: asked before a space is made or begun."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import groups
from convivium.accounts.models import Person
from convivium.core.config import EVERYONE, Settings
from convivium.core.errors import Forbidden
from convivium.core.ids import share_of
from convivium.relationships.service import count_followers


class ProtectedCannotHost(Forbidden):
    """Somebody with a protected account wants to host."""

    code = "protected_cannot_host"
    title = "Your account is protected"
    detail = "A space can be found by everybody. Switch the protection off in the settings to host."


class NotYetHosting(Forbidden):
    """Hosting is given to people step by step, and this one has it not yet."""

    code = "hosting_not_yet"
    title = "You cannot host here yet"
    detail = "This server gives hosting to people step by step. Ask whoever runs it to be next."


class TooFewFollowers(Forbidden):
    """It takes more followers to host."""

    code = "too_few_followers"
    title = "It takes more followers to host"

    def __init__(self, needed: int, followers: int) -> None:
        super().__init__(
            f"It takes {needed:,} followers to host here, and you have {followers:,}."
            " Speak in the spaces of others meanwhile."
        )


async def check_may_host(session: AsyncSession, person_id: str, settings: Settings) -> None:
    """Refuse somebody who may not host. Raises ProtectedCannotHost, NotYetHosting, TooFewFollowers.

    Whoever is named in `hosts` needs neither a group nor followers.
    """
    person = await session.get_one(Person, person_id)
    if person.protected:
        raise ProtectedCannotHost
    if person.name in settings.hosts:
        return
    if not has_hosting(person_id, await groups.of(session, person_id), settings):
        raise NotYetHosting
    if settings.min_followers_to_host:
        followers = await count_followers(session, person_id)
        if followers < settings.min_followers_to_host:
            raise TooFewFollowers(settings.min_followers_to_host, followers)


def has_hosting(person_id: str, own_groups: Collection[str], settings: Settings) -> bool:
    """Decide whether hosting is given to somebody already, by any of their groups.

    The same people have it as long as a percentage stays, and keep it when it grows.
    """
    for group, percent in settings.hosting_shares.items():
        is_in = group == EVERYONE or group in own_groups
        if is_in and share_of(f"{group} {person_id}") * 100 < percent:
            return True
    return False
