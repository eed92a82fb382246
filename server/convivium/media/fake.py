"""An engine without sound, which knows who would be heard by whom; for tests of the control plane.

It keeps the promises of the real one that matter above it: a peer starts with its gate closed, an
ended peer is heard by nobody, a number is never used twice, an unknown one is refused.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from convivium.media.engine import ChannelReady, ClipEnded, EngineEvent, EngineRefused, PeerClosed


@dataclass
class FakePeer:
    """One end of a call: whether it is let speak, and every event its data channel was sent."""

    space: int
    source: int
    expected: bool = False
    gate_open: bool = False
    fragment: int = 0
    is_ready: bool = False
    received: list[dict[str, Any]] = field(default_factory=list)


class FakeEngine:
    """Keeps spaces and peers as a real engine would, and can be asked who hears whom.

    hold: while cleared, answers to offers wait, so that one can look at what happens during a join.
    stuck: peers that do not end.
    hold_gates: the same for gates, which are set when the waiting is over.
    waits: set once something waits.
    refuses: the code with which a command of this name is refused. What is `silent` happens late:
        an opening comes about all the same, a closing has not come about yet.
    """

    def __init__(self) -> None:
        self.spaces: set[int] = set()
        self.music: set[int] = set()
        self.peers: dict[int, FakePeer] = {}
        self.playing: dict[tuple[int, int], list[bytes]] = {}
        self.used: set[int] = set()
        self.refuse_with: str | None = None
        self.refuses: dict[str, str] = {}
        self.stuck: set[int] = set()
        self.is_busy = False
        self.hold = asyncio.Event()
        self.hold.set()
        self.hold_gates = asyncio.Event()
        self.hold_gates.set()
        self.waits = asyncio.Event()
        self.stopped = False
        self._events: asyncio.Queue[EngineEvent] = asyncio.Queue()

    @property
    def udp_port(self) -> int:
        """A number; nothing is bound."""
        return 7882

    @property
    def advertised(self) -> list[str]:
        """An address; nothing is bound."""
        return ["127.0.0.1"]

    def heard_in(self, space: int) -> set[int]:
        """Tell the sources that are heard in a space: open gates and clips."""
        voices = {p.source for p in self.peers.values() if p.space == space and p.gate_open}
        return voices | {source for (where, source) in self.playing if where == space}

    def who_hears(self, source: int) -> dict[int, list[int]]:
        """Tell, for each space in which this source is heard, the peers that hear it."""
        ears: dict[int, list[int]] = defaultdict(list)
        for number, peer in self.peers.items():
            if peer.source != source and source in self.heard_in(peer.space):
                ears[peer.space].append(number)
        return dict(ears)

    async def open_space(self, space: int) -> None:
        """Make a space; twice is the same as once."""
        self._refuse("open_space")
        self.spaces.add(space)

    async def close_space(self, space: int) -> None:
        """End a space, its peers and what is played in it."""
        self._refuse("close_space")
        self.spaces.discard(space)
        self.music.discard(space)
        for source in [source for (where, source) in self.playing if where == space]:
            self.end_clip(space, source)
        for number in [n for n, peer in self.peers.items() if peer.space == space]:
            self._end(number, "space_closed")

    async def answer(
        self, *, space: int, peer: int, source: int, offer: str, expected: bool = False
    ) -> str:
        """Make a peer of anything that begins like SDP."""
        if self.refuse_with or space not in self.spaces:
            raise EngineRefused(self.refuse_with or "unknown_space")
        if not offer.startswith("v=0"):
            raise EngineRefused("bad_offer", "The offer is not SDP.")
        if peer in self.used:
            raise AssertionError(f"peer number {peer} was used before")
        self.used.add(peer)
        self.peers[peer] = FakePeer(space, source, expected)
        if not self.hold.is_set():
            self.waits.set()
            await self.hold.wait()
        return f"v=0\r\no=- {peer} 1 IN IP4 127.0.0.1\r\ns=-\r\n"

    async def restart(self, peer: int, fragment: str) -> str:
        """Restart ICE of a peer that is there."""
        found = self._peer(peer)
        if "a=ice-ufrag" not in fragment:
            raise EngineRefused("bad_offer", "The fragment has no a=ice-ufrag.")
        found.fragment += 1
        return f"a=ice-ufrag:f{found.fragment}\r\na=ice-pwd:p{found.fragment}\r\n"

    async def set_gate(self, peer: int, *, open_: bool) -> None:
        """Let a peer be heard or not."""
        found = self._peer(peer)
        if not self.hold_gates.is_set():
            self.waits.set()
            await self.hold_gates.wait()
        if open_ and self.refuses.get("set_gate") == "silent":
            found.gate_open = True
        self._refuse("set_gate")
        found.gate_open = open_

    async def close_peer(self, peer: int) -> None:
        """End a peer."""
        self._peer(peer)
        self._refuse("close_peer")
        if peer in self.stuck:
            raise EngineRefused("silent")
        self._end(peer, "closed")

    def send(self, peers: Sequence[int], message: str) -> None:
        """Send one event to these peers."""
        self._refuse_when_busy()
        for number in peers:
            if number in self.peers:
                self.peers[number].received.append(json.loads(message))

    def send_snapshot(self, peer: int, message: str) -> None:
        """Answer ChannelReady."""
        self.send([peer], message)
        if peer in self.peers:
            self.peers[peer].is_ready = True

    def broadcast(self, space: int, message: str) -> None:
        """Send one event to every peer of a space."""
        self.send([n for n, peer in self.peers.items() if peer.space == space], message)

    async def set_music(self, space: int, *, music: bool) -> None:
        """Let music be heard in a space, or voices; nothing of a space that there is not."""
        self._refuse("set_music")
        if music and space in self.spaces:
            self.music.add(space)
        else:
            self.music.discard(space)

    def play(self, space: int, source: int, packets: Sequence[bytes]) -> None:
        """Let a source speak; it goes on until `end_clip`."""
        self.playing[space, source] = list(packets)

    def stop_playing(self, space: int, source: int) -> None:
        """End what a source plays."""
        self.playing.pop((space, source), None)

    async def events(self) -> AsyncIterator[EngineEvent]:
        """Give what happens, in order."""
        while True:
            yield await self._events.get()

    def numbers(self) -> dict[str, int]:
        """Count what there is."""
        return {"peers": len(self.peers), "spaces": len(self.spaces)}

    def stop(self) -> None:
        """End it."""
        self.stopped = True
        self.peers.clear()

    # What only tests do

    def open_channel(self, peer: int) -> None:
        """Do as if this peer's data channel had opened."""
        self._events.put_nowait(ChannelReady(peer))

    def lose(self, peer: int, code: str = "silent") -> None:
        """Do as if nothing had come from this peer for 15 s."""
        self._end(peer, code)

    def end_clip(self, space: int, source: int) -> None:
        """Do as if a clip had been heard to its end."""
        self.stop_playing(space, source)
        self._events.put_nowait(ClipEnded(space, source))

    def tell(self, event: EngineEvent) -> None:
        """Do as if this had happened."""
        self._events.put_nowait(event)

    def _peer(self, number: int) -> FakePeer:
        if number not in self.peers:
            raise EngineRefused("unknown_peer")
        return self.peers[number]

    def _end(self, number: int, code: str) -> None:
        if self.peers.pop(number, None) is not None:
            self._events.put_nowait(PeerClosed(number, code))

    def _refuse(self, command: str) -> None:
        if command in self.refuses:
            raise EngineRefused(self.refuses[command])

    def _refuse_when_busy(self) -> None:
        if self.is_busy:
            raise EngineRefused("busy")
