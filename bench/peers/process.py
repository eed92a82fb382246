"""A server of somebody else's: started with a configuration of its own, ended by its process id."""

import contextlib
import os
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.peers.row import Amount
from bench.process import cpu_s
from bench.samples import median
from bench.server import MeasuringError

START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0
LOOK_EVERY_S = 0.05


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[int]:
    """Run a server until this is left; it is there when it listens on this TCP port. Its pid."""
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait_for(process, port, output.fileno())
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that a server without root's rights may use, too; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="convivium-peer-") as path:
        Path(path).chmod(0o777)
        yield Path(path)


def free_port() -> int:
    """Find a TCP port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def many_files() -> None:
    """Allow this process and those it starts as many open files as the system lets them have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cost(pid: int, amount: Amount, listen: Callable[[float], int]) -> tuple[float, float]:
    """Measure the CPU of a process while people listen to it: the middle one of some windows.

    listen: listens for so many seconds and gives how much came. Gives microseconds in a second,
    and how much came in a second.
    """
    used, came, took_s = [], 0, 0.0
    for _ in range(amount.windows):
        before, began = cpu_s(pid), time.perf_counter()
        came += listen(amount.seconds)
        window_s = time.perf_counter() - began
        used.append((cpu_s(pid) - before) * 1e6 / window_s)
        took_s += window_s
    return median(used), came / took_s


def _wait_for(process: subprocess.Popen[bytes], port: int, output: int) -> None:
    deadline = time.perf_counter() + START_LIMIT_S
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(LOOK_EVERY_S)
        else:
            return
    said = os.pread(output, 4096, 0).decode(errors="replace").strip() or "it says nothing"
    raise MeasuringError(f"it did not start: {said.splitlines()[-1]}")
