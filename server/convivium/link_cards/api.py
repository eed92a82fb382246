"""The routes of link cards."""

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import FileResponse, Response
from pydantic import AfterValidator, BaseModel
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import check_still_valid
from convivium.core.actor import Actor
from convivium.core.text import Exact, at_most
from convivium.core.url import LONGEST
from convivium.core.web import (
    API,
    GivenTransactions,
    Reading,
    Who,
    answer_with_file,
    given,
    need_read,
)
from convivium.link_cards import service
from convivium.link_cards.fetching import Waiters
from convivium.link_cards.service import FetchLimits, LinkCards
from convivium.link_cards.view import LinkCardView, link_card_view
from convivium.pictures.album import Album
from convivium.pictures.rules import MEDIA_TYPE, SIZES
from convivium.pictures.service import PictureNotFound

router = APIRouter(prefix=API, tags=["link cards"])

# Who has the name of a picture has the picture; another one has another name.
FOR_GOOD = "public, max-age=31536000, immutable"
# A page that takes longer is not waited for; its card is there later.
WAIT_S = 6.0

GivenCards = Annotated[LinkCards, Depends(given(LinkCards))]
GivenFetchLimits = Annotated[FetchLimits, Depends(given(FetchLimits))]
GivenWaiters = Annotated[Waiters, Depends(given(Waiters))]
GivenAlbum = Annotated[Album, Depends(given(Album))]
PictureName = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class LinkBody(BaseModel):
    """A link that somebody is about to write."""

    link: Annotated[Exact, AfterValidator(at_most(LONGEST))]


class FoundCard(TypedDict):
    """The card of a link; null where there is none, or none yet."""

    card: LinkCardView | None


async def _looks(actor: Who, limits: GivenFetchLimits) -> Actor:
    need_account(actor, "write")
    limits.looks.take(actor.id)
    return actor


@router.post("/link-cards")
async def look(
    body: LinkBody,
    request: Request,
    actor: Annotated[Actor, Depends(_looks)],
    cards: GivenCards,
    waiters: GivenWaiters,
    transactions: GivenTransactions,
) -> FoundCard:
    """Give the card of a link, and let its page be fetched if nobody knows it."""
    async with transactions.begin() as tx:
        await check_still_valid(tx.session, actor, tx.now)
        card = await cards.of_text(tx, actor, body.link, request.url.hostname or "")
    if card is None or not card.is_awaited:
        return {"card": link_card_view(card)}
    with waiters.waiting(card.number) as settled:
        async with transactions.database.read() as session:
            known = await service.by_id(session, card.id)
        # It may have come back before anybody waited.
        if known is not None and known.is_awaited:
            with suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), WAIT_S)
    async with transactions.database.read() as session:
        return {"card": link_card_view(await service.by_id(session, card.id))}


@router.get("/link-cards/pictures/{name}", response_class=FileResponse)
async def picture(name: PictureName, actor: Who, album: GivenAlbum, session: Reading) -> Response:
    """Give the picture of a card."""
    need_read(actor)
    path = album.path(name, SIZES["card"][0])
    if not await service.is_picture(session, name) or not path.is_file():
        raise PictureNotFound
    return answer_with_file(path, MEDIA_TYPE, FOR_GOOD)
