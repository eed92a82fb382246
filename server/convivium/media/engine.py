"""The engine as asyncio sees it: what is answered later is awaited, events are iterated.

This is the only file that imports the extension module. It decides nothing.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import structlog

from convivium.core.errors import StartFailed

if TYPE_CHECKING:
    import convivium_engine

# Far above any answer's time (under 20 ms); past it the engine is taken for stuck.
ANSWER_WAIT_S = 3.0
# The queue empties every 20 ms at the latest; one second of a full one is an engine in trouble.
BUSY_WAIT_S = 0.02
BUSY_TRIES = 50
# Enough for every peer of a full space to close at once; past it events are read again as `lagged`.
EVENTS_KEPT = 50_000

log = structlog.get_logger()


class EngineFailed(StartFailed):
    """The engine cannot start; the text is written for an operator."""


class PortTaken(EngineFailed):
    """Another process holds the UDP port."""


class EngineRefused(Exception):  # noqa: N818 - an answer, not an error
    """The engine said no; `code` is one of the words of the engine's face, or `busy`, `silent`."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ChannelReady:
    """A peer's data channel is open and wants a snapshot."""

    peer: int


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """A peer's sound can flow."""

    peer: int


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """A peer is gone; `code` says why."""

    peer: int
    code: str


@dataclass(frozen=True, slots=True)
class ClipEnded:
    """What `play` was given has been heard."""

    space: int
    source: int


Step = Literal["none", "encoding", "events", "packets", "closed"]


@dataclass(frozen=True, slots=True)
class Load:
    """How much the engine has to do.

    step: what it leaves out for want of time, each with those before it. room: how many more
    listeners it can carry, an estimate. busy, late, lost: why, in thousandths of the busiest
    thread's time, of frames, of datagrams.
    """

    step: Step
    room: int
    busy: int = 0
    late: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each of the messages that are counted came since the last time; not all are 0."""

    space: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lagged:
    """Events were lost; whoever follows the engine has to look again."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A thread of the engine ended by a fault, and the engine is of no use any more."""

    thread: str


EngineEvent = (
    ChannelReady | PeerConnected | PeerClosed | ClipEnded | Counted | Load | Lagged | Failed
)


class Engine(Protocol):
    """What the control plane asks of an engine. Numbers are never used twice in one process."""

    @property
    def udp_port(self) -> int:
        """The UDP port that is bound."""

    @property
    def advertised(self) -> list[str]:
        """The addresses written into answers."""

    async def open_space(self, space: int) -> None:
        """Make a space; twice is the same as once."""

    async def close_space(self, space: int) -> None:
        """End a space and its peers; returns when no packet of it is sent any more."""

    async def answer(
        self, *, space: int, peer: int, source: int, offer: str, expected: bool = False
    ) -> str:
        """Make a peer of an SDP offer, its gate closed, and give the answer.

        expected: it may take one of the places that are kept for those who speak.
        """

    async def restart(self, peer: int, fragment: str) -> str:
        """Restart ICE and give the server's fragment."""

    async def set_gate(self, peer: int, *, open_: bool) -> None:
        """Let a peer be heard or not; returns when it is so."""

    async def close_peer(self, peer: int) -> None:
        """End a peer; returns after its last packet."""

    def send(self, peers: Sequence[int], message: str) -> None:
        """Send one event to these peers."""

    def send_snapshot(self, peer: int, message: str) -> None:
        """Answer ChannelReady."""

    def broadcast(self, space: int, message: str) -> None:
        """Send one event to every peer of a space."""

    async def set_music(self, space: int, *, music: bool) -> None:
        """Let music be heard in a space, in stereo and left as it is sent; or voices."""

    def play(self, space: int, source: int, packets: Sequence[bytes]) -> None:
        """Let a source speak these 20 ms Opus packets."""

    def stop_playing(self, space: int, source: int) -> None:
        """End what a source plays."""

    def events(self) -> AsyncIterator[EngineEvent]:
        """Give what happens, in order; for one reader."""

    def numbers(self) -> dict[str, int]:
        """Give what it has counted since the start, and how much it has now; names stay."""

    def stop(self) -> None:
        """End it."""


