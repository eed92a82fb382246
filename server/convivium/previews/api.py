"""The addresses that other programs ask for: crawlers, previews of links, home screens."""

import asyncio
from datetime import datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from convivium.core.actor import Actor
from convivium.core.network import network_of
from convivium.previews import drawing
from convivium.spaces import service as spaces
from convivium.spaces.view import Card, Desk
from convivium.timeline.service import spaces_for

# Of each kind of spaces; the newest are what a crawler misses.
LISTED = 500
KEPT = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
# Nothing of it is for everybody.
CLOSED = ("/api/", "/settings", "/messages", "/notifications", "/moderation", "/sign-in", "/admin")
ICONS = {"192": (192, False), "512": (512, False), "180": (180, True), "maskable": (512, True)}
BACKGROUND = drawing.BACKGROUND


def routes(desk: Desk) -> APIRouter:
    """Make the routes. Everybody is shown what somebody is who is not signed in."""
    router = APIRouter(include_in_schema=False)
    # One drawing at a time, beside the event loop.
    drawing_now = asyncio.Lock()

    @router.get("/robots.txt")
    async def robots(request: Request) -> PlainTextResponse:
        """Say what crawlers may read."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
        lines += ["", f"Sitemap: {_base(request)}/sitemap.xml", ""]
        return PlainTextResponse("\n".join(lines), headers=KEPT)

    @router.get("/sitemap.xml")
    async def sitemap(request: Request) -> Response:
        """List the spaces to which everybody may listen."""
        found = [f"{_base(request)}/", *await _public(desk, _base(request))]
        urls = "".join(f"<url><loc>{escape(address)}</loc></url>" for address in found)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        )
        return Response(body, headers=KEPT, media_type="application/xml")

    @router.get("/manifest.webmanifest")
    async def manifest() -> JSONResponse:
        """Say how the app stands on a home screen."""
        return JSONResponse(MANIFEST, headers=KEPT, media_type="application/manifest+json")

    @router.get("/icons/{name}.png")
    async def icon(name: str) -> Response:
        """Give the app's sign."""
        if name not in ICONS:
            raise HTTPException(404)
        size, padded = ICONS[name]
        async with drawing_now:
            body = await asyncio.to_thread(drawing.icon, size, padded=padded)
        return Response(body, headers=KEPT, media_type="image/png")

    @router.get("/spaces/{space_id}/card.png")
    async def card(space_id: str, request: Request) -> Response:
        """Give the picture that goes with the link of a space."""
        shown = await _shown(desk, space_id, request)
        drawn = drawing.Card(shown["title"], _people(shown), _when(shown), _host(request))
        async with drawing_now:
            body = await asyncio.to_thread(drawing.card, drawn)
        return Response(body, headers=KEPT, media_type="image/png")

    @router.get("/oembed")
    async def oembed(request: Request, url: str, format: str = "json") -> JSONResponse:  # noqa: A002 - its name
        """Say what is behind a link (oembed.com)."""
        if format != "json":
            raise HTTPException(501)
        there = urlsplit(url)
        if there.netloc != _host(request) or not there.path.startswith("/spaces/"):
            raise HTTPException(404)
        space_id = there.path.removeprefix("/spaces/").strip("/")
        shown = await _shown(desk, space_id, request)
        return JSONResponse(_embedded(shown, _base(request)), headers=KEPT)

    return router


MANIFEST = {
    "name": "Convivium",
    "short_name": "Convivium",
    "description": "Live conversations you can walk into.",
    "id": "/",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "background_color": BACKGROUND,
    "theme_color": BACKGROUND,
    "categories": ["social", "music"],
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


async def _shown(desk: Desk, space_id: str, request: Request) -> Card:
    """Find a space as anybody may see it. Raises SpaceNotFound."""
    actor = _anybody(request)
    async with desk.transactions.database.read() as session:
        await spaces.known_to(session, actor, space_id)
    return await desk.card(space_id, actor)


async def _public(desk: Desk, base: str) -> list[str]:
    if not desk.settings.anonymous_listening:
        return []
    found: list[str] = []
    async with desk.transactions.database.read() as session:
        for state in ("live", "scheduled", "ended"):
            listed = await spaces_for(
                session,
                Actor(network=""),
                state,
                anonymous_listening=True,
                limit=LISTED,
            )
            found += [f"{base}/spaces/{space.id}" for space in listed]
    return found


def _embedded(card: Card, base: str) -> dict[str, object]:
    address = f"{base}/spaces/{card['id']}"
    width, height = drawing.SIZE
    return {
        "version": "1.0",
        "type": "link",
        "title": card["title"],
        "author_name": card["host"]["display_name"],
        "provider_name": "Convivium",
        "provider_url": f"{base}/",
        "cache_age": 300,
        "thumbnail_url": f"{address}/card.png",
        "thumbnail_width": width,
        "thumbnail_height": height,
    }


def _people(card: Card) -> tuple[str, ...]:
    """Name who sits there, the host first."""
    host = card["host"]["display_name"]
    seated = [seat["person"]["display_name"] for seat in card["stage"]]
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
