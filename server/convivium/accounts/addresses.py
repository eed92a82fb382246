"""Addresses that people show of themselves: https, and what they say they are; pure."""

from urllib.parse import quote, urlsplit, urlunsplit

LINK_MAX = 200
# What stays in a path or a query as it is (RFC 3986, 3.3 and 3.4), escapes included.
_KEPT = "/%:@!$&'()*+,;=~-._?"


def https_link(text: str) -> str:
    """Write an address in its plainest spelling; raises ValueError with a sentence."""
    if len(text) > LINK_MAX:
        raise ValueError(f"a link has at most {LINK_MAX} characters")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
        # What looks like another name's letters is shown as what it is.
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        raise ValueError("this is not an address") from None
    if parts.scheme != "https":
        raise ValueError("a link begins with https://")
    if "@" in parts.netloc or not _is_public(host):
        raise ValueError("this is not an address of a page on the web")
    place = host if port in (None, 443) else f"{host}:{port}"
    path, query, rest = (
        quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit(("https", place, path, query, rest))


def _is_public(host: str) -> bool:
    """Tell whether this is written as a name is that others can reach."""
    labels = host.rstrip(".").split(".")
    is_name = all(label and label.replace("-", "").isalnum() for label in labels)
    return len(labels) > 1 and is_name and not labels[-1].isdecimal()
