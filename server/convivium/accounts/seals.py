"""Notes that a browser keeps for us: sealed, good for a while, and worth nothing elsewhere.

Nobody has an account yet when they need one, so nothing is written down here. The seal's key lives
as long as the process: what was given before a restart is begun anew.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from convivium.core.clock import Clock

Note = dict[str, Any]


class Seals:
    """Seals notes, and knows its own again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def seal(self, purpose: str, note: Note, life: timedelta) -> str:
        """Write a note for a browser to keep; everybody may read it, nobody can change it."""
        ends = (self._clock.now() + life).isoformat()
        text = _encode(json.dumps([ends, note]).encode())
        return f"{text}.{self.word(purpose, text)}"

    def open(self, purpose: str, sealed: str) -> Note | None:
        """Read a note of this purpose; None for one that is none of ours, or too old."""
        text, _, seal = sealed.partition(".")
        if not hmac.compare_digest(seal.encode(), self.word(purpose, text).encode()):
            return None
        ends, note = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        is_good = datetime.fromisoformat(ends) > self._clock.now()
        return dict(note) if is_good else None

    def word(self, purpose: str, text: str) -> str:
        """Make a word of a text that nobody can guess who has only the text."""
        return _encode(hmac.digest(self._key, f"{purpose} {text}".encode(), "sha256"))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
