"""What moderation announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class CasesChanged(Fact):
    """There is a case more or less, or something more was reported about one."""


@dataclass(frozen=True, slots=True)
class CaseAnswered(Fact):
    """A moderator settled a case. It names no space: its hosts are not told of reports."""

    number: int
    outcome: str
    person_id: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Warned(Fact):
    """A moderator warned somebody."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class PostTakenAway(Fact):
    """A moderator took a post away."""

    post_id: str
    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Appealed(Fact):
    """Somebody who is suspended asked to look at it again."""

    by: str
