"""What larger and larger crowds cost the server, beside what sealing and sending alone costs."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_SOME, Counted, Load, limit_ns, load
from bench.line import Line
from bench.people import crowd, voices
from bench.plot import Curve, Plot, leave, plotted
from bench.process import cpu_s, resident_kb
from bench.samples import median
from bench.server import MeasuringError, Server, new_server

RESULTS = Path(__file__).resolve().parents[1] / "results"
# 32 kbit/s: octets of a packet of so many milliseconds.
PAYLOADS = {20: 80, 60: 240, 120: 480}
# One speaker whose packets come late or not at all would make listeners look cheap.
LEAST_SHARE = 0.98
# A second speaker and two real clients measure the way from mouth to ear while a crowd listens.
EARS = 2
HEARING_S = 4.0
STAY_S = 9.0
OTHER_VOICE = 6


@dataclass(frozen=True)
class Cost:
    """What a crowd cost.

    packet_ms: how long its packets were. us_per_s: server CPU per listener and second, everything
    counted. limit_ns: what the limit loop took for a packet before and after, the mean.
    memory_kb: of the whole server. mouth_to_ear_ms: middle and 95th percentile at real clients,
    nothing where they did not hear. late_ticks: the share of the mixer's ticks that began 10 ms
    late or later, 0 to 1, as the server counts them.
    """

    packet_ms: int
    listeners: int
    us_per_s: float
    limit_ns: float
    memory_kb: int
    mouth_to_ear_ms: tuple[float, float] | None
    counted: Counted
    late_ticks: float = 0

    def of_limit(self) -> float:
        """Tell how much of the server's CPU the limit loop would have needed, 0 to 1."""
        return self.limit_us_per_s() / self.us_per_s

    def limit_us_per_s(self) -> float:
        """Tell what the limit loop needs for a listener and a second."""
        return self.limit_ns / self.packet_ms


@dataclass(frozen=True)
class Sitting:
    """One server with a growing crowd, and the limit loop before and after.

    packet_ms: how long packets are. sizes: how many listen, from few to many, for count_s seconds
    each. talking: how many speak. read_every: see `bench.generator`. limit_s: seconds of the
    limit loop each time. hears: whether the way from mouth to ear is measured, too.
    """

    packet_ms: int
    sizes: Sequence[int]
    count_s: float
    limit_s: int
    talking: int = 1
    read_every: int = READ_SOME
    hears: bool = False

    def costs(self) -> list[Cost]:
        """Measure. Where a crowd was too large to be measured, those before it still count.

        Raises MeasuringError if that was the first.
        """
        before = self._limits()
        costs = self._grow()
        limits = zip(before, self._limits(), strict=True)
        return [
            replace(cost, limit_ns=(one + other) / 2)
            for cost, (one, other) in zip(costs, limits, strict=False)
        ]

    def _limits(self) -> list[float]:
        payload = PAYLOADS[self.packet_ms]
        return [limit_ns(size, payload, self.limit_s, self.read_every) for size in self.sizes]

    def _grow(self) -> list[Cost]:
        costs: list[Cost] = []
        with new_server({"CONVIVIUM_PACKET_TIME_MS": str(self.packet_ms)}) as server:
            *tokens, other = [server.host_token(f"ama{n}") for n in range(self.talking + 1)]
            with server.as_person(tokens[0]) as host:
                space = server.live_space(host, everybody_speaks=True)
            with voices(server, space, tokens), self._load(server, space) as growing:
                try:
                    for size in self.sizes:
                        cost = self._listen(server, growing, size)
                        way = self._hear(server, space, other)
                        costs.append(replace(cost, mouth_to_ear_ms=way))
                except MeasuringError as error:
                    if not costs:
                        raise
                    print(f"    beyond {costs[-1].listeners:,} listeners: {error}", flush=True)
        return costs

    def _load(self, server: Server, space: str) -> AbstractContextManager[Load]:
        return load(
            server,
            space,
            sizes=self.sizes,
            count_s=self.count_s,
            stay_s=STAY_S if self.hears else 0,
            read_every=self.read_every,
        )

    def _listen(self, server: Server, growing: Load, listeners: int) -> Cost:
        growing.wait_for(listeners)
        before = server.numbers()
        cpu, began = cpu_s(server.pid), time.perf_counter()
        time.sleep(self.count_s)
        used, took_s = cpu_s(server.pid) - cpu, time.perf_counter() - began
        late_ticks = share_of_late_ticks(before, server.numbers())
        memory_kb = resident_kb(server.pid)
        counted = growing.counted()
        expected = listeners * self.count_s * 1000 / self.packet_ms
        if counted.arrived() < LEAST_SHARE * expected:
            raise MeasuringError(f"{counted.arrived():,} packets came of {expected:,.0f}")
        us_per_s = used * 1e6 / took_s / listeners
        return Cost(self.packet_ms, listeners, us_per_s, 0, memory_kb, None, counted, late_ticks)

    def _hear(self, server: Server, space: str, token: str) -> tuple[float, float] | None:
        """Let somebody else speak to real clients for a moment."""
        if not self.hears:
            return None
        with crowd(
            server,
            space,
            listeners=EARS,
            stay_s=HEARING_S,
            speakers=[token],
            first_voice=OTHER_VOICE,
        ) as ears:
            return ears.heard().mouth_to_ear_ms


