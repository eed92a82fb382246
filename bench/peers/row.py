"""What one server cost at one size."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """us_per_s: server CPU per listener and second; packet_ms: from one packet or page to the next.

    share: how much of what was sent arrived, 0 to 1.
    """

    server: str
    packet_ms: int
    listeners: int
    us_per_s: float
    share: float

    def per_core(self) -> float:
        """Tell how many listeners one core carries."""
        return 1e6 / self.us_per_s


@dataclass(frozen=True)
class Amount:
    """How many listen, in how many windows of how many seconds it is measured."""

    sizes: tuple[int, ...]
    windows: int
    seconds: float
