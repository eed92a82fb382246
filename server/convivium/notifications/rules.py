"""How several of the same become one, by which ways one is told, and when not; pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from convivium.notifications.kinds import Channel, Kind, Matter

# So many of those who caused something are kept by id; the others are only counted.
KEPT_PEOPLE = 100

ALL: tuple[Channel, ...] = ("app", "push", "mail")
MATTER_OF: Mapping[Kind, Matter] = {
    "invited": "invitations",
    "brought_up": "stage",
    "handed_over": "stage",
    "started": "live",
    "starts_soon": "reminders",
    "time_to_start": "reminders",
    "rescheduled": "changes",
    "cancelled": "changes",
    "mentioned": "mentions",
    "replied": "replies",
    "quoted": "replies",
    "liked": "likes",
    "reposted": "likes",
    "followed": "follows",
    "follow_asked": "requests",
    "follow_accepted": "requests",
    "warned": "moderation",
    "space_ended": "moderation",
    "space_renamed": "moderation",
    "post_taken_away": "moderation",
    "suspension_lifted": "moderation",
    "let_in": "moderation",
    "role_given": "moderation",
    "sent_out": "moderation",
    "way_back_given": "moderation",
    "report_seen": "moderation",
}
# What is meant for oneself rings; what is pleasant waits until one looks; mail is for what would
# be missed.
USUAL: Mapping[Matter, frozenset[Channel]] = {
    "invitations": frozenset(ALL),
    "stage": frozenset(("app", "push")),
    "live": frozenset(("app", "push")),
    "reminders": frozenset(("app", "push")),
    "changes": frozenset(ALL),
    "mentions": frozenset(("app", "push")),
    "replies": frozenset(("app", "push")),
    "likes": frozenset(("app",)),
    "follows": frozenset(("app",)),
    "requests": frozenset(("app", "push")),
    "moderation": frozenset(ALL),
}
# Said to everybody whom it concerns, in the list at least.
ALWAYS_IN_APP: Matter = "moderation"
# While one has not looked, more of these only make the number larger.
GATHERED: frozenset[Kind] = frozenset(("liked", "reposted", "followed", "follow_asked"))

DAY_MINUTES = 24 * 60


def joined(people: list[str], count: int, by: str) -> tuple[list[str], int]:
    """Put one more person in front of those who did the same; nobody counts twice."""
    if not by:
        return people, count
    is_new = by not in people
    others = [person for person in people if person != by]
    return [by, *others][:KEPT_PEOPLE], count + is_new


def channels_of(matter: Matter, chosen: Mapping[str, list[str]]) -> frozenset[Channel]:
    """Tell by which ways somebody is told of a matter."""
    said = chosen.get(matter)
    if said is None:
        return USUAL[matter]
    found = frozenset(channel for channel in ALL if channel in said)
    return found | {"app"} if matter == ALWAYS_IN_APP else found


def quiet_until(now: datetime, hours: tuple[int, int], zone: tzinfo) -> datetime | None:
    """Tell when somebody's quiet hours end, if it is quiet with them now.

    hours: from which minute of their day, to which; over midnight where the second is smaller.
    What the clock leaves out when summer comes ends when the clock has gone past it.
    """
    begin, end = hours
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    is_quiet = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not is_quiet:
        return None
    at = local.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    if minute >= end:
        at = (at + timedelta(days=1)).replace(fold=0)
    return at.astimezone(UTC)
