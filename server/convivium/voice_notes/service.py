"""What people do with voice notes."""

from sqlalchemy import ColumnElement, select

from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.files.service import UNUSED_MAX, Kind
from convivium.voice_notes.models import HeldVoiceNote, VoiceNote
from convivium.voice_notes.studio import Made

VOICE_NOTES = Kind(VoiceNote, "forget_voice_note", also=(HeldVoiceNote,))


class VoiceNoteNotFound(NotFound):
    """There is none, or it is not for this person to hear; the two look the same."""

    code = "voice_note_not_found"
    title = "This voice note is not there"
    detail = "It was taken away, or it is not for you to hear."


class TooManyVoiceNotes(Conflict):
    """Somebody has as many voice notes as one may."""

    code = "too_many_voice_notes"
    title = "These are too many voice notes"


async def add(tx: Transaction, actor: Actor, made: Made, most: int) -> VoiceNote:
    """Keep a voice note for what somebody is about to post.

    most: how many one may have. Raises TooManyVoiceNotes.
    """
    own = VoiceNote.person_id == actor.id
    unused = own & VoiceNote.used_at.is_(None)
    if await VOICE_NOTES.count(tx.session, most, own) >= most:
        raise TooManyVoiceNotes(
            f"One can have {most:,} voice notes. Take away a post with one first."
        )
    if await VOICE_NOTES.count(tx.session, UNUSED_MAX, unused) >= UNUSED_MAX:
        raise TooManyVoiceNotes("Many notes of yours wait for their posts. Write one of these.")
    note = VoiceNote(
        id=new_id(),
        person_id=actor.id,
        file=made.name,
        duration_ms=made.duration_ms,
        levels=made.levels,
        uploaded_at=tx.now,
    )
    tx.session.add(note)
    await tx.session.flush()
    return note


async def use(tx: Transaction, actor: Actor, note_id: str) -> VoiceNote:
    """Let a post speak with a voice note. Raises VoiceNoteNotFound."""
    note = await tx.session.scalar(
        select(VoiceNote).where(
            VoiceNote.id == note_id,
            VoiceNote.person_id == actor.id,
            VoiceNote.used_at.is_(None),
        )
    )
    if note is None:
        raise VoiceNoteNotFound("The voice note is not there any more. Record it again.")
    note.used_at = tx.now
    await tx.session.flush()
    return note


# What was reported


async def hold(tx: Transaction, note: VoiceNote, report_number: int) -> HeldVoiceNote:
    """Keep a voice note for moderators, whatever becomes of the post it stands in."""
    held = HeldVoiceNote(id=new_id(), file=note.file, report_number=report_number)
    tx.session.add(held)
    await tx.session.flush()
    return held


async def release(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Hold some no longer."""
    held = await tx.session.scalars(select(HeldVoiceNote).where(which))
    await VOICE_NOTES.let_go(tx, held.all())
