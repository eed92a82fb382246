"""The routes of somebody's own data: take it along, and leave nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from convivium.accounts import sign_ins
from convivium.accounts.needs import need_account
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import Busy
from convivium.core.rate import Limit
from convivium.core.web import (
    API,
    GivenSettings,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    forget_cookie,
    given,
)
from convivium.leaving import export, service
from convivium.pictures.album import Album
from convivium.voice_notes.studio import Studio

router = APIRouter(prefix=API, tags=["accounts"])

# Half of the readers that SQLite has.
AT_ONCE = 2
PIECE_BYTES = 64 * 1024


class LeavingLimits:
    """How often one person may fetch all of their data: it is read row by row."""

    def __init__(self, clock: Clock, _settings: Settings) -> None:
        self.exports = Limit(clock, burst=3, per_s=3 / 3600)
        self._packing = 0

    @contextmanager
    def packing(self) -> Iterator[None]:
        """Hold the place of one who reads the database for long. Raises Busy."""
        if self._packing >= AT_ONCE:
            raise Busy(10.0)
        self._packing += 1
        try:
            yield
        finally:
            self._packing -= 1


GivenAlbum = Annotated[Album, Depends(given(Album))]
GivenStudio = Annotated[Studio, Depends(given(Studio))]
GivenLimits = Annotated[LeavingLimits, Depends(given(LeavingLimits))]


@router.get("/me/export", response_class=StreamingResponse)
async def download(
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    album: GivenAlbum,
    studio: GivenStudio,
    settings: GivenSettings,
    limits: GivenLimits,
) -> StreamingResponse:
    """Give everything that is kept of oneself as one zip file, after a recent sign-in."""
    need_account(actor, "read")
    await sign_ins.own_recent(session, actor, transactions.now())
    limits.exports.take(actor.id)

    with limits.packing():
        # A file first: whoever reads it slowly holds nothing that others need.
        archive = TemporaryFile(dir=settings.data)  # noqa: SIM115 - closed with its last piece
        await export.write(session, album, studio, actor.id, archive)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="convivium-{actor.name}.zip"',
    }
    return StreamingResponse(_pieces(archive), headers=headers, media_type="application/zip")


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        archive.seek(0)
        yield from iter(lambda: archive.read(PIECE_BYTES), b"")


@router.delete("/me", status_code=204)
async def leave(actor: Who, tx: Writing, request: Request, response: Response) -> None:
    """Delete one's account, after a recent sign-in; when this is answered nothing of it works."""
    need_account(actor, "write")
    await service.leave(tx, actor)
    forget_cookie(request, response, "session")
