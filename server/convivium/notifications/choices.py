"""How people want to be told: by which ways of what, and when they are left in peace."""

from collections.abc import Collection, Mapping
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.actor import Actor
from convivium.core.errors import Malformed
from convivium.core.transaction import Transaction
from convivium.notifications.kinds import Channel, Matter
from convivium.notifications.models import NotificationSetting
from convivium.notifications.rules import ALL, ALWAYS_IN_APP, USUAL, channels_of

# What a choice says of the channels it is about.
Change = Mapping[Channel, bool]


class ZoneUnknown(Malformed):
    """No time zone is called so."""

    detail = "zone: there is no time zone of this name."


async def settings_of(
    session: AsyncSession, people: Collection[str]
) -> Mapping[str, NotificationSetting]:
    """Find how several people want to be told, as far as they said."""
    rows = await session.scalars(
        select(NotificationSetting).where(NotificationSetting.person_id.in_(people))
    )
    return {row.person_id: row for row in rows}


async def setting_of(session: AsyncSession, person_id: str) -> NotificationSetting:
    """Find how somebody wants to be told."""
    found = await session.get(NotificationSetting, person_id)
    return found or NotificationSetting(person_id=person_id, zone="UTC", chosen={})


async def channels(
    session: AsyncSession, people: Collection[str], matter: Matter
) -> dict[str, frozenset[Channel]]:
    """Tell by which ways each of several people is told of a matter."""
    said = await settings_of(session, people)
    return {
        person: channels_of(matter, said[person].chosen if person in said else {})
        for person in people
    }


async def choose(tx: Transaction, actor: Actor, changes: Mapping[Matter, Change]) -> None:
    """Be told of some matters by other ways than before."""
    setting = await _own(tx, actor)
    chosen = dict(setting.chosen)
    for matter, change in changes.items():
        now = channels_of(matter, chosen)
        wanted = {channel for channel in ALL if change.get(channel, channel in now)}
        if matter == ALWAYS_IN_APP:
            wanted.add("app")
        chosen[matter] = sorted(wanted)
    setting.chosen = chosen
    await tx.session.flush()


async def no_more_mail(tx: Transaction, person_id: str, matter: Matter | None) -> None:
    """Write to somebody no more about a matter, or about anything."""
    about = [matter] if matter else list(USUAL)
    whose = Actor(kind="account", id=person_id)
    await choose(tx, whose, {one: {"mail": False} for one in about})


async def live_in(tx: Transaction, actor: Actor, zone: str) -> None:
    """Say in which time zone one lives. Raises ZoneUnknown."""
    if zone not in _zones():
        raise ZoneUnknown
    (await _own(tx, actor)).zone = zone
    await tx.session.flush()


async def be_left_in_peace(tx: Transaction, actor: Actor, hours: tuple[int, int] | None) -> None:
    """Say between which minutes of one's day nothing leaves, or that it always may."""
    setting = await _own(tx, actor)
    setting.quiet_from, setting.quiet_to = hours or (None, None)
    await tx.session.flush()


def zone_of(setting: NotificationSetting) -> tzinfo:
    """Give somebody's time zone."""
    return _zone(setting.zone)


async def _own(tx: Transaction, actor: Actor) -> NotificationSetting:
    setting = await tx.session.get(NotificationSetting, actor.id)
    if setting is None:
        setting = NotificationSetting(person_id=actor.id, zone="UTC", chosen={})
        tx.session.add(setting)
        await tx.session.flush()
    return setting


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=128)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # The machine's tables know less than those by which it was taken.
        return ZoneInfo("UTC")
