"""What discovery announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class SpaceFeatured(Fact):
    """Staff put a space before everybody."""

    space_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SpaceUnfeatured(Fact):
    """They took it back."""

    space_id: str
    by: str
