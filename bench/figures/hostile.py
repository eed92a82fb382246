"""What listeners lose while strangers and liars flood the port, and what these are answered."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_ALL, Counted, Load, load
from bench.people import Heard, crowd, let_in
from bench.plot import barred, leave
from bench.process import cpu_s, thread_cpu_s
from bench.server import MeasuringError, Server, new_server

RESULTS = Path(__file__).resolve().parents[1] / "results"
PER_S = 200_000
VICTIMS = 4
# How many count while it is calm, and how many then: some come through the flood.
CALM, FLOODED = 400, 500
EARS = 4
RECEIVER = "convivium-rx"
# The flood begins before anybody counts, and ends after.
MARGIN_S = 8.0


@dataclass(frozen=True)
class Thrown:
    """What was thrown at the port, and what came back to strangers."""

    sent: int
    per_s: float
    answered_octets: int
    generator_cores: float


@dataclass(frozen=True)
class Flood:
    """What came of it.

    calm, flooded: what the crowd counted before and meanwhile. heard: what real ears did, all the
    time; opened: how many packets of the one voice reached the mixer. engine: what its numbers grew
    by in `seconds` of the flood. server_cores: what the server used; receiver_s: its thread that
    receives, in seconds.
    """

    thrown: Thrown
    calm: Counted
    flooded: Counted
    heard: Heard
    opened: int
    engine: dict[str, int]
    seconds: float
    server_cores: float
    receiver_s: float

    def lost_percent(self) -> float:
        """Tell what listeners missed."""
        return 100 * self.flooded.lost / max(1, self.flooded.packets)

    def voice_lost_percent(self) -> float:
        """Tell what of the one voice never reached the mixer."""
        return max(0.0, 100 * (1 - self.opened / max(1, self.heard.spoken)))

    def us_each(self) -> float:
        """Tell what a datagram takes the thread that receives, the kernel's part included."""
        return self.receiver_s * 1e6 / max(1, self.engine["packets_in"])

    def thrown_meanwhile(self) -> float:
        """Tell how many datagrams were thrown in the seconds in which the engine counted."""
        return self.thrown.per_s * self.seconds


def measure(effort: Effort) -> Iterator[Reading]:
    """Flood a live space; leave raw data and a plot."""
    with new_server() as server:
        flood = _flood(server, effort.hostile_s)
    write_down(flood, RESULTS)
    yield from readings_of(flood)


def readings_of(flood: Flood) -> Iterator[Reading]:
    """Tell how much was thrown, who lost what, and what strangers were sent."""
    thrown = flood.thrown
    beside = (
        f"asked for {PER_S:,}; {thrown.generator_cores:.2f} cores to send them,"
        f" {flood.server_cores:.2f} the server"
    )
    yield Reading("hostile_per_s", thrown.per_s, beside)
    beside = f"{1e6 / flood.us_each():,.0f} a second would fill a core"
    yield Reading("hostile_us_each", flood.us_each(), beside)
    beside = f"{thrown.sent:,} datagrams from 65,536 addresses"
    yield Reading("hostile_octets_answered", thrown.answered_octets, beside)
    late = f"late p99 {flood.flooded.late_p99_ms:.1f} ms, {flood.calm.late_p99_ms:.1f} before"
    beside = f"{flood.flooded.lost:,} of {flood.flooded.packets:,}; {late}"
    yield Reading("hostile_listeners_lost", flood.lost_percent(), beside)
    unread = 100 * (1 - flood.engine["packets_in"] / flood.thrown_meanwhile())
    gaps = f"{flood.heard.gaps_ms[1]:.0f} ms in the worst second" if flood.heard.gaps_ms else "-"
    beside = (
        f"gaps at {EARS} ears: {gaps}; {max(0, unread):.1f} % of all found no room in the kernel"
    )
    yield Reading("hostile_voice_lost", flood.voice_lost_percent(), beside)


def _flood(server: Server, seconds: int) -> Flood:
    token = server.host_token("ama")
    with server.as_person(token) as host:
        space = server.live_space(host)
    stay_s = 2 * seconds + 3 * MARGIN_S
    with (
        crowd(server, space, listeners=EARS, speakers=[token], stay_s=stay_s) as ears,
        _listening(server, space, seconds) as listening,
    ):
        listening.wait_for(CALM)
        calm = listening.counted()
        with _flooding(server, space, seconds) as flooding:
            listening.wait_for(FLOODED)
            before, began = server.numbers(), time.perf_counter()
            cpu, receiver = cpu_s(server.pid), thread_cpu_s(server.pid, RECEIVER)
            flooded = listening.counted()
            after, took_s = server.numbers(), time.perf_counter() - began
            used = cpu_s(server.pid) - cpu
            receiver_s = thread_cpu_s(server.pid, RECEIVER) - receiver
            thrown = _thrown(flooding)
        heard = ears.heard()
    opened = server.numbers()["voice_in"]
    engine = {name: count - before[name] for name, count in after.items()}
    return Flood(thrown, calm, flooded, heard, opened, engine, took_s, used / took_s, receiver_s)


def _listening(server: Server, space: str, seconds: int) -> AbstractContextManager[Load]:
    return load(
        server, space, sizes=[CALM, FLOODED], count_s=seconds, stay_s=0, read_every=READ_ALL
    )


def _flooding(
    server: Server, space: str, seconds: int
) -> AbstractContextManager[subprocess.Popen[str]]:
    words = ["--url", server.url, "--space", space, "--per-s", str(PER_S)]
    words += ["--seconds", f"{seconds + MARGIN_S:.0f}"]
    return let_in("convivium-hostile", words, VICTIMS)


def _thrown(flooding: subprocess.Popen[str]) -> Thrown:
    output, _ = flooding.communicate()
    if not output.strip():
        raise MeasuringError("the flood ended without a word")
    return thrown_of(json.loads(output.splitlines()[-1]))


def thrown_of(report: dict[str, Any]) -> Thrown:
    """Read what the generator of the flood says."""
    return Thrown(
        sent=report["sent"],
        per_s=report["per_s"],
        answered_octets=report["answered_octets"],
        generator_cores=report["cpu_s"] / report["seconds"],
    )


def write_down(flood: Flood, folder: Path) -> None:
    """Leave hostile.json, and bars of what became of the datagrams."""
    (folder / "hostile.json").write_text(json.dumps(asdict(flood), indent=2) + "\n")
    seen = {name: count for name, count in flood.engine.items() if name.startswith("dropped")}
    unread = flood.thrown_meanwhile() - flood.engine["packets_in"]
    bars = [("thrown", flood.thrown_meanwhile()), ("no room in the kernel", unread)]
    bars += [(name.replace("_", " "), float(count)) for name, count in seen.items()]
    bars = [(name, count) for name, count in bars if count >= 1]
    leave(folder / "hostile", barred("Hostile datagrams", "datagrams", bars, "thrown"))
