"""What is worth telling when it leaves late; pure."""

from datetime import datetime, timedelta

from convivium.notifications.kinds import Channel, Kind
from convivium.notifications.models import Notification
from convivium.spaces.models import OVER, State

# What calls to something that goes on now is worth nothing later: so long after it was told, and
# reminders so long after they fall due by the time at which the space starts by now.
CALLS: dict[Kind, timedelta] = {
    "started": timedelta(hours=2),
    "brought_up": timedelta(minutes=10),
    "starts_soon": timedelta(minutes=30),
    "time_to_start": timedelta(minutes=30),
}
_AHEAD: dict[Kind, timedelta] = {"starts_soon": CALLS["starts_soon"], "time_to_start": timedelta()}
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


def worth(told: Notification, starts_at: datetime | None) -> tuple[datetime, datetime] | None:
    """Tell from when until when a call is worth telling; None: it is none, and worth it any time.

    starts_at: of the space that it is about, by now.
    """
    if told.kind not in CALLS:
        return None
    since = told.at
    if told.kind in _AHEAD and starts_at is not None:
        since = starts_at - _AHEAD[told.kind]
    return since, since + CALLS[told.kind]


def is_stale(
    told: Notification, space: State | None, starts_at: datetime | None, now: datetime
) -> bool:
    """Tell whether something is not worth telling any more; space: what it is about, by now."""
    times = worth(told, starts_at)
    if times is not None and not times[0] <= now < times[1]:
        return True
    if told.kind == "invited":
        return space in OVER
    return told.kind in _ONLY_WHILE and space not in _ONLY_WHILE[told.kind]
