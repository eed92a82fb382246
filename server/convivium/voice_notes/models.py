"""The table of voice notes."""

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.files.models import Kept, Named


class VoiceNote(Kept, Base):
    """A voice note of somebody's.

    levels: how loud it is in each of its parts, an octet each.
    """

    __tablename__ = "voice_note"
    __table_args__ = ({"sqlite_autoincrement": True},)

    duration_ms: Mapped[int]
    levels: Mapped[bytes] = mapped_column(LargeBinary)


Index("ix_voice_note_person_id", VoiceNote.person_id, VoiceNote.used_at)
Index("ix_voice_note_used_at", VoiceNote.used_at, VoiceNote.uploaded_at)


class HeldVoiceNote(Named, Base):
    """A voice note that a report is about: moderators hear it as long as they have its words."""

    __tablename__ = "held_voice_note"
    __table_args__ = ({"sqlite_autoincrement": True},)

    report_number: Mapped[int] = mapped_column(
        ForeignKey("report.number", ondelete="CASCADE"), index=True
    )
