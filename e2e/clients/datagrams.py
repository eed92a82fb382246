"""What datagrams tell to anybody on the way: STUN, DTLS 1.2 while it is in clear, RTP headers."""

from dataclasses import dataclass

# RFC 7983, 7: what a datagram is, by its first octet.
STUN = range(4)
DTLS = range(20, 64)
RTP = range(128, 192)
# RFC 8489: types of messages and attributes.
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, USE_CANDIDATE = 0x0006, 0x0025
# RFC 6347 and RFC 5764: records, messages, the extension.
HANDSHAKE = 22
CLIENT_HELLO, SERVER_HELLO = 1, 2
USE_SRTP = 14
PROFILES = {1: "CM80", 2: "CM32", 5: "NULL80", 6: "NULL32", 7: "GCM128", 8: "GCM256"}
# Lengths in octets.
STUN_HEADER, ATTRIBUTE_HEADER = 20, 4
RECORD_HEADER, MESSAGE_HEADER, EXTENSION_HEADER = 13, 12, 4


@dataclass(frozen=True)
class Fragment:
    """A part of a handshake message (RFC 6347, 4.2.2)."""

    kind: int
    length: int
    number: int
    offset: int
    body: bytes


def is_sound(datagram: bytes) -> bool:
    """Tell RTP from RTCP, whose types look like payload types 64 to 95 (RFC 5761, 4)."""
    return datagram[0] in RTP and (datagram[1] & 0x7F) not in range(64, 96)


def attributes_of(message: bytes) -> dict[int, bytes]:
    """Read the attributes of a STUN message (RFC 8489, 14)."""
    attributes = {}
    at = STUN_HEADER
    while at + ATTRIBUTE_HEADER <= len(message):
        kind, length = _number(message, at), _number(message, at + 2)
        at += ATTRIBUTE_HEADER
        attributes[kind] = message[at : at + length]
        at += (length + 3) // 4 * 4
    return attributes


def fragments_of(datagram: bytes) -> list[Fragment]:
    """Read the handshake messages of a datagram, as long as they are in clear (epoch 0)."""
    fragments = []
    while len(datagram) >= RECORD_HEADER:
        kind, epoch = datagram[0], _number(datagram, 3)
        end = RECORD_HEADER + _number(datagram, 11)
        record, datagram = datagram[RECORD_HEADER:end], datagram[end:]
        if kind == HANDSHAKE and epoch == 0:
            fragments += _fragments_in(record)
    return fragments


def _fragments_in(record: bytes) -> list[Fragment]:
    fragments = []
    while len(record) >= MESSAGE_HEADER:
        end = MESSAGE_HEADER + int.from_bytes(record[9:12])
        fragments.append(
            Fragment(
                kind=record[0],
                length=int.from_bytes(record[1:4]),
                number=_number(record, 4),
                offset=int.from_bytes(record[6:9]),
                body=record[MESSAGE_HEADER:end],
            )
        )
        record = record[end:]
    return fragments


def profiles_of(hello: bytes, kind: int) -> list[str]:
    """Read use_srtp (RFC 5764, 4.1.1) of a hello (RFC 6347, 4.2.1; RFC 5246, 7.4.1.3)."""
    at = 2 + 32  # version, random
    at += 1 + hello[at]  # session
    if kind == CLIENT_HELLO:
        at += 1 + hello[at]  # cookie
        at += 2 + _number(hello, at)  # suites
        at += 1 + hello[at]  # methods
    else:
        at += 3  # the suite, the method
    return [PROFILES.get(profile, f"0x{profile:04x}") for profile in _use_srtp(hello[at + 2 :])]


def _use_srtp(extensions: bytes) -> list[int]:
    while len(extensions) >= EXTENSION_HEADER:
        kind, length = _number(extensions, 0), _number(extensions, 2)
        end = EXTENSION_HEADER + length
        body, extensions = extensions[EXTENSION_HEADER:end], extensions[end:]
        if kind == USE_SRTP:
            return [_number(body, at) for at in range(2, 2 + _number(body, 0), 2)]
    return []


def _number(octets: bytes, at: int) -> int:
    return int.from_bytes(octets[at : at + 2])
