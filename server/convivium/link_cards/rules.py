"""Which link of a text gets a card, and for how long it is good; pure."""

import re
from collections.abc import Collection
from datetime import timedelta

from convivium.core.url import host_of, normal

KEPT = timedelta(days=7)
# How long nobody looks again after the first failure; four times as long after each.
FIRST_PAUSE = timedelta(hours=1)
# Longer than all tries of one fetch take.
UNDER_WAY = timedelta(minutes=10)

TITLE_MAX = 200
DESCRIPTION_MAX = 300
SITE_MAX = 80

# What the page of the web app shows as a link, and what stands after one and does not belong to it.
_LINK = re.compile(r'https?://[^\s<>"]+')
_TRAILING = ".,;:!?'’”»)]}"  # noqa: RUF001 - as people type them


def first_link(text: str, own: Collection[str] = ()) -> str | None:
    """Give the first link of a text as a normal address; None without one.

    own: the hosts of this server, of whose pages nobody has to be told by a card.
    """
    for found in _LINK.finditer(text):
        url = normal(_without_trailing(found[0]))
        if url is not None:
            return None if host_of(url) in own else url
    return None


def pause_after(failures: int) -> timedelta:
    """Tell for how long nobody looks again where nothing was found so often."""
    longer: int = 4 ** (min(failures, 8) - 1)
    return min(FIRST_PAUSE * longer, KEPT)


def _without_trailing(link: str) -> str:
    while link[-1] in _TRAILING and not _ends_inside(link):
        link = link[:-1]
    return link


def _ends_inside(link: str) -> bool:
    """Tell whether a link ends with a bracket that was opened in it, as in encyclopaedias."""
    return link.endswith(")") and link.count("(") >= link.count(")")
