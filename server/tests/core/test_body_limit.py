"""The seam to HTTP reads no more than it must."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from convivium.core import web
from convivium.core.web import JSON_LIMIT_BYTES
from tests.conftest import OpenTable, SignUp
from tests.table import SDP


async def test_json_that_is_too_long_is_refused(sign_up: SignUp) -> None:
    """More than 64 KiB are not even parsed."""
    ama = await sign_up("ama")

    refused = await ama.refused("POST", "/spaces", {"title": "x" * JSON_LIMIT_BYTES})

    assert refused == (413, "too_large")


async def test_the_limit_holds_for_a_body_that_comes_in_pieces(sign_up: SignUp) -> None:
    """A body whose length nobody announced is counted as it comes."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1024

    ama = await sign_up("ama")
    headers = {"Content-Type": "application/json"}

    answer = await ama.ask("POST", "/spaces", content=pieces(), headers=headers)

    assert answer.status_code == 413


async def test_an_offer_is_at_most_16_kib(open_table: OpenTable, sign_up: SignUp) -> None:
    """Longer ones are refused before the engine sees them."""
    table = await open_table()
    ben = await sign_up("ben")

    answer = await ben.ask("POST", f"{table.path}/call", content="v" * 16_385, headers=SDP)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_that_does_not_end_is_not_waited_for(
    sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the end of a body back is told that it took too long."""
    ama = await sign_up("ama")
    monkeypatch.setattr(web, "BODY_WAIT_S", 0.05)

    async def held_back() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {"Content-Type": "application/json"}
    answer = await ama.ask("POST", "/spaces", content=held_back(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
