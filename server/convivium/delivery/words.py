"""What a notification says to somebody who is not in the app: a line, what it is about, an address.

The app has words of its own (`web/src/told/words.ts`); these stand alone, without a face beside.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from convivium.notifications.kinds import Kind
from convivium.notifications.view import NotificationView

LONGEST_TITLE = 120
LONGEST_BODY = 300


class Words(NamedTuple):
    """A line, what it is about (or nothing), and where it leads."""

    title: str
    body: str
    path: str


def words_of(told: NotificationView, now: datetime) -> Words:
    """Say a notification, as it is now."""
    title, body = _SAYINGS[told["kind"]](told)
    if told["kind"] == "starts_soon":
        title = _starts_soon(told, now)
    return Words(_cut(title, LONGEST_TITLE), _cut(body, LONGEST_BODY), _path(told))


def _who(told: NotificationView) -> str:
    """Name whoever did it: one, two, or one and how many more."""
    names = [person["display_name"] for person in told["people"]]
    if not names:
        return "Somebody"
    others = told["count"] - 1
    if others < 1:
        return names[0]
    if others == 1 and len(names) > 1:
        return f"{names[0]} and {names[1]}"
    return f"{names[0]} and 1 other" if others == 1 else f"{names[0]} and {others} others"


def _title(told: NotificationView) -> str:
    return told["space"]["title"] if told["space"] else "A space"


def _starts_soon(told: NotificationView, now: datetime) -> str:
    """Say how long it is still: what waited somewhere leaves later than half an hour before."""
    starts_at = told["space"] and told["space"]["starts_at"]
    left = datetime.fromisoformat(starts_at) - now if starts_at else timedelta()
    minutes = max(1, math.ceil(left / timedelta(minutes=1)))
    said = "in 1 minute" if minutes == 1 else f"in {minutes} minutes"
    return f"{_title(told)} starts {said}"


def _text(told: NotificationView) -> str:
    post = told["post"]
    if post is None:
        return ""
    return post["text"] or ("A voice note" if post["voice"] else "")


def _path(told: NotificationView) -> str:
    if told["space"]:
        return f"/spaces/{told['space']['id']}"
    if told["post"]:
        return f"/posts/{told['post']['id']}"
    name = told["people"][0]["name"] if told["people"] else None
    return f"/people/{name}" if name and told["count"] == 1 else "/notifications"


_INVITED = {
    "listener": "{who} invites you to listen",
    "speaker": "{who} invites you to the stage",
    "co_host": "{who} invites you to help as co-host",
}


def _invited(told: NotificationView) -> tuple[str, str]:
    return _INVITED[told["role"] or "listener"].format(who=_who(told)), _title(told)


Saying = Callable[[NotificationView], tuple[str, str]]

_SAYINGS: dict[Kind, Saying] = {
    "invited": _invited,
    "brought_up": lambda told: (f"{_who(told)} brought you up: you may speak", _title(told)),
    "handed_over": lambda told: (f"{_who(told)} gave you the space", _title(told)),
    "starts_soon": lambda told: (f"{_title(told)} starts soon", ""),
    "time_to_start": lambda told: (f"{_title(told)} starts now", "Open it when you are ready."),
    "started": lambda told: (f"{_who(told)} is live", _title(told)),
    "rescheduled": lambda told: (f"{_title(told)} has another time", "Look when it starts now."),
    "cancelled": lambda told: (f"{_title(told)} was cancelled", ""),
    "followed": lambda told: (
        (f"{_who(told)} follows you", "")
        if told["count"] == 1
        else (f"{_who(told)} follow you", "")
    ),
    "follow_asked": lambda told: (f"{_who(told)} would like to follow you", ""),
    "follow_accepted": lambda told: (f"{_who(told)} lets you follow them", ""),
    "mentioned": lambda told: (f"{_who(told)} mentioned you", _text(told)),
    "replied": lambda told: (f"{_who(told)} answered you", _text(told)),
    "quoted": lambda told: (f"{_who(told)} quoted you", _text(told)),
    "liked": lambda told: (f"{_who(told)} liked your post", _text(told)),
    "reposted": lambda told: (f"{_who(told)} passed your post on", _text(told)),
    "warned": lambda told: ("The moderators have warned you", told["words"] or ""),
    "space_ended": lambda told: (
        f"The moderators ended {_title(told)}",
        told["words"] or "",
    ),
    "space_renamed": lambda told: (
        f"The moderators renamed {_title(told)}",
        told["words"] or "",
    ),
    "post_taken_away": lambda told: (
        "The moderators have taken away a post of yours",
        told["words"] or "",
    ),
    "suspension_lifted": lambda _: ("You can use your account again", ""),
    "let_in": lambda _: ("You are let in: welcome", "Your account is ready. Take a seat."),
    "role_given": lambda _: ("Your role has changed", "An administrator did so."),
    "sent_out": lambda _: ("You were signed out everywhere", "An administrator did so."),
    "way_back_given": lambda _: (
        "Somebody can help you back into your account",
        "An administrator made a code that signs in once. If you did not ask for one, tell them.",
    ),
    "report_seen": lambda _: ("The moderators have looked at what you reported", "Thank you."),
}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
