"""Somebody who takes a core for a while and does nothing with it; ends by itself.

python -m bench.spinner CORE SECONDS
"""

import contextlib
import os
import sys
import time
from collections.abc import Sequence

# A little more than an equal share with those who started it, where the system allows it.
RAISED = -5


def spin(core: int, seconds: float) -> float:
    """Take this core for so long; gives the processor time that was had of it, in seconds."""
    os.sched_setaffinity(0, {core})
    with contextlib.suppress(PermissionError):
        os.nice(RAISED)
    ends, began = time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < ends:
        pass
    return time.process_time() - began


def main(words: Sequence[str]) -> None:
    """Spin, and say how much of the core was had."""
    print(f"{spin(int(words[0]), float(words[1])):.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
