"""What many listeners cost the server, and what they miss. Synthetic people, real calls."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench import people
from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_SOME, load
from bench.line import Line
from bench.process import cpu_s, resident_kb
from bench.samples import median
from bench.server import Server, new_server

WARM_UP = 40
BASELINE_S = 3.0
LISTENERS = 50
AT_ONCE = 32
# The synthetic people stay a little longer than anybody looks at the server.
MARGIN_S = 2.0
SHORTEST_STAY_S = 3.0
# After so long a space that became silent says so only now and then.
SETTLE_S = 4.0
PEERS = "peers 5-15 ms (Janus, LiveKit; 21 Nov 2026)"


class Cost(NamedTuple):
    """What one listener cost one server."""

    join_ms: float
    memory_kb: float
    join_p50_ms: float
    joins_per_s: float


def measure(effort: Effort) -> Iterator[Reading]:
    """Let listeners join, then many at once, leave many alone, then let them hear somebody."""
    yield from _costs(effort)
    yield from _costs_at_once(effort)
    rounds = range(effort.rounds)
    yield idle_reading([cost for _ in rounds for cost in _idle(effort)])
    yield from _losses(effort)


def _costs(effort: Effort) -> Iterator[Reading]:
    costs = [_cost(effort, at_once=1) for _ in range(effort.rounds)]
    join_ms = median([cost.join_ms for cost in costs])
    bare_ms = people.handshake_ms()
    beside = f"{join_ms / bare_ms:.1f} x the engine's bare handshake, {bare_ms:.2f} ms; {PEERS}"
    yield Reading("join_cpu_ms", join_ms, beside)
    waits = median([cost.join_p50_ms for cost in costs])
    yield Reading("join_p50_ms", waits, f"{effort.joins} guests one after another")
    memory = median([cost.memory_kb for cost in costs])
    yield Reading("memory_per_listener_kb", memory, "57 in the spike; LiveKit 1,500 (21 Nov 2026)")


def _costs_at_once(effort: Effort) -> Iterator[Reading]:
    costs = [_cost(effort, at_once=AT_ONCE) for _ in range(effort.rounds)]
    join_ms = median([cost.join_ms for cost in costs])
    waits = median([cost.join_p50_ms for cost in costs])
    beside = f"{effort.joins} guests, {AT_ONCE} at once"
    yield Reading("join_crowd_cpu_ms", join_ms, beside)
    rate = median([cost.joins_per_s for cost in costs])
    beside = f"the synthetic people on the same machine; each waits {waits:.0f} ms"
    yield Reading("joins_per_s", rate, beside)


def _cost(effort: Effort, at_once: int) -> Cost:
    """Measure a server of its own, less what it uses with nobody there."""
    with new_server() as server:
        space = _silent_space(server)
        _warm_up(server, space)
        alone_us_per_s = _cpu_us_per_s(server, BASELINE_S)
        cpu, memory, began = cpu_s(server.pid), resident_kb(server.pid), time.perf_counter()
        with people.crowd(
            server, space, listeners=effort.joins, stay_s=SHORTEST_STAY_S, at_once=at_once
        ) as crowd:
            took_s = time.perf_counter() - began
            joins_us = (cpu_s(server.pid) - cpu) * 1e6 - alone_us_per_s * took_s
            grown_kb = resident_kb(server.pid) - memory
            heard = crowd.heard()
    each = effort.joins
    return Cost(
        join_ms=joins_us / each / 1000,
        memory_kb=grown_kb / each,
        join_p50_ms=heard.join_p50_ms,
        joins_per_s=heard.joins_per_s,
    )


def _idle(effort: Effort) -> Iterator[tuple[int, float]]:
    """Leave more and more alone in a silent space; gives their number and the server's us a second.

    They do what an idle browser does at least: a consent check and a report every 5 s each.
    """
    with new_server() as server:
        space = _silent_space(server)
        with load(
            server,
            space,
            sizes=effort.idle_sizes,
            count_s=SETTLE_S + effort.idle_s + MARGIN_S,
            stay_s=0,
            read_every=READ_SOME,
        ) as growing:
            for size in effort.idle_sizes:
                growing.wait_for(size)
                time.sleep(SETTLE_S)
                yield size, _cpu_us_per_s(server, effort.idle_s)
                growing.wait_out()


def idle_reading(costs: Sequence[tuple[int, float]]) -> Reading:
    """Tell what one more who is left alone costs, from listeners and the server's us a second."""
    line = Line.through(costs)
    few, many = min(costs)[0], max(costs)[0]
    beside = (
        f"one more between {few} and {many} in a silent space; the server itself"
        f" {line.fixed / 1000:.1f} ms a second"
    )
    return Reading("idle_cpu_us_per_s", line.each, beside)


def _losses(effort: Effort) -> Iterator[Reading]:
    with new_server() as server:
        token = server.host_token("ama")
        with server.as_person(token) as host:
            space = server.live_space(host)
        stay_s = effort.lossless_s
        with people.crowd(
            server, space, listeners=LISTENERS, stay_s=stay_s, speakers=[token]
        ) as crowd:
            heard = crowd.heard()
    if heard.added_ms:
        middle, late = heard.added_ms
        yield Reading("server_added_p50_ms", middle, f"p95 {late:.0f}, at synthetic ears")
    beside = f"of {heard.packets:,} to {LISTENERS} listeners in {stay_s:.0f} s over loopback"
    yield Reading("frames_lost_by_server", heard.lost, beside)


def _silent_space(server: Server) -> str:
    with server.as_person(server.host_token("ama")) as host:
        return server.live_space(host)


def _warm_up(server: Server, space: str) -> None:
    """Let some come and go: the first ones pay for code and memory that all others share."""
    with people.crowd(server, space, listeners=WARM_UP, stay_s=SHORTEST_STAY_S) as crowd:
        crowd.heard()


def _cpu_us_per_s(server: Server, seconds: float) -> float:
    before = cpu_s(server.pid)
    time.sleep(seconds)
    return (cpu_s(server.pid) - before) * 1e6 / seconds
