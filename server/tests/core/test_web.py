"""The seam to HTTP: what routes are given."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from convivium.core.config import Settings, read_settings
from convivium.core.web import given, provide
from tests.conftest import Browser


async def test_routes_get_the_settings_as_serve_reads_them(tmp_path: Path) -> None:
    """Settings read from a data folder reach a route that asks for Settings."""
    app = FastAPI()
    provide(app, read_settings(data=tmp_path, port=8123))

    @app.get("/port")
    async def tell_port(settings: Annotated[Settings, Depends(given(Settings))]) -> int:
        return settings.port

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/port")

    assert answer.json() == 8123


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_an_unknown_address_of_the_api_is_not_found(
    visitor: Callable[[], Browser], method: str
) -> None:
    """Whatever is asked of it: a wrong address is not taken for a wrong method."""
    for path in ("/nothing", "/spaces/", "/spaces/x/nothing"):
        assert await visitor().refused(method, path) == (404, "not_found")


async def test_a_wrong_method_is_answered_with_the_right_ones(
    visitor: Callable[[], Browser],
) -> None:
    """An address that is known says what can be done there, over all its routes."""
    answers = [await visitor().ask(method, "/spaces/x") for method in ("PUT", "DELETE")]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
        assert answer.headers["Allow"] == "GET, PATCH"
