"""Asking servers elsewhere, whose addresses strangers give us: over https, at public
addresses only.

A name is looked up once, and the connection goes to an address that was looked at: a name that
points inside at the second look leads nowhere. Redirections are not followed. Of the answer to what
is sent only its head counts; a short rest is read, so that the connection is good for the next one.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from convivium.core.errors import Malformed

# How long one step of it may take, and all of it together.
STEP_S = 5.0
WHOLE_S = 10.0
CONNECTIONS = 20
# How much of an answer is read, for how long, and how long a connection waits for the next one.
REST_BYTES = 8192
REST_S = 1.0
KEPT_OPEN_S = 30.0
LONGEST = 2000
HTTPS = 443
# Addresses of the old network inside those of the new one (RFC 6052): they are what they hold.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# Nothing was sent when one of these is raised.
_NOT_BEGUN = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Options = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]


class NotOutside(Malformed):
    """An address that strangers may not send us to."""

    title = "This address cannot be used"
    detail = "It has to begin with https:// and lead to a public server."


class Unreachable(Exception):  # noqa: N818 - to be caught at once
    """Nobody was there, or it was nobody whom one may ask; certainly nothing was sent."""


class Unheard(Exception):  # noqa: N818 - the same
    """Something was sent, and nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer; retry_after_s: how long they ask to be left alone."""

    status: int
    retry_after_s: float


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer; type: what it says it is, in small letters and without more."""

    status: int
    type: str
    body: bytes


class Outside:
    """The way to servers elsewhere; local: also to those on this machine and around, for tests.

    known: hosts that the operator named, wherever they are.
    """

    def __init__(self, *, local: bool = False, known: Collection[str] = ()) -> None:
        self._local = local
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=CONNECTIONS,
            keepalive_expiry=KEPT_OPEN_S,
            network_backend=_Guarded(local=local, known=known),
        )

    def check(self, url: str) -> None:
        """Refuse an address before anything is kept of it. Raises NotOutside."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError:
            raise NotOutside from None
        is_plain = url.isascii() and url.isprintable() and " " not in url
        if not is_plain or len(url) > LONGEST or not host or "@" in parts.netloc:
            raise NotOutside
        if not self._local and (parts.scheme != "https" or port not in (None, HTTPS)):
            raise NotOutside
        if parts.scheme not in ("https", "http"):
            raise NotOutside
        literal = _as_address(host)
        if literal is not None and not self._local and not is_public(literal):
            raise NotOutside

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send something. Raises Unreachable, Unheard."""
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), STEP_S)
        try:
            async with (
                asyncio.timeout(WHOLE_S),
                self._pool.stream(
                    "POST",
                    url,
                    headers=[(name, value) for name, value in headers.items()],
                    content=content,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                answer = Answer(response.status, _retry_after_s(response.headers))
                await _read_rest(response)
                return answer
        except _NOT_BEGUN as error:
            raise Unreachable from error
        except (httpcore.NetworkError, httpcore.TimeoutException, TimeoutError) as error:
            raise Unheard from error
        except httpcore.ProtocolError as error:
            raise Unheard from error

    async def read(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        at_most: int,
        within_s: float = STEP_S,
    ) -> Page:
        """Ask for something, or send something, and read the whole answer.

        Raises Unheard for one that is longer than `at_most` octets or takes longer, Unreachable.
        """
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), within_s)
        method = "GET" if content is None else "POST"
        asked = [("Accept-Encoding", "identity"), *headers.items()]
        try:
            async with (
                asyncio.timeout(within_s),
                self._pool.stream(
                    method, url, headers=asked, content=content, extensions={"timeout": timeouts}
                ) as response,
            ):
                body = await _read_all(response, at_most)
                type_ = _header(response.headers, b"content-type").partition(";")[0]
                return Page(response.status, type_.strip().lower(), body)
        except _NOT_BEGUN as error:
            raise Unreachable from error
        except (httpcore.NetworkError, httpcore.TimeoutException, TimeoutError) as error:
            raise Unheard from error
        except httpcore.ProtocolError as error:
            raise Unheard from error

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.aclose()


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, not to names."""

    def __init__(self, *, local: bool, known: Collection[str]) -> None:
        self._local = local
        self._known = frozenset(known)
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the name up and connect to what it says, if all of that is public."""
        address = await self._look_up(host, port)
        return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)

    async def _look_up(self, host: str, port: int) -> str:
        try:
            async with asyncio.timeout(STEP_S):
                found = await asyncio.get_running_loop().getaddrinfo(host, port)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise httpcore.ConnectError("there is no such name") from error
        addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        is_trusted = self._local or host in self._known
        if not addresses or not (is_trusted or all(map(is_public, addresses))):
            raise httpcore.ConnectError("this leads to no public address")
        return str(addresses[0])


async def _read_rest(response: httpcore.Response) -> None:
    """Read what is left of an answer, if it is little; whatever comes of it, the answer stands."""
    read = 0
    with suppress(
        httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError
    ):
        async with asyncio.timeout(REST_S):
            async for part in response.aiter_stream():
                read += len(part)
                if read > REST_BYTES:
                    return


async def _read_all(response: httpcore.Response, at_most: int) -> bytes:
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) > at_most:
            raise Unheard
    return bytes(body)


def is_public(address: Address) -> bool:
    """Tell whether an address is anybody's on the internet, and not one of ours."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _as_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _retry_after_s(headers: Iterable[tuple[bytes, bytes]]) -> float:
    """Read the seconds in which one may come again (RFC 9110, 10.2.3); a date counts as nothing."""
    said = _header(headers, b"retry-after")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0.0  # noqa: PLR2004 - days


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return next((value for one, value in headers if one.lower() == name), b"").decode("latin-1")
