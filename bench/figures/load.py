"""What a large crowd costs the server, beside what sealing and sending alone costs."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import Counted, limit_ns, load
from bench.people import voice
from bench.plot import Curve, plotted
from bench.process import cpu_s, resident_kb
from bench.samples import median
from bench.server import MeasuringError, Server, new_server

RESULTS = Path(__file__).resolve().parents[1] / "results"
PACKETS_PER_S = 50
# 32 kbit/s: octets of a packet of so many milliseconds.
PAYLOADS = {20: 80, 60: 240, 120: 480}
# More keys and addresses than any cache holds.
LIMIT_LISTENERS = 10_000
# One speaker whose packets come late or not at all would make listeners look cheap.
LEAST_SHARE = 0.98


@dataclass(frozen=True)
class Cost:
    """What a crowd cost.

    us_per_s: server CPU per listener and second, everything counted. limit_ns: what the limit
    loop took for a packet right before and right after, the mean. memory_kb: of the whole server.
    """

    listeners: int
    us_per_s: float
    limit_ns: float
    memory_kb: int
    counted: Counted

    def of_limit(self) -> float:
        """Tell how much of the server's CPU the limit loop would have needed, 0 to 1."""
        return self.limit_ns * PACKETS_PER_S / 1000 / self.us_per_s


def measure(effort: Effort) -> Iterator[Reading]:
    """Let larger and larger crowds listen to one speaker; leave raw data and a plot."""
    costs = [
        _cost(effort, listeners)
        for _ in range(effort.load_rounds)
        for listeners in effort.load_listeners
    ]
    write_down(costs, RESULTS)
    yield from readings_of(costs)
    for packet_ms, payload in PAYLOADS.items():
        ns = [limit_ns(LIMIT_LISTENERS, payload, effort.limit_s) for _ in range(effort.load_rounds)]
        yield limit_reading(packet_ms, median(ns))


def readings_of(costs: list[Cost]) -> Iterator[Reading]:
    """Sum up what the largest crowd cost, the median of all rounds."""
    most = max(cost.listeners for cost in costs)
    largest = [cost for cost in costs if cost.listeners == most]
    us_per_s = median([cost.us_per_s for cost in largest])
    generator = median([cost.counted.generator_cores for cost in largest])
    beside = f"{us_per_s:.0f} us a second each of {most:,}; generator {generator:.2f} cores apart"
    yield Reading("listeners_per_core", 1e6 / us_per_s, beside)
    limit = median([cost.limit_ns for cost in largest])
    beside = (
        f"{limit:.0f} ns a packet alone, {us_per_s * 1000 / PACKETS_PER_S:.0f} ns in the server"
    )
    yield Reading("of_limit", median([cost.of_limit() for cost in largest]), beside)
    packets = sum(cost.counted.packets for cost in costs)
    overflowed = sum(cost.counted.overflowed for cost in costs)
    beside = f"of {packets:,}; {overflowed:,} of them the generator was too slow for"
    yield Reading("crowd_packets_lost", sum(cost.counted.lost for cost in costs), beside)
    late = median([cost.counted.late_p50_ms for cost in largest])
    beside = f"p50 {late:.1f}; by the RTP clock, against each listener's quickest packet"
    yield Reading(
        "crowd_late_p99_ms", median([cost.counted.late_p99_ms for cost in largest]), beside
    )


def limit_reading(packet_ms: int, ns: float) -> Reading:
    """Say how many listeners one core could send packets of so many milliseconds to."""
    beside = f"{ns:.0f} ns for a packet of {PAYLOADS[packet_ms]} octets"
    return Reading(f"limit_per_core_{packet_ms}ms", 1e6 * packet_ms / ns, beside)


def write_down(costs: list[Cost], folder: Path) -> None:
    """Leave load.json with everything measured and load.svg with the curve."""
    rows = [{**asdict(cost), "of_limit": cost.of_limit()} for cost in costs]
    (folder / "load.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    sizes = sorted({cost.listeners for cost in costs})
    of = {size: [cost for cost in costs if cost.listeners == size] for size in sizes}
    server = [(size, median([cost.us_per_s for cost in of[size]])) for size in sizes]
    limit = [
        (size, median([cost.limit_ns for cost in of[size]]) * PACKETS_PER_S / 1000)
        for size in sizes
    ]
    curves = [Curve("server", server), Curve("sealing and sending alone", limit)]
    plot = plotted("CPU per listener, packets of 20 ms", "listeners", "us per second", curves)
    (folder / "load.svg").write_text(plot, encoding="utf-8")


def _cost(effort: Effort, listeners: int) -> Cost:
    """Measure a server of its own, and the limit loop before and after."""
    before = limit_ns(listeners, PAYLOADS[20], effort.limit_s)
    with new_server() as server:
        token = server.host_token("ama")
        with server.as_person(token) as host:
            space = server.live_space(host)
        with voice(server, space, token):
            us_per_s, memory_kb, counted = _listen(server, space, listeners, effort.load_s)
    after = limit_ns(listeners, PAYLOADS[20], effort.limit_s)
    return Cost(listeners, us_per_s, (before + after) / 2, memory_kb, counted)


def _listen(
    server: Server, space: str, listeners: int, count_s: float
) -> tuple[float, int, Counted]:
    with load(server, space, listeners=listeners, count_s=count_s) as crowd:
        cpu, began = cpu_s(server.pid), time.perf_counter()
        time.sleep(count_s)
        used, took_s = cpu_s(server.pid) - cpu, time.perf_counter() - began
        memory_kb = resident_kb(server.pid)
        counted = crowd.counted()
    if counted.packets < LEAST_SHARE * listeners * PACKETS_PER_S * count_s:
        raise MeasuringError(f"{listeners} were sent only {counted.packets} packets")
    return used * 1e6 / took_s / listeners, memory_kb, counted