def share_of_late_ticks(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Tell which share of the ticks between two looks came late, 0 to 1."""
    late, all_ = (after[name] - before[name] for name in ("ticks_late", "ticks"))
    return late / max(all_, 1)


def measure(effort: Effort) -> Iterator[Reading]:
    """Let larger and larger crowds listen to one speaker; leave raw data and plots."""
    costs = [
        cost
        for _ in range(effort.load_rounds)
        for packet_ms, sizes in effort.load_crowds.items()
        for cost in Sitting(
            packet_ms, sizes, effort.load_s, effort.limit_s, hears=not effort.is_quick
        ).costs()
    ]
    write_down(costs, RESULTS)
    yield from readings_of(costs)


def readings_of(costs: Sequence[Cost]) -> Iterator[Reading]:
    """Sum up: the largest crowd of each packet time, the median of all rounds; then all crowds."""
    for packet_ms in PAYLOADS:
        of_length = [cost for cost in costs if cost.packet_ms == packet_ms]
        if of_length:
            yield from _at(packet_ms, of_length)
    yield from _memory(costs)
    packets = sum(cost.counted.packets for cost in costs)
    overflowed = sum(cost.counted.overflowed for cost in costs)
    unread = sum(cost.counted.unread for cost in costs)
    beside = f"of {packets:,} read ({unread:,} more came); for {overflowed:,} a socket had no room"
    yield Reading("crowd_packets_lost", sum(cost.counted.lost for cost in costs), beside)


def _at(packet_ms: int, costs: Sequence[Cost]) -> Iterator[Reading]:
    most = max(cost.listeners for cost in costs)
    largest = [cost for cost in costs if cost.listeners == most]
    us_per_s = median([cost.us_per_s for cost in largest])
    line = Line.through([(cost.listeners, cost.us_per_s * cost.listeners) for cost in costs])
    beside = (
        f"{us_per_s:.1f} us a second each of {most:,}; one more costs {line.each:.1f}, the server"
        f" itself {line.fixed / 1000:.0f} ms a second"
    )
    yield Reading(f"listeners_per_core_{packet_ms}ms", 1e6 / us_per_s, beside)
    limit = median([cost.limit_us_per_s() for cost in largest])
    beside = (
        f"{1e6 / limit:,.0f} listeners a core if there were no server;"
        f" {limit / line.each:.2f} for one listener more"
    )
    yield Reading(f"of_limit_{packet_ms}ms", median([one.of_limit() for one in largest]), beside)
    late = median([cost.counted.late_p99_ms for cost in largest])
    middle = median([cost.counted.late_p50_ms for cost in largest])
    beside = f"p50 {middle:.1f}, of {most:,}; by the RTP clock, against each one's quickest packet"
    yield Reading(f"crowd_late_p99_{packet_ms}ms", late, beside)
    ticks = median([cost.late_ticks for cost in largest]) * 100
    beside = f"of the mixer, 10 ms late or later, among {most:,}; told by the server itself"
    yield Reading(f"late_ticks_{packet_ms}ms", ticks, beside)
    ways = [cost.mouth_to_ear_ms for cost in largest if cost.mouth_to_ear_ms]
    if ways:
        beside = f"p95 {median([way[1] for way in ways]):.0f}; among {most:,}, codec included"
        yield Reading(f"crowd_mouth_to_ear_{packet_ms}ms", median([w[0] for w in ways]), beside)


def _memory(costs: Sequence[Cost]) -> Iterator[Reading]:
    most = max(costs, key=lambda cost: cost.listeners)
    line = Line.through([(cost.listeners, cost.memory_kb) for cost in costs])
    beside = f"{most.memory_kb / 1e6:.2f} GB with {most.listeners:,}; guests without events"
    yield Reading("memory_in_a_crowd_kb", line.each, beside)
    beside = f"{most.listeners:,} guests, 32 at once, while the others listen"
    yield Reading("crowd_joins_per_s", most.counted.joins_per_s, beside)


def write_down(costs: Sequence[Cost], folder: Path) -> None:
    """Leave everything measured as load.json, a table as load.md, curves as load and memory."""
    rows = [{**asdict(cost), "of_limit": cost.of_limit()} for cost in costs]
    (folder / "load.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (folder / "load.md").write_text(as_table(costs), encoding="utf-8")
    cpu = Plot("CPU for each listener", "listeners", "us a second", logarithmic=True)
    memory = Plot("Memory of the server", "listeners", "MB")
    leave(folder / "load", plotted(cpu, [*_curves(costs)]))
    grown = sorted((cost.listeners, cost.memory_kb / 1000) for cost in costs)
    leave(folder / "memory", plotted(memory, [Curve("guests who listen", grown)]))


def _curves(costs: Sequence[Cost]) -> Iterator[Curve]:
    for packet_ms in PAYLOADS:
        of: dict[int, list[Cost]] = {}
        for cost in costs:
            if cost.packet_ms == packet_ms:
                of.setdefault(cost.listeners, []).append(cost)
        if not of:
            continue
        name = f"{packet_ms} ms a packet"
        server = [(size, median([cost.us_per_s for cost in some])) for size, some in of.items()]
        yield Curve(name, sorted(server))
        limit = [(size, median([c.limit_us_per_s() for c in some])) for size, some in of.items()]
        yield Curve(f"{name}, no server", sorted(limit), is_beside=True)


def as_table(costs: Sequence[Cost]) -> str:
    """Lay all crowds out as a Markdown table."""
    head = (
        "| packets | listeners | us per listener and second | listeners per core | limit, listeners"
        " per core | of the limit | memory, MB | joins/s | late p99, ms | late ticks, % |"
        " mouth to ear p50, ms | lost | generator, cores |"
    )
    rows = [head, "|" + "---|" * (head.count("|") - 1)]
    for cost in costs:
        way = f"{cost.mouth_to_ear_ms[0]:.0f}" if cost.mouth_to_ear_ms else "-"
        rows.append(
            f"| {cost.packet_ms} ms | {cost.listeners:,} | {cost.us_per_s:.1f} |"
            f" {1e6 / cost.us_per_s:,.0f} | {1e6 / cost.limit_us_per_s():,.0f} |"
            f" {cost.of_limit():.2f} | {cost.memory_kb / 1000:,.0f} |"
            f" {cost.counted.joins_per_s:.0f} | {cost.counted.late_p99_ms:.1f} |"
            f" {cost.late_ticks * 100:.1f} | {way} |"
            f" {cost.counted.lost:,} of {cost.counted.packets:,} |"
            f" {cost.counted.generator_cores:.2f} |"
        )
    return "\n".join([*rows, ""])
