"""What only real browsers can tell: e2e/figures measures it, here it is summed up."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from bench.catalogue import Reading
from bench.effort import Effort
from bench.samples import median, percentile
from bench.server import MeasuringError

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ("playwright", "test", "--config", "e2e/figures/playwright.config.ts")
TELL_LINES = 25

Samples: TypeAlias = Mapping[str, Sequence[float]]


def measure(effort: Effort) -> Iterator[Reading]:
    """Give what the browsers measured. Raises MeasuringError at the end if some of it failed."""
    with tempfile.TemporaryDirectory(prefix="convivium-bench-") as folder:
        lines = Path(folder, "figures.jsonl")
        trouble = _run(effort, lines)
        samples = samples_of(lines.read_text(encoding="utf-8") if lines.exists() else "")
    yield from readings_of(samples)
    if trouble:
        raise MeasuringError(trouble)


def samples_of(lines: str) -> Samples:
    """Read one JSON object a line: figure and samples."""
    objects = [json.loads(line) for line in lines.splitlines()]
    return {one["figure"]: one["samples"] for one in objects}


def readings_of(samples: Samples) -> Iterator[Reading]:
    """Turn samples into the figures of the table, with their number and spread beside them."""
    ways = samples.get("mouth_to_ear_ms")
    if ways:
        yield Reading("mouth_to_ear_p50_ms", median(ways), f"{len(ways)} sounds")
        yield Reading("mouth_to_ear_p95_ms", percentile(ways, 0.95), f"worst {max(ways):.0f} ms")
    swaps = samples.get("next_to_heard_ms")
    if swaps:
        beside = f"{len(swaps)} singers, median {median(swaps):.0f} ms"
        yield Reading("next_to_heard_p95_ms", percentile(swaps, 0.95), beside)
    for name, figure, digits in (
        ("tap_to_sound_ms", "tap_to_sound_p50_ms", 0),
        ("mute_to_silence_ms", "mute_to_silence_ms", 0),
        ("removal_to_silence_ms", "removal_to_silence_ms", 0),
        ("suspension_to_silence_ms", "suspension_to_silence_ms", 0),
        ("path_restart_s", "path_restart_s", 2),
        ("back_after_kill_s", "back_after_kill_s", 2),
    ):
        times = samples.get(name)
        if times:
            beside = f"median of {len(times)}, worst {max(times):.{digits}f}"
            yield Reading(figure, median(times), beside)


def _run(effort: Effort, lines: Path) -> str:
    """Run all browser figures; gives what went wrong, or nothing."""
    repetitions = {
        f"FIGURES_{name.upper()}": str(getattr(effort, name))
        for name in ("bursts", "taps", "kills", "restarts", "mutes")
    }
    environment = {**os.environ, **repetitions, "FIGURES_FILE": str(lines)}
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=effort.browser_limit_s)
        except subprocess.TimeoutExpired:
            # Playwright closes its browsers and servers when it is told to end.
            process.terminate()
            output, _ = process.communicate()
            return f"the browsers took longer than {effort.browser_limit_s:.0f} s\n{_tail(output)}"
    return "" if process.returncode == 0 else f"a figure failed\n{_tail(output)}"


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-TELL_LINES:])
