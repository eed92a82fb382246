"""The table of what staff want everybody to see."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base


class Featured(Base):
    """Staff put a space before everybody, until they take it back or it is over."""

    __tablename__ = "featured"

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    by: Mapped[str]
    at: Mapped[datetime]
