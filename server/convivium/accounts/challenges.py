"""What passkeys are asked to sign: made by us, kept nowhere, and good for once.

Anybody may ask for a challenge, so none is written down: it says itself until when it is good and
what for, under a seal of ours. What was answered is remembered until it would be over anyway.
The seal's key lives as long as the process: what was asked before a restart is asked anew.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from convivium.accounts.models import UsedChallenge
from convivium.core.clock import Clock
from convivium.core.errors import Conflict
from convivium.core.transaction import Transaction

Purpose = Literal["sign_up", "sign_in", "add"]

LIFE = timedelta(minutes=5)
_NONCE = 16
_ENDS = 8
_HEAD = _NONCE + _ENDS


class ChallengeOver(Conflict):
    """What was signed is none of ours, too old, or was answered before."""

    code = "challenge_over"
    title = "That took too long"
    detail = "The passkey was asked too long ago, or answered already. Try once more."


class Answered(NamedTuple):
    """A challenge that came back, and until when it would be good."""

    fingerprint: str
    ends: datetime


class Challenges:
    """Makes challenges and knows its own again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def make(self, purpose: Purpose, person_id: str = "") -> bytes:
        """Make a challenge; one for signing up brings an id along (`id_in`)."""
        ends = int((self._clock.now() + LIFE).timestamp())
        head = secrets.token_bytes(_NONCE) + ends.to_bytes(_ENDS, "big")
        return head + self._seal(head, purpose, person_id)

    def check(self, challenge: bytes, purpose: Purpose, person_id: str = "") -> Answered:
        """Know one of ours again that is still good. Raises ChallengeOver."""
        head, seal = challenge[:_HEAD], challenge[_HEAD:]
        if not hmac.compare_digest(seal, self._seal(head, purpose, person_id)):
            raise ChallengeOver
        ends = datetime.fromtimestamp(int.from_bytes(head[_NONCE:], "big"), UTC)
        if ends <= self._clock.now():
            raise ChallengeOver
        return Answered(hashlib.sha256(challenge).hexdigest(), ends)

    def _seal(self, head: bytes, purpose: Purpose, person_id: str) -> bytes:
        about = f"{purpose} {person_id} ".encode()
        return hmac.digest(self._key, about + head, "sha256")


def id_in(challenge: bytes) -> str:
    """Give the id of the account that is to be made with a challenge."""
    return urlsafe_b64encode(challenge[:_NONCE]).rstrip(b"=").decode()


async def use(tx: Transaction, answered: Answered) -> None:
    """Remember that a challenge was answered. Raises ChallengeOver when it was before."""
    tx.session.add(UsedChallenge(fingerprint=answered.fingerprint, expires_at=answered.ends))
    try:
        await tx.session.flush()
    except IntegrityError:
        raise ChallengeOver from None


async def forget_used(tx: Transaction, at_once: int) -> int:
    """Forget those that are over by themselves, a few; tells how many."""
    over = select(UsedChallenge.fingerprint).where(UsedChallenge.expires_at <= tx.now)
    rows = await tx.session.scalars(
        delete(UsedChallenge)
        .where(UsedChallenge.fingerprint.in_(over.limit(at_once)))
        .returning(UsedChallenge.fingerprint)
    )
    return len(rows.all())
