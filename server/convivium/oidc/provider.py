"""One provider as it is asked: what it says of itself, its keys, and what it gives for a code.

The operator named it, so its own host is asked wherever it is; what it names elsewhere has to be
public. Every answer has a bound in size and time, and leads nowhere else.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog

from convivium.core.clock import Clock
from convivium.core.config import OidcProvider
from convivium.core.errors import Busy, Forbidden
from convivium.core.outside import Outside, Page, Unheard, Unreachable
from convivium.core.web import is_loopback
from convivium.oidc.claims import ALGORITHMS, Expected, NotTrusted, Said, said_in
from convivium.oidc.visits import Visit, Words

WELL_KNOWN = "/.well-known/openid-configuration"
# Large providers say two kilobytes of themselves, and have a handful of keys.
ANSWER_BYTES = 256 * 1024
TOKEN_CHARACTERS = 32 * 1024
KEYS_MAX = 50
ADDRESS_MAX = 1000
# What it says of itself is asked for again after so long, its keys for one that is not known
# at most so often.
KNOWN_FOR_S = 3600.0
KEYS_AGAIN_S = 30.0
JSON_TYPES = ("application/json", "application/jwk-set+json")

log = structlog.get_logger()


class ProviderAway(Busy):
    """It does not answer, or nothing that can be used."""

    code = "provider_away"
    title = "The other server does not answer"
    detail = "It is away, or answers otherwise than it should. Try again, or sign in another way."


class CodeRefused(Forbidden):
    """It gives nothing for the code that came back."""

    code = "code_refused"
    title = "The other server does not know of this"
    detail = "What came back was used already, or is not from there. Begin once more."


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider says of itself (Discovery 1.0, 3).

    names_itself: it says who it is with what it sends back (RFC 9207). in_body: it wants our secret
    in the body, and takes it nowhere else.
    """

    authorization: str
    token: str
    keys: str
    names_itself: bool
    in_body: bool


