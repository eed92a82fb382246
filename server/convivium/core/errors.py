"""The tree of refusals; `core/web.py` turns each into problem details (RFC 9457).

    Refusal
    ├── Malformed         422  what was sent cannot be understood
    ├── NotSignedIn       401  nobody knows who asks
    ├── Forbidden         403  known, and not allowed
    ├── NotFound          404  not there, or not for you to know of
    ├── Conflict          409  not as things are now
    ├── SlowDown          429  too often; says when to come again
    ├── Busy              503  the server has no room at the moment; says when to come again
    │   └── Unconfirmed   503  written down, and not known to have taken effect everywhere
    └── DiskFull          507  nothing was kept, nothing was lost

Each feature declares its own below these, at the head of its `service.py`. The text is written for
the person who reads it: what happened, and what to do.
"""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is expected; nothing is in error
    """Something was asked that is not going to happen, and the reason can be told."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "This was refused"
    detail: ClassVar[str] = ""
    # By this name the browser remembers for a day that it was refused; most need not be.
    remembered: ClassVar[str] = ""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.detail or self.title)
        # What a program may want to know beside the code (RFC 9457, 3.2).
        self.members: dict[str, str | int | None] = {}


class Malformed(Refusal):
    """What was sent cannot be understood."""

    status = 422
    code = "invalid"
    title = "Something in this is not right"


class NotSignedIn(Refusal):
    """A credential is needed and none is valid."""

    status = 401
    code = "not_signed_in"
    title = "You are not signed in"
    detail = "Sign in and try again."


class Forbidden(Refusal):
    """Known, and not allowed."""

    status = 403
    code = "forbidden"
    title = "This is not for you to do"


class CrossSite(Forbidden):
    """A page of another site tried to act with this browser's cookie."""

    code = "cross_site"
    title = "This came from another site"
    detail = "The request did not come from a page of this server, so nothing was done."


class MissingScope(Forbidden):
    """The token does not reach this far."""

    code = "missing_scope"
    title = "The token may not do this"


class NotFound(Refusal):
    """Not there, or not for this person to know of; the two look the same."""

    status = 404
    code = "not_found"
    title = "There is nothing here"


class Conflict(Refusal):
    """Not as things are now."""

    status = 409
    code = "conflict"
    title = "This does not fit with how things are"


class ComeAgain(Refusal):
    """Refused for now; `retry_after_s` says when it is worth trying again."""

    def __init__(self, retry_after_s: float = 1.0, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class SlowDown(ComeAgain):
    """Too often from one place."""

    status = 429
    code = "slow_down"
    title = "That was too often"
    detail = "Wait a moment and try again."


class Busy(ComeAgain):
    """The server has no room for this at the moment."""

    status = 503
    code = "busy"
    title = "The server is busy"
    detail = "Nothing was done. Try again in a moment."


class Unconfirmed(Busy):
    """It is written down, but what has to follow from it was not confirmed to have happened.

    The only refusal with which a subscriber after the commit reaches whoever asked.
    """

    code = "unconfirmed"
    title = "This is not done everywhere yet"
    detail = "It is written down, and the server goes on trying. Look again in a moment."


class DiskFull(Refusal):
    """The disk has no room; the transaction was taken back whole."""

    status = 507
    code = "disk_full"
    title = "The server's disk is full"
    detail = "Nothing was changed. Whoever runs this server needs to make room."


class StartFailed(Exception):  # noqa: N818 - read as a sentence on a terminal
    """A command cannot do its work; the text is one sentence, `exit_code` what the shell sees."""

    exit_code: ClassVar[int] = 1
