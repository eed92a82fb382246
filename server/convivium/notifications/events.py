"""What notifications announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class NotificationsChanged(Fact):
    """What somebody is told outside the room is not as it was."""

    person_id: str
