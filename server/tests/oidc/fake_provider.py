"""A provider on this machine: says who people are as real ones do, or otherwise where a test wants.

Whoever is led there comes back at once, as whom `PUT /person` has said; with nobody they declined.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "convivium at home", "a secret: of the provider"
AMA = {"sub": "ama-248289", "preferred_username": "Ama.Mensah", "name": "Ama Mensah"}


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


OWN_KEY, STRANGERS_KEY, NEXT_KEY = (new_key(kid) for kid in ("first", "first", "second"))


@dataclass
class Granted:
    """What a code is good for, once."""

    asked: dict[str, str]
    person: dict[str, Any]


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FakeProvider:
    """What it does, and how it misbehaves.

    claims, header: what is otherwise in the token; None: it is not in it. key: with which it signs.
    described: what is otherwise in what it says of itself. padding: so many blanks follow each
    answer. instead: answers of its addresses.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    person: dict[str, Any] = field(default_factory=lambda: dict(AMA))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: OWN_KEY)
    keys: list[Any] = field(default_factory=lambda: [OWN_KEY])
    described: dict[str, Any] = field(default_factory=dict)
    names_itself: str | None = ""
    sends: dict[str, Any] = field(default_factory=dict)
    padding: int = 0
    instead: dict[str, Answer | None] = field(default_factory=dict)
    public_client: bool = False
    asked: list[Asked] = field(default_factory=list)
    codes: dict[str, Granted] = field(default_factory=dict)
    port: int = 0
    taking: set[asyncio.Task[None] | None] = field(default_factory=set)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    def count(self, path: str) -> int:
        """Count how often an address was asked."""
        return sum(one.path == path for one in self.asked)

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request; None: never."""
        self.asked.append(asked)
        if asked.path in self.instead:
            return self.instead[asked.path]
        ways = {
            "/realm/.well-known/openid-configuration": self._describe,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": self._keys,
            "/person": self._change,
        }
        way = ways.get(asked.path)
        return (404, {}, b"") if way is None else way(asked)

    def _describe(self, _asked: Asked) -> Answer:
        home = f"http://127.0.0.1:{self.port}"
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{home}/authorize",
            "token_endpoint": f"{home}/token",
            "jwks_uri": f"{home}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        return _json(_changed(said, self.described))

    def _authorize(self, asked: Asked) -> Answer:
        query = asked.query
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert "openid" in query["scope"].split()
        back: dict[str, Any] = {"state": query["state"]}
        if self.person:
            code = secrets.token_urlsafe(16)
            self.codes[code] = Granted(query, dict(self.person))
            back["code"] = code
        else:
            back["error"] = "access_denied"
        if self.names_itself is not None:
            back["iss"] = self.names_itself or self.issuer
        sent = urlencode(_changed(back, self.sends))
        return 303, {"Location": f"{query['redirect_uri']}?{sent}"}, b""

    def _token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        granted = self.codes.pop(form.get("code", ""), None)
        if granted is None or not self._is_client(asked, form):
            return _json({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        query = granted.asked
        is_same = query["redirect_uri"] == form["redirect_uri"]
        is_proved = query["code_challenge_method"] == "S256"
        if not is_same or not is_proved or encode(digest) != query["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        token = self.token(granted)
        return _json({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _is_client(self, asked: Asked, form: dict[str, str]) -> bool:
        if self.public_client or form.get("client_secret") == SECRET:
            return form["client_id"] == CLIENT
        scheme, _, pair = asked.headers.get("authorization", "").partition(" ")
        name, _, secret = b64decode(pair).decode().partition(":")
        return (scheme, unquote_plus(name), unquote_plus(secret)) == ("Basic", CLIENT, SECRET)

    def token(self, granted: Granted) -> str:
        """Say who somebody is, and sign it."""
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": granted.asked["nonce"],
            **granted.person,
        }
        if "max_age" in granted.asked:
            claims.setdefault("auth_time", now)
        claims = _changed(claims, self.claims)
        header = _changed({"alg": "RS256", "kid": self.key and self.key.kid}, self.header)
        if header["alg"] in ("none", "HS256"):
            text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
            if header["alg"] == "none":
                return f"{text}."
            # The public key, which everybody knows, taken for a secret.
            public = self.key.as_pem(private=False)
            return f"{text}.{encode(hmac.digest(public, text.encode(), 'sha256'))}"
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def _keys(self, _asked: Asked) -> Answer:
        return _json({"keys": [one.as_dict(private=False) for one in self.keys]})

    def _change(self, asked: Asked) -> Answer:
        self.person = json.loads(asked.body)
        return _json({})

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.taking.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")[:-2]
                headers = {
                    name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _ = first.split(" ")
                url = urlsplit(target)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                answer = self.answer(Asked(method, url.path, query, headers, body))
                if answer is None:
                    await _trickle(writer)
                    return
                status, more, content = answer
                content += b" " * self.padding
                said = {"Content-Length": str(len(content))} | more
                lines_ = "".join(f"{name}: {value}\r\n" for name, value in said.items())
                writer.write(f"HTTP/1.1 {status} X\r\n{lines_}\r\n".encode() + content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _trickle(writer: asyncio.StreamWriter) -> None:
    """Begin an answer that has no end, an octet now and then."""
    writer.write(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


def _json(said: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json;charset=utf-8"}, json.dumps(said).encode()


def _changed(said: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (said | change).items() if value is not None}


@asynccontextmanager
async def fake_provider(
    now: Callable[[], datetime] | None = None,
) -> AsyncIterator[FakeProvider]:
    """Run one on a free port."""
    provider = FakeProvider() if now is None else FakeProvider(now=now)
    server = await asyncio.start_server(provider.take, "127.0.0.1", 0)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()
        taking = [task for task in provider.taking if task is not None]
        for task in taking:
            task.cancel()
        await asyncio.gather(*taking, return_exceptions=True)
