"""The routes of pictures; those of pictures in posts are with the posts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import FileResponse, Response
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import check_still_valid
from convivium.accounts.view import MeView, me_view
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.web import (
    API,
    GivenSettings,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    answer_with_file,
    given,
    need_read,
)
from convivium.pictures import service
from convivium.pictures.album import Album
from convivium.pictures.rules import MEDIA_TYPE
from convivium.pictures.service import PictureNotFound

router = APIRouter(prefix=API, tags=["pictures"])

# Who has the name of a picture has the picture; another one has another name.
FOR_GOOD = "public, max-age=31536000, immutable"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


class PictureLimits:
    """How often one person may send a picture."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.pictures = Limit(clock, burst=settings.pictures_burst, per_s=settings.pictures_per_s)


class MadePicture(TypedDict):
    """A picture that can be put into a post within a day."""

    id: str
    width: int
    height: int


GivenAlbum = Annotated[Album, Depends(given(Album))]
GivenLimits = Annotated[PictureLimits, Depends(given(PictureLimits))]
FaceName = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
FaceSize = Literal["64", "128", "512"]


async def _sends(actor: Who, limits: GivenLimits) -> Actor:
    """Let somebody send a picture, before any of it is read."""
    need_account(actor, "write")
    limits.pictures.take(actor.id)
    return actor


Sender = Annotated[Actor, Depends(_sends)]


@router.put("/me/picture", openapi_extra=_BODY)
async def wear(
    request: Request, actor: Sender, album: GivenAlbum, transactions: GivenTransactions
) -> MeView:
    """Be shown by a picture; the body is the picture, of which the middle square is kept."""
    with album.places.hold(actor.id):
        made = await album.make(actor.id, await request.body(), "face")
        async with transactions.begin() as tx:
            await check_still_valid(tx.session, actor, tx.now)
            person = await service.wear(tx, actor, made)
        await album.make_sure(made)
    return me_view(person)


@router.delete("/me/picture")
async def take_off(actor: Who, tx: Writing) -> MeView:
    """Be shown by one's pebble again."""
    need_account(actor, "write")
    return me_view(await service.take_off_own(tx, actor))


@router.post("/pictures", status_code=201, openapi_extra=_BODY)
async def add(
    request: Request,
    actor: Sender,
    album: GivenAlbum,
    transactions: GivenTransactions,
    settings: GivenSettings,
) -> MadePicture:
    """Send a picture for a post that is written within a day; the body is the picture."""
    with album.places.hold(actor.id):
        made = await album.make(actor.id, await request.body(), "post")
        async with transactions.begin() as tx:
            await check_still_valid(tx.session, actor, tx.now)
            picture = await service.add(tx, actor, made, settings.pictures_max)
        await album.make_sure(made)
    return {"id": picture.id, "width": picture.width, "height": picture.height}


@router.get("/faces/{name}/{size}", response_class=FileResponse)
async def face(
    name: FaceName,
    size: FaceSize,
    actor: Who,
    album: GivenAlbum,
    session: Reading,
    transactions: GivenTransactions,
) -> Response:
    """Give the picture by which somebody is shown."""
    need_read(actor)
    if not await service.is_face(session, actor, name, transactions.now()):
        raise PictureNotFound
    path = album.path(name, int(size))
    if not path.is_file():
        raise PictureNotFound
    kept = "private, no-cache" if actor.moderates else FOR_GOOD
    return answer_with_file(path, MEDIA_TYPE, kept)
