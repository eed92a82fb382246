"""What is worth telling when it leaves late; pure."""

from datetime import datetime, timedelta

from convivium.notifications.kinds import Channel, Kind
from convivium.notifications.models import Notification
from convivium.spaces.models import OVER, State

# What calls to something that goes on now is worth nothing later.
CALLS: dict[Kind, timedelta] = {
    "started": timedelta(hours=2),
    "brought_up": timedelta(minutes=10),
    "starts_soon": timedelta(minutes=30),
    "time_to_start": timedelta(minutes=30),
}
_ONLY_WHILE: dict[Kind, tuple[State, ...]] = {
    "started": ("live",),
    "brought_up": ("live",),
    "starts_soon": ("scheduled",),
    "time_to_start": ("scheduled",),
    "rescheduled": ("scheduled",),
}
# Whoever looks into the app meanwhile needs no letter.
MAIL_AFTER = timedelta(minutes=5)


def leaves_at(kind: Kind, channel: Channel, told_at: datetime, quiet: datetime | None) -> datetime:
    """Tell when something leaves; quiet: until when its person is left in peace."""
    waits = channel == "mail" and kind not in CALLS
    at = told_at + MAIL_AFTER if waits else told_at
    return at if quiet is None else max(at, quiet)


def is_stale(told: Notification, space: State | None, now: datetime) -> bool:
    """Tell whether something is not worth telling any more; space: what it is about, by now."""
    if told.kind in CALLS and now - told.at > CALLS[told.kind]:
        return True
    if told.kind == "invited":
        return space in OVER
    return told.kind in _ONLY_WHILE and space not in _ONLY_WHILE[told.kind]
