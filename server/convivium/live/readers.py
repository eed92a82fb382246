"""Who is told: event streams with a bounded queue each, and peers with a data channel."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from convivium.core.actor import Actor
from convivium.core.errors import SlowDown

# What a reader may be behind; past it everything is dropped and a fresh snapshot follows.
QUEUE = 64
# Often enough that no proxy takes the stream for dead (the usual limit is 60 s).
HEARTBEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it is sent: `text` is the whole JSON object."""

    id: str
    type: str
    text: str


class Reader:
    """Somebody who is told what happens in a space; `you` is how they were last told they stand."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.you: Mapping[str, object] = {}


class Peer(Reader):
    """Told by the data channel of a call."""

    def __init__(self, actor: Actor, number: int) -> None:
        super().__init__(actor)
        self.number = number


class Stream(Reader):
    """Told by server-sent events."""

    def __init__(self, actor: Actor, snapshot: Callable[[Reader], Message]) -> None:
        super().__init__(actor)
        self._snapshot = snapshot
        self._queue: deque[Message] = deque()
        self._needs_snapshot = False
        self._last: Message | None = None
        self._news = asyncio.Event()

    def put(self, message: Message) -> None:
        """Queue an event; one too many and the reader gets a snapshot instead of all of them."""
        if self._last is not None:
            return
        if len(self._queue) >= QUEUE:
            self.start_over()
        elif not self._needs_snapshot:
            self._queue.append(message)
        self._news.set()

    def start_over(self) -> None:
        """Forget what is queued: the next thing sent is a snapshot of that moment."""
        self._queue.clear()
        self._needs_snapshot = True
        self._news.set()

    def end(self, goodbye: Message, *, at_once: bool) -> None:
        """Say goodbye, after what is queued or instead of it; nothing follows."""
        if at_once:
            self._queue.clear()
            self._needs_snapshot = False
        self._last = goodbye
        self._news.set()

    async def messages(self) -> AsyncIterator[Message | None]:
        """Give what there is to send, and None when it is time to show that one is still there."""
        while True:
            self._news.clear()
            if self._needs_snapshot:
                self._needs_snapshot = False
                yield self._snapshot(self)
            elif self._queue:
                yield self._queue.popleft()
            elif self._last is not None:
                yield self._last
                return
            elif not await self._something_comes():
                yield None

    async def _something_comes(self) -> bool:
        try:
            await asyncio.wait_for(self._news.wait(), HEARTBEAT_S)
        except TimeoutError:
            return False
        return True

    async def sse(self) -> AsyncIterator[bytes]:
        """Give every message as a server-sent event (HTML, 9.2); a sign of life is a comment."""
        async for message in self.messages():
            yield _as_sse(message)


class StreamPlaces:
    """How many event streams each network has open, of all kinds together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[str, int] = {}

    @contextmanager
    def take(self, network: str) -> Iterator[None]:
        """Hold one place. Raises SlowDown when a network has too many."""
        taken = self._taken.get(network, 0)
        if taken >= self._most:
            raise SlowDown(5.0, "Too many event streams from your network.")
        self._taken[network] = taken + 1
        try:
            yield
        finally:
            left = self._taken[network] - 1
            if left:
                self._taken[network] = left
            else:
                del self._taken[network]


def _as_sse(message: Message | None) -> bytes:
    """Write a message as a server-sent event (HTML, 9.2); None is a comment."""
    if message is None:
        return b":\n\n"
    return f"id: {message.id}\nevent: {message.type}\ndata: {message.text}\n\n".encode()
