"""A provider that misbehaves, or somebody in its name: nobody is signed in, and reads why."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func, select

from convivium.accounts.models import Identity, SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.outside import Outside, Page, Unreachable
from convivium.oidc.provider import ANSWER_BYTES
from tests.conftest import Browser
from tests.oidc.conftest import CHURCH, Go
from tests.oidc.fake_provider import NEXT_KEY, STRANGERS_KEY, FakeProvider, encode

Visitor = Callable[[], Browser]
HOUR_S = 3600
WELL_KNOWN = "/realm/.well-known/openid-configuration"


@pytest.fixture(autouse=True)
async def nobody_came_in(instance: Instance) -> AsyncIterator[None]:
    """Nothing of these tests may leave a session or a link behind, but what they say themselves."""
    yield
    async with instance.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(SignIn)) == 0
        assert await session.scalar(select(func.count()).select_from(Identity)) == 0


def refused(answer: Response, status: int, code: str, words: str = "") -> None:
    """Hold an answer to be a refusal with a sentence, which changes nothing in the browser."""
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert problem["detail"].endswith(".")
    assert words in problem["detail"]
    assert "session" not in answer.headers.get("set-cookie", "")
    assert "introduction" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param({"iss": "https://evil.example"}, "Another server", id="wrong iss"),
        pytest.param({"iss": None}, "Another server", id="no iss"),
        pytest.param({"aud": "another"}, "to another server", id="wrong aud"),
        pytest.param({"aud": []}, "to another server", id="no aud"),
        pytest.param({"aud": "another", "azp": "convivium at home"}, "another", id="of another"),
        pytest.param({"aud": ["convivium at home", "x"]}, "as well", id="to two, by nobody"),
        pytest.param({"azp": "another"}, "as well", id="token of another client"),
        pytest.param({"nonce": None}, "another question", id="no nonce"),
        pytest.param({"nonce": "guessed"}, "another question", id="wrong nonce"),
        pytest.param({"nonce": 7}, "another question", id="no text for a nonce"),
        pytest.param({"sub": None}, "who you are", id="no sub"),
        pytest.param({"sub": ""}, "who you are", id="empty sub"),
        pytest.param({"sub": "x" * 256}, "who you are", id="long sub"),
        pytest.param({"sub": 7}, "who you are", id="no text for a sub"),
        pytest.param({"exp": None}, "until when", id="no exp"),
        pytest.param({"exp": "soon"}, "until when", id="no number for exp"),
        pytest.param({"exp": True}, "until when", id="no time for exp"),
        pytest.param({"iat": None}, "until when", id="no iat"),
    ],
)
async def test_what_it_says_is_checked(
    visitor: Visitor, go: Go, provider: FakeProvider, claims: dict[str, Any], words: str
) -> None:
    """Every word that says by whom, to whom and in answer to what."""
    provider.claims = claims
    refused(await (await go(visitor())).end(), 403, "not_trusted", words)


@pytest.mark.parametrize(
    ("made_s", "lives_s", "words"),
    [
        pytest.param(-400, 339, "too old", id="expired"),
        pytest.param(-601, HOUR_S, "too old", id="made long ago"),
        pytest.param(61, HOUR_S, "future", id="future iat"),
    ],
)
async def test_it_is_said_now(
    visitor: Visitor,
    go: Go,
    provider: FakeProvider,
    clock: ManualClock,
    made_s: int,
    lives_s: int,
    words: str,
) -> None:
    """With a minute for two clocks."""
    made = int(clock.now().timestamp()) + made_s
    provider.claims = {"iat": made, "exp": made + lives_s}
    refused(await (await go(visitor())).end(), 403, "not_trusted", words)


@pytest.mark.parametrize("made_s", [-360, 60])
async def test_clocks_may_be_a_minute_apart(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock, made_s: int
) -> None:
    """Either way."""
    made = int(clock.now().timestamp()) + made_s
    provider.claims = {"iat": made, "exp": made + 301}
    assert (await (await go(visitor())).end()).json()["what"] == "introduced"


async def test_not_before_its_time(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """A token may say from when on it holds."""
    provider.claims = {"nbf": int(clock.now().timestamp()) + 61}
    refused(await (await go(visitor())).end(), 403, "not_trusted", "future")


async def test_a_token_to_several_by_this_client_is_fine(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """Where it says so."""
    provider.claims = {"aud": ["convivium at home", "x"], "azp": "convivium at home"}
    assert (await (await go(visitor())).end()).json()["what"] == "introduced"


async def test_a_nonce_of_another_visit_is_refused(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """A token that was given before is worth nothing to another browser."""
    first = await go(visitor())
    provider.claims = {"nonce": provider.codes[first.sent["code"]].asked["nonce"]}
    second = await go(visitor())
    refused(await second.end(), 403, "not_trusted", "another question")


# Signatures


async def test_alg_none_is_refused(visitor: Visitor, go: Go, provider: FakeProvider) -> None:
    """Signed by nobody."""
    provider.header = {"alg": "none"}
    refused(await (await go(visitor())).end(), 403, "not_trusted", "not signed in a way")


async def test_a_public_key_is_no_secret(visitor: Visitor, go: Go, provider: FakeProvider) -> None:
    """HS256 with the key that everybody can read."""
    provider.header = {"alg": "HS256"}
    refused(await (await go(visitor())).end(), 403, "not_trusted", "not signed in a way")


async def test_another_key_by_the_same_name_is_refused(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """The signature is looked at, not the name of its key."""
    provider.key = STRANGERS_KEY
    refused(await (await go(visitor())).end(), 403, "not_trusted", "not signed by")


async def test_an_unknown_key_is_asked_for_once(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """However many tokens name keys that nobody has."""
    assert (await (await go(visitor())).end()).status_code == 200
    assert provider.count("/keys") == 1
    provider.header = {"kid": "made up"}
    clock.advance(31)
    for _ in range(3):
        refused(await (await go(visitor())).end(), 403, "not_trusted", "does not know")
    assert provider.count("/keys") == 2


async def test_a_new_key_is_found(
    visitor: Visitor, go: Go, provider: FakeProvider, clock: ManualClock
) -> None:
    """Providers change theirs without telling."""
    await (await go(visitor())).end()
    clock.advance(31)
    provider.key, provider.keys = NEXT_KEY, [NEXT_KEY]
    assert (await (await go(visitor())).end()).json()["what"] == "introduced"


@pytest.mark.parametrize("keys", [[], [NEXT_KEY, STRANGERS_KEY]])
async def test_a_nameless_key_has_to_be_clear(
    visitor: Visitor, go: Go, provider: FakeProvider, keys: list[Any]
) -> None:
    """With one key it is; with several it would be tried which of them fits."""
    provider.header, provider.keys = {"kid": None}, keys
    refused(await (await go(visitor())).end(), 403, "not_trusted", "does not know")


async def test_the_only_key_needs_no_name(visitor: Visitor, go: Go, provider: FakeProvider) -> None:
    """As small providers have it."""
    provider.header = {"kid": None}
    assert (await (await go(visitor())).end()).json()["what"] == "introduced"


@pytest.mark.parametrize("use", [{"use": "enc"}, {"alg": "PS256"}, {"kty": "oct", "k": "eA"}])
async def test_a_key_for_something_else_is_none(
    visitor: Visitor,
    go: Go,
    provider: FakeProvider,
    use: dict[str, str],
) -> None:
    """A key says itself what it is for."""
    own = provider.keys[0].as_dict(private=False)
    answer = {"keys": [own | use]}
    provider.instead["/keys"] = _json(answer)
    refused(await (await go(visitor())).end(), 403, "not_trusted", "does not know")


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "x" * 40_000, "é.é.é", 7, None, ["x"],
        f"{encode(b'[]')}.{encode(b'{}')}.x",
        f"{encode(b'{}')}.{encode(b'{}')}.x",
        encode(b'{"alg":"RS256","kid":["first"]}') + "." + encode(b"[]") + ".eA",
        encode(b'{"alg":["RS256"],"kid":"first"}') + "." + encode(b"{}") + ".eA",
        encode(b'{"alg":"RS256","crit":["exp"],"exp":1}') + "." + encode(b"{}") + ".eA",
    ],
)  # fmt: skip
async def test_what_is_no_token_is_refused(
    visitor: Visitor, go: Go, provider: FakeProvider, token: object
) -> None:
    """In any way in which it is none."""
    provider.instead["/token"] = _json({"id_token": token})
    refused(await (await go(visitor())).end(), 403, "not_trusted")


# The way back


async def test_a_code_counts_once(visitor: Visitor, go: Go, provider: FakeProvider) -> None:
    """The same way back a second time is no way back, before the provider is even asked."""
    way = await go(visitor())
    note = way.browser.http.cookies["__Host-convivium_visit"]
    assert (await way.end()).status_code == 200
    asked = provider.count("/token")
    # As a browser would have it that was saved before.
    way.browser.http.cookies.set("__Host-convivium_visit", note)
    refused(await way.end(), 409, "visit_over")
    assert provider.count("/token") == asked


async def test_a_code_of_another_browser_is_refused(visitor: Visitor, go: Go) -> None:
    """Whoever reads somebody's code on the way lacks the verifier, which is with us (PKCE)."""
    stolen = (await go(visitor())).sent["code"]
    refused(await (await go(visitor())).end(code=stolen), 403, "code_refused")


