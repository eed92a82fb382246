"""The routes of somebody's own data: take it along, and leave nothing behind."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from convivium.accounts import sign_ins
from convivium.accounts.needs import need_account
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.web import API, GivenTransactions, Reading, Who, Writing, forget_cookie, given
from convivium.leaving import export, service
from convivium.pictures.album import Album

router = APIRouter(prefix=API, tags=["accounts"])


class LeavingLimits:
    """How often one person may fetch all of their data: it is read row by row."""

    def __init__(self, clock: Clock, _settings: Settings) -> None:
        self.exports = Limit(clock, burst=3, per_s=3 / 3600)


GivenAlbum = Annotated[Album, Depends(given(Album))]
GivenLimits = Annotated[LeavingLimits, Depends(given(LeavingLimits))]


@router.get("/me/export", response_class=StreamingResponse)
async def download(
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    album: GivenAlbum,
    limits: GivenLimits,
) -> StreamingResponse:
    """Give everything that is kept of oneself as one zip file, after a recent sign-in."""
    need_account(actor, "read")
    await sign_ins.own_recent(session, actor, transactions.now())
    limits.exports.take(actor.id)

    async def pieces() -> AsyncIterator[bytes]:
        async with transactions.database.read() as reading:
            async for piece in export.write(reading, album, actor.id):
                yield piece

    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="convivium-{actor.name}.zip"',
    }
    return StreamingResponse(pieces(), headers=headers, media_type="application/zip")


@router.delete("/me", status_code=204)
async def leave(actor: Who, tx: Writing, request: Request, response: Response) -> None:
    """Delete one's account, after a recent sign-in; when this is answered nothing of it works."""
    need_account(actor, "write")
    await service.leave(tx, actor)
    forget_cookie(request, response, "session")
