"""Synthetic people: the testbed's command lets them into a running server."""

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.binaries import binary
from bench.samples import median
from bench.server import MeasuringError, Server

HANDSHAKES = 100
HANDSHAKES_LIMIT_S = 60.0
LEAVING_LIMIT_S = 60.0
LONGEST_VOICE_S = 7_200


@dataclass(frozen=True)
class Heard:
    """What a crowd heard.

    join_p50_ms: from the offer to the end of the handshake, the middle one.
    joins_per_s: how many listeners came in a second.
    spoken: packets that left the mouths. packets, lost: of all ears together.
    added_ms: what the server added to the way of the one
    voice, beyond codec and packets: middle and 95th percentile; mouth_to_ear_ms: the whole way;
    gaps_ms: what of it was missing in a second at an ear, 95th percentile and worst; nothing if
    nobody spoke or nobody heard.
    """

    join_p50_ms: float
    joins_per_s: float
    packets: int
    lost: int
    added_ms: tuple[float, float] | None
    mouth_to_ear_ms: tuple[float, float] | None
    gaps_ms: tuple[float, float] | None
    spoken: int


@dataclass(frozen=True)
class Crowd:
    """People who have all joined; they stay until the time they were given is over."""

    process: subprocess.Popen[str]

    def heard(self) -> Heard:
        """Wait until they have left and give what they heard. Raises MeasuringError."""
        output, _ = self.process.communicate()
        if not output.strip():
            raise MeasuringError("the synthetic people did not say what they heard")
        return heard_of(json.loads(output.splitlines()[-1]))


@contextlib.contextmanager
def crowd(
    server: Server,
    space: str,
    *,
    listeners: int,
    stay_s: float,
    at_once: int = 1,
    speakers: Sequence[str] = (),
    first_voice: int = 0,
) -> Iterator[Crowd]:
    """Let the owners of tokens speak and guests join, so many at once; all are ended here.

    first_voice: where others speak, too, the number of a voice that is none of theirs.
    """
    words = ["--url", server.url, "--space", space, "--listeners", str(listeners)]
    words += ["--at-once", str(at_once), "--seconds", f"{stay_s:.0f}"]
    words += ["--first-voice", str(first_voice)]
    for token in speakers:
        words += ["--speaker", token]
    with let_in("convivium-testbed", words, listeners + len(speakers)) as process:
        yield Crowd(process)
        process.wait(stay_s + LEAVING_LIMIT_S)


@contextlib.contextmanager
def voices(server: Server, space: str, tokens: Sequence[str]) -> Iterator[None]:
    """Let the owners of tokens speak until this is left."""
    words = ["--url", server.url, "--space", space, "--listeners", "0"]
    for token in tokens:
        words += ["--speaker", token]
    words += ["--seconds", f"{LONGEST_VOICE_S}"]
    with let_in("convivium-testbed", words, len(tokens)):
        yield


@contextlib.contextmanager
def let_in(program: str, words: Sequence[str], number: int) -> Iterator[subprocess.Popen[str]]:
    """Start synthetic people and wait until all have joined; they are ended here.

    Raises MeasuringError when they could not all join.
    """
    command = [str(binary(program)), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            _wait_for_all(process, number)
            yield process
        finally:
            process.kill()


def handshake_ms() -> float:
    """Measure what one call costs the engine alone: SDP, ICE, DTLS, data channel; milliseconds."""
    done = subprocess.run(
        (binary("handshake"), str(HANDSHAKES)),
        capture_output=True,
        text=True,
        check=True,
        timeout=HANDSHAKES_LIMIT_S,
    )
    return median(json.loads(done.stdout)) / 1000


def heard_of(report: dict[str, Any]) -> Heard:
    """Read the testbed's report; of several voices the first one counts."""
    added = whole = gaps = None
    for voice in report["voices"][:1]:
        way, direct = voice["mouth_to_ear_ms"], voice["direct_ms"]
        if way["p50"] is not None:
            whole = (way["p50"], way["p95"])
            added = (way["p50"] - direct, way["p95"] - direct)
            gaps = (voice["gaps_ms_per_s"]["p95"], voice["gaps_ms_per_s"]["max"])
    return Heard(
        join_p50_ms=report["join_ms"]["p50"],
        joins_per_s=report["joins_per_s"],
        packets=report["packets"],
        lost=report["lost"],
        added_ms=added,
        mouth_to_ear_ms=whole,
        gaps_ms=gaps,
        spoken=report["spoken"],
    )


def _wait_for_all(process: subprocess.Popen[str], people: int) -> None:
    """Read the line that says that all have joined; the testbed bounds its own waiting."""
    line = process.stdout.readline() if process.stdout else ""
    if not line or json.loads(line) != {"joined": people}:
        raise MeasuringError(f"not all {people} synthetic people could join")
