"""A device that keeps passkeys, as WebAuthn describes one; it misbehaves where it is told to."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://convivium.test"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
BOTH = PRESENT | VERIFIED

Json = dict[str, Any]


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A key of one person at one server."""

    id: bytes
    private: ec.EllipticCurvePrivateKey
    handle: str
    count: int = 0


class Authenticator:
    """Keeps keys; `counts` says whether it counts how often they are used."""

    def __init__(self, *, counts: bool = True) -> None:
        self.keys: list[Key] = []
        self._step = int(counts)

    def make(
        self,
        options: Json,
        *,
        origin: str = ORIGIN,
        rp_id: str | None = None,
        flags: int = BOTH,
        type_: str = "webauthn.create",
        key: Key | None = None,
    ) -> Json:
        """Make a key and give what `navigator.credentials.create` would, as JSON."""
        if key is None:
            private = ec.generate_private_key(ec.SECP256R1())
            key = Key(secrets.token_bytes(16), private, options["user"]["id"])
            self.keys.append(key)
        point = key.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        about = bytes(16) + len(key.id).to_bytes(2) + key.id + cbor2.dumps(public)
        data = self._data(rp_id or options["rp"]["id"], flags | WITH_KEY, key) + about
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return _answer(
            key,
            clientDataJSON=_client(type_, options, origin),
            attestationObject=attested,
        )

    def show(
        self,
        options: Json,
        *,
        origin: str = ORIGIN,
        rp_id: str | None = None,
        flags: int = BOTH,
        type_: str = "webauthn.get",
        handle: str | None = None,
        signs: ec.EllipticCurvePrivateKey | None = None,
        counts: int | None = None,
    ) -> Json:
        """Sign with the newest key and give what `navigator.credentials.get` would, as JSON."""
        key = self.keys[-1]
        key.count += self._step if counts is None else counts
        data = self._data(rp_id or options["rpId"], flags, key)
        client = _client(type_, options, origin)
        signed = (signs or key.private).sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return _answer(
            key,
            clientDataJSON=client,
            authenticatorData=data,
            signature=signed,
            userHandle=decode(handle or key.handle),
        )

    def _data(self, rp_id: str, flags: int, key: Key) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + key.count.to_bytes(4)


def _client(type_: str, options: Json, origin: str) -> bytes:
    said = {"type": type_, "challenge": options["challenge"], "origin": origin}
    return json.dumps(said | {"crossOrigin": False}).encode()


def _answer(key: Key, **response: bytes) -> Json:
    return {
        "id": encode(key.id),
        "rawId": encode(key.id),
        "type": "public-key",
        "response": {name: encode(data) for name, data in response.items()},
    }
