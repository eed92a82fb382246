"""The table of pictures."""

from typing import Literal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.files.models import Kept

# What a picture is for: it shows somebody, stands in a post, comes with a link, or is the
# sign of the instance.
Use = Literal["face", "post", "card", "logo"]


class Picture(Kept, Base):
    """A picture of somebody's; width and height are those of its largest file."""

    __tablename__ = "picture"
    __table_args__ = ({"sqlite_autoincrement": True},)

    use: Mapped[Use] = mapped_column(String)
    width: Mapped[int]
    height: Mapped[int]
    description: Mapped[str] = mapped_column(default="")


Index("ix_picture_person_id", Picture.person_id, Picture.used_at)
Index("ix_picture_used_at", Picture.used_at, Picture.uploaded_at)
