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
SHORTEST_MS = 20
# 32 kbit/s: octets of a packet of so many milliseconds.
PAYLOADS = {SHORTEST_MS: 80, 60: 240, 120: 480}
# One speaker whose packets come late or not at all would make listeners look cheap.
LEAST_SHARE = 0.98


@dataclass(frozen=True)
class Cost:
    """What a crowd cost.

    packet_ms: how long its packets were. us_per_s: server CPU per listener and second, everything
    counted. limit_ns: what the limit loop took for a packet right before and right after, the
    mean. memory_kb: of the whole server.
    """

    packet_ms: int
    listeners: int
    us_per_s: float
    limit_ns: float
    memory_kb: int
    counted: Counted

    def of_limit(self) -> float:
        """Tell how much of the server's CPU the limit loop would have needed, 0 to 1."""
        return self.limit_us_per_s() / self.us_per_s

    def limit_us_per_s(self) -> float:
        """Tell what the limit loop needs for a listener and a second."""
        return self.limit_ns / self.packet_ms


def measure(effort: Effort) -> Iterator[Reading]:
    """Let larger and larger crowds listen to one speaker; leave raw data and a plot."""
    most = max(effort.load_listeners)
    sizes = [(SHORTEST_MS, listeners) for listeners in effort.load_listeners]
    sizes += [(packet_ms, most) for packet_ms in PAYLOADS if packet_ms != SHORTEST_MS]
    costs = [_cost(effort, *size) for _ in range(effort.load_rounds) for size in sizes]
    write_down(costs, RESULTS)
    yield from readings_of(costs)


def readings_of(costs: list[Cost]) -> Iterator[Reading]:
    """Sum up what the largest crowd cost, the median of all rounds."""
    most = max(cost.listeners for cost in costs)
    for packet_ms in PAYLOADS:
        yield from _at(packet_ms, _of(costs, packet_ms, most))
    packets = sum(cost.counted.packets for cost in costs)
    overflowed = sum(cost.counted.overflowed for cost in costs)
    beside = f"of {packets:,}; {overflowed:,} of them the generator was too slow for"
    yield Reading("crowd_packets_lost", sum(cost.counted.lost for cost in costs), beside)
    largest = [cost.counted for cost in _of(costs, SHORTEST_MS, most)]
    late = median([counted.late_p50_ms for counted in largest])
    beside = f"p50 {late:.1f}; by the RTP clock, against each listener's quickest packet"
    yield Reading("crowd_late_p99_ms", median([one.late_p99_ms for one in largest]), beside)


def _of(costs: list[Cost], packet_ms: int, listeners: int) -> list[Cost]:
    return [one for one in costs if (one.packet_ms, one.listeners) == (packet_ms, listeners)]


def _at(packet_ms: int, costs: list[Cost]) -> Iterator[Reading]:
    us_per_s = median([cost.us_per_s for cost in costs])
    generator = median([cost.counted.generator_cores for cost in costs])
    beside = (
        f"{us_per_s:.0f} us a second each of {costs[0].listeners:,}; generator apart:"
        f" {generator:.2f} cores"
    )
    yield Reading(f"listeners_per_core_{packet_ms}ms", 1e6 / us_per_s, beside)
    limit = median([cost.limit_us_per_s() for cost in costs])
    beside = f"{1e6 / limit:,.0f} listeners a core if there were no server"
    yield Reading(f"of_limit_{packet_ms}ms", median([c.of_limit() for c in costs]), beside)


def write_down(costs: list[Cost], folder: Path) -> None:
    """Leave load.json with everything measured and load.svg with the curve."""
    rows = [{**asdict(cost), "of_limit": cost.of_limit()} for cost in costs]
    (folder / "load.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    short = [cost for cost in costs if cost.packet_ms == SHORTEST_MS]
    sizes = sorted({cost.listeners for cost in short})
    of = {size: [cost for cost in short if cost.listeners == size] for size in sizes}
    server = [(size, median([cost.us_per_s for cost in of[size]])) for size in sizes]
    limit = [(size, median([cost.limit_us_per_s() for cost in of[size]])) for size in sizes]
    curves = [Curve("server", server), Curve("sealing and sending alone", limit)]
    plot = plotted("CPU per listener, packets of 20 ms", "listeners", "us per second", curves)
    (folder / "load.svg").write_text(plot, encoding="utf-8")


def _cost(effort: Effort, packet_ms: int, listeners: int) -> Cost:
    """Measure a server of its own, and the limit loop before and after."""
    before = limit_ns(listeners, PAYLOADS[packet_ms], effort.limit_s)
    with new_server({"CONVIVIUM_PACKET_TIME_MS": str(packet_ms)}) as server:
        token = server.host_token("ama")
        with server.as_person(token) as host:
            space = server.live_space(host)
        with voice(server, space, token):
            us_per_s, memory_kb, counted = _listen(server, space, listeners, effort.load_s)
    if counted.packets < LEAST_SHARE * listeners * effort.load_s * 1000 / packet_ms:
        raise MeasuringError(f"{listeners} were sent only {counted.packets} packets")
    after = limit_ns(listeners, PAYLOADS[packet_ms], effort.limit_s)
    return Cost(packet_ms, listeners, us_per_s, (before + after) / 2, memory_kb, counted)


def _listen(
    server: Server, space: str, listeners: int, count_s: float
) -> tuple[float, int, Counted]:
    with load(server, space, listeners=listeners, count_s=count_s) as crowd:
        cpu, began = cpu_s(server.pid), time.perf_counter()
        time.sleep(count_s)
        used, took_s = cpu_s(server.pid) - cpu, time.perf_counter() - began
        memory_kb = resident_kb(server.pid)
        counted = crowd.counted()
    return used * 1e6 / took_s / listeners, memory_kb, counted
