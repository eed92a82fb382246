"""Murmur, the server of Mumble: one talks, everybody in the channel hears, over sealed UDP."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from bench.peers import sound
from bench.peers.ocb import Sealer
from bench.peers.packages import Unpacked
from bench.peers.process import cost, folder, free_port, many_files, running
from bench.peers.row import Amount, Row
from bench.server import MeasuringError

CONNECT_LIMIT_S = 10.0
SETTLE_S = 1.0
READ_EVERY_S = 0.05
KEEP_ALIVE_S = 10.0
TAKE = 1 << 16
HEAD = 6
MORE_FOLLOWS = 0x80
# Kinds of messages over TCP.
VERSION, AUTHENTICATE, PING, REJECT, SERVER_SYNC, CRYPT_SETUP = 0, 2, 3, 4, 5, 15
# Kinds of packets over UDP: in the first three bits.
UDP_PING, UDP_OPUS = 1 << 5, 4 << 5
PROTOCOL = 0x00010300
CONFIGURATION = """database={folder}/murmur.sqlite
logfile={folder}/murmur.log
port={port}
host=127.0.0.1
users=2000
bandwidth=558000
timeout=60
autobanAttempts=0
bonjour=false
welcometext=
opusthreshold=0
messagelimit=1000
"""


def measure(unpacked: Unpacked, amount: Amount) -> Iterator[Row]:
    """Let more and more clients into the one channel; the first one talks."""
    many_files()
    port = free_port()
    with folder() as own, ExitStack() as stack:
        configuration = own / "murmur.ini"
        configuration.write_text(CONFIGURATION.format(folder=own, port=port))
        command = [str(unpacked.program("usr/sbin/murmurd")), "-fg", "-ini", str(configuration)]
        pid = stack.enter_context(running(command, unpacked.environment(), port))
        talker = stack.enter_context(_Client(port, 0))
        stack.enter_context(sound.each(sound.FRAME_S, talker.talk))
        clients: list[_Client] = []
        for size in amount.sizes:
            while len(clients) < size:
                clients.append(stack.enter_context(_Client(port, len(clients) + 1)))
                talker.read()
            _listen(talker, clients, SETTLE_S)
            us, came = cost(pid, amount, lambda seconds: _listen(talker, clients, seconds))
            share = came * sound.FRAME_S / size
            yield Row("Murmur, UDP", 20, size, us / size, share)


def _listen(talker: "_Client", clients: Sequence["_Client"], seconds: float) -> int:
    """Take what comes for so long; gives how many packets of sound."""
    came = 0
    end = time.perf_counter() + seconds
    while (rest := end - time.perf_counter()) > 0:
        time.sleep(min(rest, READ_EVERY_S))
        talker.read()
        came += sum(client.read() for client in clients)
    return came


class _Client:
    """One client: TCP with TLS for what is said about sound, UDP for the sound."""

    def __init__(self, port: int, number: int) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        # The server has made its certificate itself a moment ago.
        context.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_LIMIT_S)
        self._tcp = context.wrap_socket(raw)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.connect(("127.0.0.1", port))
        self._read = b""
        self._send(VERSION, number_field(1, PROTOCOL))
        self._send(AUTHENTICATE, text_field(1, f"bench{number}") + number_field(5, 1))
        self._sealer = self._enter()
        self._tcp.setblocking(False)
        self._udp.setblocking(False)
        self._alive_at = 0.0
        self._keep_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tcp.close()
        self._udp.close()

    def talk(self, number: int) -> None:
        """Send one packet of sound."""
        body = bytes([UDP_OPUS]) + varint(2 * number) + varint(sound.OCTETS)
        self._udp.send(self._sealer.seal(body + sound.packet(number)))

    def read(self) -> int:
        """Take what has come, and stay in touch; gives how many packets of sound."""
        came = 0
        try:
            while packet := self._udp.recv(2048):
                came += len(packet) > sound.OCTETS
        except BlockingIOError:
            pass
        try:
            while self._tcp.recv(TAKE):
                pass
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        if time.monotonic() - self._alive_at > KEEP_ALIVE_S:
            self._keep_alive()
        return came

    def _keep_alive(self) -> None:
        """By TCP the server knows that somebody is there, by UDP where sound is to go."""
        self._alive_at = time.monotonic()
        self._send(PING, b"")
        self._udp.send(self._sealer.seal(bytes([UDP_PING]) + varint(1)))

    def _enter(self) -> Sealer:
        """Wait until the server has said how to seal and that one is in."""
        sealer = None
        while True:
            kind, body = self._message()
            if kind == REJECT:
                raise MeasuringError("Murmur lets nobody in")
            if kind == CRYPT_SETUP:
                fields = fields_of(body)
                sealer = Sealer(fields[1], fields[2])
            if kind == SERVER_SYNC and sealer:
                return sealer

    def _message(self) -> tuple[int, bytes]:
        """Read the next message: its kind, its length, its body."""
        head = self._octets(HEAD)
        return int.from_bytes(head[:2], "big"), self._octets(int.from_bytes(head[2:], "big"))

    def _octets(self, number: int) -> bytes:
        while len(self._read) < number:
            came = self._tcp.recv(TAKE)
            if not came:
                raise MeasuringError("Murmur has closed the connection")
            self._read += came
        octets, self._read = self._read[:number], self._read[number:]
        return octets

    def _send(self, kind: int, body: bytes) -> None:
        self._tcp.sendall(kind.to_bytes(2, "big") + len(body).to_bytes(4, "big") + body)


def fields_of(body: bytes) -> dict[int, bytes]:
    """Read a message of Protocol Buffers that has fields of octets only, below 128 each."""
    fields = {}
    while body:
        length = body[1]
        fields[body[0] >> 3] = body[2 : 2 + length]
        body = body[2 + length :]
    return fields


def number_field(field: int, value: int) -> bytes:
    """Write a field with a number (Protocol Buffers)."""
    octets = b""
    while value >= MORE_FOLLOWS:
        octets += bytes([value % MORE_FOLLOWS | MORE_FOLLOWS])
        value //= MORE_FOLLOWS
    return bytes([field << 3]) + octets + bytes([value])


def text_field(field: int, value: str) -> bytes:
    """Write a field with a short text."""
    return bytes([field << 3 | 2, len(value)]) + value.encode()


def varint(value: int) -> bytes:
    """Write a number as Mumble does in UDP packets; below 2^28."""
    if value < 1 << 7:
        return bytes([value])
    if value < 1 << 14:
        return (value | 0x8000).to_bytes(2, "big")
    if value < 1 << 21:
        return (value | 0xC00000).to_bytes(3, "big")
    return (value | 0xE0000000).to_bytes(4, "big")
