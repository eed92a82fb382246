"""Sites to link to, on this machine: they answer as they are told, and count who knocks."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Shown:
    """What one address answers; endless: it never comes to an end."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)
    endless: bool = False


@dataclass
class Site:
    """A server of pages; asked: the paths and headers of all requests; knocks: of connections."""

    pages: dict[str, Shown] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    knocks: int = 0
    port: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def show(self, path: str, body: str | bytes = b"", **how: object) -> str:
        """Put a page at a path; gives its address."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Shown(data, **how)  # type: ignore[arg-type]
        return self.url(path)

    def move(self, path: str, there: str, status: int = 302) -> str:
        """Say at a path that it is elsewhere; gives its address."""
        return self.show(path, status=status, headers={"Location": there})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.knocks += 1
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            path = first.split()[1]
            self.asked.append((path, dict(line.lower().split(": ", 1) for line in lines)))
            await self._send(writer, self.pages.get(path, Shown(status=404)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, page: Shown) -> None:
        said = "".join(f"{name}: {value}\r\n" for name, value in page.headers.items())
        writer.write(f"HTTP/1.1 {page.status} X\r\n{said}Connection: close\r\n\r\n".encode())
        writer.write(page.body)
        await writer.drain()
        while page.endless:
            writer.write(b" " * 65_536)
            await writer.drain()


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """Run one on a free port."""
    made = Site()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
