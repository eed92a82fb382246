"""Icecast: Ogg Opus over HTTP, a page to every listener."""

import base64
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench.peers import ogg, sound
from bench.peers.packages import Unpacked
from bench.peers.process import cost, folder, free_port, many_files, running
from bench.peers.row import Amount, Row
from bench.server import MeasuringError

PASSWORD = "only-over-loopback"  # noqa: S105 - of a server that lives for a minute
MOUNT = "/live.opus"
READ_EVERY_S = 0.25
# What waited while the others joined has to be taken first.
SETTLE_S = 3.0
TAKE = 1 << 16
# Its listening socket has a short queue: whoever finds it full tries again a second later.
APART_S = 0.003
CONNECT_LIMIT_S = 10.0
ANSWER = b"HTTP/1.0 200 OK"
OWNER = "<security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>"
CONFIGURATION = """<icecast>
<limits>
  <clients>20000</clients><sources>2</sources><queue-size>524288</queue-size>
  <burst-on-connect>0</burst-on-connect>
</limits>
<authentication>
  <source-password>{password}</source-password>
  <admin-user>admin</admin-user><admin-password>{password}</admin-password>
</authentication>
<hostname>localhost</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths>
  <basedir>{folder}</basedir><logdir>{folder}</logdir>
  <webroot>{share}/web</webroot><adminroot>{share}/admin</adminroot>
</paths>
<logging><accesslog>-</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel></logging>
{owner}
</icecast>
"""


def measure(unpacked: Unpacked, page_ms: int, amount: Amount) -> Iterator[Row]:
    """Let more and more listeners hear pages of this length."""
    many_files()
    port = free_port()
    frames = round(page_ms / 1000 / sound.FRAME_S)
    with folder() as own, ExitStack() as stack:
        configuration = own / "icecast.xml"
        configuration.write_text(
            CONFIGURATION.format(
                password=PASSWORD,
                port=port,
                folder=own,
                share=unpacked.folder("usr/share/icecast2"),
                owner="" if os.geteuid() else OWNER,
            )
        )
        command = [str(unpacked.program("usr/bin/icecast2")), "-c", str(configuration)]
        pid = stack.enter_context(running(command, unpacked.environment(), port))
        source = stack.enter_context(_source(port))
        stack.enter_context(
            sound.each(page_ms / 1000, lambda number: source.sendall(_page(number, frames)))
        )
        listeners: list[socket.socket] = []
        for size in amount.sizes:
            more = _join(port, size - len(listeners))
            listeners.extend(stack.enter_context(one) for one in more)
            _read(listeners, SETTLE_S)
            us, came = cost(pid, amount, lambda seconds: _read(listeners, seconds))
            share = came / (size * len(_page(0, frames)) * 1000 / page_ms)
            yield Row(f"Icecast, pages of {page_ms} ms", page_ms, size, us / size, share)


def _page(number: int, frames: int) -> bytes:
    return ogg.sound(number, [sound.packet(number * frames + frame) for frame in range(frames)])


def _source(port: int) -> socket.socket:
    """Connect as the one whose stream is heard (HTTP PUT, as Icecast 2.4 has it)."""
    source = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_LIMIT_S)
    who = base64.b64encode(f"source:{PASSWORD}".encode()).decode()
    head = f"PUT {MOUNT} HTTP/1.1\r\nAuthorization: Basic {who}\r\nContent-Type: audio/ogg\r\n\r\n"
    source.sendall(head.encode())
    said = source.recv(TAKE)
    if b" 200 " not in said.splitlines()[0]:
        raise MeasuringError(f"Icecast takes no stream: {said[:60]!r}")
    source.sendall(ogg.beginning())
    return source


def _join(port: int, number: int) -> list[socket.socket]:
    """Let some listen: they ask one after another, and are answered with the next page."""
    listeners = []
    for _ in range(number):
        listener = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_LIMIT_S)
        listener.sendall(f"GET {MOUNT} HTTP/1.0\r\n\r\n".encode())
        listeners.append(listener)
        time.sleep(APART_S)
    for listener in listeners:
        if not listener.recv(len(ANSWER), socket.MSG_WAITALL).startswith(ANSWER):
            raise MeasuringError("Icecast lets nobody listen")
        listener.setblocking(False)
    return listeners


def _read(listeners: Sequence[socket.socket], seconds: float) -> int:
    """Read what has come, now and then, as players do; who sleeps in the kernel would be woken at
    the server's cost. Gives how many octets."""
    came = 0
    end = time.perf_counter() + seconds
    while (rest := end - time.perf_counter()) > 0:
        time.sleep(min(rest, READ_EVERY_S))
        for listener in listeners:
            try:
                came += len(listener.recv(TAKE))
            except BlockingIOError:
                continue
    return came
