"""What pictures announce."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class PictureTaken(Fact):
    """Somebody is shown by no picture any more."""

    person_id: str
    by: str
