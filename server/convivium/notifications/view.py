"""What somebody was told, as they see it, in a list and live."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.live.parts import Told, Whole
from convivium.live.personal import PersonalPart
from convivium.notifications import service
from convivium.notifications.kinds import Kind, Matter
from convivium.notifications.models import Notification, NotificationSetting
from convivium.notifications.rules import USUAL, channels_of
from convivium.posts.reading import posts_among, speaking
from convivium.spaces.models import InvitedRole, Space, State
from convivium.spaces.view import time_view

# So many of those who caused something are shown; the others are counted.
SHOWN_PEOPLE = 3
# So many are told at once to whoever looks; older ones are asked for.
SHOWN_LIVE = 20


class SpaceOfNotification(TypedDict):
    """The space that something was about, as it is now."""

    id: str
    title: str
    state: State
    starts_at: str | None


class PostOfNotification(TypedDict):
    """The post that something was about, as it is now; voice: a voice note speaks in it."""

    id: str
    text: str
    voice: bool


class NotificationView(TypedDict):
    """Something that somebody was told; the web app has the words for each kind."""

    id: str
    kind: Kind
    at: str
    read: bool
    people: list[PersonView]
    count: int
    space: SpaceOfNotification | None
    post: PostOfNotification | None
    role: InvitedRole | None
    starts_at: str | None
    was: str | None
    words: str | None


async def show(
    session: AsyncSession, rows: Sequence[Notification], now: datetime
) -> list[NotificationView]:
    """Show what one person was told, with whom and what it is about looked up at once."""
    named = {person for row in rows for person in row.people[:SHOWN_PEOPLE]}
    people = {
        person.id: person_view(person)
        for person in await session.scalars(select(Person).where(Person.id.in_(named)))
    }
    about = {row.space_id for row in rows if row.space_id}
    spaces = {
        space.id: space for space in await session.scalars(select(Space).where(Space.id.in_(about)))
    }
    posts = await _posts(session, rows, now)
    return [
        {
            "id": str(row.number),
            "kind": row.kind,
            "at": time_view(row.at),
            "read": row.read,
            "people": [people[one] for one in row.people[:SHOWN_PEOPLE] if one in people],
            "count": row.count,
            "space": _space_view(spaces[row.space_id]) if row.space_id else None,
            "post": posts.get(row.post_number or 0),
            "role": row.data.get("role"),
            "starts_at": row.data.get("starts_at"),
            "was": row.data.get("was"),
            "words": row.data.get("words"),
        }
        for row in rows
    ]


async def _posts(
    session: AsyncSession, rows: Sequence[Notification], now: datetime
) -> dict[int, PostOfNotification]:
    """Look up the posts these are about, as far as whoever was told may see them by now."""
    written = {row.post_number for row in rows if row.post_number}
    if not written:
        return {}
    reader = Actor(kind="account", id=rows[0].person_id)
    seen = await posts_among(session, reader, written, now)
    spoken = await speaking(session, seen)
    return {
        number: {"id": post.id, "text": post.text, "voice": number in spoken}
        for number, (post, _) in seen.items()
    }


def _space_view(space: Space) -> SpaceOfNotification:
    return {
        "id": space.id,
        "title": space.title,
        "state": space.state,
        "starts_at": time_view(space.starts_at),
    }


# `from` is no name that a class can have.
QuietView = TypedDict("QuietView", {"from": str, "to": str})


class ChannelsView(TypedDict):
    """By which ways somebody is told of a matter."""

    app: bool
    push: bool
    mail: bool


class NotificationSettingsView(TypedDict):
    """How somebody wants to be told."""

    zone: str
    quiet: QuietView | None
    kinds: dict[str, ChannelsView]


def settings_view(setting: NotificationSetting) -> NotificationSettingsView:
    """Show somebody how they want to be told."""
    return {
        "zone": setting.zone,
        "quiet": _quiet_view(setting.quiet_from, setting.quiet_to),
        "kinds": {matter: _channels_view(setting, matter) for matter in USUAL},
    }


def _quiet_view(begin: int | None, end: int | None) -> QuietView | None:
    if begin is None or end is None:
        return None
    return {"from": _time(begin), "to": _time(end)}


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _channels_view(setting: NotificationSetting, matter: Matter) -> ChannelsView:
    wanted = channels_of(matter, setting.chosen)
    return {"app": "app" in wanted, "push": "push" in wanted, "mail": "mail" in wanted}


class Newest:
    """How a change at the top of somebody's list is told."""

    def changes(self, old: list[NotificationView], new: list[NotificationView]) -> list[Told]:
        """Say what was taken back, then what is new or not as it was, the oldest first."""
        before = {item["id"]: item for item in old}
        after = {item["id"]: item for item in new}
        # What only moved out of sight below is still so.
        end = new[-1]["at"] if len(new) == SHOWN_LIVE else ""
        gone = [one for one, item in before.items() if one not in after and item["at"] >= end]
        return [Told("notification_gone", {"id": one}) for one in gone] + [
            Told("notification_changed", {"notification": item})
            for item in reversed(new)
            if before.get(item["id"]) != item
        ]


def personal_parts(now: Callable[[], datetime]) -> list[PersonalPart]:
    """Make the parts of a person's picture: how much is unread, and the newest."""

    async def load_newest(session: AsyncSession, person_id: str) -> Any:  # noqa: ANN401
        rows = await service.newest(session, person_id, limit=SHOWN_LIVE)
        return await show(session, rows, now())

    return [
        PersonalPart("unread", service.count_unread, Whole("unread_changed", "unread")),
        PersonalPart("notifications", load_newest, Newest()),
    ]
