"""The table of pictures."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base

# What a picture is for: it shows somebody, or it stands in a post.
Use = Literal["face", "post"]


class Picture(Base):
    """A picture of somebody's; its files are named after what is in them and whose it is.

    file: the name of the files, which two rows of one person may share.
    width, height: of the largest of them.
    used_at: since when something shows it; null: nothing does, and it is forgotten after a day.
    """

    __tablename__ = "picture"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    file: Mapped[str] = mapped_column(index=True)
    use: Mapped[Use] = mapped_column(String)
    width: Mapped[int]
    height: Mapped[int]
    description: Mapped[str] = mapped_column(default="")
    uploaded_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_picture_person_id", Picture.person_id, Picture.used_at)
Index("ix_picture_used_at", Picture.used_at, Picture.uploaded_at)
