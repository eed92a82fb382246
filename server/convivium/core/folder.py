"""One process at a time works on a data folder as its server."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from convivium.core.errors import StartFailed

RETRY_S = 0.05

_WHAT_TO_DO = {
    errno.ENOSPC: "Make room on its disk and try again.",
    errno.EDQUOT: "Make room on its disk and try again.",
    errno.EFBIG: "Make room on its disk and try again.",
    errno.EEXIST: "There is a file where a folder should be; choose another with --data.",
    errno.ENOTDIR: "There is a file where a folder should be; choose another with --data.",
}


class FolderInUse(StartFailed):
    """Another server works on this folder."""


class FolderUnusable(StartFailed):
    """The data folder cannot be made, read or written; the text says why and what to do."""


@contextmanager
def own_folder(data: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the data folder alone; `convivium.pid` carries the lock and this process's id.

    The lock belongs to the open file, so it goes with the process however that ends.
    wait_s: for how long to wait for another process that has it.
    Raises FolderInUse, FolderUnusable.
    """
    with folder_in_words(data):
        data.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what a full disk refuses must not be tried again when the file is closed.
        file = (data / "convivium.pid").open("a+b", buffering=0)
    with file:
        _lock(file, data, wait_s)
        try:
            with folder_in_words(data):
                file.truncate(0)
                file.write(f"{os.getpid()}\n".encode())
            yield
        finally:
            file.truncate(0)


@contextmanager
def folder_in_words(data: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into a sentence for its operator."""
    try:
        yield
    except OSError as error:
        advice = _WHAT_TO_DO.get(
            error.errno or 0, "Let this user write there, or choose another with --data."
        )
        raise FolderUnusable(
            f"The folder {data} cannot be used: {error.strerror}. {advice}"
        ) from error


def _lock(file: IO[bytes], data: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while not _is_locked(file):
        if time.monotonic() >= until:
            file.seek(0)
            holder = file.read().decode(errors="replace").strip() or "unknown"
            raise FolderInUse(
                f"Another server (process {holder}) is using the folder {data}."
                " Stop it first, or choose another folder with --data."
            )
        time.sleep(RETRY_S)


def _is_locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
