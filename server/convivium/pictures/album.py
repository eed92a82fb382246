"""The files of pictures, and the one thread that makes them: sound must not wait for either."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from convivium.core.errors import Busy, DiskFull
from convivium.pictures.encoding import Encoded, encode
from convivium.pictures.models import Use
from convivium.pictures.rules import SIZES

# So many are read and made at a time: each is in memory as it came.
IN_HAND = 8
# How much the thread gives way to all others.
NICENESS = 10
# Names begin with one of these; the files of one are looked through at a time.
SHELVES = 256
PART = ".part"
# A file without a row is left behind by a server that was killed, unless its row is still to come.
LEFT_BEHIND_S = 24 * 3600.0

_ALL_SIZES = sorted({size for sizes in SIZES.values() for size in sizes})
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

R = TypeVar("R")


class Album:
    """Makes pictures and keeps their files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "pictures", initializer=_give_way)
        self._in_hand = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold one of the few places for a picture that comes in. Raises Busy."""
        if self._in_hand >= IN_HAND:
            raise Busy(2.0)
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    async def make(self, person_id: str, data: bytes, use: Use) -> Encoded:
        """Write a picture anew and keep its files. Raises NotAPicture, PictureTooLarge, DiskFull.

        Its row is to follow, and after that `make_sure`.
        """
        return await self._do(lambda: self._keep(encode(person_id, data, use)))

    async def make_sure(self, made: Encoded) -> None:
        """Keep files once more that went between being kept and having a row."""
        if not self.path(made.name, SIZES[made.use][0]).exists():
            await self._do(lambda: self._keep(made))

    def path(self, name: str, size: int) -> Path:
        """Say where a file is."""
        return self._folder / name[:2] / f"{name}-{size}.webp"

    def remove(self, name: str) -> None:
        """Remove the files of a picture; what is gone is gone."""
        for size in _ALL_SIZES:
            path = self.path(name, size)
            path.unlink(missing_ok=True)
            # What a server that was killed had begun.
            path.with_suffix(PART).unlink(missing_ok=True)

    async def names_on(self, shelf: int) -> set[str]:
        """Name the pictures of one shelf that have been there for a day."""
        return await self._do(lambda: _old_names(self._folder / f"{shelf:02x}"))

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _keep(self, made: Encoded) -> Encoded:
        try:
            for size, data in made.files.items():
                _write(self.path(made.name, size), data)
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull from error
            raise
        return made

    async def _do(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


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
