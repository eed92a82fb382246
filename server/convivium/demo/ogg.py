"""Reads the Opus packets out of an Ogg file (RFC 3533, RFC 7845); only files of our own."""

from collections.abc import Iterator

PAGE_HEADER_BYTES = 27
# OpusHead and OpusTags come first and carry no sound (RFC 7845, 3).
HEADERS = 2


def opus_packets(data: bytes) -> list[bytes]:
    """Give every packet of sound in order. Raises ValueError for anything but Ogg Opus."""
    packets = list(_packets(data))
    if not packets or not packets[0].startswith(b"OpusHead"):
        raise ValueError("this is not an Ogg Opus file")
    return packets[HEADERS:]


def _packets(data: bytes) -> Iterator[bytes]:
    """Join segments to packets: one of 255 bytes goes on, in the next page if need be."""
    packet = b""
    for segment in _segments(data):
        packet += segment
        if len(segment) < 255:  # noqa: PLR2004 - RFC 3533, 6: a lacing value of 255 continues
            yield packet
            packet = b""


def _segments(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        if data[position : position + 4] != b"OggS":
            raise ValueError("an Ogg page does not begin where it should")
        count = data[position + PAGE_HEADER_BYTES - 1]
        position += PAGE_HEADER_BYTES
        lengths = data[position : position + count]
        position += count
        for length in lengths:
            yield data[position : position + length]
            position += length
