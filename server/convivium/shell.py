"""The page's outer HTML: the built `index.html` with what this request needs written into it.

The app starts with what it would otherwise ask for first (who one is, the space of the address),
and previews elsewhere find a title. Scripts run only with this answer's nonce.
"""

import gzip
import hashlib
import html
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from convivium.branding.service import Brand

STATIC = Path(__file__).parent / "static"
OURS = Brand()

# The app is built once for each language: `index.html` is in English, `index.de.html` in German.
ENGLISH = "en"
LANGUAGE_COOKIE = "convivium_language"
# A browser names a handful; whoever sends more is not read to the end.
MOST_LANGUAGES = 20

# What the build wrote into the page for those who begin with one screen (web/early.ts).
EARLY = re.compile(r'<link [^>]*\bdata-screen="(\w+)"[^>]*>')

# mediastream and blob: what WebRTC and the level meter give to the one audio element.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}';"
    " style-src-attr 'unsafe-inline'; img-src 'self' data: blob:;"
    " media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self';"
    " manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer writes into the shell."""

    title: str
    description: str
    boot: dict[str, Any]
    picture: str = ""
    # Which screen it begins with, where scripts of its own belong to that.
    screen: str = ""


def front_page(boot: dict[str, Any], brand: Brand = OURS) -> Page:
    """Show the instance itself."""
    return Page(brand.name, brand.in_one_line, boot)


def space_page(boot: dict[str, Any], brand: Brand = OURS) -> Page:
    """Show a space, as its card says."""
    card = boot["space"]
    words = {
        "draft": "will be held by",
        "scheduled": "will be held by",
        "live": "is live with",
        "ended": "was held by",
        "cancelled": "was cancelled by",
    }
    description = (
        f"{card['title']} {words[card['state']]} {card['host']['display_name']}{_when(card)}."
    )
    title = f"{card['title']} · {brand.name}"
    return Page(title, description, boot, f"/spaces/{card['id']}/card.png", screen="space")


def _when(card: dict[str, Any]) -> str:
    """Say when a scheduled space starts: nobody knows in which time zone a preview is read."""
    if card["state"] != "scheduled":
        return ""
    at = datetime.fromisoformat(card["starts_at"])
    return f" on {at.day} {at:%B %Y at %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file of the built web app."""

    path: Path
    type: str
    cache_control: str

    @property
    def is_text(self) -> bool:
        """Whether packing makes it smaller; fonts and pictures are packed already."""
        return self.type.startswith("text/") or self.type in ("image/svg+xml", "application/json")


def built_file(path: str) -> BuiltFile | None:
    """Find a file of the web app; never the shell itself, and nothing outside its folder.

    Files with a hash in their name are kept by browsers for good, the others are asked for again.
    """
    folder = STATIC.resolve()
    try:
        found = (folder / path).resolve()
        is_there = found.is_relative_to(folder) and found.is_file()
    except (ValueError, OSError):
        # A NUL, or longer than a name of a file can be: nothing we have built.
        return None
    if not is_there or re.fullmatch(r"index(\.[\w-]+)?\.html", found.name):
        return None
    kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    return BuiltFile(found, guess_type(found.name)[0] or "application/octet-stream", kept)


def packed(built: BuiltFile) -> bytes:
    """Give a file's content in gzip, packed once for each version of it."""
    return _pack(built.path, built.path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _pack(path: Path, _version: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def languages() -> set[str]:
    """Tell which languages the app was built in."""
    others = {path.name.split(".")[1] for path in STATIC.glob("index.*.html")}
    return {ENGLISH, *others}


def language_for(chosen: str | None, accepted: str) -> str:
    """Find the language of a page: what was chosen here, or the first that the browser names.

    `accepted` is an Accept-Language header (RFC 9110, 12.5.4). A region is not told apart:
    who asks for "de-AT" gets "de". English where nothing fits.
    """
    built = languages()
    if chosen in built:
        return chosen
    for tag in _by_preference(accepted):
        for candidate in (tag, tag.partition("-")[0]):
            if candidate in built:
                return candidate
    return ENGLISH


def _by_preference(accepted: str) -> list[str]:
    """Read the tags of an Accept-Language header, best first; one with a weight of 0 is refused."""
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(",")[:MOST_LANGUAGES]:
        tag, _, weight = part.partition(";")
        try:
            value = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if value > 0:
            weighed.append((value, tag.strip().lower()))
    return [tag for _, tag in sorted(weighed, key=lambda one: -one[0])]


def headers(nonce: str) -> dict[str, str]:
    """Give the headers of the shell: what its page may load, and which devices it may ask for."""
    return {
        "Content-Security-Policy": POLICY.format(nonce=nonce),
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def build() -> str:
    """Name what is built: the page changes with every script and every language of it.

    Empty where nothing is.
    """
    pages = sorted(STATIC.glob("index*.html"))
    content = b"".join(page.read_bytes() for page in pages)
    return hashlib.sha256(content).hexdigest()[:16] if pages else ""


def is_built() -> bool:
    """Tell whether the web app was built into this package."""
    return (STATIC / "index.html").exists()


def write(
    page: Page, address: str, nonce: str, language: str = ENGLISH, brand: Brand = OURS
) -> str:
    """Write one page: title, preview, start values, colours, and the nonce on every script."""
    name = "index.html" if language == ENGLISH else f"index.{language}.html"
    source = (STATIC / name).read_text(encoding="utf-8")
    source = re.sub(r"<title>[^<]*</title>|<meta name=.description.[^>]*>", "", source)
    source = EARLY.sub(lambda link: link[0] if link[1] == page.screen else "", source)
    source = re.sub(r"<(script|style)\b", rf'<\1 nonce="{nonce}"', source)
    return source.replace("</head>", _head(page, address, nonce, brand) + "</head>", 1)


def _head(page: Page, address: str, nonce: str, brand: Brand) -> str:
    title, description = html.escape(page.title), html.escape(page.description)
    return (
        f"<title>{title}</title>"
        f'<meta name="description" content="{description}">'
        f'<meta property="og:type" content="website">'
        f'<meta property="og:site_name" content="{html.escape(brand.name)}">'
        f'<meta property="og:title" content="{title}">'
        f'<meta property="og:description" content="{description}">'
        f'<meta property="og:url" content="{html.escape(address)}">'
        f"{_preview(page, address)}{_colours(brand, nonce)}"
        f'<script type="application/json" id="boot" nonce="{nonce}">{_json(page.boot)}</script>'
    )


def _colours(brand: Brand, nonce: str) -> str:
    """Give the colours of the instance; they are figures that were checked, and nothing else."""
    return f'<style nonce="{nonce}">{brand.style}</style>' if brand.style else ""


def _preview(page: Page, address: str) -> str:
    """Name the picture of a page, and where others ask what it is (oembed.com)."""
    if not page.picture:
        return ""
    there = urlsplit(address)
    base = f"{there.scheme}://{there.netloc}"
    asked = html.escape(f"{base}/oembed?url={quote(address, safe='')}")
    return (
        f'<meta property="og:image" content="{html.escape(base + page.picture)}">'
        '<meta property="og:image:width" content="1200">'
        '<meta property="og:image:height" content="630">'
        '<meta name="twitter:card" content="summary_large_image">'
        f'<link rel="alternate" type="application/json+oembed" href="{asked}">'
    )


def _json(value: object) -> str:
    """Write JSON that no element of HTML can end."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
