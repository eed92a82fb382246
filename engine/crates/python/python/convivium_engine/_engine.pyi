"""The media engine as Python sees it.

Numbers name things here: the caller gives every space and peer a number of its own, 1 to 2**63-1,
never used twice in one process, and every voice a source number (its CSRC, 1 to 2**32-1).
No call waits for a media thread. A call that returns a token is answered later by an `Event`
with that token: `done` or `answered` where it worked, `refused` where it did not.
"""

from collections.abc import Sequence
from typing import final

__all__ = ["AddressTaken", "Engine", "EngineBusy", "EngineError", "Event"]

class EngineError(Exception):
    """Whatever the engine refuses at once; the text is written for an operator."""

class AddressTaken(EngineError):
    """Another process holds the UDP port."""

class EngineBusy(EngineError):
    """The command queue is full; nothing was done, and it may be tried again."""

@final
class Event:
    """One thing that happened in the engine.

    kind: `answered` (token, text: SDP answer or fragment), `refused` (token, code, text),
    `done` (token), `connected` (peer), `channel_ready` (peer: wants a snapshot),
    `closed` (peer, code: why), `clip_ended` (space, source),
    `packet_time` (space, code: how many ms the packets of listeners hold from now on), `lagged` (events were lost: read again),
    `load` (code: what is left out for want of time, each with those before it: `none`, `encoding`, `events`, `packets`,
    `closed`; room: how many more listeners there is room for, an estimate; busy, late, lost: why, in thousandths of the
    busiest thread's time, of frames, of datagrams; at most once a second),
    `counted` (space, counts: how often each message that is counted came in half a second or so),
    `failed` (text: the name of a thread that ended by a fault; the engine is of no use any more).
    `closed` comes only for a peer that ended by itself: `left` (it said goodbye), `never_connected`
    (not within 10 s), `silent` (nothing for 15 s), `untrusted` (another certificate than announced),
    `no_common_profile`, `failed` (it broke a protocol), `fault` (the engine did).
    Fields that a kind does not use are 0 or empty.
    """

    @property
    def kind(self) -> str: ...
    @property
    def token(self) -> int: ...
    @property
    def space(self) -> int: ...
    @property
    def peer(self) -> int: ...
    @property
    def source(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def room(self) -> int: ...
    @property
    def busy(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def counts(self) -> list[int]: ...

@final
class Engine:
    """A running engine: its threads start here and never take the interpreter's lock.

    bind: local IP address of the UDP socket. port: 0 takes a free one.
    advertise: IP addresses written into answers as host candidates; empty: the machine's own, loopback included.
    counted: messages on data channels that are counted, at most 16 of at most 64 octets.
    Raises AddressTaken, EngineError.
    """

    def __new__(
        cls, *, bind: str = "0.0.0.0", port: int = 0, advertise: Sequence[str] = (), counted: Sequence[str] = ()
    ) -> Engine: ...
    @property
    def udp_port(self) -> int: ...
    @property
    def advertised(self) -> list[str]:
        """The addresses written into answers."""
    @property
    def event_fd(self) -> int:
        """Becomes readable when `drain` has something to give."""
    def open_space(self, space: int) -> None:
        """Make a space; its mixer starts with the first peer. Twice is the same as once."""
    def close_space(self, space: int) -> int:
        """End a space and all its peers. `done` when no packet of it is sent any more."""
    def answer(self, *, space: int, peer: int, source: int, offer: str, expected: bool = False) -> int:
        """Make a peer of an SDP offer, its gate closed. `answered`, or `refused` with code
        `bad_offer`, `no_common_profile`, `unknown_space`, `too_large`, `busy`.
        expected: it may take one of the places that are kept for those who speak."""
    def restart(self, peer: int, fragment: str) -> int:
        """Restart ICE from a trickle-ice-sdpfrag (RFC 8840). `answered` with the server's fragment,
        or `refused` with `bad_offer`, `unknown_peer`."""
    def set_gate(self, peer: int, *, open: bool) -> int:
        """Let this peer be heard, or not. `done` after a closing means: no packet sent from now on
        contains anything the peer said. Of two peers with one source the gate opened last counts.
        `refused` with `unknown_peer`."""
    def close_peer(self, peer: int) -> int:
        """End a peer: its packets are dropped unopened and it is sent nothing. `done` after the last packet."""
    def send(self, peers: Sequence[int], message: str) -> None:
        """Send one event to the data channels of these peers; at most 64 KiB."""
    def send_snapshot(self, peer: int, message: str) -> None:
        """Answer `channel_ready`: send this, then whatever `broadcast` and `send` gave since that event."""
    def broadcast(self, space: int, message: str) -> None:
        """Send one event to the data channel of every peer of a space; at most 64 KiB."""
    def play(self, space: int, source: int, packets: Sequence[bytes]) -> None:
        """Let a source speak 20 ms Opus packets, one each tick; `clip_ended` follows. Used by the demo's voices."""
    def stop_playing(self, space: int, source: int) -> None: ...
    def set_music(self, space: int, *, music: bool) -> None:
        """Let music be heard in a space: in stereo, at 128 kbit/s and as loud as it was sent; or voices, as at first.
        Whoever is connected stays so; who joins from now on is answered what to send."""
    def set_packet_time(self, ms: int | None) -> None:
        """Let packets of listeners hold 20, 40, 60 or 120 ms; None, as at first: the larger the
        audience, the longer. Speakers get 20 ms. `packet_time` follows for each space in which it changes."""
    def drain(self, limit: int = 512) -> list[Event]: ...
    def stats(self) -> dict[str, int]:
        """Counters since the start (`packets_in`, `dropped_gate`, ...) and gauges (`peers`, `spaces`)."""
    def stop(self, timeout_ms: int = 1000) -> None:
        """End all threads and close the socket. Twice is the same as once."""