class NativeEngine:
    """The engine in this process. Made inside a running event loop, which its events wake."""

    def __init__(
        self,
        *,
        bind: str,
        port: int,
        advertise: Sequence[str],
        counted: Sequence[str] = (),
        packet_time_ms: int | None = None,
    ) -> None:
        import convivium_engine as native  # noqa: PLC0415 - commands without sound start without it

        try:
            self._engine = native.Engine(bind=bind, port=port, advertise=advertise, counted=counted)
        except native.AddressTaken as error:
            raise PortTaken(str(error)) from error
        except native.EngineError as error:
            raise EngineFailed(str(error)) from error
        self._engine.set_packet_time(packet_time_ms)
        self._refuses = native.EngineError
        self._busy = native.EngineBusy
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._events: deque[EngineEvent] = deque()
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._engine.event_fd, self._drain)

    @property
    def udp_port(self) -> int:
        """The UDP port that is bound."""
        return self._engine.udp_port

    @property
    def advertised(self) -> list[str]:
        """The addresses written into answers."""
        return self._engine.advertised

    async def open_space(self, space: int) -> None:
        """Make a space; twice is the same as once."""

        async def ask() -> None:
            self._now(lambda: self._engine.open_space(space))

        await _surely(ask)

    async def close_space(self, space: int) -> None:
        """End a space and its peers; returns when no packet of it is sent any more."""
        await _surely(lambda: self._later(lambda: self._engine.close_space(space)))

    async def answer(
        self, *, space: int, peer: int, source: int, offer: str, expected: bool = False
    ) -> str:
        """Make a peer of an SDP offer, its gate closed, and give the answer."""
        return await self._later(
            lambda: self._engine.answer(
                space=space, peer=peer, source=source, offer=offer, expected=expected
            )
        )

    async def restart(self, peer: int, fragment: str) -> str:
        """Restart ICE and give the server's fragment."""
        return await self._later(lambda: self._engine.restart(peer, fragment))

    async def set_gate(self, peer: int, *, open_: bool) -> None:
        """Let a peer be heard or not; returns when it is so."""
        await _surely(lambda: self._later(lambda: self._engine.set_gate(peer, open=open_)))

    async def close_peer(self, peer: int) -> None:
        """End a peer; returns after its last packet."""
        await _surely(lambda: self._later(lambda: self._engine.close_peer(peer)))

    def send(self, peers: Sequence[int], message: str) -> None:
        """Send one event to these peers."""
        self._now(lambda: self._engine.send(peers, message))

    def send_snapshot(self, peer: int, message: str) -> None:
        """Answer ChannelReady."""
        self._now(lambda: self._engine.send_snapshot(peer, message))

    def broadcast(self, space: int, message: str) -> None:
        """Send one event to every peer of a space."""
        self._now(lambda: self._engine.broadcast(space, message))

    async def set_music(self, space: int, *, music: bool) -> None:
        """Let music be heard in a space, in stereo and left as it is sent; or voices."""

        async def ask() -> None:
            self._now(lambda: self._engine.set_music(space, music=music))

        await _surely(ask)

    def play(self, space: int, source: int, packets: Sequence[bytes]) -> None:
        """Let a source speak these 20 ms Opus packets."""
        self._now(lambda: self._engine.play(space, source, packets))

    def stop_playing(self, space: int, source: int) -> None:
        """End what a source plays."""
        self._now(lambda: self._engine.stop_playing(space, source))

    async def events(self) -> AsyncIterator[EngineEvent]:
        """Give what happens, in order; for one reader."""
        while True:
            while self._events:
                yield self._events.popleft()
            self._news.clear()
            await self._news.wait()

    def numbers(self) -> dict[str, int]:
        """Give what it has counted since the start, and how much it has now."""
        return self._engine.stats()

    def stop(self) -> None:
        """End its threads and whoever still waits for an answer."""
        self._loop.remove_reader(self._engine.event_fd)
        for waiter in self._waiting.values():
            waiter.cancel()
        self._engine.stop()

    def _now(self, command: Callable[[], None]) -> None:
        try:
            command()
        except self._busy as error:
            raise EngineRefused("busy") from error
        except self._refuses as error:
            raise EngineRefused("refused", str(error)) from error

    async def _later(self, command: Callable[[], int]) -> str:
        try:
            token = command()
        except self._busy as error:
            raise EngineRefused("busy") from error
        except self._refuses as error:
            raise EngineRefused("refused", str(error)) from error
        waiter: asyncio.Future[str] = self._loop.create_future()
        self._waiting[token] = waiter
        try:
            return await asyncio.wait_for(waiter, ANSWER_WAIT_S)
        except TimeoutError:
            raise EngineRefused("silent", "The engine did not answer in time.") from None
        finally:
            self._waiting.pop(token, None)

    def _drain(self) -> None:
        for event in self._engine.drain():
            self._take(event)

    def _take(self, event: "convivium_engine.Event") -> None:
        match event.kind:
            case "answered" | "done":
                self._settle(event.token, lambda waiter: waiter.set_result(event.text))
            case "refused":
                refusal = EngineRefused(event.code, event.text)
                self._settle(event.token, lambda waiter: waiter.set_exception(refusal))
            case "connected":
                self._keep(PeerConnected(event.peer))
            case "channel_ready":
                self._keep(ChannelReady(event.peer))
            case "closed":
                self._keep(PeerClosed(event.peer, event.code))
            case "clip_ended":
                self._keep(ClipEnded(event.space, event.source))
            case "counted":
                self._keep(Counted(event.space, tuple(event.counts)))
            case "packet_time":
                log.info("packet_time_changed", space=event.space, ms=int(event.code))
            case "load" if event.code in get_args(Step):
                self._keep(_load(event))
            case "lagged":
                self._keep(Lagged())
            case "failed":
                self._keep(Failed(event.text))
            case unknown:
                log.warning("engine_event_unknown", kind=unknown)

    def _settle(self, token: int, how: Callable[[asyncio.Future[str]], None]) -> None:
        waiter = self._waiting.get(token)
        if waiter is not None and not waiter.done():
            how(waiter)

    def _keep(self, event: EngineEvent) -> None:
        if len(self._events) >= EVENTS_KEPT:
            self._events.clear()
            event = Lagged()
        self._events.append(event)
        self._news.set()


def _load(event: "convivium_engine.Event") -> Load:
    step: Step = event.code  # type: ignore[assignment] # one of them, as was asked
    return Load(step, event.room, event.busy, event.late, event.lost)


async def _surely(ask: Callable[[], Awaitable[object]]) -> None:
    """Have something done that must not be left out: a full queue is waited for."""
    for _ in range(BUSY_TRIES):
        try:
            await ask()
        except EngineRefused as refusal:
            if refusal.code != "busy":
                raise
            await asyncio.sleep(BUSY_WAIT_S)
        else:
            return
    raise EngineRefused("busy")
