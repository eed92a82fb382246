"""The routes of voice notes; the one by which they are heard is with the posts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from typing_extensions import TypedDict

from convivium.accounts.needs import need_account
from convivium.accounts.service import check_still_valid
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.rate import Limit
from convivium.core.web import API, GivenSettings, GivenTransactions, Who, given
from convivium.voice_notes import service
from convivium.voice_notes.studio import Studio

router = APIRouter(prefix=API, tags=["voice notes"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("audio/webm", "audio/ogg", "audio/mp4")
        },
    }
}


class VoiceNoteLimits:
    """How often one person may send a voice note."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.notes = Limit(
            clock, burst=settings.voice_notes_burst, per_s=settings.voice_notes_per_s
        )


class MadeVoiceNote(TypedDict):
    """A voice note that can be put into a post within a day.

    levels: how loud each of its 64 parts is, 0 to 255.
    """

    id: str
    duration_ms: int
    levels: list[int]


GivenStudio = Annotated[Studio, Depends(given(Studio))]
GivenLimits = Annotated[VoiceNoteLimits, Depends(given(VoiceNoteLimits))]


async def _sends(actor: Who, limits: GivenLimits) -> Actor:
    """Let somebody send a voice note, before any of it is read."""
    need_account(actor, "write")
    limits.notes.take(actor.id)
    return actor


@router.post("/voice-notes", status_code=201, openapi_extra=_BODY)
async def add(
    request: Request,
    actor: Annotated[Actor, Depends(_sends)],
    studio: GivenStudio,
    transactions: GivenTransactions,
    settings: GivenSettings,
) -> MadeVoiceNote:
    """Send a voice note for a post that is written within a day; the body is the recording."""
    with studio.places.hold(actor.id):
        made = await studio.make(actor.id, await request.body())
        async with transactions.begin() as tx:
            await check_still_valid(tx.session, actor, tx.now)
            note = await service.add(tx, actor, made, settings.voice_notes_max)
        await studio.shelves.make_sure(made.name, made.files)
    return {"id": note.id, "duration_ms": note.duration_ms, "levels": list(note.levels)}
