"""One table and one plot of what a listener costs here and there."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.figures.load import Cost
from bench.peers.ours import LONG_MS, SHORT_MS, Ours
from bench.peers.row import Row
from bench.plot import barred, leave

OURS = "Convivium"
HEAD = (
    "| server | every | listeners | us per listener and second | listeners per core"
    " | times the limit loop | arrived |"
)


@dataclass(frozen=True)
class Quoted:
    """A row of another machine, 21 Nov 2026: as a multiple of the limit loop of that sitting.

    There the loop was one in C with OpenSSL into a sink that reads everything, 79 us for a
    listener and second in packets of 20 ms.
    """

    server: str
    listeners: str
    us_per_s: str
    times_limit: float


# Of several sizes the cheapest each.
LIVEKIT_FIVE = Quoted("LiveKit 1.13.5, 5 talk", "200", "2,363", 30)
MEDIASOUP = Quoted("mediasoup 3.27.1, plain SRTP, 1 talks", "200", "188", 2.4)
QUOTED = (
    Quoted("LiveKit 1.13.5, 1 talks", "400", "929", 12),
    LIVEKIT_FIVE,
    MEDIASOUP,
    Quoted("Janus streaming with an OpenSSL libsrtp", "600", "717", 9),
)


@dataclass
class Comparison:
    """What was measured in one sitting; missing, absent: what could not be, and why."""

    ours: Ours
    rows: list[Row] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def goals(self) -> Iterator[tuple[str, float, float]]:
        """Give each goal: what it says, what it is to be at least, and what came out.

        Of each server the cheapest row counts.
        """
        limit = self.ours.limit_us()
        short = _cheapest(self.ours.one, SHORT_MS)
        five_short = _cheapest(self.ours.five, SHORT_MS)
        five_long = _cheapest(self.ours.five, LONG_MS)
        livekit = LIVEKIT_FIVE.times_limit * limit
        janus = [row.us_per_s for row in self.rows if row.server.startswith("Janus streaming")]
        if janus:
            yield "times Janus streaming, 20 ms", 8, min(janus) / short
        yield "times LiveKit (quoted), 5 talk, 20 ms", 20, livekit / five_short
        yield "times LiveKit (quoted), 5 talk, 120 ms", 100, livekit / five_long
        yield "times mediasoup (quoted), 20 ms", 1.7, MEDIASOUP.times_limit * limit / short

    def all_rows(self) -> Iterator[Row]:
        """Give ours, then everybody else's."""
        for talking, costs in (("1 talks", self.ours.one), ("5 talk", self.ours.five)):
            for cost in costs:
                expected = cost.counted.packets
                arrived = (expected - cost.counted.lost) / expected
                name = f"{OURS}, WebRTC, {talking}"
                yield Row(name, cost.packet_ms, cost.listeners, cost.us_per_s, arrived)
        yield from self.rows


def _cheapest(costs: Sequence[Cost], packet_ms: int) -> float:
    return min(cost.us_per_s for cost in costs if cost.packet_ms == packet_ms)


def write_down(comparison: Comparison, title: str, folder: Path) -> str:
    """Leave peers.json, peers.md and the plot; gives the text for people."""
    text = as_text(comparison, title)
    (folder / "peers.md").write_text(text, encoding="utf-8")
    rows = [asdict(row) for row in comparison.all_rows()]
    raw = {"limit_us": comparison.ours.limit_us(), "rows": rows, "ours": asdict(comparison.ours)}
    (folder / "peers.json").write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    best: dict[str, float] = {}
    for row in comparison.all_rows():
        name = row.server
        if row.server.startswith(OURS):
            name += f", {row.packet_ms} ms"
        best[name] = max(best.get(name, 0), row.per_core())
    plot = barred("Listeners one core carries", "listeners", list(best.items()), OURS)
    leave(folder / "peers", plot)
    return text


def as_text(comparison: Comparison, title: str) -> str:
    """Lay everything out as Markdown."""
    limit = comparison.ours.limit_us()
    lines = [f"{title}.", "", HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    lines.append(f"| limit loop | 20 ms | | {limit:.0f} | {1e6 / limit:,.0f} | 1 | |")
    lines += [
        f"| {row.server} | {row.packet_ms} ms | {row.listeners:,} | {row.us_per_s:,.0f} |"
        f" {row.per_core():,.0f} | {row.us_per_s / limit:.1f} | {row.share:.1%} |"
        for row in comparison.all_rows()
    ]
    lines += [
        f"| {one.server} (quoted) | 20 ms | {one.listeners} | {one.us_per_s} | |"
        f" {one.times_limit:g} | |"
        for one in QUOTED
    ]
    unmeasured = {**comparison.missing, **comparison.absent}
    lines += ["", *(f"- Not measured here: {name}: {why}." for name, why in unmeasured.items())]
    for says, goal, came in comparison.goals():
        lines.append(f"- {came:.1f} {says}; goal {goal:g}{'' if came >= goal else ' !'}")
    return "\n".join([*lines, ""])
