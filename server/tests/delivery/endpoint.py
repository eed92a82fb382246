"""A push service on this machine: takes what is sent, opens it as a browser would, and counts.

It opens by the standards' own words (RFC 8188, RFC 8291), without a line of what seals.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_from(number: str) -> ec.EllipticCurvePrivateKey:
    """Make a private key of its number, base64url."""
    return ec.derive_private_key(int.from_bytes(decode(number), "big"), CURVE)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Open one sealed message (RFC 8291, 3.4; RFC 8188, 2)."""
    salt, record, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    assert len(sealed) <= record
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
    info = b"WebPush: info\0" + point_of(key) + sender
    secret = _hmac(_hmac(auth, shared), info + b"\x01")
    seed = _hmac(salt, secret)
    content_key = _hmac(seed, b"Content-Encoding: aes128gcm\0\x01")[:16]
    nonce = _hmac(seed, b"Content-Encoding: nonce\0\x01")[:12]
    padded = AESGCM(content_key).decrypt(nonce, sealed, None)
    text, mark, _ = padded.rpartition(b"\x02")
    assert mark, "the last record ends with 2"
    return text


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


@dataclass
class Subscriber:
    """A browser: its keys, and what it gives to be told."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"sixteen bytes it"

    @property
    def given(self) -> dict[str, Any]:
        """Give it as `PushSubscription.toJSON()` does."""
        keys = {"p256dh": encode(point_of(self.key)), "auth": encode(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys}


@dataclass(frozen=True)
class Taken:
    """What one request brought."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def claims(self) -> dict[str, Any]:
        """Check by whom it is signed, and give what they say (RFC 8292, 2)."""
        scheme, _, said = self.headers["authorization"].partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in said.split(","))
        text, _, signature = parts["t"].rpartition(".")
        raw = decode(signature)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(parts["k"]))
        public.verify(encode_dss_signature(r, s), text.encode(), ec.ECDSA(SHA256()))
        head, _, claims = text.partition(".")
        assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}
        return {**json.loads(decode(claims)), "k": parts["k"]}


class PushService:
    """Takes messages; `answers` says with which status, one after the other, then 201."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.answers: list[tuple[int, str]] = []
        self.port = 0

    def subscriber(self, name: str = "a") -> Subscriber:
        """Make a browser of which messages come here."""
        return Subscriber(f"http://127.0.0.1:{self.port}/{name}")

    def shown(self, who: Subscriber) -> list[dict[str, Any]]:
        """Open everything that came for a browser, in the order in which it came."""
        path = "/" + who.endpoint.rpartition("/")[2]
        texts = (opened(one.body, who.key, who.auth) for one in self.taken if one.path == path)
        return [json.loads(text) for text in texts]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")[:-2]
                pairs = (line.split(": ", 1) for line in lines)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                status, more = self.answers.pop(0) if self.answers else (201, "")
                self.taken.append(Taken(first.split()[1], headers, body))
                writer.write(f"HTTP/1.1 {status} X\r\n{more}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """Run one on a free port."""
    service = PushService()
    server = await asyncio.start_server(service.take, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
