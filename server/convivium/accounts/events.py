"""What accounts announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class SignedOut(Fact):
    """A credential ended: nothing that was opened with it may go on."""

    person_id: str
    credential: str


@dataclass(frozen=True, slots=True)
class ProfileChanged(Fact):
    """Somebody's shown name changed, or whether they are listed among listeners."""

    person_id: str
    display_name: str
    listed: bool
