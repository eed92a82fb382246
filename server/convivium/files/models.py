"""What the row of a file has, whatever the file is."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column


class Named:
    """Whatever has a file. file: its name, which other rows may share."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    file: Mapped[str] = mapped_column(index=True)


class Kept(Named):
    """A file of somebody's; its name tells what is in it and whose it is.

    used_at: since when something shows it; null: nothing does, and it is forgotten after a day.
    """

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    uploaded_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
