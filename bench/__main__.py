"""Measure everything, print one table, leave bench/results/latest.json and what the parts leave.

    python -m bench [--quick | --middle] [--page FILE] [--only PART ...]

Exit code 0 when every figure was measured, whether it met its goal or not; else 1.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench import machine
from bench.catalogue import Reading
from bench.effort import FULL, MIDDLE, QUICK, Effort
from bench.figures import (
    browsers,
    churn,
    crowd,
    hostile,
    load,
    network,
    pages,
    sound,
    starting,
    stolen,
    storm,
)
from bench.report import Run, as_json, as_page, as_table
from bench.server import MeasuringError

LATEST = Path(__file__).parent / "results" / "latest.json"
PARTS: dict[str, Callable[[Effort], Iterator[Reading]]] = {
    "starting": starting.measure,
    "crowd": crowd.measure,
    "load": load.measure,
    "hostile": hostile.measure,
    "stolen": stolen.measure,
    "storm": storm.measure,
    "churn": churn.measure,
    "network": network.measure,
    "sound": sound.measure,
    "pages": pages.measure,
    "browsers": browsers.measure,
}
EXPECTED = (MeasuringError, httpx.HTTPError, OSError, subprocess.SubprocessError)


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write down."""
    options = options_of(arguments)
    began = time.time()
    run = measured(options.effort, options.only)
    print(f"\n{as_table(run)}")
    LATEST.write_text(as_json(run.readings), encoding="utf-8")
    if options.page:
        options.page.write_text(as_page(run), encoding="utf-8")
        renew_plots(LATEST.parent, options.page.parent / "images", began)
    return 1 if run.missing else 0


def measured(effort: Effort, only: Sequence[str]) -> Run:
    """Measure part by part; one that fails does not keep the next from being measured."""
    where = machine.describe()
    readings: list[Reading] = []
    missing: dict[str, str] = {}
    for name, measure in PARTS.items():
        if only and name not in only:
            continue
        print(f"  {name} ...", flush=True)
        began = time.perf_counter()
        try:
            readings.extend(measure(effort))
        except EXPECTED as error:
            missing[name] = str(error) or type(error).__name__
        print(f"    {time.perf_counter() - began:.0f} s", flush=True)
    date = datetime.now(UTC).strftime("%d %b %Y")
    return Run(readings, missing, where, date, effort.name)


def renew_plots(results: Path, images: Path, began: float) -> None:
    """Replace those plots beside the page that were drawn since `began`, seconds since 1970.

    So all of them are from the run of which the page tells.
    """
    for kept in images.glob("*.svg"):
        drawn = results / kept.name
        if drawn.exists() and drawn.stat().st_mtime >= began:
            shutil.copyfile(drawn, kept)


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """Read what is wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    how_long = parser.add_mutually_exclusive_group()
    for effort, says in ((QUICK, "at most eight minutes"), (MIDDLE, "about forty minutes")):
        how_long.add_argument(
            f"--{effort.name}", dest="effort", action="store_const", const=effort, help=says
        )
    parser.set_defaults(effort=FULL)
    parser.add_argument("--page", type=Path, help="write the table as Markdown, too")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=[], help="some parts only")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
