"""The seam to HTTP: what routes are given."""

from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI

from convivium.core.config import Settings, read_settings
from convivium.core.web import given, provide


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
