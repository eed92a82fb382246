"""The addresses that other programs ask for: crawlers, previews of links, home screens."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import select

from convivium.accounts.models import Person
from convivium.branding import service as branding
from convivium.branding.service import Brand, Brands
from convivium.core.actor import Actor
from convivium.core.errors import Busy
from convivium.core.network import network_of
from convivium.posts.sight import seen_by
from convivium.previews import drawing
from convivium.spaces import service as spaces
from convivium.spaces.view import Card, Desk
from convivium.timeline.service import spaces_for

# Of each kind of spaces; the newest are what a crawler misses.
LISTED = 500
LISTED_S = 300.0
# So many pictures may wait to be drawn.
IN_LINE = 8
KEPT = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
# Nothing of it is for everybody.
CLOSED = (
    "/api/",
    "/settings",
    "/messages",
    "/notifications",
    "/moderation",
    "/sign-in",
    "/admin",
    "/share",
    "/offline",
)
ICONS = {"192": (192, False), "512": (512, False), "180": (180, True), "maskable": (512, True)}
BACKGROUND = drawing.BACKGROUND


def routes(desk: Desk, brands: Brands) -> APIRouter:
    """Make the routes. Everybody is shown what somebody is who is not signed in."""
    router = APIRouter(include_in_schema=False)
    studio, listed = _Studio(), _Listed(desk)

    @router.get("/robots.txt")
    async def robots(request: Request) -> PlainTextResponse:
        """Say what crawlers may read."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
        lines += ["", f"Sitemap: {_base(request)}/sitemap.xml", ""]
        return PlainTextResponse("\n".join(lines), headers=KEPT)

    @router.get("/sitemap.xml")
    async def sitemap(request: Request) -> Response:
        """List the spaces to which everybody may listen."""
        found = ["/", *await listed.paths()]
        base = _base(request)
        urls = "".join(f"<url><loc>{escape(base + path)}</loc></url>" for path in found)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        )
        return Response(body, headers=KEPT, media_type="application/xml")

    @router.get("/manifest.webmanifest")
    async def manifest() -> JSONResponse:
        """Say how the app stands on a home screen."""
        brand = brands.current
        called = {
            "name": brand.name,
            "short_name": brand.name,
            "description": brand.in_one_line,
        }
        return JSONResponse(called | MANIFEST, headers=KEPT, media_type="application/manifest+json")

    @router.get("/icons/{name}.png")
    async def icon(name: str) -> Response:
        """Give the app's sign."""
        if name not in ICONS:
            raise HTTPException(404)
        size, padded = ICONS[name]
        sign = await _sign(desk, brands.current)
        body = await studio.draw(lambda: drawing.icon(size, padded=padded, sign=sign))
        return Response(body, headers=KEPT, media_type="image/png")

    @router.get("/spaces/{space_id}/card.png")
    async def card(space_id: str, request: Request) -> Response:
        """Give the picture that goes with the link of a space."""
        shown = await _shown(desk, space_id, request)
        called = brands.current.name
        drawn = drawing.Card(shown["title"], _people(shown), _when(shown), _host(request), called)
        body = await studio.draw(lambda: drawing.card(drawn))
        return Response(body, headers=KEPT, media_type="image/png")

    @router.get("/oembed")
    async def oembed(request: Request, url: str, format: str = "json") -> JSONResponse:  # noqa: A002 - its name
        """Say what is behind a link (oembed.com)."""
        if format != "json":
            raise HTTPException(501)
        try:
            there = urlsplit(url)
        except ValueError:
            raise HTTPException(404) from None
        if there.netloc != _host(request) or not there.path.startswith("/spaces/"):
            raise HTTPException(404)
        space_id = there.path.removeprefix("/spaces/").strip("/")
        shown = await _shown(desk, space_id, request)
        return JSONResponse(_embedded(shown, _base(request), brands.current.name), headers=KEPT)

    return router


class _Studio:
    """Draws one picture at a time, beside the event loop; whoever finds a line comes again."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._waiting = 0

    async def draw(self, picture: Callable[[], bytes]) -> bytes:
        """Give a picture. Raises Busy where too many wait."""
        if self._waiting >= IN_LINE:
            raise Busy(2.0)
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(picture)
        finally:
            self._waiting -= 1


class _Listed:
    """The addresses of public spaces, looked up once in a while."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._paths: list[str] = []
        self._until = 0.0
        self._one = asyncio.Lock()

    async def paths(self) -> list[str]:
        """Give them, some minutes old at most."""
        async with self._one:
            if time.monotonic() >= self._until:
                self._paths = await _public(self._desk)
                self._until = time.monotonic() + LISTED_S
            return self._paths


MANIFEST = {
    "id": "/",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "background_color": BACKGROUND,
    "theme_color": BACKGROUND,
    "categories": ["social", "music"],
    "share_target": {
        "action": "/share",
        "method": "GET",
        "params": {"title": "title", "text": "text", "url": "url"},
    },
    "icons": [
        {"src": "/icons/192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/icons/512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": "/icons/maskable.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ],
}


async def _sign(desk: Desk, brand: Brand) -> bytes | None:
    """Give the sign of the instance; None where it has ours, or another by now."""
    if brand.logo is None:
        return None
    async with desk.transactions.database.read() as session:
        try:
            return await branding.logo(session, brand.logo, drawing.LARGEST)
        except branding.LogoNotFound:
            return None


async def _shown(desk: Desk, space_id: str, request: Request) -> Card:
    """Find a space as anybody may see it. Raises SpaceNotFound."""
    actor = _anybody(request)
    async with desk.transactions.database.read() as session:
        await spaces.known_to(session, actor, space_id)
    return await desk.card(space_id, actor)


async def _public(desk: Desk) -> list[str]:
    """List the spaces that everybody may hear, of hosts whom everybody may find."""
    if not desk.settings.anonymous_listening:
        return []
    nobody, found = Actor(network=""), list[str]()
    async with desk.transactions.database.read() as session:
        for state in ("live", "scheduled", "ended"):
            listed = await spaces_for(
                session, nobody, state, anonymous_listening=True, limit=LISTED
            )
            hosts = select(Person.id).where(
                Person.id.in_({space.host_id for space in listed}),
                seen_by(nobody, desk.transactions.now()),
            )
            shown = frozenset(await session.scalars(hosts))
            found += [f"/spaces/{space.id}" for space in listed if space.host_id in shown]
    return found


def _embedded(card: Card, base: str, called: str) -> dict[str, object]:
    address = f"{base}/spaces/{card['id']}"
    width, height = drawing.SIZE
    return {
        "version": "1.0",
        "type": "link",
        "title": card["title"],
        "author_name": card["host"]["display_name"],
        "provider_name": called,
        "provider_url": f"{base}/",
        "cache_age": 300,
        "thumbnail_url": f"{address}/card.png",
        "thumbnail_width": width,
        "thumbnail_height": height,
    }


def _people(card: Card) -> tuple[str, ...]:
    """Name who sits there, the host first."""
    host = card["host"]["display_name"]
    seated = [seat["person"]["display_name"] for seat in card["stage"] or ()]
    return (host, *(name for name in seated if name != host))


def _when(card: Card) -> str:
    """Say when a space is that is still to come; nobody knows where it is read."""
    if card["state"] != "scheduled" or card["starts_at"] is None:
        return ""
    at = datetime.fromisoformat(card["starts_at"])
    return f"{at:%A} {at.day} {at:%B, %H:%M} UTC"


def _anybody(request: Request) -> Actor:
    return Actor(network=network_of(request.client.host if request.client else ""))


def _host(request: Request) -> str:
    return request.url.netloc


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
