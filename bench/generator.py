"""The load generator and the limit loop: large crowds, and what no server could do better."""

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.binaries import binary
from bench.server import MeasuringError, Server

LEAVING_LIMIT_S = 30.0
# One listener in so many is read whole; most of what goes to the others the kernel drops, so that
# 50,000 listeners and their server fit one machine. The sink of the limit loop does the same.
READ_SOME = 50
READ_ALL = 1


@dataclass(frozen=True)
class Counted:
    """What a crowd received, as it counted itself.

    packets, lost: sent to all who were read, as far as they were, and missed, by the sequence
    numbers; overflowed: datagrams for which a socket of this machine had no room. unread: packets
    that came to the others and were dropped by the kernel. late_p50_ms, late_p99_ms: by the RTP
    clock, against the quickest packet. generator_cores: what the generator used meanwhile.
    joins_per_s: how fast those came who are new. left: how many went meanwhile.
    """

    packets: int
    lost: int
    overflowed: int
    unread: int
    late_p50_ms: float
    late_p99_ms: float
    generator_cores: float
    joins_per_s: float
    left: int

    def arrived(self) -> int:
        """Tell how many packets reached the crowd, read or not."""
        return self.packets - self.lost + self.unread


@dataclass(frozen=True)
class Load:
    """A crowd that grows from one size to the next, counts, and listens on for a while."""

    process: subprocess.Popen[str]

    def wait_for(self, listeners: int) -> None:
        """Wait until so many have come; they begin to count now. Raises MeasuringError."""
        said = self._line()
        if said != {"joined": listeners}:
            raise MeasuringError(f"not all {listeners} listeners could join: {json.dumps(said)}")

    def counted(self) -> Counted:
        """Wait until they have counted. Raises MeasuringError."""
        return counted_of(self._line())

    def wait_out(self) -> None:
        """Wait until they have counted, where there was nothing to hear. Raises MeasuringError."""
        self._line()

    def _line(self) -> dict[str, Any]:
        """Read what the generator says next; it bounds its own waiting."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise MeasuringError("the crowd ended without a word")
        return dict(json.loads(line))


@contextlib.contextmanager
def load(
    server: Server,
    space: str,
    *,
    sizes: Sequence[int],
    count_s: float,
    stay_s: float,
    read_every: int,
    more: Sequence[str] = (),
) -> Iterator[Load]:
    """Let listeners in who keep only their keys: crowds of these sizes, each within the next.

    At each size they count for so long and then stay for a while. more: what else the generator is
    told. They are ended here.
    """
    command = [
        str(binary("convivium-crowd")),
        *("--url", server.url, "--space", space),
        *("--listeners", ",".join(map(str, sizes)), "--read-every", str(read_every)),
        *("--seconds", f"{count_s:.0f}", "--stay-s", f"{stay_s:.0f}"),
        *more,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Load(process)
        finally:
            process.kill()


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
        unread=report["unread"],
        late_p50_ms=report["late_p50_ms"],
        late_p99_ms=report["late_p99_ms"],
        generator_cores=sum(report["generator_cpu_s"]) / report["counting_s"],
        joins_per_s=report["joins_per_s"],
        left=report["left"],
    )


def limit_ns(listeners: int, payload: int, seconds: int, read_every: int) -> float:
    """Measure what it costs to seal and send one packet with no server around it; nanoseconds."""
    done = subprocess.run(
        (
            binary("send-limit"),
            *("--listeners", str(listeners)),
            *("--payload", str(payload)),
            *("--seconds", str(seconds)),
            *("--read-every", str(read_every)),
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + LEAVING_LIMIT_S,
    )
    return float(json.loads(done.stdout)["ns_per_packet"])
