"""What a kind of database has to do, and what is the same for the engines of all of them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from convivium.core.errors import StartFailed

# Longer than any transaction of ours takes; who waits longer is told to come again.
WRITER_WAIT_S = 10.0
READER_WAIT_S = 5.0

# What became of a statement, where it is no fault of ours: no room left, or a moment's wait.
Trouble = Literal["full", "busy"]
# The same as an operator is told it, after the database's name.
FULL = "cannot be written: its disk is full or fails. Make room and try again."
BUSY = "is in use by another program. Try again when that is done."


class DatabaseUnusable(StartFailed):
    """The database cannot be worked with; the text says why and what to do."""


class DatabaseInUse(StartFailed):
    """Another server works on this database."""


class Kind(Protocol):
    """One database of one kind, not yet connected to."""

    readers: int

    @property
    def name(self) -> str:
        """What its operator is told that it is; no secret is in it."""

    def open_writer(self) -> AsyncEngine:
        """Make the engine whose transactions begin by being the only one that writes."""

    def open_reader(self) -> AsyncEngine:
        """Make the engine whose transactions see one consistent state and write nothing."""

    async def version(self) -> str | None:
        """Tell which migration it is at; None for one in which nothing is. Raises StartFailed."""

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """Run this in one transaction, as the only one that writes."""

    def alone(self, *, wait_s: float = 0.0) -> AbstractAsyncContextManager[asyncio.Event]:
        """Be the only server on it, beside the lock of the data folder.

        Gives an event: another server has it now, and this one has to end. Raises StartFailed.
        """

    def trouble(self, error: BaseException) -> Trouble | None:
        """Tell what an error means; None for a fault."""

    def complaint(self, error: BaseException) -> str | None:
        """Say what it means that it could not be opened; None for an error of something else."""


def open_engine(url: str, *, connections: int, **how: Any) -> AsyncEngine:  # noqa: ANN401
    """Make an engine with so many connections at most."""
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=READER_WAIT_S,
        # An error's text would carry names and notes into the log.
        hide_parameters=True,
        **how,
    )
