"""Who one is: signing up, in and out, over HTTP."""

import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from convivium.accounts import service
from convivium.accounts.limits import AccountLimits
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.errors import SlowDown
from tests.conftest import PASSWORD, Browser, SignUp
from tests.table import actor_of


async def test_signing_up_signs_in(sign_up: SignUp) -> None:
    """Who signs up is known at once, as a member who is listed."""
    ama = await sign_up("ama")

    me = await ama.do("GET", "/me")

    assert me == {
        "kind": "account",
        "id": ama.id,
        "name": "ama",
        "display_name": "Ama",
        "role": "member",
        "listed": True,
        "protected": False,
    }


async def test_cookie_is_out_of_reach(visitor: Callable[[], Browser]) -> None:
    """The session cookie is bound to the host, unreadable to scripts, and only sent over https."""
    answer = await visitor().ask("POST", "/accounts", json={"name": "ama", "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-convivium_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))


async def test_cookie_without_https(app: FastAPI) -> None:
    """Off loopback and without https the cookie has its plain name: browsers drop the other."""
    browser = Browser(app)
    browser.http.base_url = "http://192.0.2.7"

    answer = await browser.ask("POST", "/accounts", json={"name": "ama", "password": PASSWORD})

    assert answer.headers["set-cookie"].startswith("convivium_session=")
    assert "Secure" not in answer.headers["set-cookie"]


async def test_name_is_taken_once(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """A second person cannot have the same name."""
    await sign_up("ama")

    refused = await visitor().refused("POST", "/accounts", {"name": "ama", "password": PASSWORD})

    assert refused == (409, "name_taken")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a", "password": PASSWORD},
        {"name": "Ama", "password": PASSWORD},
        {"name": "ama!", "password": PASSWORD},
        {"name": "a" * 31, "password": PASSWORD},
        {"name": "ama", "password": "ninechars"},
        {"name": "ama", "password": "x" * 201},
        {"name": "ama"},
        {"name": "ama", "password": PASSWORD, "display_name": "\u202e \u0007"},
        {"name": "ama", "password": PASSWORD, "display_name": "x" * 51},
    ],
)
async def test_what_cannot_be_signed_up_with(
    visitor: Callable[[], Browser], body: dict[str, str]
) -> None:
    """Names and passwords outside the rules are refused with words."""
    assert await visitor().refused("POST", "/accounts", body) == (422, "invalid")


async def test_signing_in_again(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """Name and password open a session in another browser."""
    ama = await sign_up("ama")
    other = visitor()

    me = await other.do("POST", "/sessions", {"name": "ama", "password": PASSWORD})

    assert me["id"] == ama.id == (await other.do("GET", "/me"))["id"]


async def test_wrong_password_and_wrong_name_look_the_same(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Nobody learns from a refusal whether a name exists."""
    await sign_up("ama")
    somebody = visitor()

    answers = [
        await somebody.ask("POST", "/sessions", json={"name": name, "password": "wrong password"})
        for name in ("ama", "nobody")
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "wrong_credentials"


async def test_signing_out_ends_the_session(sign_up: SignUp) -> None:
    """The saved cookie is worth nothing after signing out."""
    ama = await sign_up("ama")
    saved = dict(ama.http.cookies)

    await ama.do("DELETE", "/sessions/current")
    ama.http.cookies.update(saved)

    assert await ama.refused("GET", "/me") == (401, "not_signed_in")


async def test_guessing_is_slowed_down(
    sign_up: SignUp, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """Ten guesses a minute at one name, then an answer that says when to come again."""
    await sign_up("ama")
    guess = {"name": "ama", "password": "wrong password"}
    mallory = visitor()
    for _ in range(10):
        assert (await mallory.ask("POST", "/sessions", json=guess)).status_code == 401

    answer = await mallory.ask("POST", "/sessions", json=guess)
    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")

    clock.advance(float(answer.headers["retry-after"]))
    assert (await mallory.ask("POST", "/sessions", json=guess)).status_code == 401


async def test_sixty_sign_ups_a_minute_are_no_flood(sign_up: SignUp) -> None:
    """A class that signs up together is let in."""
    for number in range(60):
        await sign_up(f"pupil_{number}")


async def test_session_in_use_lives_on(sign_up: SignUp, clock: ManualClock) -> None:
    """A session ends thirty days after it was last used, not after it began."""
    ama = await sign_up("ama")
    for _ in range(3):
        clock.advance(20 * 24 * 3600)
        await ama.do("GET", "/me")

    clock.advance(31 * 24 * 3600)
    assert await ama.refused("GET", "/me") == (401, "not_signed_in")


async def test_first_administrator_by_one_time_link(
    instance: Instance, visitor: Callable[[], Browser]
) -> None:
    """The link makes one administrator; used again it makes nobody, not even an account."""
    async with instance.transactions.begin() as tx:
        invite = await service.invite_admin(tx)
    body = {"password": PASSWORD, "invite": invite}

    me = await visitor().do("POST", "/accounts", {"name": "ama", **body})
    again = await visitor().refused("POST", "/accounts", {"name": "ben", **body})

    assert me["role"] == "admin"
    assert again == (403, "invite_used")
    assert await visitor().refused("POST", "/sessions", {"name": "ben", "password": PASSWORD}) == (
        401,
        "wrong_credentials",
    )


async def test_with_an_administrator_every_link_is_void(
    instance: Instance, visitor: Callable[[], Browser]
) -> None:
    """Of two links only the newer makes the first administrator, and no link makes a second."""
    async with instance.transactions.begin() as tx:
        older = await service.invite_admin(tx)
        newer = await service.invite_admin(tx)

    async def ask(name: str, invite: str) -> int:
        body = {"name": name, "password": PASSWORD, "invite": invite}
        return (await visitor().ask("POST", "/accounts", json=body)).status_code

    assert await ask("ben", older) == 403
    assert await ask("ama", newer) == 201
    async with instance.transactions.begin() as tx:
        later = await service.invite_admin(tx)
    assert await ask("chidi", later) == 403


async def test_a_strangers_guesses_keep_nobody_out(settings: Settings, clock: ManualClock) -> None:
    """Guesses at a name from elsewhere are counted apart, and together only by the hundred."""
    limits = AccountLimits(clock, settings)
    for _ in range(10):
        limits.before_sign_in("203.0.113.9", "ama")
    with pytest.raises(SlowDown):
        limits.before_sign_in("203.0.113.9", "ama")

    limits.before_sign_in("192.0.2.1", "ama")
    for last in range(89):
        limits.before_sign_in(f"198.51.100.{last}", "ama")
    with pytest.raises(SlowDown):
        limits.before_sign_in("192.0.2.2", "ama")


async def test_a_token_has_no_session_to_end(
    instance: Instance, app: FastAPI, sign_up: SignUp
) -> None:
    """A script that signs out is told so, and its token still works."""
    ama = await sign_up("ama")
    async with instance.transactions.begin() as tx:
        token = await service.make_token(tx, "ama", frozenset({"read", "write"}))
    script = Browser(app, bearer=token)

    assert await script.refused("DELETE", "/sessions/current") == (403, "not_a_session")
    assert (await script.do("GET", "/me"))["id"] == ama.id


async def test_another_site_cannot_act(sign_up: SignUp) -> None:
    """A request with the cookie that no page of ours sent changes nothing."""
    ama = await sign_up("ama")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ):
        answer = await ama.ask("PATCH", "/me", json={"listed": False}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")

    del ama.http.headers["Sec-Fetch-Site"]
    for origin in ("https://evil.test", "null"):
        answer = await ama.ask("PATCH", "/me", json={"listed": False}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert await ama.refused("PATCH", "/me", {"listed": False}) == (403, "cross_site")
    own = await ama.ask(
        "PATCH", "/me", json={"listed": False}, headers={"Origin": "https://convivium.test"}
    )
    assert own.json()["listed"] is False


async def test_token_acts_without_a_page(instance: Instance, app: FastAPI, sign_up: SignUp) -> None:
    """A token needs no origin, acts for its person, and only as far as its scopes reach."""
    ama = await sign_up("ama")
    async with instance.transactions.begin() as tx:
        secret = await service.make_token(tx, "ama", frozenset({"read"}))
    script = Browser(app, bearer=secret)

    assert secret.startswith("cvv_pat_")
    assert (await script.do("GET", "/me"))["id"] == ama.id
    assert await script.refused("PATCH", "/me", {"listed": False}) == (403, "missing_scope")
    assert await Browser(app, bearer="cvv_pat_x").refused("GET", "/me") == (
        401,
        "not_signed_in",
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/accounts", {"name": "ama", "password": PASSWORD + "\ud800"}),
        ("/accounts", {"name": "ama\ud800", "password": PASSWORD}),
        ("/accounts", {"name": "ama", "password": PASSWORD, "invite": "\ud800"}),
        ("/sessions", {"name": "ben", "password": PASSWORD + "\ud800"}),
        ("/sessions", {"name": "ben\ud800", "password": PASSWORD}),
        ("/spaces", {"title": "x", "listen_policy": "\ud800"}),
    ],
)
async def test_half_a_character_is_refused(
    sign_up: SignUp, path: str, body: dict[str, str]
) -> None:
    """JSON can spell a lone surrogate, which nothing can store: it is refused with words."""
    ben = await sign_up("ben")

    answer = await ben.ask(
        "POST", path, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_session_that_ended_is_not_prolonged(sign_up: SignUp, instance: Instance) -> None:
    """Looking at a page while signing out does not sign one in again."""
    ama = await sign_up("ama")
    actor = await actor_of(instance, ama)
    await ama.do("DELETE", "/sessions/current")

    async with instance.transactions.begin() as tx:
        await service.prolong(tx, actor)

    async with instance.database.read() as session:
        assert not await service.is_valid(session, actor, instance.clock.now())
