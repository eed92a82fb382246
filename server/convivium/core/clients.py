"""Which clients this server still understands, and which build of its own page it has.

A page stays open for days, and the server below it is renewed: each answer names the build of the
page that would be loaded now, and a client that speaks an older protocol than what is understood
is told so, rather than met with refusals that nobody can read.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from convivium.core.web import API, problem

# What docs/protocol.md describes, and the oldest before it that is still understood.
PROTOCOL = 1
UNDERSTOOD = 1

PROTOCOL_HEADER = b"convivium-protocol"
BUILD_HEADER = b"convivium-build"


class Clients:
    """Refuses what is too old (426), and names the page's build in every answer of the API.

    build: empty where no page was built. Who says nothing of their protocol is let through.
    """

    def __init__(self, app: ASGIApp, build: str, understood: int = UNDERSTOOD) -> None:
        self._app = app
        self._build = build.encode()
        self._understood = understood

    async def __call__(self, connection: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if connection["type"] != "http" or not connection["path"].startswith(f"{API}/"):
            await self._app(connection, receive, send)
            return

        async def send_named(message: Message) -> None:
            if self._build and message["type"] == "http.response.start":
                named = (BUILD_HEADER, self._build)
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        is_too_old = self._is_too_old(connection)
        await (too_old if is_too_old else self._app)(connection, receive, send_named)

    def _is_too_old(self, connection: Scope) -> bool:
        for name, value in connection["headers"]:
            if name == PROTOCOL_HEADER:
                return value.isdigit() and int(value[:9]) < self._understood
        return False


async def too_old(connection: Scope, receive: Receive, send: Send) -> None:
    """Refuse a client, and say what it would have to speak (RFC 9110, 15.5.22)."""
    refused = problem(
        426,
        "too_old",
        "This client is too old",
        "This page is too old for the server. Load it anew.",
        {"Upgrade": f"convivium/{PROTOCOL}", "Connection": "Upgrade"},
    )
    await refused(connection, receive, send)
