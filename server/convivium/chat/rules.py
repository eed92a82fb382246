"""Who may write and share, and what a line and a link are; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from convivium.chat.models import Writers
from convivium.core.actor import Actor
from convivium.stage.rules import StageRole

# As long as people count it (UAX 29).
LINE_MAX = 280


@dataclass(frozen=True, slots=True)
class Rules:
    """How one space talks in text; the columns of `Chat` say what each means."""

    writers: Writers = "everyone"
    slow_seconds: int = 0
    kept: bool = False


USUAL = Rules()


class Writing(Enum):
    """What somebody is told who wants to write."""

    ALLOWED = "allowed"
    OFF = "chat_off"
    GUEST = "guest"
    STAGE = "stage_writes"


def may_write(rules: Rules, actor: Actor, role: StageRole) -> Writing:
    """Decide whether somebody who is let in may write a line."""
    if rules.writers == "off":
        return Writing.OFF
    if not actor.has_account:
        return Writing.GUEST
    if rules.writers == "stage" and role == "listener":
        return Writing.STAGE
    return Writing.ALLOWED


def wait_s(rules: Rules, last: datetime | None, now: datetime) -> float:
    """Tell how long somebody who wrote at `last` waits before the next line, in seconds."""
    if last is None:
        return 0.0
    return max(0.0, (last + timedelta(seconds=rules.slow_seconds) - now).total_seconds())


def host_of(link: str | None) -> str | None:
    """Name the host a link leads to, as an address bar does."""
    return None if link is None else urlsplit(link).hostname


def how_many_fit(sizes: Sequence[int], most: int) -> int:
    """Tell how many of the first fit together into `most`; at least one, if there is any."""
    room = most
    for count, size in enumerate(sizes):
        room -= size
        if room < 0 and count > 0:
            return count
    return len(sizes)
