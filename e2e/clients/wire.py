"""A piece of wire in front of the server that sees what passes, as anybody on the way would.

What it tells is the same for every client, and none has to be asked: which SRTP profiles were
offered and taken (in clear in DTLS 1.2), which payload type the sound has, and which ICE names
were proven. A client is known by its ICE name (ufrag), which it puts into each check.
"""

import selectors
import socket
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self

from e2e.clients import datagrams

Address = tuple[str, int]

LONGEST_DATAGRAM = 2048
LOOK_UP_EVERY_S = 0.2


@dataclass
class Seen:
    """What passed between one address of a client and the server.

    offered, taken: SRTP profiles, short names. proven: ICE names of the client whose check with
    USE-CANDIDATE the server answered. heard, spoken: packets of sound to and from the client.
    """

    names: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    offered: list[str] = field(default_factory=list)
    taken: str = ""
    payload_type: int | None = None
    heard: int = 0
    spoken: int = 0
    _asked: dict[bytes, str] = field(default_factory=dict)
    _messages: dict[tuple[int, int], bytearray] = field(default_factory=dict)

    def to_server(self, datagram: bytes) -> None:
        """Look at what the client sends."""
        if datagram[0] in datagrams.STUN:
            self._note_check(datagram)
        elif datagram[0] in datagrams.DTLS and (
            hello := self._hello(datagram, datagrams.CLIENT_HELLO)
        ):
            self.offered = datagrams.profiles_of(hello, datagrams.CLIENT_HELLO)
        elif datagrams.is_sound(datagram):
            self.spoken += 1

    def to_client(self, datagram: bytes) -> None:
        """Look at what the server sends."""
        if datagram[0] in datagrams.STUN:
            if int.from_bytes(datagram[:2]) == datagrams.SUCCESS and datagram[8:20] in self._asked:
                self.proven.add(self._asked.pop(datagram[8:20]))
        elif datagram[0] in datagrams.DTLS and (
            hello := self._hello(datagram, datagrams.SERVER_HELLO)
        ):
            self.taken = "".join(datagrams.profiles_of(hello, datagrams.SERVER_HELLO))
        elif datagrams.is_sound(datagram):
            self.heard += 1
            self.payload_type = datagram[1] & 0x7F

    def add(self, other: "Seen") -> None:
        """Take what another way has seen of the same client."""
        self.names |= other.names
        self.proven |= other.proven
        self.offered = self.offered or other.offered
        self.taken = self.taken or other.taken
        self.payload_type = self.payload_type or other.payload_type
        self.heard += other.heard
        self.spoken += other.spoken

    def _note_check(self, datagram: bytes) -> None:
        if int.from_bytes(datagram[:2]) != datagrams.REQUEST:
            return
        attributes = datagrams.attributes_of(datagram)
        name = attributes.get(datagrams.USERNAME, b"").decode(errors="replace").rpartition(":")[2]
        self.names.add(name)
        if datagrams.USE_CANDIDATE in attributes:
            self._asked[datagram[8:20]] = name

    def _hello(self, datagram: bytes, kind: int) -> bytes:
        """Put a hello together, which may come in fragments; nothing while it is not whole."""
        for fragment in datagrams.fragments_of(datagram):
            if fragment.kind == kind:
                key = (kind, fragment.number)
                message = self._messages.setdefault(key, bytearray())
                if len(message) == fragment.offset:
                    message += fragment.body
                if len(message) == fragment.length:
                    return bytes(message)
        return b""


class Wire:
    """Carries between an address that clients are told and the server on loopback."""

    def __init__(self, address: Address, server: Address) -> None:
        """Listen there; raises OSError where it is taken."""
        self._server = server
        self._host = address[0]
        self._outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outside.bind(address)
        self._ways: dict[Address, socket.socket] = {}
        self._seen: defaultdict[Address, Seen] = defaultdict(Seen)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._outside, selectors.EVENT_READ, None)
        self._over = False
        self._thread = threading.Thread(target=self._carry, name="wire")

    def __enter__(self) -> Self:
        """Begin to carry."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Carry nothing any more."""
        self._over = True
        self._thread.join()
        for way in (self._outside, *self._ways.values()):
            way.close()
        self._selector.close()

    def seen(self, *names: str) -> Seen:
        """Tell what passed on all ways that the client with these ICE names has tried.

        The handshake may have taken another way than the sound does later.
        """
        whole = Seen()
        for seen in list(self._seen.values()):
            if not seen.names.isdisjoint(names):
                whole.add(seen)
        return whole

    def _carry(self) -> None:
        while not self._over:
            for key, _ in self._selector.select(LOOK_UP_EVERY_S):
                if key.data is None:
                    self._to_server()
                else:
                    self._to_client(key.fileobj, key.data)  # type: ignore[arg-type] # a socket

    def _to_server(self) -> None:
        datagram, client = self._outside.recvfrom(LONGEST_DATAGRAM)
        if not datagram:
            return
        if client not in self._ways:
            way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            # Firefox does not believe that others see it at a loopback address.
            way.bind((self._host, 0))
            way.connect(self._server)
            self._ways[client] = way
            self._selector.register(way, selectors.EVENT_READ, client)
        self._seen[client].to_server(datagram)
        self._ways[client].send(datagram)

    def _to_client(self, way: socket.socket, client: Address) -> None:
        datagram = way.recv(LONGEST_DATAGRAM)
        if datagram:
            self._seen[client].to_client(datagram)
            self._outside.sendto(datagram, client)
