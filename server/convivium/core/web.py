"""The seam to HTTP: who asks, the one transaction, what routes are given, how refusals look.

Routes stay small because of this file: they take `Who`, a `Writing` or `Reading`, and a `given`
service, and a raised refusal becomes problem details (RFC 9457) by itself.
"""

import asyncio
import ipaddress
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from convivium.core.actor import Actor, Scope
from convivium.core.config import Settings
from convivium.core.errors import ComeAgain, CrossSite, MissingScope, NotSignedIn, Refusal
from convivium.core.network import network_of
from convivium.core.transaction import Transaction, Transactions

# Where all of the API is; each router begins with it, so that no route is built twice: including a
# router builds all of its routes anew, a sixth of the start.
API = "/api/v1"
JSON_LIMIT_BYTES = 64 * 1024
# Long enough for 64 KiB over the slowest line anybody speaks on.
BODY_WAIT_S = 20.0
# Long enough for a picture over a slow telephone.
LARGER_BODY_WAIT_S = 60.0
# The longest that browsers keep one; the row decides when a session really ends.
COOKIE_LIFE_S = 400 * 24 * 3600
# How long a browser remembers that it was refused.
REFUSED_LIFE_S = 24 * 3600
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))

log = structlog.get_logger()

T = TypeVar("T")


class Identify(Protocol):
    """Turns what a request shows into who asks; given by `accounts`."""

    async def __call__(self, *, bearer: str | None, cookies: list[str], network: str) -> Actor:
        """Find who this is; an unknown cookie is nobody, an unknown bearer raises NotSignedIn."""


class CheckStillValid(Protocol):
    """Asks once more what a request showed; given by `accounts`."""

    async def __call__(self, session: AsyncSession, actor: Actor, now: datetime) -> None:
        """Raise NotSignedIn for what is worth nothing any more."""


# What docs/protocol.md describes, and the oldest before it that is still understood.
PROTOCOL = 1
UNDERSTOOD = 1


# Which addresses are the page's


class _OutsideApi(Convertor[str]):
    """A path that is none of the API's: what is unknown there is so for every method."""

    regex = "(?!api/).*"

    def convert(self, value: str) -> str:
        """Take the path as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give the path as it is."""
        return value


register_url_convertor("outside_api", _OutsideApi())


# What the routes are given


def provide(app: FastAPI, *services: object) -> None:
    """Make services available to routes by their type, and by every type it is a kind of.

    Settings read from a folder are a subclass that knows the folder's file.
    """
    given_by_type: dict[type, object] = getattr(app.state, "given", {})
    kinds = {kind: service for service in services for kind in type(service).__mro__[:-1]}
    app.state.given = given_by_type | kinds


def given(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """Make a dependency that gives the service of this type."""

    async def give(request: Request) -> T:
        service: T = request.app.state.given[kind]
        return service

    return give


GivenTransactions = Annotated[Transactions, Depends(given(Transactions))]
GivenSettings = Annotated[Settings, Depends(given(Settings))]


async def _reading(transactions: GivenTransactions) -> AsyncIterator[AsyncSession]:
    async with transactions.database.read() as session:
        yield session


# scope="function": without it the reader would be kept until the answer has left.
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]


# How much is read


class EventStream(Protocol):
    """What is sent bit by bit, until goodbye."""

    def sse(self) -> AsyncIterator[bytes]:
        """Give one server-sent event after the other (HTML, 9.2)."""


