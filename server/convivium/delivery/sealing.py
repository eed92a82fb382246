"""What web push is wrapped in: sealed for one browser (RFC 8291), signed by this server (RFC 8292).

Pure; imported when somebody first asks for it, since what it needs takes a quarter of a second.
"""

import base64
import json
import os
import struct
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
POINT_BYTES = 65
AUTH_BYTES = 16
# One record (RFC 8188, 2.1): longer than anything we send.
RECORD_BYTES = 4096
SIGNED_FOR = timedelta(hours=12)


def new_key() -> str:
    """Make a private key, base64url."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


def public_of(private: str) -> str:
    """Give the public half, as browsers want it: a point, base64url."""
    return encoded(_point(_key(private)))


def is_point(point: bytes) -> bool:
    """Tell whether this is a point on the curve, written whole."""
    if len(point) != POINT_BYTES:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        return False
    return True


def seal(
    text: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Seal a text for the browser with these keys (RFC 8291, 3.4).

    key, salt: only for tests; each message has its own.
    """
    key, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    own = _point(key)
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _derive(shared, auth, b"WebPush: info\0" + p256dh + own, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, text + b"\x02", None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(own)) + own + sealed


def signed(private: str, audience: str, contact: str, now: datetime) -> str:
    """Write what shows a push service who sends (RFC 8292, 2 and 3)."""
    claims = {
        "aud": audience,
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": contact,
    }
    head = _json({"typ": "JWT", "alg": "ES256"})
    text = f"{head}.{_json(claims)}"
    key = _key(private)
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    signature = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={text}.{signature}, k={encoded(_point(key))}"


def encoded(data: bytes) -> str:
    """Write bytes in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Read base64url, with or without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key(private: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(private), "big"), CURVE)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _json(value: object) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())
