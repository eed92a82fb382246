"""Measure other servers beside ours: `make bench-peers`; leave bench/results/peers.*.

    python -m bench.peers [--quick] [--only PART ...]

Exit code 0 when every server was measured that can be had here; else 1.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench import machine
from bench.peers import icecast, janus, murmur
from bench.peers.ours import Ours
from bench.peers.packages import Unpacked, unpacked
from bench.peers.report import Comparison, write_down
from bench.peers.row import Amount, Row
from bench.server import MeasuringError

RESULTS = Path(__file__).resolve().parents[1] / "results"
PARTS: dict[str, Callable[[Unpacked, Amount], Iterator[Row]]] = {
    "janus-streaming": janus.stream,
    "janus-audiobridge": janus.bridge,
    "icecast-20ms": lambda programs, amount: icecast.measure(programs, 20, amount),
    "icecast-120ms": lambda programs, amount: icecast.measure(programs, 120, amount),
    "icecast-1s": lambda programs, amount: icecast.measure(programs, 1000, amount),
    "murmur": murmur.measure,
}
QUICK = {
    "janus-streaming": Amount((50, 150), 1, 4),
    "janus-audiobridge": Amount((10, 30), 1, 4),
    "icecast-20ms": Amount((1_000,), 1, 4),
    "icecast-120ms": Amount((2_000,), 1, 4),
    "icecast-1s": Amount((2_000,), 1, 4),
    "murmur": Amount((50, 150), 1, 4),
}
FULL = {
    "janus-streaming": Amount((50, 150, 300), 3, 4),
    "janus-audiobridge": Amount((10, 30, 60), 3, 4),
    "icecast-20ms": Amount((1_000, 3_000), 3, 4),
    "icecast-120ms": Amount((1_000, 4_000), 3, 4),
    "icecast-1s": Amount((1_000, 4_000), 3, 4),
    "murmur": Amount((50, 200), 3, 4),
}
EXPECTED = (MeasuringError, httpx.HTTPError, OSError, subprocess.SubprocessError)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write down."""
    options = _options(arguments)
    amounts = QUICK if options.quick else FULL
    where = machine.describe()
    print("  convivium ...", flush=True)
    comparison = Comparison(Ours.measured(is_quick=options.quick))
    for name in options.only or PARTS:
        print(f"  {name} ...", flush=True)
        try:
            comparison.rows.extend(PARTS[name](unpacked(), amounts[name]))
        except EXPECTED as error:
            comparison.missing[name] = str(error) or type(error).__name__
    if not shutil.which("livekit-server"):
        comparison.absent["LiveKit"] = "there is no livekit-server on the PATH"
    date = datetime.now(UTC).strftime("%d %b %Y")
    length = "quick run" if options.quick else "full run"
    print("\n" + write_down(comparison, f"{date}, {length}, {where}", RESULTS))
    return 1 if comparison.missing else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="at most four minutes")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=[], help="some servers only")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
