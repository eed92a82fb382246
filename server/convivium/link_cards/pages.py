"""What a page says of itself to those who link to it (ogp.me); pure."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

from convivium.core.text import one_line, shortened
from convivium.core.url import host_of, normal
from convivium.link_cards.head import read_head
from convivium.link_cards.rules import DESCRIPTION_MAX, SITE_MAX, TITLE_MAX

# Where a page says in which encoding it is (HTML, 13.2.3.2).
_SAYS_CHARSET = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_:.-]{1,40})""")
_LOOKED_AT = 1024
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
# What pages are in. Others that Python knows are in no page, and some take very long to read.
_KNOWN = re.compile(
    r"utf-8|utf-16-[bl]e|cp125[0-8]|iso8859-\d+|koi8-[ru]|shift_jis|cp932|euc_(jp|kr)|cp949"
    r"|iso2022_jp|gbk|gb18030|big5|big5hkscs|tis-620"
)
_LABEL = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
# What the standard reads as the wider one.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}
# What a page says that is not to be shown elsewhere, or whose pictures are not.
_NOT_SHOWN = frozenset(("none", "nosnippet", "max-snippet:0"))
_NO_PICTURE = frozenset(("noimageindex", "max-image-preview:none"))


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of itself; picture: where there is one of it."""

    title: str
    description: str
    site: str
    picture: str | None


def read_page(data: bytes, charset: str, url: str, robots: str = "") -> Said | None:
    """Read what a page says; None when it says nothing, or does not want to be shown.

    charset, robots: what came with it, of which the page may say more.
    """
    titled, metas = read_head(decoded(data, charset))
    wishes = _words(robots) | _words(metas.get("robots", ""))
    title = _first(metas, "og:title", "twitter:title", most=TITLE_MAX)
    title = title or shortened(one_line(titled), TITLE_MAX)
    if not title or wishes & _NOT_SHOWN:
        return None
    about = ("og:description", "twitter:description", "description")
    return Said(
        title=title,
        description=_first(metas, *about, most=DESCRIPTION_MAX),
        site=_first(metas, "og:site_name", most=SITE_MAX) or shown_host(url),
        picture=None if wishes & _NO_PICTURE else _picture(metas, url),
    )


def shown_host(url: str) -> str:
    """Name a site by where it is."""
    return host_of(url).removeprefix("www.")


def decoded(data: bytes, charset: str) -> str:
    """Read octets as the text that they say they are, or as what most pages are."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    found = _SAYS_CHARSET.search(data[:_LOOKED_AT])
    for label in (charset, found[1].decode() if found else ""):
        if encoding := _encoding(label):
            return data.decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def _encoding(label: str) -> str:
    """Find an encoding by what pages call it; nothing for one that no page is in."""
    # Python remembers for ever what it was asked for: it is not asked for anything that comes.
    if not _LABEL.fullmatch(label):
        return ""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    name = _WIDER.get(name, name)
    return name if _KNOWN.fullmatch(name) else ""


def _picture(metas: Mapping[str, str], url: str) -> str | None:
    names = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image")
    said = next((metas[name] for name in names if name in metas), None)
    return None if said is None else normal(said, url)


def _first(metas: Mapping[str, str], *names: str, most: int) -> str:
    """Give what the first of several metas says that says something, as one line."""
    lines = (shortened(one_line(metas.get(name, "")), most) for name in names)
    return next(filter(None, lines), "")


def _words(robots: str) -> frozenset[str]:
    """Read the wishes of a page; those that are for one robot are not for us."""
    return frozenset(word.strip().replace(" ", "") for word in robots.lower().split(","))
