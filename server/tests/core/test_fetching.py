"""Nobody inside hears a knock, however an address of ours is spelled, and whatever stands between.

The way is real but for two things: DNS, which says here what a name leads to, and the wire, on
which the only public address is that of a server of this test. What goes elsewhere is a knock.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpcore
import pytest

from convivium.core import outside
from convivium.core.outside import NotOutside, Outside, Unheard, Unreachable
from convivium.core.url import normal
from convivium.link_cards.rules import first_link
from tests.link_cards.site import HTML, Site, site

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"
KINDS = ("text/html",)

# ruff: noqa: RUF001, SIM905 - digits of other writings, dots that are none, and long lists
# Addresses of ours as DNS may say them, as numbers, and as they stand in links.
ADDRESSES = """
    127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 0.0.0.0 0.0.0.1 10.0.0.1 10.255.255.255
    172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 169.254.0.1 169.254.169.254
    169.254.170.2 100.64.0.1 100.100.100.200 100.127.255.255 192.0.0.1 192.0.0.192 192.0.2.1
    192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250
    240.0.0.1 255.255.255.255 168.63.129.16
    :: ::1 ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::7f00:1
    2002:7f00:1:: 2002:a00:1:: 2002:5db8:d822:: 2001::1 2001:0:4136:e378:8000:63bf:80ff:fffe
    2001:10::1 2001:db8::1 3fff::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::a9fe:a9fe febf::1
    fec0::1 ff02::1 ff0e::1 100::1 5f00::1 4000::1 0:0:0:0:0:0:0:1 0000::0001 ::00:1
""".split()
NUMBERS = """
    2130706433 0x7f000001 0x7F.0x0.0x0.0x1 0177.0.0.1 017700000001 127.1 127.0.1 0 0.0 00000000
    0x0 127.0.0.1. 0x7f.1 0177.1 127.000.000.001 0300.0250.0.1 0xc0a80001 3232235521 2852039166
    0xa9fea9fe 0251.0376.0251.0376 169.254.43518 0x0a000001 10.1
    １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 ١٢٧.٠.٠.١ 127。1 𝟙𝟚𝟟.𝟘.𝟘.𝟙
""".split()
NAMES = """
    localhost LOCALHOST localhost. lOcAlHoSt.localdomain ip6-localhost
    printer.local nas.LOCAL. router.lan metadata.google.internal db.internal intranet wiki.corp
    x.home.arpa 1.0.0.127.in-addr.arpa hidden.onion a.invalid kubernetes ⓛocalhost
    ｌｏｃａｌｈｏｓｔ ℓocalhost localhost。
""".split()
# Spellings that lead to another place than it seems, or to none.
TRICKS = [
    "http://public.example@127.0.0.1/",
    "http://127.0.0.1@public.example/",
    "http://user:word@public.example/",
    "http://public.example:80@127.0.0.1:80/",
    "http://127.0.0.1#@public.example/",
    "http://127.0.0.1?@public.example/",
    "http://127.0.0.1\\@public.example/",
    "http://public.example\\@127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http:/127.0.0.1/",
    "http:127.0.0.1/",
    "http:///127.0.0.1/",
    "http://127.0.0.1%2f@public.example/",
    "http://127%2e0%2e0%2e1/",
    "http://%31%32%37.0.0.1/",
    "http://[::1%25lo]/",
    "http://[::ffff:127.0.0.1]:80/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "http://[::1",
    "http://::1/",
    "http://public.example:22/",
    "http://public.example:8080/",
    "https://public.example:80/",
    "http://public.example:443/",
    "http://public.example:65536/",
    "http://public.example:-80/",
    "http://public.example:٨٠/",
    "http://public.example /",
    "http://public.example\r\nX-Y: z/",
    "http://public.example\t/",
    "http://public.exa\u00admple\u200b@127.0.0.1/",
    "http:// /",
    "http://./",
    "http://../",
    "http://.local/",
    "http://",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/",
    "data:text/html,<title>x</title>",
    "javascript:alert(1)",
    "jar:http://127.0.0.1!/",
    "netdoc:///etc/passwd",
    "unix:///run/x.sock",
    "ws://127.0.0.1/",
    "//127.0.0.1/",
    "http://" + "a" * 300 + ".example/",
    "http://public.example/" + "a" * 2000,
]


def in_url(address: str) -> str:
    return f"http://[{address}]/" if ":" in address else f"http://{address}/"


SPELLED = [in_url(one) for one in (*ADDRESSES, *NUMBERS, *NAMES)]
SPELLED += TRICKS


@dataclass
class Net:
    """What DNS says, and a wire; knocks: at which other addresses than the public one."""

    front: int
    says: dict[str, list[list[str]]] = field(default_factory=dict)
    knocks: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:  # noqa: ANN401
        """Answer as DNS: each time the next thing that is said of a name, and then the last."""
        self.asked.append(host)
        answers = self.says.get(host)
        if answers is None:
            # Numbers and names of this machine: as the system reads them.
            return list(await asyncio.get_running_loop().getaddrinfo(host, port))
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(2, 1, 6, "", (address, port)) for address in now]

    async def connect_tcp(
        self,
        host: str,
        _port: int,
        *how: Any,  # noqa: ANN401
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the test's server in the place of the public address, else count a knock."""
        if host not in (PUBLIC, PUBLIC_6):
            self.knocks.append(host)
            raise httpcore.ConnectError
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.front, *how)


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as web:
        yield web


@pytest.fixture
async def net(web: Site) -> Net:
    return Net(web.port, {"public.example": [[PUBLIC]], "six.example": [[PUBLIC_6]]})


