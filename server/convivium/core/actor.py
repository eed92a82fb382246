"""Who asks: the same value for a browser, a script and nobody in particular."""

from dataclasses import dataclass, field, replace
from typing import Literal

# waiting: an account to be, which staff have still to let in; nobody ever acts as one.
Kind = Literal["account", "guest", "anonymous", "waiting"]
Role = Literal["member", "moderator", "admin"]
Scope = Literal["read", "write", "speak", "host", "moderate", "admin"]

# What staff say of somebody: they are who they say, or belong to those who run this server.
Badge = Literal["verified", "team"]

STAFF: tuple[Role, ...] = ("moderator", "admin")
ALL_SCOPES: frozenset[Scope] = frozenset(("read", "write", "speak", "host", "moderate", "admin"))


@dataclass(frozen=True, slots=True)
class Shown:
    """How somebody wants to be shown, and what others say of them."""

    display_name: str
    listed: bool
    picture: str | None
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as far as one request knows them.

    id: the person's id, empty for somebody anonymous.
    credential: id of the session or token row that was shown, empty without one.
    network: where the request came from, coarse enough to stand for one household (a limit's key).
    is_ageing: the credential's row wants to be prolonged.
    voice: the source number under which this person would be heard.
    """

    kind: Kind = "anonymous"
    id: str = ""
    name: str | None = None
    display_name: str = ""
    role: Role | None = None
    listed: bool = False
    protected: bool = False
    voice: int = 0
    credential: str = ""
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    network: str = ""
    is_ageing: bool = False
    picture: str | None = None
    badge: Badge | None = None

    def shown_as(self, shown: Shown) -> "Actor":
        """Give the same person, shown otherwise."""
        return replace(
            self,
            display_name=shown.display_name,
            listed=shown.listed,
            picture=shown.picture,
            badge=shown.badge,
        )

    @property
    def has_account(self) -> bool:
        """Tell whether this is somebody who signed up."""
        return self.kind == "account"

    @property
    def is_staff(self) -> bool:
        """Tell whether this person moderates the instance, whatever they showed."""
        return self.role in STAFF

    @property
    def moderates(self) -> bool:
        """Tell whether they may act as that: a token has to say so."""
        return self.is_staff and "moderate" in self.scopes