async def answer_with_events(
    opened: AbstractAsyncContextManager[EventStream], check_again: Callable[[], Awaitable[None]]
) -> StreamingResponse:
    """Send a stream, which is closed however this ends.

    check_again: refuses whoever may not have it, now that a change of that would end the stream:
    between the two, nothing can. Raises what that raises.
    """
    async with AsyncExitStack() as opening:
        stream = await opening.enter_async_context(opened)
        await check_again()
        kept = opening.pop_all()
    return StreamingResponse(
        _sent(stream, kept),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _sent(stream: EventStream, kept: AsyncExitStack) -> AsyncIterator[bytes]:
    async with kept:
        async for event in stream.sse():
            yield event


class BodyLimit:
    """Stops reading a body that is longer than any of ours (413), or that does not end (408).

    larger: requests, by method and path, whose bodies may be longer, and take longer to come.
    """

    def __init__(
        self, app: ASGIApp, limit: int, larger: Mapping[tuple[str, str], int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Count what is read on the way to the route, whatever the headers announce."""
        size = 0
        is_whole = False
        larger = self._larger.get((connection.get("method", ""), connection.get("path", "")))
        limit = larger or self._limit
        wait_s = LARGER_BODY_WAIT_S if larger else BODY_WAIT_S
        until = asyncio.get_running_loop().time() + wait_s

        async def receive_counted() -> Message:
            nonlocal size, is_whole
            try:
                # What comes after the body is that the client went: any time is right for that.
                async with asyncio.timeout_at(None if is_whole else until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            size += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if size > limit:
                raise HTTPException(413)
            return message

        await self._app(connection, receive_counted, send)


# How old a client is: a page stays open for days, and the server below it is renewed


class Clients:
    """Refuses what is too old (426), and names the page's build in every answer of the API.

    build: empty where no page was built. Who says nothing of their protocol is let through.
    """

    def __init__(self, app: ASGIApp, build: str, understood: int = UNDERSTOOD) -> None:
        self._app = app
        self._build = build.encode()
        self._understood = understood

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if connection["type"] != "http" or not connection["path"].startswith(f"{API}/"):
            await self._app(connection, receive, send)
            return

        async def send_named(message: Message) -> None:
            if self._build and message["type"] == "http.response.start":
                named = (b"convivium-build", self._build)
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        is_too_old = self._is_too_old(connection)
        await (_too_old if is_too_old else self._app)(connection, receive, send_named)

    def _is_too_old(self, connection: Connection) -> bool:
        for name, value in connection["headers"]:
            if name == b"convivium-protocol":
                return value.isdigit() and int(value[:9]) < self._understood
        return False


async def _too_old(connection: Connection, receive: Receive, send: Send) -> None:
    """Refuse a client, and say what it would have to speak (RFC 9110, 15.5.22)."""
    refused = problem(
        426,
        "too_old",
        "This client is too old",
        "This page is too old for the server. Load it anew.",
        {"Upgrade": f"convivium/{PROTOCOL}", "Connection": "Upgrade"},
    )
    await refused(connection, receive, send)


# Files


class _File(FileResponse):
    # Who asks for several parts at once gets the whole.
    max_ranges = 1


def answer_with_file(
    path: FilePath, media_type: str, cache_control: str, tag: str = "", known: str = ""
) -> Response:
    """Send a file that this server wrote: as that and nothing else, whatever is in it.

    tag, known: by which a browser asks again whether it still may show what it has (RFC 9110, 8.8).
    """
    headers = {
        "Cache-Control": cache_control,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if tag:
        headers |= {"ETag": f'"{tag}"', "Vary": "Authorization, Cookie"}
    if tag and headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    return _File(path, headers=headers, media_type=media_type)


# Who asks


def cookie_name(request: Request, kind: str) -> str:
    """Name the cookie: with `__Host-` wherever browsers keep Secure cookies, plain elsewhere."""
    return f"__Host-convivium_{kind}" if keeps_secure(request) else f"convivium_{kind}"


def keep_cookie(
    request: Request, response: Response, kind: str, secret: str, life_s: int = COOKIE_LIFE_S
) -> None:
    """Give a browser its credential: unreadable to scripts, sent along by no other site's forms."""
    response.set_cookie(
        cookie_name(request, kind),
        secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=keeps_secure(request),
        max_age=life_s,
    )


def forget_cookie(request: Request, response: Response, kind: str) -> None:
    """Let a browser forget its credential."""
    response.delete_cookie(
        cookie_name(request, kind),
        path="/",
        httponly=True,
        samesite="lax",
        secure=keeps_secure(request),
    )


def reached_by(request: Request) -> tuple[str, str]:
    """Tell the host and the origin by which the browser that asks has reached this server."""
    host = request.headers.get("host", "")
    return request.url.hostname or "", f"{request.url.scheme}://{host}"


def shown_cookies(request: Request) -> list[str]:
    """List the credentials that a browser shows, an account's before a guest's."""
    if not request.cookies:
        return []
    shown = (request.cookies.get(cookie_name(request, kind)) for kind in ("session", "guest"))
    return [cookie for cookie in shown if cookie]


def was_refused(request: Request, refusal: type[Refusal]) -> bool:
    """Tell whether a browser remembers that it was refused so."""
    return cookie_name(request, refusal.remembered) in request.cookies


def keeps_secure(request: Request) -> bool:
    """Tell whether a Secure cookie would be kept: on https, and on loopback."""
    return request.url.scheme == "https" or is_loopback(request.url.hostname or "")


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Tell whether this host is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


async def identify(request: Request) -> Actor:
    """Find who asks; also refuses what another site sends with this browser's cookies."""
    find: Identify = request.app.state.identify
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    if not is_bearer and request.method not in SAFE_METHODS:
        _refuse_cross_site(request, with_cookie=bool(request.cookies))
    network = network_of(request.client.host if request.client else "")
    return await find(
        bearer=bearer.strip() if is_bearer else None,
        cookies=shown_cookies(request),
        network=network,
    )


def _refuse_cross_site(request: Request, *, with_cookie: bool) -> None:
    """Let through what this site's own pages send, and what comes from no page at all.

    Without a cookie there is nothing to abuse but signing in; a browser names itself even then.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        allowed = site == "same-origin"
    elif origin is not None:
        allowed = urlsplit(origin).netloc == request.headers.get("host")
    else:
        allowed = not with_cookie
    if not allowed:
        raise CrossSite


Who = Annotated[Actor, Depends(identify)]


async def _writing(
    request: Request, actor: Who, transactions: GivenTransactions
) -> AsyncIterator[Transaction]:
    """Begin the transaction; whoever was sent away while they stood in line for it is refused."""
    check_still_valid: CheckStillValid = request.app.state.check_still_valid
    async with transactions.begin() as tx:
        await check_still_valid(tx.session, actor, tx.now)
        yield tx


# scope="function": without it the answer would leave before the commit.
Writing = Annotated[Transaction, Depends(_writing, scope="function")]


def need(actor: Actor, scope: Scope) -> None:
    """Refuse somebody without any credential, and a token that does not reach this far."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    if scope not in actor.scopes:
        raise MissingScope(f"This token was made without the scope '{scope}'.")


def need_lead(actor: Actor) -> None:
    """Let through who may host, and moderators, of whom no more is asked."""
    if not actor.moderates:
        need(actor, "host")


def need_read(actor: Actor) -> None:
    """Let anybody look, but not with a token that was made for something else."""
    if "read" not in actor.scopes:
        raise MissingScope("This token was made without the scope 'read'.")


# How refusals look


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, str | int | None] | None = None,
) -> JSONResponse:
    """Present a refusal as problem details."""
    body = dict(members or {}) | {
        "type": f"urn:convivium:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def answer_refusals(app: FastAPI) -> None:
    """Let every refusal, expected or not, leave as problem details."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _by_framework)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, Refusal) else Refusal()
    headers = {}
    if isinstance(refusal, ComeAgain):
        headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after_s)))
    if refusal.status == NotSignedIn.status:
        headers["WWW-Authenticate"] = "Bearer"
    answer = problem(
        refusal.status, refusal.code, refusal.title, str(refusal), headers, refusal.members
    )
    if refusal.remembered:
        keep_cookie(request, answer, refusal.remembered, "1", REFUSED_LIFE_S)
    return answer


async def _not_understood(_request: Request, error: Exception) -> Response:
    faults: list[dict[str, Any]] = list(getattr(error, "errors", list)())
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, "bad_json", "This is not JSON", "The body cannot be read as JSON.")
    words = "; ".join(_fault_in_words(fault) for fault in faults[:5])
    return problem(422, "invalid", "Something in this is not right", words)


def _fault_in_words(fault: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}"


_WORDS = {
    400: ("bad_request", "This request cannot be read"),
    404: ("not_found", "There is nothing here"),
    405: ("wrong_method", "This cannot be done here"),
    408: ("too_slow", "This took too long to arrive"),
    413: ("too_large", "This is too large"),
    415: ("wrong_type", "This kind of body is not understood here"),
}


async def _by_framework(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    code, title = _WORDS.get(status, ("refused", "This was refused"))
    headers: dict[str, str] = dict(getattr(error, "headers", None) or {})
    if status == 405:  # noqa: PLR2004 - RFC 9110, 15.5.6: the answer lists what can be done
        headers["Allow"] = ", ".join(_allowed(request))
    return problem(status, code, title, f"{title}.", headers)


def _allowed(request: Request) -> list[str]:
    """List what can be done at an address over all its routes; the framework asks only one."""

    def is_known(method: str) -> bool:
        asked = {**request.scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)

    return [method for method in METHODS if is_known(method)]


async def _failed(_request: Request, error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    return problem(
        500,
        "failed",
        "The server made a mistake",
        "Nothing was done. It was written to the server's log.",
    )
