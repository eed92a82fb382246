"""What is left of speech that came through networks of all kinds. Virtual time, no server.

Intelligibility is STOI (Taal and others, 2011): 0 to 1, against what came through a calm network.
Two runs that only differ in where frames begin reach 0.99.
"""

import json
import subprocess
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt
from pystoi import stoi

from bench.binaries import binary
from bench.catalogue import Reading
from bench.effort import Effort
from bench.plot import Curve, Plot, leave, plotted
from bench.samples import percentile

RESULTS = Path(__file__).resolve().parents[1] / "results"
LIMIT_S = 1800.0
RATE = 48_000
FULL_SCALE = 32_768
SAMPLES_PER_MS = 48
# Seconds of a plot, whose axis is logarithmic.
MOMENTS: tuple[int, ...] = (1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300, 900, 1800, 3600)
# Longer ones are drawn minute by minute.
LONG_S = 600
MINUTE_S = 60
# Listeners without any loss, whose lane has no copies: what repairs are compared with.
UNDISTURBED = "down-fec-0-0"

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """What came of one network.

    audible: share of the frames with speech that are not missing, 0 to 1. recovered_ms, made_up_ms:
    taken from copies, and made up. seconds: for each second its number, and in ms the mean and the
    longest that sound waited, and what was made up.
    """

    name: str
    audible: float
    stoi: float
    recovered_ms: float
    made_up_ms: float
    seconds: Sequence[tuple[float, float, float, float]]

    def is_long(self) -> bool:
        """Whether it lasted long enough to tell what becomes of a delay."""
        return len(self.seconds) > LONG_S

    def growth_ms(self) -> float:
        """Tell how much longer sound waited in the last quarter than in the second, on average."""
        waits = [mean for _, mean, _, _ in self.seconds]
        quarter = len(waits) // 4
        return fmean(waits[3 * quarter :]) - fmean(waits[quarter : 2 * quarter])

    def says(self) -> str:
        """Say the rest of it beside the audible share."""
        waits = [mean for _, mean, _, _ in self.seconds]
        return (
            f"STOI {self.stoi:.3f}; waited {percentile(waits, 0.5):.0f} ms, p95"
            f" {percentile(waits, 0.95):.0f}; {self.made_up_ms:,.0f} ms made up of"
            f" {len(self.seconds)} s"
        )


@dataclass(frozen=True)
class Downlink:
    """What one hears who loses packets, in percent, of a lane made for `expected` percent."""

    repair: str
    expected: int
    lost: int
    stoi: float


def measure(effort: Effort) -> Iterator[Reading]:
    """Send speech through every network; leave raw data and a plot for each."""
    with tempfile.TemporaryDirectory(prefix="convivium-sound-") as folder:
        traces, downlinks = _outcomes(Path(folder), effort)
    write_down(traces, downlinks, RESULTS)
    yield from readings_of(traces, downlinks)


def readings_of(traces: Sequence[Trace], downlinks: Sequence[Downlink]) -> Iterator[Reading]:
    """Give a reading for each network, and one for listeners who lose a packet in twenty."""
    for trace in traces:
        name = f"audible_{trace.name.replace('-', '_')}"
        yield Reading(name, 100 * trace.audible, trace.says())
    drifting = [one for one in traces if one.name.startswith("drift") and one.is_long()]
    if drifting:
        growths = [one.growth_ms() for one in drifting]
        each = ", ".join(
            f"{one.name} {grown:+.1f}" for one, grown in zip(drifting, growths, strict=True)
        )
        beside = f"last quarter of {len(drifting[0].seconds):,} s against the second: {each}"
        yield Reading("drift_growth_ms", max(map(abs, growths)), beside)
    bare = _stoi_of(downlinks, "fec", 0)
    others = ", ".join(f"{kind} {_stoi_of(downlinks, kind, 0):.3f}" for kind in ("red", "nack"))
    beside = f"made up only {bare:.3f}, {others}"
    yield Reading("listener_stoi_5", _stoi_of(downlinks, "fec", 10), beside)


def _stoi_of(downlinks: Sequence[Downlink], repair: str, expected: int) -> float:
    return next(
        one.stoi
        for one in downlinks
        if (one.repair, one.expected, one.lost) == (repair, expected, 5)
    )


def write_down(traces: Sequence[Trace], downlinks: Sequence[Downlink], folder: Path) -> None:
    """Leave sound.json with everything and sound-NAME.svg with the course of each trace."""
    everything = {
        "traces": [asdict(trace) for trace in traces],
        "downlinks": [asdict(downlink) for downlink in downlinks],
    }
    (folder / "sound.json").write_text(json.dumps(everything) + "\n", encoding="utf-8")
    for trace in traces:
        title = f"Speech through {trace.name}"
        plot = Plot(title, "seconds", "ms", is_time=trace.is_long())
        leave(folder / f"sound-{trace.name}", plotted(plot, curves_of(trace)))


def curves_of(trace: Trace) -> list[Curve]:
    """Give what sound waited, and what was made up in a second, up to each moment of a plot."""
    mean, longest, made_up = [], [], []
    before = 0.0
    moments = MOMENTS
    if trace.is_long():
        moments = tuple(range(MINUTE_S, len(trace.seconds) + 1, MINUTE_S))
    for moment in moments:
        rows = [row for row in trace.seconds if before <= row[0] < moment]
        if rows:
            mean.append((moment, sum(row[1] for row in rows) / len(rows)))
            longest.append((moment, max(row[2] for row in rows)))
            made_up.append((moment, sum(row[3] for row in rows) / len(rows)))
        before = moment
    return [
        Curve("waited, mean", mean),
        Curve("waited, longest", longest),
        Curve("made up in a second", made_up),
    ]


def _outcomes(folder: Path, effort: Effort) -> tuple[list[Trace], list[Downlink]]:
    words = ("--seconds", str(effort.sound_s), "--drift-seconds", str(effort.drift_s))
    done = subprocess.run(
        (binary("convivium-traces"), "--out", folder, *words),
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    traces = [_trace(folder, row) for row in rows if "trace" in row]
    return traces, [_downlink(folder, row) for row in rows if "downlink" in row]


def _trace(folder: Path, row: dict[str, Any]) -> Trace:
    return Trace(
        name=row["trace"],
        audible=row["audible"],
        stoi=_stoi(folder, row["clean"], row["trace"]),
        recovered_ms=row["recovered"] / SAMPLES_PER_MS,
        made_up_ms=row["made_up"] / SAMPLES_PER_MS,
        seconds=[tuple(second) for second in row["seconds"]],
    )


def _downlink(folder: Path, row: dict[str, Any]) -> Downlink:
    intelligible = _stoi(folder, UNDISTURBED, row["file"])
    return Downlink(row["downlink"], row["expected"], row["lost"], intelligible)


def _stoi(folder: Path, clean: str, heard: str) -> float:
    return float(stoi(read_wav(folder / f"{clean}.wav"), read_wav(folder / f"{heard}.wav"), RATE))


def read_wav(path: Path) -> Sound:
    """Read 16 bits, mono: float64, shape (samples,), range [-1, 1]."""
    with wave.open(str(path)) as file:
        octets = file.readframes(file.getnframes())
    return np.frombuffer(octets, dtype="<i2").astype(np.float64) / FULL_SCALE
