"""What a provider says of somebody, and whether it is said of them, to us, and now; pure.

The rules are those of OpenID Connect Core 1.0, 3.1.3.7, each of them here and not in a library, so
that each can be taken away in a test. Signatures are the library's.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from convivium.core.errors import Forbidden

# What may have signed it: nothing with a shared secret, for which a public key can be mistaken.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
# So far apart two clocks may be, and so long ago a token may have been made.
LEEWAY_S = 60
OLDEST_S = 600
# A number of seconds that is a time; infinity and what is no number are none.
FURTHEST_S = 2**40
SUBJECT_MAX = 255
SAID_MAX = 200


class NotTrusted(Forbidden):
    """What a provider says cannot be trusted; the sentence says in what way."""

    code = "not_trusted"
    title = "What came back cannot be trusted"


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider says of somebody: who they are there, for good, and what they are called.

    proved_at: when they last showed it there, in seconds, if it tells.
    """

    subject: str
    name: str
    display_name: str
    proved_at: float | None


@dataclass(frozen=True, slots=True)
class Expected:
    """Who has to say it, to whom, and in answer to what."""

    issuer: str
    client_id: str
    nonce: str


def said_in(claims: Mapping[str, Any], expected: Expected, now: datetime) -> Said:
    """Read what a token says whose signature is right. Raises NotTrusted."""
    if claims.get("iss") != expected.issuer:
        raise NotTrusted("Another server says who you are than the one that was asked.")
    _check_audience(claims, expected.client_id)
    _check_times(claims, now.timestamp())
    if not _is_same(claims.get("nonce"), expected.nonce):
        raise NotTrusted("It answers another question than this browser's.")
    subject = claims.get("sub", "")
    is_plain = isinstance(subject, str) and subject.isascii() and subject.isprintable()
    if not is_plain or not 0 < len(subject) <= SUBJECT_MAX:
        raise NotTrusted("It does not say who you are.")
    return Said(
        subject=subject,
        name=_text(claims, "preferred_username") or _text(claims, "nickname"),
        display_name=_text(claims, "name") or _text(claims, "preferred_username"),
        proved_at=_number(claims.get("auth_time")),
    )


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Refuse what was said to somebody else, or through somebody else."""
    audience = claims.get("aud")
    to = audience if isinstance(audience, list) else [audience]
    if client_id not in to:
        raise NotTrusted("It was said to another server, not to this one.")
    through = claims.get("azp")
    if through != client_id and (through is not None or len(to) > 1):
        raise NotTrusted("It was said to another server as well, and for that one.")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    ends, made = _number(claims.get("exp")), _number(claims.get("iat"))
    if ends is None or made is None:
        raise NotTrusted("It does not say until when it holds.")
    if ends <= now - LEEWAY_S or made < now - OLDEST_S:
        raise NotTrusted("It is too old.")
    if made > now + LEEWAY_S or (_number(claims.get("nbf")) or 0.0) > now + LEEWAY_S:
        raise NotTrusted("It is from the future: one of the two clocks is wrong.")


def _is_same(said: object, expected: str) -> bool:
    is_word = isinstance(said, str) and said.isascii()
    return is_word and hmac.compare_digest(str(said), expected)


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return float(said) if abs(said) < FURTHEST_S else None


def _text(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name)
    return said[:SAID_MAX] if isinstance(said, str) else ""