@pytest.fixture
async def way(net: Net, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    way = Outside()
    monkeypatch.setattr(way._pool._network_backend, "_plain", net)
    monkeypatch.setattr(outside, "_addresses_of", net.getaddrinfo)
    yield way
    await way.close()


async def refused(way: Outside, url: str) -> None:
    with pytest.raises((NotOutside, Unreachable)):
        await way.fetch(url, KINDS, {})


@pytest.mark.parametrize("url", SPELLED, ids=range(len(SPELLED)))
async def test_no_spelling_of_ours(way: Outside, net: Net, web: Site, url: str) -> None:
    """Neither as it is written, nor as the first link of a text; DNS is not even asked."""
    for asked in {url, normal(url), first_link(f"see {url}")} - {None}:
        # A link may end before the trick begins, and lead to where it says.
        if asked is not None and normal(asked) not in (None, "http://public.example/"):
            await refused(way, asked)
    assert (net.asked, net.knocks, web.knocks) == ([], [], 0)


def test_the_list_is_long_enough() -> None:
    """As long as was asked for, and nothing in it twice."""
    assert len(set(SPELLED)) == len(SPELLED) >= 120


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_name_that_leads_to_us(way: Outside, net: Net, address: str) -> None:
    """Also among public addresses, at either end."""
    for answer in ([address], [PUBLIC, address], [address, PUBLIC], [PUBLIC_6, PUBLIC, address]):
        net.says["ours.example"] = [answer]
        await refused(way, "http://ours.example/")
        await refused(way, "https://ours.example/")
    assert net.knocks == []


@pytest.mark.parametrize("url", SPELLED, ids=range(len(SPELLED)))
async def test_no_redirection_to_us(way: Outside, net: Net, web: Site, url: str) -> None:
    """However it is spelled; what is a path to us leads to the public server once more."""
    line = url.replace("\r\n", "%0d%0a")
    web.move("/", line.encode().decode("latin-1"))
    with suppress(NotOutside, Unreachable):
        found = await way.fetch("http://public.example/", KINDS, {})
        assert found.url.startswith("http://public.example/")
    assert net.knocks == []
    assert web.asked[0][0] == "/"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_name_that_moves_between_two_looks(
    way: Outside, net: Net, web: Site, status: int
) -> None:
    """It is looked up for each connection, and each time all of it is looked at."""
    net.says["moves.example"] = [[PUBLIC], ["127.0.0.1"]]
    web.move("/", "http://moves.example/next", status)
    await refused(way, "http://moves.example/")
    assert net.asked == ["moves.example", "moves.example"]
    assert net.knocks == []
    assert web.knocks == 1


async def test_a_connection_goes_to_what_was_looked_at(way: Outside, net: Net, web: Site) -> None:
    """A name is looked up once for it: what it says afterwards is not asked."""
    net.says["moves.example"] = [[PUBLIC], ["127.0.0.1"]]
    web.show("/", "<title>x</title>")
    found = await way.fetch("http://moves.example/", KINDS, {})
    assert found.body == b"<title>x</title>"
    assert net.asked == ["moves.example"]
    assert web.asked[0][1]["host"] == "moves.example"


async def test_what_is_public_is_found(way: Outside, net: Net, web: Site) -> None:
    """Or the rest of this page would say nothing."""
    web.show("/", "<title>x</title>")
    for url in ("http://public.example/", "http://six.example/"):
        assert (await way.fetch(url, KINDS, {})).status == 200
    assert net.knocks == []


async def test_three_redirections_and_no_more(way: Outside, web: Site) -> None:
    """Relative ones too."""
    for number in range(4):
        web.move(f"/{number}", f"{number + 1}")
    web.show("/4", "<title>x</title>")
    found = await way.fetch("http://public.example/1", KINDS, {})
    assert found.url == "http://public.example/4"
    with pytest.raises(NotOutside):
        await way.fetch("http://public.example/0", KINDS, {})
    assert len(web.asked) == 8


async def test_a_page_takes_no_longer_than_it_may(
    way: Outside, web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it together: a server that says a little now and then is no better than a slow one."""
    monkeypatch.setattr(outside, "FETCH_S", 0.3)

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)

    monkeypatch.setattr(web, "_send", lambda writer, _page: drip(None, writer))  # type: ignore[arg-type]
    begun = time.monotonic()
    with pytest.raises(Unheard):
        await way.fetch("http://public.example/", KINDS, {})
    assert time.monotonic() - begun < 3


async def test_letter_by_letter_is_read_no_further(
    way: Outside, web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes in very many parts at once keeps others from their turn for no longer."""
    parts = b"1\r\nx\r\n" * 100_000

    async def crumble(writer: asyncio.StreamWriter, _page: object) -> None:
        head = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + parts)
        await writer.drain()

    monkeypatch.setattr(web, "_send", crumble)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(others())
    found = await way.fetch("http://public.example/", KINDS, {})
    waiting.cancel()
    assert (len(found.body), found.is_whole) == (outside.PARTS_MAX + 1, False)
    assert turns > outside.PARTS_MAX


async def test_what_is_not_wanted_is_not_read(way: Outside, web: Site) -> None:
    """Of another kind, or no success: its head is all that is known."""
    web.show("/", "x", headers={"Content-Type": "Application/PDF; charset=x"}, endless=True)
    found = await way.fetch("http://public.example/", KINDS, {})
    assert (found.kind, found.body) == ("application/pdf", b"")
    web.show("/", "<title>x</title>", status=404, headers=HTML, endless=True)
    assert (await way.fetch("http://public.example/", KINDS, {})).body == b""
