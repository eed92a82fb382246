"""What those inside lose while hundreds come in each second, and how everybody comes back."""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_SOME, Counted, Load, load
from bench.people import Heard, crowd, voices
from bench.plot import barred, leave
from bench.process import cpu_s
from bench.server import Server, new_server, serving

RESULTS = Path(__file__).resolve().parents[1] / "results"
EARS = 4
# As many as are let in each second unless an operator says otherwise.
JOINS_PER_S = 500
SETTINGS = {
    "CONVIVIUM_PACKET_TIME_MS": "20",
    "CONVIVIUM_JOINS_PER_S": f"{JOINS_PER_S}",
    "CONVIVIUM_JOINS_BURST": f"{JOINS_PER_S}",
}
AT_ONCE = ("--at-once", "64")
# Where a machine lets fewer in, those inside still count for as long as the storm lasts.
SLOWEST_JOINS_PER_S = 150
MARGIN_S = 8.0


@dataclass(frozen=True)
class Storm:
    """What came of it.

    inside: what those received who were there, while others came. newcomers: how many these were,
    and joins_per_s how fast. heard: what real ears did meanwhile. server_cores: what it used.
    """

    inside: Counted
    newcomers: int
    joins_per_s: float
    heard: Heard
    server_cores: float


@dataclass(frozen=True)
class Return:
    """How everybody came back after the server was killed: seconds from the kill.

    ready_s: until it answered again. all_back_s: until the last of `people` was back.
    """

    people: int
    ready_s: float
    all_back_s: float
    joins_per_s: float


def measure(effort: Effort) -> Iterator[Reading]:
    """Let a crowd in while another listens; kill the server, and let everybody come back."""
    with new_server(SETTINGS) as server:
        storm = _storm(server, effort.storm_inside, effort.storm_newcomers)
    back = _return(effort.storm_inside)
    write_down(storm, back, RESULTS)
    yield from readings_of(storm, back)


def readings_of(storm: Storm, back: Return) -> Iterator[Reading]:
    """Tell how fast people came, and what those inside missed."""
    beside = (
        f"{storm.newcomers:,} guests, 64 at once, {JOINS_PER_S} a second allowed;"
        f" {storm.server_cores:.2f} cores the server"
    )
    yield Reading("storm_joins_per_s", storm.joins_per_s, beside)
    inside = storm.inside
    late = f"late p99 {inside.late_p99_ms:.1f} ms"
    yield Reading("storm_packets_lost", inside.lost, f"of {inside.packets:,} read; {late}")
    yield Reading("storm_late_p99_ms", inside.late_p99_ms, f"p50 {inside.late_p50_ms:.1f}")
    if storm.heard.gaps_ms:
        usual, worst = storm.heard.gaps_ms
        yield Reading("storm_gap_ms", worst, f"at {EARS} ears; in 19 of 20 seconds {usual:.0f}")
    beside = (
        f"{back.people:,} guests at {back.joins_per_s:.0f} a second, who all try at once; ready"
        f" after {back.ready_s:.1f} s"
    )
    yield Reading("storm_all_back_s", back.all_back_s, beside)


def _storm(server: Server, inside: int, newcomers: int) -> Storm:
    token = server.host_token("ama")
    with server.as_person(token) as host:
        space = server.live_space(host)
    count_s = newcomers / SLOWEST_JOINS_PER_S
    stay_s = (inside + newcomers) / SLOWEST_JOINS_PER_S + 2 * MARGIN_S
    with (
        crowd(server, space, listeners=EARS, speakers=[token], stay_s=stay_s) as ears,
        load(
            server, space, sizes=[inside], count_s=count_s, stay_s=0, read_every=READ_SOME
        ) as listening,
    ):
        listening.wait_for(inside)
        cpu, began = cpu_s(server.pid), time.perf_counter()
        with load(
            server,
            space,
            sizes=[newcomers],
            count_s=1,
            stay_s=count_s,
            read_every=READ_SOME,
            more=[*AT_ONCE, "--joins-per-s", str(JOINS_PER_S)],
        ) as coming:
            coming.wait_for(newcomers)
            took_s = time.perf_counter() - began
            cores = (cpu_s(server.pid) - cpu) / took_s
            counted = listening.counted()
        heard = ears.heard()
    return Storm(counted, newcomers, newcomers / took_s, heard, cores)


def _return(people: int) -> Return:
    """Kill a server in the middle of a space, start it again, and let all come at once."""
    with new_server(SETTINGS) as first:
        token = first.host_token("ama")
        with first.as_person(token) as host:
            space = first.live_space(host)
        with voices(first, space, [token]), _listening(first, space, people) as crowd_before:
            crowd_before.wait_for(people)
            first.kill()
            killed = time.perf_counter()
        with serving(first.data, SETTINGS) as again:
            ready_s = time.perf_counter() - killed
            with voices(again, space, [token]):
                began = time.perf_counter()
                with _listening(again, space, people) as crowd_after:
                    crowd_after.wait_for(people)
                    back = time.perf_counter()
    return Return(people, ready_s, back - killed, people / (back - began))


def _listening(server: Server, space: str, people: int) -> AbstractContextManager[Load]:
    return load(
        server,
        space,
        sizes=[people],
        count_s=1,
        stay_s=0,
        read_every=READ_SOME,
        more=AT_ONCE,
    )


def write_down(storm: Storm, back: Return, folder: Path) -> None:
    """Leave storm.json, and bars of how fast people came."""
    everything = {"storm": asdict(storm), "return": asdict(back)}
    (folder / "storm.json").write_text(json.dumps(everything, indent=2) + "\n")
    bars = [
        ("allowed", float(JOINS_PER_S)),
        ("while others listen", storm.joins_per_s),
        ("after a kill, all at once", back.joins_per_s),
    ]
    leave(folder / "storm", barred("How fast people come in", "a second", bars, "allowed"))
