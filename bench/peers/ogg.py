"""Opus in Ogg (RFC 3533, RFC 7845): as much of it as a live stream to Icecast needs."""

from collections.abc import Sequence

from bench.peers.sound import FRAME_TICKS

SERIAL = 0x436F6E76
BEGINS, GOES_ON = 2, 0
POLYNOMIAL = 0x04C11DB7


def _checksums() -> list[int]:
    table = []
    for octet in range(256):
        value = octet << 24
        for _ in range(8):
            value = (value << 1) ^ (POLYNOMIAL if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


TABLE = _checksums()


def checksum(octets: bytes) -> int:
    """Compute the CRC of a page whose own field is zero (RFC 3533, 6)."""
    value = 0
    for octet in octets:
        value = ((value << 8) & 0xFFFFFFFF) ^ TABLE[(value >> 24) ^ octet]
    return value


def page(number: int, ticks: int, packets: Sequence[bytes], kind: int = GOES_ON) -> bytes:
    """Write a page of whole packets, each below 255 octets; ticks: samples until its end."""
    segments = bytes(len(packet) for packet in packets)
    head = b"OggS\0" + bytes([kind]) + ticks.to_bytes(8, "little")
    head += SERIAL.to_bytes(4, "little") + number.to_bytes(4, "little")
    rest = bytes([len(segments)]) + segments + b"".join(packets)
    value = checksum(head + bytes(4) + rest)
    return head + value.to_bytes(4, "little") + rest


def beginning() -> bytes:
    """Write the two pages with which a stream begins: its kind and its (empty) comments."""
    kind = b"OpusHead\1\1" + (312).to_bytes(2, "little") + (48_000).to_bytes(4, "little")
    kind += bytes(3)
    maker = b"convivium"
    comments = b"OpusTags" + len(maker).to_bytes(4, "little") + maker + bytes(4)
    return page(0, 0, [kind], BEGINS) + page(1, 0, [comments])


def sound(number: int, packets: Sequence[bytes]) -> bytes:
    """Write the page with this number, counted from 0 after the beginning, all of one length."""
    return page(number + 2, (number + 1) * len(packets) * FRAME_TICKS, packets)
