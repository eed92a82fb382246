"""Going to a provider and coming back: once, within ten minutes, and by the same browser.

The browser keeps a sealed note. What the provider sends back and what it is asked for (state,
nonce, and the verifier of PKCE, RFC 7636) are words that only we can make of the note's id: who
reads the note knows none of them.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

from convivium.accounts.challenges import Answered, ChallengeOver, use
from convivium.accounts.seals import Seals
from convivium.core.errors import Conflict
from convivium.core.ids import fingerprint, new_id
from convivium.core.transaction import Transaction

# sign_in: whoever comes back. link: let somebody who is signed in sign in by it too. prove: show
# once more that it is them.
Purpose = Literal["sign_in", "link", "prove"]

LIFE = timedelta(minutes=10)
NEXT_MAX = 500
_PURPOSE = "visit"


class VisitOver(Conflict):
    """Nobody went there from this browser, or too long ago, or they came back already."""

    code = "visit_over"
    title = "That took too long"
    detail = "You did not come back in time, or in another browser. Begin once more."


@dataclass(frozen=True, slots=True)
class Visit:
    """One way to a provider and back.

    session: of whoever is signed in, for whom it is. back: where the provider sends them. next:
    where they go then.
    """

    id: str
    provider: str
    purpose: Purpose
    session: str
    back: str
    next: str


@dataclass(frozen=True, slots=True)
class Words:
    """What goes along on the way, and has to come back; verifier: is shown when it is over."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """What of the verifier is shown beforehand (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def begin(
    seals: Seals, provider: str, purpose: Purpose, *, session: str, back: str, next_: str
) -> tuple[Visit, str]:
    """Begin a visit; gives it, and the note of it for the browser to keep."""
    visit = Visit(new_id(), provider, purpose, session, back, path_of(next_))
    return visit, seals.seal(_PURPOSE, asdict(visit), LIFE)


def words_of(seals: Seals, visit: Visit) -> Words:
    """Make the words that go along."""
    state, nonce, verifier = (
        seals.word(f"visit's {what}", visit.id) for what in ("state", "nonce", "verifier")
    )
    return Words(state, nonce, verifier)


def returned(seals: Seals, shown: str | None, provider: str, state: str) -> Visit:
    """Know a visit again by the browser's note and what came back. Raises VisitOver."""
    note = seals.open(_PURPOSE, shown) if shown else None
    if note is None:
        raise VisitOver
    visit = Visit(**note)
    is_state = hmac.compare_digest(words_of(seals, visit).state.encode(), state.encode())
    if visit.provider != provider or not is_state:
        raise VisitOver
    return visit


async def end(tx: Transaction, visit: Visit) -> None:
    """Let a visit count, once. Raises VisitOver."""
    try:
        await use(tx, Answered(fingerprint(visit.id), tx.now + LIFE))
    except ChallengeOver:
        raise VisitOver from None


def path_of(next_: str) -> str:
    """Give where somebody goes afterwards, if that is a path of ours."""
    is_ours = next_.startswith("/") and next_[1:2] not in ("/", "\\") and next_.isprintable()
    return next_ if is_ours and len(next_) <= NEXT_MAX else "/"
