"""The table of link cards."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.pictures.service import PICTURES


class LinkCard(Base):
    """What is shown of one address, whoever links to it; of nobody's, and known by nobody's name.

    url: as `core/url.py` writes it.
    title: empty while nothing was found, or nobody has looked yet.
    picture: the name of its file.
    good_until: until when nobody looks again.
    kept_until: when it goes, unless something shows it.
    failures: how often in a row nothing was found.
    """

    __tablename__ = "link_card"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    site: Mapped[str] = mapped_column(default="")
    picture: Mapped[str | None] = mapped_column(default=None, index=True, info=PICTURES.named)
    picture_width: Mapped[int] = mapped_column(default=0)
    picture_height: Mapped[int] = mapped_column(default=0)
    good_until: Mapped[datetime]
    kept_until: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)

    @property
    def is_awaited(self) -> bool:
        """Whether nobody has come back yet from the first look at it."""
        return not self.title and not self.failures
