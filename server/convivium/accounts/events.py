"""What accounts announces."""

from dataclasses import dataclass
from datetime import datetime

from convivium.core.actor import Badge, Role, Shown
from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class SignedUp(Fact):
    """There is an account that was not there before."""

    person_id: str


@dataclass(frozen=True, slots=True)
class SignedOut(Fact):
    """A credential ended: nothing that was opened with it may go on."""

    person_id: str
    credential: str


@dataclass(frozen=True, slots=True)
class Suspended(Fact):
    """Nothing can be done with an account: what was opened with it ends, what it was given is void.

    until: null for good. Announced each time: to suspend somebody again is to ask that every door
    be tried again.
    """

    person_id: str
    by: str
    until: datetime | None

    @property
    def goodbye(self) -> str:
        """Say why streams end: whoever does it to their own account deletes it."""
        return "deleted" if self.by == self.person_id else "suspended"


@dataclass(frozen=True, slots=True)
class SuspensionLifted(Fact):
    """An account can be used again before the time that was set."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SuspendedAtDoor(Fact):
    """Somebody who is suspended showed the right password; who knows why may say so instead."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ProfileChanged(Fact):
    """Somebody is shown otherwise, or listed among listeners otherwise.

    is_opened: they were protected, and are so no more.
    """

    person_id: str
    shown: Shown
    is_opened: bool = False


@dataclass(frozen=True, slots=True)
class BadgeGiven(Fact):
    """Staff gave somebody a badge."""

    person_id: str
    by: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class BadgeTaken(Fact):
    """Somebody has no badge any more; nobody took it where it went with a name."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class EmailClaimed(Fact):
    """Somebody says that an address is theirs, and is to show it."""

    person_id: str


@dataclass(frozen=True, slots=True)
class PasswordForgotten(Fact):
    """Somebody asked for a letter to an address; people: whose it is, who may be nobody.

    key: stands for the address.
    """

    key: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PasswordSet(Fact):
    """A password was set by the link of a letter."""

    person_id: str


@dataclass(frozen=True, slots=True)
class LetIn(Fact):
    """Somebody who waited has an account now."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class TurnedAway(Fact):
    """Somebody who waited is not let in."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RoleGiven(Fact):
    """Somebody looks after the instance from now on, or does so no more."""

    person_id: str
    by: str
    role: Role


@dataclass(frozen=True, slots=True)
class SentOut(Fact):
    """An administrator has signed somebody out everywhere."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class WayBackGiven(Fact):
    """An administrator made a code for somebody who cannot sign in any more."""

    person_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SignUpInvitationMade(Fact):
    """There is a code more with which people can sign up; by: nobody for the operator."""

    number: int
    by: str
    uses: int


@dataclass(frozen=True, slots=True)
class SignUpInvitationEnded(Fact):
    """Nobody can sign up by a code any more."""

    number: int
    by: str
