"""The tables of branding."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base


class Branding(Base):
    """What was chosen: one row, or none while the instance is as we made it.

    name: empty for ours. colours: by name, for the light theme and for the dark one.
    logo: what the files of the sign are called, after what they show; null without one.
    """

    __tablename__ = "branding"
    __table_args__ = (CheckConstraint("id = 1", name="there_is_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    rules: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    colours: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    logo: Mapped[str | None] = mapped_column(default=None)
    changed_at: Mapped[datetime]


class LogoFile(Base):
    """The sign in one size, WebP: a row, so that it moves with the others."""

    __tablename__ = "logo_file"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    webp: Mapped[bytes] = mapped_column(LargeBinary)