async def test_the_verifier_is_what_the_code_hangs_on(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """The provider holds us to it: with another challenge nothing is given."""
    way = await go(visitor())
    provider.codes[way.sent["code"]].asked["code_challenge"] = "x" * 43
    refused(await way.end(), 403, "code_refused")


@pytest.mark.parametrize("state", ["", "guessed", "é", "x" * 4000])
async def test_another_state_is_refused(visitor: Visitor, go: Go, state: str) -> None:
    """It says that the way back is of the way there."""
    refused(await (await go(visitor())).end(state=state), 409, "visit_over")


async def test_the_state_of_another_visit_is_refused(visitor: Visitor, go: Go) -> None:
    """Though it is one of ours."""
    other = await go(visitor())
    way = await go(visitor())
    refused(await way.end(state=other.sent["state"]), 409, "visit_over")


async def test_a_visit_lasts_ten_minutes(visitor: Visitor, go: Go, clock: ManualClock) -> None:
    """Then it is begun anew."""
    way = await go(visitor())
    clock.advance(600)
    refused(await way.end(), 409, "visit_over")


@pytest.mark.parametrize("iss", [None, "https://evil.example", ""])
async def test_another_sender_is_refused(visitor: Visitor, go: Go, iss: str | None) -> None:
    """Who promises to name itself has to (RFC 9207)."""
    refused(await (await go(visitor())).end(iss=iss), 403, "not_trusted", "Another server")


async def test_a_mix_up_is_refused(
    visitor: Visitor, go: Go, provider: FakeProvider, church: FakeProvider
) -> None:
    """A code of the one is not brought to the other, whatever the way back says."""
    way = await go(visitor(), CHURCH)
    refused(await way.end(iss=provider.issuer), 403, "not_trusted", "Another server")
    way = await go(visitor(), CHURCH)
    way.provider_id = "library"
    refused(await way.end(), 409, "visit_over")
    assert (provider.count("/token"), church.count("/token")) == (0, 0)


async def test_who_names_itself_wrongly_is_refused_though_it_need_not(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """Who did not promise it may be silent, but not be somebody else."""
    provider.described = {"authorization_response_iss_parameter_supported": None}
    refused(await (await go(visitor())).end(iss="https://evil.example"), 403, "not_trusted")
    assert (await (await go(visitor())).end(iss=None)).status_code == 200


async def test_who_declined_there_reads_so(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """And may begin anew; what the provider says of it is not repeated."""
    provider.person = {}
    way = await go(visitor())
    answer = await way.end(error="<b>no</b>")
    refused(answer, 403, "declined")
    assert "<b>" not in answer.text
    refused(await way.end(), 409, "visit_over")


@pytest.mark.parametrize("body", [{}, {"state": "x" * 4001}, {"state": 7}, {"state": None}])
async def test_what_is_no_way_back_is_malformed(visitor: Visitor, body: object) -> None:
    """In words."""
    assert await visitor().refused("POST", "/sign-in/oidc/library", body) == (422, "invalid")


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a%0d%0ab", "/"),
        ("", "/"),
        ("/spaces/x?y", "/spaces/x?y"),
    ],
)
async def test_one_goes_on_within_this_server(
    visitor: Visitor, go: Go, asked: str, goes: str
) -> None:
    """Whatever the address said that one followed."""
    came = await (await go(visitor(), next_=asked)).end()
    assert came.json()["next"] == goes


async def test_a_provider_that_there_is_not(visitor: Visitor) -> None:
    """Says so where one came from, or as every refusal."""
    led = await visitor().ask("GET", "/sign-in/oidc/nobody")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?trouble=provider_unknown")
    body = {"state": "x"}
    refused_ = await visitor().refused("POST", "/sign-in/oidc/nobody", body)
    assert refused_ == (404, "provider_unknown")


# Answers


def _json(said: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()


ELSEWHERE = {"Location": "http://127.0.0.1:1/x", "Content-Type": "application/json"}
JSON = {"Content-Type": "application/json"}
STRANGE = [
    pytest.param((302, ELSEWHERE, b"{}"), id="redirection"),
    pytest.param((500, JSON, b"{}"), id="broken"),
    pytest.param((200, {"Content-Type": "text/html"}, b"{}"), id="a page"),
    pytest.param((200, {}, b"{}"), id="of no type"),
    pytest.param((200, JSON, b"{"), id="no JSON"),
    pytest.param((200, JSON, b"[]"), id="no object"),
    pytest.param((200, JSON, b"\xff"), id="no text"),
    pytest.param((200, JSON, b"[" * 100_000), id="deep"),
    pytest.param((200, JSON | {"Content-Encoding": "gzip"}, b"\x1f\x8b"), id="packed"),
    pytest.param(None, id="endless and slow"),
]


@pytest.fixture
def impatient(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a little less than five seconds for those who never end."""
    read = instance.providers_outside.read

    async def read_soon(url: str, **how: Any) -> Page:  # noqa: ANN401 - as it is called
        return await read(url, **how, within_s=0.5)

    monkeypatch.setattr(instance.providers_outside, "read", read_soon)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/keys"])
@pytest.mark.parametrize("answer", STRANGE)
async def test_strange_answers_are_no_answers(
    visitor: Visitor,
    go: Go,
    provider: FakeProvider,
    path: str,
    answer: tuple[int, dict[str, str], bytes] | None,
) -> None:
    """Wherever it gives them: no more than a little is read, and nothing is followed."""
    provider.instead[path] = answer
    browser = visitor()
    # What has no end would keep a test for ever, where nothing kept the time.
    async with asyncio.timeout(30):
        if path == WELL_KNOWN:
            led = await browser.ask("GET", "/sign-in/oidc/library")
            assert led.headers["location"] == "/sign-in?trouble=provider_away"
        else:
            refused(await (await go(browser)).end(), 503, "provider_away")
    provider.instead.clear()
    # It is asked anew, and not remembered as it was.
    assert (await (await go(browser)).end()).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/x"},
        {"token_endpoint": "http://evil.example/x"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://user:word@evil.example/x"},
        {"token_endpoint": "https://evil.example/\r\nX: y"},
        {"token_endpoint": "https://evil.example/#x"},
        {"token_endpoint": 7},
        {"jwks_uri": "https://"},
        {"jwks_uri": "https://evil.example:port/x"},
        {"jwks_uri": "https://evil.example/" + "x" * 1000},
    ],
)
async def test_what_it_says_of_itself_is_checked(
    visitor: Visitor, provider: FakeProvider, said: dict[str, Any]
) -> None:
    """Another issuer's keys are nobody's, and its addresses have to be safe."""
    provider.described = said
    led = await visitor().ask("GET", "/sign-in/oidc/library")
    assert led.headers["location"] == "/sign-in?trouble=provider_away"


async def test_hosts_that_it_names_have_to_be_public() -> None:
    """Its own may be inside, since the operator named it; no other."""
    outside = Outside(known=["127.0.0.1"])
    with pytest.raises(Unreachable):
        await outside.read("http://127.0.0.2:1/", headers={}, at_most=1)
    with pytest.raises(Unreachable):
        await outside.read("http://[::1]:1/", headers={}, at_most=1)
    await outside.close()


async def test_a_provider_named_by_its_own_host_is_reached_inside(
    visitor: Visitor, go: Go, provider: FakeProvider
) -> None:
    """And one that names an inner host which is not its own is not followed there."""
    provider.described = {"jwks_uri": f"http://localhost:{provider.port}/keys"}
    refused(await (await go(visitor())).end(), 503, "provider_away")
    assert provider.count("/keys") == 0


async def test_all_wait_together_for_a_provider(
    visitor: Visitor, provider: FakeProvider, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many want to go there while it does not answer, it is asked once."""
    is_asked, may_answer = asyncio.Event(), asyncio.Event()
    read = instance.providers_outside.read

    async def read_later(url: str, **how: Any) -> Page:  # noqa: ANN401 - as it is called
        is_asked.set()
        await may_answer.wait()
        return await read(url, **how)

    monkeypatch.setattr(instance.providers_outside, "read", read_later)
    ways = [asyncio.create_task(visitor().ask("GET", "/sign-in/oidc/library")) for _ in range(5)]
    await is_asked.wait()
    ways[0].cancel()
    may_answer.set()
    led = await asyncio.gather(*ways[1:])
    assert {one.headers["location"].partition("?")[0] for one in led} == {
        f"http://127.0.0.1:{provider.port}/authorize"
    }
    assert provider.count(WELL_KNOWN) == 1


async def test_a_provider_that_is_away(visitor: Visitor, go: Go, provider: FakeProvider) -> None:
    """Is told of in words, by either way."""
    way = await go(visitor())
    provider.described = {"x": "y"}
    provider.instead["/token"] = (503, {}, b"")
    refused(await way.end(), 503, "provider_away")


async def test_no_more_than_a_little_is_read(visitor: Visitor, provider: FakeProvider) -> None:
    """However right its beginning is."""
    provider.padding = ANSWER_BYTES
    led = await visitor().ask("GET", "/sign-in/oidc/library")
    assert led.headers["location"] == "/sign-in?trouble=provider_away"


@pytest.mark.parametrize("by_body", [True, False])
async def test_the_secret_is_shown_as_the_provider_wants_it(
    visitor: Visitor, go: Go, provider: FakeProvider, *, by_body: bool
) -> None:
    """In a header, unless it takes it in the body alone."""
    ways = ["client_secret_post"] if by_body else ["client_secret_basic", "client_secret_post"]
    provider.described = {"token_endpoint_auth_methods_supported": ways}
    assert (await (await go(visitor())).end()).status_code == 200
    [asked] = [one for one in provider.asked if one.path == "/token"]
    assert ("authorization" in asked.headers) is not by_body
    assert (b"client_secret=" in asked.body) is by_body
