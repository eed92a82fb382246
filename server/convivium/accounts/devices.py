"""What a browser calls itself, as coarsely as its person needs to know it again.

Browsers claim to be each other (RFC 9110, 10.1.5), so the first word found counts, and these are in
that order. Versions and addresses are kept nowhere.
"""

from typing import NamedTuple

LOOKED_AT = 500

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


class Device(NamedTuple):
    """A browser and what it runs on; empty where nothing is known of it."""

    browser: str = ""
    system: str = ""


UNKNOWN = Device()


def device_of(user_agent: str) -> Device:
    """Read the header of that name."""
    said = user_agent[:LOOKED_AT]
    return Device(_first(said, _BROWSERS), _first(said, _SYSTEMS))


def _first(said: str, words: tuple[tuple[str, str], ...]) -> str:
    return next((name for word, name in words if word in said), "")
