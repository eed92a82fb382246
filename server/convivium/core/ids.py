"""Names that nobody can guess: ids of rows and secrets of credentials."""

import hashlib
import secrets


def new_id() -> str:
    """Make a random id of 128 bits, safe in a path."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """Make a random secret of 256 bits, safe in a cookie and in a header."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Turn a secret into what may be stored: SHA-256, enough since the secret is random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def share_of(text: str) -> float:
    """Give the place of a text among all, evenly and always the same: from 0, below 1."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
