"""What a crowd hears when somebody takes one of the machine's cores, and what the server does."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_SOME, Counted, load
from bench.people import Heard, crowd
from bench.plot import Curve, Plot, leave, plotted
from bench.server import MeasuringError, Server, new_server

RESULTS = Path(__file__).resolve().parents[1] / "results"
EARS = 4
PACKET_MS = {"CONVIVIUM_PACKET_TIME_MS": "20"}
STEPS = ("none", "encoding", "events", "packets", "closed")
# The ears come first and go last; a crowd comes at some hundreds a second.
JOINS_PER_S = 150
MARGIN_S = 15.0
LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Step:
    """A step of the governor: seconds since the core was taken, and how far it went."""

    at_s: float
    name: str


@dataclass(frozen=True)
class Theft:
    """What came of it.

    taken_s: for how long the core was taken; share: how much of it the spinner had, 0 to 1.
    counted: what the crowd received in this time. steps: what the server announced, from the first
    on. heard: what real ears did, from before until it was over.
    """

    listeners: int
    taken_s: float
    share: float
    counted: Counted
    steps: Sequence[Step]
    heard: Heard

    def furthest(self) -> int:
        """Tell how far it stepped, 0 to 4."""
        return max((STEPS.index(step.name) for step in self.steps), default=0)

    def recovered_s(self) -> float | None:
        """Tell how long after the core was back everything was as before; None if it never was."""
        if not self.steps:
            return 0.0
        last = self.steps[-1]
        return max(0.0, last.at_s - self.taken_s) if last.name == STEPS[0] else None


def measure(effort: Effort) -> Iterator[Reading]:
    """Take a core from a server whose crowd listens; leave raw data and a plot."""
    if len(os.sched_getaffinity(0)) == 1:
        raise MeasuringError("there is only one core: none can be taken")
    with new_server(PACKET_MS) as server:
        theft = _theft(server, effort.stolen_crowd, effort.stolen_s, effort.recovery_s)
    write_down(theft, RESULTS)
    yield from readings_of(theft)


def readings_of(theft: Theft) -> Iterator[Reading]:
    """Tell what was missed, what was left out, and when all was well again."""
    counted = theft.counted
    beside = (
        f"of {counted.packets:,} read, {theft.listeners:,} listen;"
        f" {100 * theft.share:.0f} % of one core taken for {theft.taken_s:.0f} s"
    )
    yield Reading("stolen_packets_lost", counted.lost, beside)
    yield Reading("stolen_late_p99_ms", counted.late_p99_ms, f"p50 {counted.late_p50_ms:.1f}")
    if theft.heard.gaps_ms:
        usual, worst = theft.heard.gaps_ms
        yield Reading("stolen_gap_ms", worst, f"at {EARS} ears; in 19 of 20 seconds {usual:.0f}")
    told = ", ".join(f"{step.name} at {step.at_s:.0f} s" for step in theft.steps)
    yield Reading("stolen_furthest_step", theft.furthest(), told or "none was needed")
    recovered = theft.recovered_s()
    if recovered is not None:
        yield Reading("stolen_recovered_s", recovered, "after the core was back")


def _theft(server: Server, listeners: int, seconds: int, recovery_s: float) -> Theft:
    token = server.host_token("ama")
    with server.as_person(token) as host:
        space = server.live_space(host)
    stay_s = listeners / JOINS_PER_S + seconds + recovery_s + MARGIN_S
    with (
        crowd(server, space, listeners=EARS, speakers=[token], stay_s=stay_s) as ears,
        load(
            server,
            space,
            sizes=[listeners],
            count_s=seconds,
            stay_s=recovery_s + MARGIN_S,
            read_every=READ_SOME,
        ) as listening,
    ):
        listening.wait_for(listeners)
        began = time.time()
        share = _taken(seconds)
        counted = listening.counted()
        _wait_until_well(server, recovery_s)
        steps = steps_in(server.said("governor_stepped"), began)
        heard = ears.heard()
    return Theft(listeners, seconds, share, counted, steps, heard)


def _taken(seconds: int) -> float:
    """Let somebody take the last core for so long; gives the share that was had of it."""
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(
        (sys.executable, "-m", "bench.spinner", str(core), str(seconds)),
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + MARGIN_S,
    )
    return float(done.stdout) / seconds


def _wait_until_well(server: Server, limit_s: float) -> None:
    until = time.perf_counter() + limit_s
    while time.perf_counter() < until:
        said = server.said("governor_stepped")
        if not said or said[-1]["step"] == STEPS[0]:
            return
        time.sleep(LOOK_EVERY_S)


def steps_in(said: Sequence[dict[str, str]], began: float) -> list[Step]:
    """Read what the log says of steps; `began`: seconds since 1970 from which they are counted.

    What is said again while it holds is no step.
    """
    before = [STEPS[0], *(line["step"] for line in said)]
    return [
        Step(datetime.fromisoformat(line["timestamp"]).timestamp() - began, line["step"])
        for line, held in zip(said, before, strict=False)
        if line["step"] != held
    ]


def write_down(theft: Theft, folder: Path) -> None:
    """Leave everything as stolen.json, and the steps over time as stolen."""
    (folder / "stolen.json").write_text(json.dumps(asdict(theft), indent=2) + "\n")
    plot = Plot("Steps of the governor, one core taken", "seconds", "step", is_time=True)
    taken = [(0.0, 1.0), (theft.taken_s, 1.0)]
    curves = [Curve("step (0 none, 4 closed)", stairs(theft)), Curve("core taken", taken)]
    leave(folder / "stolen", plotted(plot, curves))


def stairs(theft: Theft) -> list[tuple[float, float]]:
    """Give the corners of the line that the steps make, until a while after the last one."""
    places = [(0.0, 0.0), *((max(0.0, s.at_s), float(STEPS.index(s.name))) for s in theft.steps)]
    corners = [places[0]]
    for (_, before), (at_s, after) in pairwise(places):
        corners += [(at_s, before), (at_s, after)]
    return [*corners, (max(theft.taken_s, corners[-1][0]) + MARGIN_S, corners[-1][1])]
