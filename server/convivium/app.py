"""The composition root: the only file that knows every feature.

An `Instance` is everything of one server, wired; `running` starts and stops it, and `http` puts the
features' routes and the page on top.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from sqlalchemy import text

from convivium import __version__, shell
from convivium.accounts import api as accounts_api
from convivium.accounts import service as accounts
from convivium.accounts.limits import AccountLimits
from convivium.accounts.passwords import Passwords
from convivium.accounts.view import me_view
from convivium.core.actor import Actor
from convivium.core.bus import Bus
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.database import Database
from convivium.core.errors import NotFound
from convivium.core.transaction import Transactions
from convivium.core.web import (
    JSON_LIMIT_BYTES,
    Who,
    answer_refusals,
    provide,
)
from convivium.media.engine import Engine

PREFIX = "/api/v1"


class Instance:
    """Everything of one server, wired: made of settings, an engine and a clock."""

    def __init__(
        self, settings: Settings, *, engine: Engine, clock: Clock, passwords: Passwords
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.passwords = passwords
        self.database = Database(settings.database_path)
        self.bus = Bus()
        self.transactions = Transactions(self.database, self.bus, clock)
        self.is_ready = False

    async def identify(self, *, bearer: str | None, cookies: list[str], network: str) -> Actor:
        """Find who shows these."""
        async with self.database.read() as session:
            return await accounts.identify(
                session, bearer=bearer, cookies=cookies, network=network, now=self.clock.now()
            )

    def say_goodbye(self) -> None:
        """Close every event stream, so that nothing keeps the server from ending."""
        self.is_ready = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Rebuild what lives in memory from the rows, run, and end in good order."""
        self.is_ready = True
        try:
            yield
        finally:
            self.is_ready = False
            self.engine.stop()
            self.passwords.close()
            await self.database.close()


def http(instance: Instance) -> FastAPI:
    """Put routes and page on an instance."""
    app = FastAPI(
        title="Convivium",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=JSON_LIMIT_BYTES,
    )
    app.state.identify = instance.identify
    provide(
        app,
        instance,
        instance.settings,
        instance.transactions,
        instance.passwords,
        AccountLimits(instance.clock, instance.settings),
    )
    answer_refusals(app)
    api = APIRouter(prefix=PREFIX)
    api.include_router(accounts_api.router)
    app.include_router(api)
    app.include_router(_health(instance))
    app.include_router(_pages(instance))
    return app


def _health(instance: Instance) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        """Tell whether the server can do its work: everything rebuilt, the database readable."""
        if not instance.is_ready:
            response.status_code = 503
            return {"status": "starting"}
        async with instance.database.read() as session:
            await session.execute(text("SELECT 1"))
        return {"status": "ready"}

    @router.get("/version")
    async def version() -> dict[str, str]:
        """Tell which version this is."""
        return {"version": __version__}

    return router


def _pages(instance: Instance) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/{path:path}")
    async def page(path: str, request: Request, actor: Who) -> Response:
        """Give a built file, or the shell of the page at this address."""
        if path.startswith("api/"):
            raise NotFound("There is no such address in this API.")
        built = _built_file(path)
        if built is not None:
            return FileResponse(built, headers=_file_headers(path))
        if not shell.is_built():
            return PlainTextResponse("The web app is not built yet: make web", 503)
        nonce = secrets.token_urlsafe(16)
        body = shell.write(_page(path, request, actor), nonce)
        return HTMLResponse(body, headers=shell.headers(nonce))

    return router


def _page(path: str, request: Request, actor: Actor) -> shell.Page:
    del path
    me = None if actor.kind == "anonymous" else me_view(actor)
    return shell.Page(
        title=shell.INSTANCE_NAME,
        description="Live conversations you can join.",
        address=str(request.url),
        boot={"me": me, "space": None},
    )


def _built_file(path: str) -> Path | None:
    """Find a file of the web app; never the shell itself, and nothing outside its folder."""
    found = (shell.STATIC / path).resolve()
    inside = found.is_relative_to(shell.STATIC) and found.is_file()
    return found if inside and found.name != "index.html" else None


def _file_headers(path: str) -> dict[str, str]:
    """Let browsers keep files with a hash in their name for good, and ask again for the others."""
    kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    return {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
