"""One process at a time works on a data folder as its server."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from convivium.core.errors import StartFailed


class FolderInUse(StartFailed):
    """Another server works on this folder."""


@contextmanager
def own_folder(data: Path) -> Iterator[None]:
    """Hold the data folder alone; `convivium.pid` carries the lock and this process's id.

    The lock belongs to the open file, so it goes with the process however that ends.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "convivium.pid").open("a+", encoding="ascii") as file:
        _lock(file, data)
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
        file.seek(0)
        file.truncate()


def _lock(file: IO[str], data: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        raise FolderInUse(
            f"Another server (process {holder}) is using the folder {data}."
            " Stop it first, or choose another folder with --data."
        ) from None
