"""Addresses that people write, in one spelling; pure."""

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit

LONGEST = 2000
PORTS = {"http": 80, "https": 443}
# What stands in a path or a query as it is (RFC 3986, 3.3 and 3.4); all else is written in octets.
_IN_PATH = "%/:@!$&'()*+,;=~"
_IN_QUERY = _IN_PATH + "?[]|"
# A name that the rules for names in other letters refuse, and that is one to DNS all the same.
_PLAIN_NAME = re.compile(r"[a-z0-9_.-]{1,253}")
# Controls and blanks, and what browsers read as another sign than it is.
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\]")


def normal(url: str, base: str = "") -> str | None:
    """Write the address of a page as a browser asks for it; None for what leads to none.

    base: where it was said, for one that is relative. What follows its # is for browsers alone.
    """
    if len(url) > LONGEST or _ODD.search(url):
        return None
    try:
        parts = urlsplit(urljoin(base, url))
        port, name = parts.port, _name(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in PORTS or not name or "@" in parts.netloc:
        return None
    where = name if port in (None, PORTS[parts.scheme]) else f"{name}:{port}"
    path = quote(parts.path or "/", safe=_IN_PATH)
    query = f"?{quote(parts.query, safe=_IN_QUERY)}" if parts.query else ""
    made = f"{parts.scheme}://{where}{path}{query}"
    return made if len(made) <= LONGEST else None


def host_of(url: str) -> str:
    """Give the host of a normal address, without its port."""
    return urlsplit(url).hostname or ""


def _name(host: str) -> str:
    """Write a host as DNS is asked for it; an address of the new network in brackets."""
    import idna  # noqa: PLC0415 - with the first link: its tables take a while

    host = host.rstrip(".")
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host if _PLAIN_NAME.fullmatch(host) else ""
