"""The load generator and the limit loop: large crowds, and what no server could do better."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.binaries import binary
from bench.people import let_in
from bench.server import MeasuringError, Server

LEAVING_LIMIT_S = 30.0


@dataclass(frozen=True)
class Counted:
    """What a crowd received, as it counted itself.

    packets, lost: sent to all of them together, and missed, by the sequence numbers; overflowed:
    those of the lost for which the generator was too slow. late_p50_ms, late_p99_ms: by the RTP
    clock, against the quickest packet. generator_cores: what the generator used meanwhile.
    """

    packets: int
    lost: int
    overflowed: int
    late_p50_ms: float
    late_p99_ms: float
    generator_cores: float
    joins_per_s: float


@dataclass(frozen=True)
class Load:
    """Listeners who have all joined and count."""

    process: subprocess.Popen[str]

    def counted(self) -> Counted:
        """Wait until they have counted to the end. Raises MeasuringError."""
        output, _ = self.process.communicate(timeout=LEAVING_LIMIT_S)
        if not output.strip():
            raise MeasuringError("the crowd did not say what it received")
        return counted_of(json.loads(output.splitlines()[-1]))


@contextlib.contextmanager
def load(server: Server, space: str, *, listeners: int, count_s: float) -> Iterator[Load]:
    """Let listeners in who keep only their keys; they count for so long and are ended here."""
    words = ["--url", server.url, "--space", space, "--listeners", str(listeners)]
    with let_in("convivium-crowd", [*words, "--seconds", f"{count_s:.0f}"], listeners) as process:
        yield Load(process)


def counted_of(report: dict[str, Any]) -> Counted:
    """Read the generator's report. Raises MeasuringError if what was counted says nothing."""
    if report["late_p99_ms"] is None:
        raise MeasuringError("the crowd received nothing")
    if report["failed"] or report["silent"] or report["not_opened"]:
        raise MeasuringError(f"the crowd did not all hear: {json.dumps(report)}")
    return Counted(
        packets=report["expected"],
        lost=report["lost"],
        overflowed=report["overflowed"],
        late_p50_ms=report["late_p50_ms"],
        late_p99_ms=report["late_p99_ms"],
        generator_cores=sum(report["generator_cpu_s"]) / report["counting_s"],
        joins_per_s=report["joins_per_s"],
    )


def limit_ns(listeners: int, payload: int, seconds: int) -> float:
    """Measure what it costs to seal and send one packet with no server around it; nanoseconds."""
    done = subprocess.run(
        (
            binary("send-limit"),
            *("--listeners", str(listeners)),
            *("--payload", str(payload)),
            *("--seconds", str(seconds)),
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + LEAVING_LIMIT_S,
    )
    return float(json.loads(done.stdout)["ns_per_packet"])
