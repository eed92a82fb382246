"""Passwords by Argon2id, two at a time in a bounded line: a flood cannot take the machine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from convivium.core.errors import Busy
from convivium.core.ids import new_secret

AT_ONCE = 2
# 60 sign-ups in one second wait about a second; who finds a longer line is told to come again.
LINE = 200

R = TypeVar("R")


def strong_hasher() -> PasswordHasher:
    """Make OWASP's choice for Argon2id: 19 MiB, two passes, one lane; about 25 ms of one core."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and checks passwords without holding up the event loop."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._in_line = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Turn a password into what may be stored. Raises Busy when the line is full."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def is_right(self, stored: str | None, password: str) -> bool:
        """Check a password; without a stored one it takes as long and is never right."""
        return await self._in_turn(lambda: self._check(stored, password))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], R]) -> R:
        if self._in_line >= LINE:
            raise Busy(2.0)
        self._in_line += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._in_line -= 1

    def _check(self, stored: str | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._hasher.hash(new_secret())
        try:
            return self._hasher.verify(stored or self._decoy, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
