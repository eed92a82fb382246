"""An instance with a provider beside it, and browsers that go there and come back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient, Response
from pydantic import SecretStr

from convivium.core.clock import ManualClock
from convivium.core.config import OidcProvider, Settings
from tests.conftest import Browser
from tests.databases import Beginning
from tests.oidc.fake_provider import CLIENT, SECRET, FakeProvider, fake_provider

LIBRARY, CHURCH = "library", "church"


@pytest.fixture
async def provider(clock: ManualClock) -> AsyncIterator[FakeProvider]:
    """A provider, which lives by the clock of the server."""
    async with fake_provider(clock.now) as provider:
        yield provider


@pytest.fixture
async def church(clock: ManualClock) -> AsyncIterator[FakeProvider]:
    """Another one."""
    async with fake_provider(clock.now) as provider:
        yield provider


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """What a test says of the instance beside its providers."""
    return {}


@pytest.fixture
def settings(
    data_folder: Path,
    empty_database: Beginning,
    provider: FakeProvider,
    church: FakeProvider,
    more_settings: dict[str, Any],
) -> Settings:
    named = tuple(
        OidcProvider(
            id=id_,
            label=id_.title(),
            issuer=one.issuer,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
        )
        for id_, one in ((LIBRARY, provider), (CHURCH, church))
    )
    return empty_database.settings(data_folder, outside_local=True, oidc=named, **more_settings)


@dataclass
class Way:
    """One way there, and what came back of it."""

    browser: Browser
    provider_id: str
    sent: dict[str, str]

    async def end(self, **change: str | None) -> Response:
        """Come back with it, or with something else."""
        body = {name: value for name, value in (self.sent | change).items() if value is not None}
        return await self.browser.ask("POST", f"/sign-in/oidc/{self.provider_id}", json=body)


Go = Callable[..., Awaitable[Way]]


async def follow(browser: Browser, provider_id: str, address: str) -> Way:
    """Go where a browser is led, over real HTTP, and read what one is sent back with."""
    async with AsyncClient() as http:
        answer = await http.get(address)
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}" == "https://convivium.test"
    assert back.path == f"/sign-in/{provider_id}"
    return Way(browser, provider_id, {name: one[0] for name, one in parse_qs(back.query).items()})


@pytest.fixture
def go() -> Go:
    """Let a browser go to a provider to sign in."""

    async def go(browser: Browser, provider_id: str = LIBRARY, next_: str = "/explore") -> Way:
        where = f"/sign-in/oidc/{provider_id}?next={next_}"
        led = await browser.ask("GET", where)
        assert led.status_code == 303, led.text
        return await follow(browser, provider_id, led.headers["location"])

    return go
