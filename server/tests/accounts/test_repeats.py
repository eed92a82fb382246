"""The same request sent twice, as double clicks and networks do."""

import asyncio
from collections.abc import Callable

import pytest
from httpx import Response

from convivium.accounts import repeats
from convivium.core.clock import ManualClock
from tests.conftest import PASSWORD, Browser, SignUp

BODY = {"title": "Kitchen table"}


async def open_with(browser: Browser, key: str, body: object = None) -> Response:
    """Open a space with an idempotency key."""
    headers = {"Idempotency-Key": key}
    return await browser.ask("POST", "/spaces", json=body or BODY, headers=headers)


async def spaces_made(browsers: list[Browser], key: str = "k") -> set[str]:
    """Open spaces all at once, and tell which there are."""
    answers = await asyncio.gather(*(open_with(browser, key) for browser in browsers))
    assert {answer.status_code for answer in answers} == {201}
    return {answer.json()["id"] for answer in answers}


async def test_fifty_clicks_at_once_open_one_space(sign_up: SignUp) -> None:
    """Everybody gets the same answer, word for word, and there is one space."""
    ama = await sign_up("ama")

    answers = await asyncio.gather(*(open_with(ama, "click") for _ in range(50)))

    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}


async def test_another_body_is_refused(sign_up: SignUp) -> None:
    """A key stands for one request; the same words in another order are the same request."""
    ama = await sign_up("ama")
    first = await open_with(ama, "k", {"title": "A", "description": "b"})

    other = await open_with(ama, "k", {"title": "B"})
    same = await open_with(ama, "k", {"description": "b", "title": "A"})

    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert same.json()["id"] == first.json()["id"]


async def test_keys_are_of_one_account(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """Two people may have the same key; one person's two browsers share theirs."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    again = visitor()
    await again.do("POST", "/sessions", {"name": "ama", "password": PASSWORD})

    assert len(await spaces_made([ama, ben])) == 2
    assert len(await spaces_made([ama, again])) == 1


async def test_without_a_key_each_request_opens_a_space(sign_up: SignUp) -> None:
    """Nobody is kept from opening the same twice."""
    ama = await sign_up("ama")

    made = {(await ama.do("POST", "/spaces", BODY))["id"] for _ in range(2)}

    assert len(made) == 2


async def test_a_key_lives_for_a_day(sign_up: SignUp, clock: ManualClock) -> None:
    """Up to 24 hours later it is the same request, after that a new one."""
    ama = await sign_up("ama")
    first = await spaces_made([ama])

    clock.advance(24 * 3600 - 1)
    assert await spaces_made([ama]) == first
    clock.advance(1)
    assert await spaces_made([ama]) != first


async def test_what_was_refused_keeps_no_key(sign_up: SignUp) -> None:
    """Whoever corrects a request may send it with the key of the wrong one."""
    ama = await sign_up("ama")
    wrong = await open_with(ama, "k", {"title": "A", "listen_policy": "ticket"})
    assert wrong.json()["code"] == "policy_unavailable"

    assert (await open_with(ama, "k")).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_a_length(sign_up: SignUp, key: str) -> None:
    """An empty or endless key is named in the refusal."""
    answer = await open_with(await sign_up("ama"), key)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "idempotency-key" in answer.json()["detail"]


async def test_keys_of_one_account_are_bounded(
    sign_up: SignUp, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past very many in a day one is told to wait; what is over makes room."""
    monkeypatch.setattr(repeats, "KEYS_OF_ONE", 3)
    ama = await sign_up("ama")
    for number in range(3):
        await open_with(ama, f"{number}")

    full = await open_with(ama, "3")
    assert (full.status_code, full.json()["code"]) == (429, "slow_down")
    assert full.headers["Retry-After"]
    clock.advance(24 * 3600)
    assert (await open_with(ama, "3")).status_code == 201
