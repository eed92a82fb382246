"""What notifications announces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from convivium.core.bus import Fact
from convivium.notifications.kinds import Channel, Kind


@dataclass(frozen=True, slots=True)
class NotificationsChanged(Fact):
    """What somebody is told outside the room is not as it was."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Told(Fact):
    """People are told something they were not told before; `NotificationsChanged` comes beside.

    numbers: their notifications, by their ids. channels: by what they want to be told of it.
    """

    kind: Kind
    at: datetime
    numbers: Mapping[str, int]
    channels: Mapping[str, frozenset[Channel]]
