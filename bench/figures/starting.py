"""How long the server takes to start."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.catalogue import Reading
from bench.effort import Effort
from bench.samples import median
from bench.server import serving


def measure(effort: Effort) -> Iterator[Reading]:
    """Start on a new folder once, then again and again on the same one."""
    with tempfile.TemporaryDirectory(prefix="convivium-bench-") as folder:
        data = Path(folder)
        first = _start_s(data)
        again = [_start_s(data) for _ in range(effort.starts)]
    beside = f"median of {len(again)} on a folder in use; the first, on a new one: {first:.2f} s"
    yield Reading("server_start_s", median(again), beside)


def _start_s(data: Path) -> float:
    with serving(data) as server:
        return server.start_s
