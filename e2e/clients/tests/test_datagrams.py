"""What is read of datagrams is what is in them, also when it comes in pieces."""

from e2e.clients.datagrams import (
    CLIENT_HELLO,
    SERVER_HELLO,
    USE_CANDIDATE,
    USERNAME,
    attributes_of,
    is_sound,
    profiles_of,
)
from e2e.clients.wire import Seen

RANDOM = bytes(32)
VERSION = b"\xfe\xfd"
# server_name, which is nobody's business here, then use_srtp with two profiles and no MKI.
OFFERED = b"\x00\x00\x00\x01x" + b"\x00\x0e\x00\x07" + b"\x00\x04\x00\x08\x00\x02" + b"\x00"
TAKEN = b"\x00\x0e\x00\x05" + b"\x00\x02\x00\x08" + b"\x00"


def client_hello(extensions: bytes = OFFERED) -> bytes:
    before = VERSION + RANDOM + b"\x01s" + b"\x02cc" + b"\x00\x02\xc0\x2b" + b"\x01\x00"
    return before + len(extensions).to_bytes(2) + extensions


def server_hello() -> bytes:
    return VERSION + RANDOM + b"\x00" + b"\xc0\x2b" + b"\x00" + len(TAKEN).to_bytes(2) + TAKEN


def record(kind: int, whole: bytes, part: slice = slice(None), epoch: int = 0) -> bytes:
    body = whole[part]
    header = bytes([kind]) + len(whole).to_bytes(3) + bytes(2)
    message = header + (part.start or 0).to_bytes(3) + len(body).to_bytes(3) + body
    return b"\x16" + VERSION + epoch.to_bytes(2) + bytes(6) + len(message).to_bytes(2) + message


def stun(kind: int, *attributes: tuple[int, bytes]) -> bytes:
    padded = [
        number.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4)
        for number, value in attributes
    ]
    body = b"".join(padded)
    return kind.to_bytes(2) + len(body).to_bytes(2) + bytes(16) + body


def test_profiles_are_read_of_both_hellos() -> None:
    assert profiles_of(client_hello(), CLIENT_HELLO) == ["GCM256", "CM32"]
    assert profiles_of(server_hello(), SERVER_HELLO) == ["GCM256"]
    assert profiles_of(client_hello(b""), CLIENT_HELLO) == []


def test_a_hello_in_two_fragments_is_put_together_and_a_repeated_one_changes_nothing() -> None:
    seen = Seen()
    hello = client_hello()

    seen.to_server(record(CLIENT_HELLO, hello, slice(0, 40)))
    seen.to_server(record(CLIENT_HELLO, hello, slice(0, 40)))
    assert seen.offered == []
    seen.to_server(record(CLIENT_HELLO, hello, slice(40, None)))

    assert seen.offered == ["GCM256", "CM32"]


def test_what_is_encrypted_is_not_taken_for_a_hello() -> None:
    seen = Seen()

    seen.to_server(record(CLIENT_HELLO, client_hello(), epoch=1))

    assert seen.offered == []


def test_a_name_is_proven_by_the_answer_to_a_nominating_check_only() -> None:
    seen = Seen()
    name = (USERNAME, b"server:client")

    seen.to_server(stun(0x0001, name))
    seen.to_client(stun(0x0101))
    assert (seen.names, seen.proven) == ({"client"}, set())
    seen.to_server(stun(0x0001, name, (USE_CANDIDATE, b"")))
    assert seen.proven == set()
    seen.to_client(stun(0x0101))

    assert seen.proven == {"client"}


def test_attributes_are_padded_to_four_octets() -> None:
    message = stun(0x0001, (6, b"a:b"), (0x25, b""))

    assert attributes_of(message) == {6: b"a:b", 0x25: b""}


def test_reports_are_not_sound() -> None:
    assert is_sound(bytes([0x80, 0x80 | 111]))
    assert not is_sound(bytes([0x80, 200]))
    assert not is_sound(bytes([22, 111]))


def test_what_took_several_ways_is_seen_as_one() -> None:
    handshake, sound = Seen(), Seen()
    handshake.to_client(record(SERVER_HELLO, server_hello()))
    sound.to_client(bytes([0x80, 109]))

    sound.add(handshake)

    assert (sound.taken, sound.payload_type, sound.heard) == ("GCM256", 109, 1)
