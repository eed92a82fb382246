"""What link cards announce."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class CardSettled(Fact):
    """Somebody has looked at what is behind an address, whatever came of it."""

    number: int
