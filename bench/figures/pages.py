"""What Lighthouse says of the pages that people come to first, on a phone and a slow network."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import httpx

from bench.catalogue import Reading
from bench.effort import Effort
from bench.samples import median
from bench.server import ANSWER_LIMIT_S, MeasuringError, run_command, serving

HERE = Path(__file__).resolve().parents[1] / "lighthouse"
PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility")
MACHINE = "machine"
# It loads a page several times, on a machine that may have other work.
PAGE_LIMIT_S = 180.0
FETCH_LIMIT_S = 600.0

Scores: TypeAlias = Mapping[str, float]


def measure(effort: Effort) -> Iterator[Reading]:
    """Look at the front page and at the door of a live space, as somebody new. MeasuringError."""
    _fetch()
    with tempfile.TemporaryDirectory(prefix="convivium-bench-") as folder:
        run_command("demo", "--data", folder)
        with serving(Path(folder)) as server:
            pages = {"front": f"{server.url}/", "door": _live_space(server.url)}
            for page, address in pages.items():
                scores = [_look(address) for _ in range(effort.pages)]
                yield from readings_of(page, scores)


def readings_of(page: str, scores: Sequence[Scores]) -> Iterator[Reading]:
    """Turn the scores of one page into the figures of the table: the middle one of each.

    Beside it stands what Lighthouse made of the machine meanwhile: a busy one makes any page slow.
    """
    for category in CATEGORIES:
        all_of_it = [one[category] for one in scores]
        slowest = min(one[MACHINE] for one in scores)
        beside = f"{len(all_of_it)} looks, worst {min(all_of_it):.0f}, machine {slowest:.0f}"
        yield Reading(f"lighthouse_{page}_{category}", median(all_of_it), beside)


def scores_of(report: str) -> Scores:
    """Read a report (JSON) of Lighthouse: 0 to 100 by category, and how quick the machine was.

    Raises MeasuringError.
    """
    try:
        said = json.loads(report)
    except ValueError:
        raise MeasuringError("Lighthouse said nothing that can be read") from None
    if said.get("runtimeError"):
        raise MeasuringError(f"Lighthouse: {said['runtimeError'].get('message', 'no page')}")
    scores = {name: said["categories"][name]["score"] * 100 for name in CATEGORIES}
    return scores | {MACHINE: said["environment"]["benchmarkIndex"]}


def _fetch() -> None:
    if PROGRAM.exists():
        return
    npm = os.environ.get("NPM", "npm").split()
    command = [*npm, "ci", "--prefix", str(HERE), "--ignore-scripts", "--loglevel=error"]
    subprocess.run(command, check=True, timeout=FETCH_LIMIT_S)


def _live_space(url: str) -> str:
    asked = httpx.get(f"{url}/api/v1/spaces?state=live&limit=1", timeout=ANSWER_LIMIT_S)
    found = asked.raise_for_status().json()["items"]
    if not found:
        raise MeasuringError("the demo has no live space")
    return f"{url}/spaces/{found[0]['id']}"


def _look(address: str) -> Scores:
    """Load a page as a phone of the middle class does on slow 4G, which Lighthouse simulates."""
    flags = ["--headless=new", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    command = [
        "node",
        str(PROGRAM),
        address,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(flags)}",
    ]
    environment = {"CHROME_PATH": "/usr/bin/chromium", **os.environ}
    looked = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PAGE_LIMIT_S,
        env=environment,
        check=False,
    )
    if looked.returncode:
        raise MeasuringError(f"Lighthouse failed: {looked.stderr.strip()[-500:]}")
    return scores_of(looked.stdout)
