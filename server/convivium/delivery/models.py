"""The tables of what leaves, and of the doors it goes to."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.accounts.models import SignIn
from convivium.core.database import Base
from convivium.notifications.kinds import Channel
from convivium.notifications.models import Notification

# waiting: it goes when it is due. out: it left, and nobody has heard of it yet. unsure: nobody ever
# will. dropped: it was not wanted, or not true any more.
State = Literal["waiting", "out", "sent", "unsure", "failed", "dropped"]


class PushSubscription(Base):
    """A browser that shows what somebody is told, also while no page of ours is open.

    endpoint: where its maker takes messages for it. p256dh, auth: what they are sealed with
    (RFC 8291, 3.1), base64url. site: this server, as that browser names it.
    It ends with the session it was made in: whoever signs out is told nothing there.
    """

    __tablename__ = "push_subscription"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey(SignIn.id, ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    site: Mapped[str]
    browser: Mapped[str]
    system: Mapped[str]
    since: Mapped[datetime]


class PushKey(Base):
    """The key by which push services know this server (RFC 8292): one row, made when first asked.

    private: its number, base64url.
    """

    __tablename__ = "push_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    private: Mapped[str]


class Delivery(Base):
    """One notification on its way to one door, at one time that it was told.

    door: the id of a push subscription, or `mail`.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("notification_number", "told_at", "door"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    notification_number: Mapped[int] = mapped_column(
        ForeignKey(Notification.number, ondelete="CASCADE")
    )
    told_at: Mapped[datetime]
    channel: Mapped[Channel] = mapped_column(String)
    door: Mapped[str]
    state: Mapped[State] = mapped_column(String)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
