"""Where files lie, and the one thread that sees to them: sound must not wait for a disk."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from convivium.core.errors import DiskFull

# How much the thread gives way to all others.
NICENESS = 10
# Names begin with one of these; the files of one are looked through at a time.
SHELVES = 256
PART = ".part"
# A file without a row is left behind by a server that was killed, unless its row is still to come.
LEFT_BEHIND_S = 24 * 3600.0

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

R = TypeVar("R")


class Shelves:
    """Keeps files in a folder, under the first two letters of their names.

    endings: those of the files that one name can have.
    """

    def __init__(self, folder: Path, endings: Collection[str]) -> None:
        self._folder = folder
        self._endings = endings
        self._thread = ThreadPoolExecutor(1, folder.name, initializer=_give_way)

    def path(self, name: str, ending: str) -> Path:
        """Say where a file is."""
        return self._folder / name[:2] / f"{name}-{ending}"

    def keep(self, name: str, files: Mapping[str, bytes]) -> None:
        """Write the files of a name, in the thread. Raises DiskFull."""
        try:
            for ending, data in files.items():
                _write(self.path(name, ending), data)
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull from error
            raise

    async def make_sure(self, name: str, files: Mapping[str, bytes]) -> None:
        """Keep files once more that went between being kept and having a row."""
        if not all(self.path(name, ending).exists() for ending in files):
            await self.do(lambda: self.keep(name, files))

    def remove(self, name: str) -> None:
        """Remove the files of a name; what is gone is gone."""
        for ending in self._endings:
            path = self.path(name, ending)
            path.unlink(missing_ok=True)
            # What a server that was killed had begun.
            path.with_suffix(PART).unlink(missing_ok=True)

    async def names_on(self, shelf: int) -> set[str]:
        """Name what has been on one shelf for a day."""
        return await self.do(lambda: _old_names(self._folder / f"{shelf:02x}"))

    async def do(self, work: Callable[[], R]) -> R:
        """Let the thread do something."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _give_way() -> None:
    """Let everything else of this process come first, where the system knows threads by ids."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _write(path: Path, data: bytes) -> None:
    """Let a file be there whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(PART)
    beside.write_bytes(data)
    beside.replace(path)


def _old_names(shelf: Path) -> set[str]:
    before = time.time() - LEFT_BEHIND_S
    if not shelf.is_dir():
        return set()
    names = set()
    with os.scandir(shelf) as entries:
        for entry in entries:
            # One that goes meanwhile is nobody's any more.
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    names.add(entry.name.partition("-")[0])
    return names
