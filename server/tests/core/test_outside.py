"""Whom strangers may send us to: public servers over https, and nobody else."""

import asyncio
import ipaddress
import socket
from typing import Any

import httpcore
import pytest

from convivium.core.outside import NotOutside, Outside, Unheard, Unreachable, is_public

# ruff: noqa: S104 - addresses as text
INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fec0::1", "fc00::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_ours_are_not_public(address: str) -> None:
    """However they are written."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_others_are(address: str) -> None:
    """As they should be."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example/a",
        "https://push.example:8443/a",
        "https://user@push.example/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[::ffff:10.0.0.1]/a",
        "https:///a",
        "file:///etc/passwd",
        "gopher://push.example/a",
        "https://push.example/a b",
        "https://push.example/a\r\nX: y",
        "https://push.example:port/",
        "https://push.example/" + "a" * 2000,
        "",
    ],
)
def test_refused_before_anything_is_kept(url: str) -> None:
    """In words, as what cannot be understood."""
    with pytest.raises(NotOutside):
        Outside().check(url)


def test_a_public_server_is_fine() -> None:
    """Over https, with its port or without."""
    for url in ("https://push.example/a", "https://push.example:443/a?b=c"):
        Outside().check(url)


@pytest.mark.parametrize(
    "url",
    ["http://localhost:{port}/", "http://127.0.0.1:{port}/", "http://127.1:{port}/",
     "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://[::ffff:127.0.0.1]:{port}/"],
)  # fmt: skip
async def test_no_connection_inside(url: str) -> None:
    """Also not by a name, or a number in disguise: nobody there hears a knock."""
    knocks: list[object] = []
    server = await asyncio.start_server(lambda r, _w: knocks.append(r), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outside = Outside()
    with pytest.raises(Unreachable):
        await outside.post(url.format(port=port), {}, b"x")
    await outside.close()
    server.close()

    assert knocks == []


async def test_a_name_that_points_inside_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """One public address beside one of ours makes no name public."""

    async def found(*_: Any, **__: Any) -> list[Any]:  # noqa: ANN401
        both = ("8.8.8.8", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in both]

    monkeypatch.setattr("convivium.core.outside._addresses_of", found)
    way = Outside()._pool._network_backend
    with pytest.raises(httpcore.ConnectError, match="no public address"):
        await way._look_up("both.example", 443)  # type: ignore[attr-defined]


async def test_who_is_not_there_and_who_does_not_answer() -> None:
    """The first was certainly sent nothing; of the second nobody knows."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outside = Outside(local=True)
    with pytest.raises(Unheard):
        await outside.post(f"http://127.0.0.1:{port}/", {}, b"")
    server.close()
    await server.wait_closed()
    with pytest.raises(Unreachable):
        await outside.post(f"http://127.0.0.1:{port}/", {}, b"")
    await outside.close()


async def test_a_connection_is_good_for_the_next_one() -> None:
    """As long as the answer is short; one without an end is left alone, and counts all the same."""
    connections = 0
    bodies = [b"Content-Length: 2\r\n\r\nok"] * 3 + [
        b"Content-Length: 999999\r\n\r\n" + b"x" * 9000
    ]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while not reader.at_eof() and bodies:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 201 X\r\n" + bodies.pop(0))
            await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outside = Outside(local=True)
    for _ in range(4):
        assert (await outside.post(f"http://127.0.0.1:{port}/", {}, b"")).status == 201
    await outside.close()
    server.close()

    assert connections == 1
