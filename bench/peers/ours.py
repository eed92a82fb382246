"""Convivium itself, and the limit loop, measured as the others are: everything sent is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures.load import Cost, Sitting
from bench.generator import READ_ALL

TALKING = 5
SHORT_MS, LONG_MS = 20, 120


@dataclass(frozen=True)
class Ours:
    """What crowds cost with one and with five people talking, in short and in long packets."""

    one: Sequence[Cost]
    five: Sequence[Cost]

    @classmethod
    def measured(cls, *, is_quick: bool) -> "Ours":
        """Measure. Raises MeasuringError."""
        sizes: dict[int, tuple[int, ...]] = {SHORT_MS: (2_000,), LONG_MS: (6_000,)}
        if not is_quick:
            sizes = {SHORT_MS: (1_000, 4_000), LONG_MS: (4_000, 16_000)}
        return cls(_costs(sizes, 1), _costs(sizes, TALKING))

    def limit_us(self) -> float:
        """Tell what the limit loop took for a listener and second in short packets, the mean."""
        short = [
            cost.limit_us_per_s() for cost in (*self.one, *self.five) if cost.packet_ms == SHORT_MS
        ]
        return sum(short) / len(short)


def _costs(sizes: dict[int, tuple[int, ...]], talking: int) -> list[Cost]:
    return [
        cost
        for packet_ms, crowds in sizes.items()
        for cost in Sitting(
            packet_ms, crowds, count_s=5, limit_s=2, talking=talking, read_every=READ_ALL
        ).costs()
    ]
