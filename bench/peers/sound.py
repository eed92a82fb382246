"""The sound that all servers carry: Opus packets of 20 ms, 80 octets each."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FRAME_S = 0.02
FRAME_TICKS = 960
OCTETS = 80
# RFC 6716, 3.1: 20 ms of CELT over the full band, mono, one frame in the packet.
TOC = 0xF8
PAYLOAD_TYPE = 111
VERSION = 0x80


def packet(number: int) -> bytes:
    """Give one packet: noise, but one that every decoder takes, and the same in each run."""
    return bytes([TOC]) + random.Random(number % 50).randbytes(OCTETS - 1)  # noqa: S311 - no secret


def as_rtp(number: int, ssrc: int) -> bytes:
    """Give it as an RTP packet (RFC 3550, 5.1)."""
    head = bytes([VERSION, PAYLOAD_TYPE]) + (number & 0xFFFF).to_bytes(2, "big")
    ticks = number * FRAME_TICKS & 0xFFFFFFFF
    return head + ticks.to_bytes(4, "big") + ssrc.to_bytes(4, "big") + packet(number)


@contextmanager
def each(interval_s: float, send: Callable[[int], None]) -> Iterator[None]:
    """Call `send` with 0, 1, 2 and so on at this interval, in a thread, until this is left."""
    over = threading.Event()

    def run() -> None:
        began, number = time.monotonic(), 0
        while not over.wait(max(0.0, began + number * interval_s - time.monotonic())):
            try:
                send(number)
            except OSError:
                return
            number += 1

    thread = threading.Thread(target=run, name="sound", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