class Together:
    """Lets all who want the same at once wait for one who gets it, however long that takes."""

    def __init__(self) -> None:
        self._running: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do it, or wait for whoever is doing it. Raises what that raises."""
        if self._running is None:
            self._running = asyncio.create_task(work())
            self._running.add_done_callback(self._ended)
        # Whoever goes away does not end it for the others.
        await asyncio.shield(self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()


class Provider:
    """A provider, which is asked when somebody wants to sign in by it."""

    def __init__(self, settings: OidcProvider, outside: Outside, clock: Clock) -> None:
        self.settings = settings
        self._outside = outside
        self._clock = clock
        self._described: Described | None = None
        self._described_at = 0.0
        self._keys: list[dict[str, Any]] = []
        self._keys_at = 0.0
        self._describing = Together()
        self._renewing = Together()

    async def address(self, visit: Visit, words: Words, *, anew_s: int | None = None) -> str:
        """Write where a browser goes to; anew_s: when they last showed there who they are.

        Raises ProviderAway.
        """
        described = await self.describe()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": visit.back,
            "scope": " ".join(self.settings.scopes),
            "state": words.state,
            "nonce": words.nonce,
            "code_challenge": words.challenge,
            "code_challenge_method": "S256",
        }
        if anew_s is not None:
            asked["max_age"] = str(anew_s)
        mark = "&" if urlsplit(described.authorization).query else "?"
        return f"{described.authorization}{mark}{urlencode(asked)}"

    async def check_sender(self, named: str | None) -> None:
        """Refuse what another provider sent back in its place (RFC 9207). Raises NotTrusted."""
        described = await self.describe()
        if named is None and not described.names_itself:
            return
        if named != self.settings.issuer:
            raise NotTrusted("Another server has answered than the one that was asked.")

    async def redeem(self, code: str, visit: Visit, words: Words) -> Said:
        """Give a code back for what the provider says of whoever brought it.

        Raises ProviderAway, CodeRefused, NotTrusted.
        """
        described = await self.describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": visit.back,
            "code_verifier": words.verifier,
            "client_id": self.settings.client_id,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        secret = self.settings.secret
        if secret and described.in_body:
            form["client_secret"] = secret
        elif secret:
            headers["Authorization"] = _basic(self.settings.client_id, secret)
        page = await self._read(described.token, headers, urlencode(form).encode())
        if 400 <= page.status < 500:  # noqa: PLR2004 - what was asked is refused (RFC 6749, 5.2)
            raise CodeRefused
        token = _object(page).get("id_token")
        if not isinstance(token, str) or len(token) > TOKEN_CHARACTERS:
            raise NotTrusted("It does not say who you are.")
        claims = await self._open(token)
        expected = Expected(self.settings.issuer, self.settings.client_id, words.nonce)
        return said_in(claims, expected, self._clock.now())

    async def describe(self) -> Described:
        """Tell what it says of itself, asked for once an hour. Raises ProviderAway."""
        old_s = self._clock.steady_s() - self._described_at
        if self._described is None or old_s >= KNOWN_FOR_S:
            await self._describing.do(self._describe_anew)
        if self._described is None:
            raise ProviderAway
        return self._described

    async def _describe_anew(self) -> None:
        url = self.settings.issuer.removesuffix("/") + WELL_KNOWN
        self._described = self._described_in(_object(await self._read(url)))
        self._described_at = self._clock.steady_s()

    def _described_in(self, said: Mapping[str, Any]) -> Described:
        if said.get("issuer") != self.settings.issuer:
            # Whose keys these are would be anybody's guess (Discovery 1.0, 4.3).
            log.warning("provider_is_another", provider=self.settings.id)
            raise ProviderAway(
                5.0, "It says that it is another server than the one that was asked."
            )
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        is_list = isinstance(ways, list)
        return Described(
            authorization=self._address(said, "authorization_endpoint"),
            token=self._address(said, "token_endpoint"),
            keys=self._address(said, "jwks_uri"),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            in_body=is_list and "client_secret_post" in ways and "client_secret_basic" not in ways,
        )

    def _address(self, said: Mapping[str, Any], name: str) -> str:
        """Read an address: https, or like the issuer on the machine itself, in tests."""
        url = said.get(name)
        in_tests = self.settings.issuer.startswith("http:")
        if isinstance(url, str) and _is_safe(url, in_tests=in_tests):
            return url
        log.warning("provider_unusable", provider=self.settings.id, lacks=name)
        raise ProviderAway

    async def _open(self, token: str) -> Mapping[str, Any]:
        """Read what a token says, if the provider has signed it. Raises NotTrusted."""
        from joserfc import jwk, jws, jwt  # noqa: PLC0415 - takes a tenth of a second
        from joserfc.errors import JoseError  # noqa: PLC0415 - the same

        try:
            header = jws.extract_compact(token.encode()).headers()
            algorithm, kid = header.get("alg"), header.get("kid")
            if algorithm not in ALGORITHMS:
                raise NotTrusted("It is not signed in a way that can be trusted.")
            key = await self._key(str(algorithm), kid)
            # The key says itself what it is for, and the library holds it to that.
            return jwt.decode(token, jwk.import_key(key), algorithms=[str(algorithm)]).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            log.info("token_refused", provider=self.settings.id, why=type(error).__name__)
            raise NotTrusted("It is not signed by the server that was asked.") from None

    async def _key(self, algorithm: str, kid: object) -> dict[str, Any]:
        """Find the key that signed; one that is not known is asked for once. Raises NotTrusted."""
        found = self._known_key(algorithm, kid)
        if found is None and self._may_renew_keys():
            await self._renewing.do(self._renew_keys)
            found = self._known_key(algorithm, kid)
        if found is None:
            raise NotTrusted("It is signed with a key that the server does not know.")
        return found

    def _known_key(self, algorithm: str, kid: object) -> dict[str, Any] | None:
        kind = {"E": "EC", "R": "RSA", "P": "RSA"}[algorithm[0]] if algorithm != "EdDSA" else "OKP"
        fitting = [
            key
            for key in self._keys
            if key.get("kty") == kind
            and key.get("use", "sig") == "sig"
            and key.get("alg", algorithm) == algorithm
            and (kid is None or key.get("kid") == kid)
        ]
        # Without a name it is clear only where there is one.
        return fitting[0] if fitting and (kid is not None or len(fitting) == 1) else None

    def _may_renew_keys(self) -> bool:
        """Tell whether it is long enough ago: not for every key that somebody makes up."""
        return not self._keys or self._clock.steady_s() - self._keys_at >= KEYS_AGAIN_S

    async def _renew_keys(self) -> None:
        """Ask for its keys, which change now and then."""
        described = await self.describe()
        keys = _object(await self._read(described.keys)).get("keys")
        if not isinstance(keys, list):
            raise ProviderAway
        self._keys = [key for key in keys[:KEYS_MAX] if isinstance(key, dict)]
        self._keys_at = self._clock.steady_s()

    async def _read(
        self, url: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Page:
        asked = {"Accept": "application/json"} | dict(headers or {})
        try:
            return await self._outside.read(
                url, headers=asked, content=content, at_most=ANSWER_BYTES
            )
        except (Unreachable, Unheard) as error:
            log.warning("provider_away", provider=self.settings.id, why=type(error).__name__)
            raise ProviderAway from None


class Providers:
    """The providers that the operator named, in their order."""

    def __init__(self, settings: tuple[OidcProvider, ...], outside: Outside, clock: Clock) -> None:
        self._by_id = {one.id: Provider(one, outside, clock) for one in settings}

    def get(self, provider_id: str) -> Provider | None:
        """Find one by its id."""
        return self._by_id.get(provider_id)


def hosts_of(settings: tuple[OidcProvider, ...]) -> set[str]:
    """List the hosts that the operator named."""
    return {urlsplit(one.issuer).hostname or "" for one in settings}


def _is_safe(url: str, *, in_tests: bool) -> bool:
    """Tell whether an address may be asked, or a browser be led there."""
    if len(url) > ADDRESS_MAX or not url.isascii() or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        _, host = parts.port, parts.hostname or ""
    except ValueError:
        return False
    by_http = in_tests and parts.scheme == "http" and is_loopback(host)
    is_plain = bool(host) and "@" not in parts.netloc and not parts.fragment
    return is_plain and (by_http or parts.scheme == "https")


def _object(page: Page) -> Mapping[str, Any]:
    """Read an answer that should be an object in JSON. Raises ProviderAway."""
    if page.status == 200 and page.type in JSON_TYPES:  # noqa: PLR2004 - OK
        try:
            said = json.loads(page.body)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            return said
    raise ProviderAway


def _basic(client_id: str, secret: str) -> str:
    """Show our secret in a header (RFC 6749, 2.3.1): both parts are written as in a form."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def is_fresh(said: Said, now: datetime, within_s: float) -> bool:
    """Tell whether somebody showed there lately who they are.

    Whoever was asked has to tell (OpenID Connect Core, 2: auth_time); who does not shows nothing.
    """
    return said.proved_at is not None and said.proved_at >= now.timestamp() - within_s
