"""The real server, but on SIGUSR1 Python stands still for ten seconds, holding its lock.

A handler runs between two bytecodes of the main thread and never lets go of the interpreter: the
event loop and every Python thread wait, as they would in a debugger or in a loop gone wrong.
"""

import signal
import sys
import time

from convivium.cli import main

STALL_S = 10


def stand_still(_signal: int, _frame: object) -> None:
    """Hold the interpreter; sleeping would let other threads have it."""
    sys.setswitchinterval(2 * STALL_S)
    until = time.monotonic() + STALL_S
    while time.monotonic() < until:
        pass


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, stand_still)
    main()
