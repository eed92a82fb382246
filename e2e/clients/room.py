"""The real server with a space in it, a host who speaks, and a piece of wire in front."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from bench.people import voices
from bench.server import Server, new_server
from e2e.clients.program import ClientError
from e2e.clients.wire import Wire

LOOPBACK = "127.0.0.1"
# Nothing is sent there: the route to it shows by which address this machine is on its network.
ANYWHERE = ("198.51.100.1", 9)


@dataclass(frozen=True)
class Room:
    """Where the clients come to: one space, in which the host speaks all the time."""

    server: Server
    host: httpx.Client
    space: str
    wire: Wire

    @contextlib.contextmanager
    def person(self, name: str) -> Iterator[httpx.Client]:
        """Make an account and give a client of the API that acts for it."""
        with self.server.as_person(self.server.host_token(name)) as person:
            yield person


@contextlib.contextmanager
def open_room() -> Iterator[Room]:
    """Run a server whose sound clients reach at this machine's own address, by the wire only.

    Its page and API stay on loopback, where a browser lets a page have the microphone. Firefox
    gathers no loopback candidate. Raises ClientError where the machine is on no network.
    """
    address = own_address()
    settings = {"CONVIVIUM_UDP_BIND": LOOPBACK, "CONVIVIUM_UDP_ADVERTISE": address}
    with (
        new_server(settings) as server,
        Wire((address, server.udp_port), (LOOPBACK, server.udp_port)) as wire,
    ):
        token = server.host_token("ama")
        with server.as_person(token) as host:
            space = _open_to_all(host)
            with voices(server, space, [token]):
                yield Room(server, host, space, wire)


def own_address() -> str:
    """Find the address by which this machine is known on its network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(ANYWHERE)
        except OSError as error:
            raise ClientError(
                "The clients need an address of this machine that is not loopback; it has none."
            ) from error
        return str(asking.getsockname()[0])


def _open_to_all(host: httpx.Client) -> str:
    wanted = {"title": "Clients", "speak_policy": "everyone"}
    made = host.post("/spaces", json=wanted).raise_for_status().json()
    host.post(f"/spaces/{made['id']}/start").raise_for_status()
    return str(made["id"])
