"""Asking servers elsewhere, whose addresses strangers give us: at public addresses only.

A name is looked up once, and the connection goes to an address that was looked at: a name that
points inside at the second look leads nowhere.

What is sent follows no redirection, and of its answer only the head counts: a short rest is read,
so that the connection is good for the next one. What is fetched is so by whoever knows nothing and
tells nothing, in a bounded time and no further than a bounded length.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from convivium.core.errors import Malformed
from convivium.core.url import PORTS, normal

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
# How much of a page or a picture is read, packed and unpacked, how long all of it may take, and how
# often it may say that it is elsewhere.
FETCHED_BYTES = 1024 * 1024
# A page comes in a few hundred parts; one that comes letter by letter is read no further.
PARTS_MAX = 2000
FETCH_S = 5.0
REDIRECTS = 3
# Threads of their own: strangers' names that nobody answers for take none from sign-ins.
_NAMES = ThreadPoolExecutor(8, "names")
_ELSEWHERE = (301, 302, 303, 307, 308)
_FOUND = 200
# Names that mean this machine, or something near it, to whoever is asked.
_NEAR = frozenset(
    ("local", "localhost", "localdomain", "internal", "intranet", "private", "corp", "home", "lan")
) | {"arpa", "onion", "invalid"}
# What is anybody's of the new network (RFC 4291, 2.4); and what looks so and is not: ways through
# tunnels to the old network (RFC 4380, RFC 3056, RFC 7526), examples (RFC 9637), and addresses at
# which clouds answer their own machines. Which of them Python knows depends on its version.
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_ANYBODYS = [
    ipaddress.ip_network(one)
    for one in (
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
        "3fff::/20",
        "192.0.0.0/24",
        "168.63.129.16/32",
    )
]
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


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found at an address.

    url: where it was in the end. kind: what it says it is, small. charset, robots: what came with
    it. body: empty unless it is of a kind that was wanted; is_whole: nothing of it is missing.
    """

    url: str
    status: int
    kind: str
    charset: str
    robots: str
    body: bytes
    is_whole: bool


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
        with _in_our_words():
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

    def check_page(self, url: str) -> None:
        """Refuse a normal address that no page is fetched from. Raises NotOutside.

        A host that is a number is none: pages have names.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            raise NotOutside from None
        if normal(url) != url:
            raise NotOutside
        if not self._local and (port is not None or not _is_far_name(host)):
            raise NotOutside
        if parts.scheme not in PORTS:
            raise NotOutside

    async def fetch(self, url: str, kinds: Collection[str], headers: Mapping[str, str]) -> Fetched:
        """Fetch a page or a picture of one of these kinds.

        Raises NotOutside, Unreachable, Unheard.
        """
        with _in_our_words():
            async with asyncio.timeout(FETCH_S):
                for _ in range(REDIRECTS + 1):
                    self.check_page(url)
                    async with self._asked(url, headers) as response:
                        elsewhere = _elsewhere(url, response)
                        if elsewhere is None:
                            return await _fetched(url, response, kinds)
                    url = elsewhere
        raise NotOutside

    @asynccontextmanager
    async def _asked(
        self, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator[httpcore.Response]:
        """Ask for something, and give back the connection whatever is left on it."""
        said = [*headers.items(), ("Accept-Encoding", "gzip"), ("Connection", "close")]
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), STEP_S)
        async with self._pool.stream(
            "GET", url, headers=said, extensions={"timeout": timeouts}
        ) as response:
            yield response

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
        with _in_our_words():
            async with (
                asyncio.timeout(within_s),
                self._pool.stream(
                    method, url, headers=asked, content=content, extensions={"timeout": timeouts}
                ) as response,
            ):
                body = await _read_all(response, at_most)
                return Page(response.status, _kind(response)[0], body)

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
                found = await _addresses_of(host, port)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise httpcore.ConnectError("there is no such name") from error
        addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        is_trusted = self._local or host in self._known
        if not addresses or not (is_trusted or all(map(is_public, addresses))):
            raise httpcore.ConnectError("this leads to no public address")
        return str(addresses[0])


async def _addresses_of(host: str, port: int) -> Sequence[Any]:
    """Ask DNS, as the system does."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_NAMES, socket.getaddrinfo, host, port)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Say of what went wrong whether anything was sent. Raises Unreachable, Unheard."""
    try:
        yield
    except _NOT_BEGUN as error:
        raise Unreachable from error
    except (httpcore.NetworkError, httpcore.TimeoutException, TimeoutError) as error:
        raise Unheard from error
    except (httpcore.ProtocolError, zlib.error) as error:
        raise Unheard from error


def _elsewhere(url: str, response: httpcore.Response) -> str | None:
    """Read where an answer says that something is; None when it is here. Raises NotOutside."""
    if response.status not in _ELSEWHERE:
        return None
    there = normal(_header(response.headers, b"location"), url)
    if there is None:
        raise NotOutside
    return there


async def _fetched(url: str, response: httpcore.Response, kinds: Collection[str]) -> Fetched:
    """Read an answer, its body only if it is of a kind that is wanted."""
    kind, more = _kind(response)
    robots = _header(response.headers, b"x-robots-tag")
    charset = more.partition("charset=")[2].partition(";")[0].strip(" \"'")
    body, is_whole = b"", True
    if response.status == _FOUND and kind in kinds:
        body, is_whole = await _body(response)
    return Fetched(url, response.status, kind, charset, robots, body, is_whole)


async def _body(response: httpcore.Response) -> tuple[bytes, bool]:
    """Read a body as far as we do, and unpack it no further; tells whether that is all of it."""
    unpack = _unpacking(_header(response.headers, b"content-encoding").lower())
    packed, body, parts = 0, bytearray(), 0
    async for part in response.aiter_stream():
        parts += 1
        packed += len(part)
        body += unpack(part, FETCHED_BYTES + 1 - len(body))
        if max(packed, len(body)) > FETCHED_BYTES or parts > PARTS_MAX:
            return bytes(body[:FETCHED_BYTES]), False
        # Parts that came at once are given at once: others have their turn, too.
        await asyncio.sleep(0)
    return bytes(body), True


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes]:
    """Give what unpacks a part, so many octets of it at most."""
    if encoding in ("", "identity"):
        return lambda part, most: part[:most]
    if encoding not in ("gzip", "x-gzip"):
        raise httpcore.RemoteProtocolError("this is packed as nobody asked for")
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress


def _kind(response: httpcore.Response) -> tuple[str, str]:
    """Read what an answer says it is, in small letters, and what more it says of that."""
    kind, _, more = _header(response.headers, b"content-type").partition(";")
    return kind.strip().lower(), more


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
                await asyncio.sleep(0)


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
        inner = address.ipv4_mapped
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    if any(address in network for network in _NOT_ANYBODYS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_far_name(host: str) -> bool:
    """Tell whether a host is a name, of more than one part, that does not mean something near."""
    parts = host.split(".")
    last = parts[-1]
    return len(parts) > 1 and not last[:1].isdigit() and ":" not in host and last not in _NEAR


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
    """Give what all headers of a name say."""
    said = (value for given, value in headers if given.lower() == name)
    return b", ".join(said).decode("latin-1").strip()
