"""The routes of what the instance is called, says of itself, and looks like."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from convivium.accounts.needs import let_admin
from convivium.accounts.service import check_still_valid
from convivium.branding import service
from convivium.branding.rules import COLOURS, Colour, Pair, faults_of, tokens_of
from convivium.branding.service import Brands
from convivium.branding.view import (
    BrandingView,
    InstanceView,
    TriedColoursView,
    branding_view,
    fault_view,
    instance_view,
    pair_view,
)
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.text import Line, Paragraphs, at_most
from convivium.core.web import API, GivenTransactions, Reading, Writing, given
from convivium.pictures.album import Album

router = APIRouter(prefix=API, tags=["administration"])

NAME_MAX = 40
ABOUT_MAX = 500
RULES_MAX = 4000
CONTACT_MAX = 200
# Who has the name of a sign has the sign; another one has another name.
FOR_GOOD = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


class BrandingLimits:
    """How often an administrator may change and try it: each try is some thousand sums."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)
        self.pictures = Limit(clock, burst=settings.pictures_burst, per_s=settings.pictures_per_s)


GivenLimits = Annotated[BrandingLimits, Depends(given(BrandingLimits))]
Admin = Annotated[Actor, Depends(let_admin)]
GivenBrands = Annotated[Brands, Depends(given(Brands))]
GivenAlbum = Annotated[Album, Depends(given(Album))]
LogoName = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
LogoSize = Literal["64", "192", "512"]
Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class BothBody(BaseModel):
    """A colour in both themes, as `#rrggbb`."""

    light: Hex
    dark: Hex


class ColoursBody(BaseModel):
    """The six colours; what is left out, or null, is ours."""

    ground: BothBody | None = None
    paper: BothBody | None = None
    ink: BothBody | None = None
    lamp: BothBody | None = None
    host: BothBody | None = None
    live: BothBody | None = None

    @property
    def chosen(self) -> dict[Colour, Pair]:
        """Those that are not ours."""
        given_ones: dict[Colour, BothBody | None] = {name: getattr(self, name) for name in COLOURS}
        return {name: (both.light, both.dark) for name, both in given_ones.items() if both}


class BrandingBody(BaseModel):
    """All that an administrator says of the instance; what is left out is ours again."""

    name: Annotated[Line, AfterValidator(at_most(NAME_MAX))] = ""
    about: Annotated[Paragraphs, AfterValidator(at_most(ABOUT_MAX))] = ""
    rules: Annotated[Paragraphs, AfterValidator(at_most(RULES_MAX))] = ""
    contact: Annotated[Line, AfterValidator(at_most(CONTACT_MAX))] = ""
    colours: ColoursBody = ColoursBody()

    @property
    def words(self) -> service.Words:
        """What is written."""
        return service.Words(self.name, self.about, self.rules, self.contact)


async def _acting(actor: Admin, limits: GivenLimits) -> Actor:
    limits.acts.take(actor.id)
    return actor


async def _sends(actor: Admin, limits: GivenLimits) -> Actor:
    """Let an administrator send a picture, before any of it is read."""
    limits.pictures.take(actor.id)
    return actor


Acting = Annotated[Actor, Depends(_acting)]
Sender = Annotated[Actor, Depends(_sends)]


@router.get("/instance")
async def instance(brands: GivenBrands) -> InstanceView:
    """Tell what the instance is called, and what it says of itself."""
    return instance_view(brands.current)


@router.get("/logo/{name}/{size}", response_class=Response)
async def logo(name: LogoName, size: LogoSize, session: Reading) -> Response:
    """Give the sign of the instance."""
    webp = await service.logo(session, name, int(size))
    return Response(webp, headers=FOR_GOOD, media_type="image/webp")


@router.get("/admin/branding")
async def branding(_actor: Admin, session: Reading) -> BrandingView:
    """Give what was chosen, and what stands where nothing was."""
    return branding_view(await service.chosen(session))


@router.post("/admin/branding/check")
async def try_out(body: ColoursBody, _actor: Acting) -> TriedColoursView:
    """Tell what would become of colours, and which cannot be read; nothing is changed."""
    chosen = body.chosen
    return {
        "tokens": {name: pair_view(pair) for name, pair in tokens_of(chosen).items()},
        "faults": [fault_view(fault) for fault in faults_of(chosen)],
    }


@router.put("/admin/branding")
async def change(body: BrandingBody, actor: Acting, tx: Writing) -> BrandingView:
    """Give the instance name, words and colours, all of them anew."""
    return branding_view(await service.change(tx, actor, body.words, body.colours.chosen))


@router.delete("/admin/branding", status_code=204)
async def reset(actor: Acting, tx: Writing) -> None:
    """Make it as we made it, with our sign."""
    await service.reset(tx, actor)


@router.put("/admin/branding/logo", openapi_extra=_BODY)
async def wear(
    request: Request, actor: Sender, album: GivenAlbum, transactions: GivenTransactions
) -> BrandingView:
    """Give the instance a sign; the body is the picture, of which the middle square is kept."""
    with album.places.hold(actor.id):
        made = await album.encode("instance", await request.body(), "logo")
    async with transactions.begin() as tx:
        await check_still_valid(tx.session, actor, tx.now)
        return branding_view(await service.wear(tx, actor, made))


@router.delete("/admin/branding/logo")
async def take_off(actor: Acting, tx: Writing) -> BrandingView:
    """Show our sign again."""
    return branding_view(await service.take_off(tx, actor))
