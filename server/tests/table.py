"""A table to sit at: a live space, its people, and what each of them sees."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

from convivium.app import Instance
from convivium.core.actor import Actor
from convivium.live.readers import Message, Stream
from convivium.live.service import Live
from convivium.media.fake import FakeEngine, FakePeer
from tests.conftest import Browser
from tests.live.protocol import Json, apply

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
SDP = {"Content-Type": "application/sdp"}
RESTART = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Table:
    """One space with its people at it."""

    def __init__(self, instance: Instance, engine: FakeEngine, host: Browser, card: Json) -> None:
        self.instance = instance
        self.engine = engine
        self.host = host
        self.id = str(card["id"])
        self.path = f"/spaces/{self.id}"

    async def join(self, browser: Browser) -> str:
        """Let somebody call in; gives the call's address below the API's prefix."""
        answer = await browser.ask("POST", f"{self.path}/call", content=OFFER, headers=SDP)
        assert answer.status_code == 201, answer.text
        if not browser.id:
            browser.id = (await browser.do("GET", "/me"))["id"]
        return answer.headers["Location"].removeprefix("/api/v1")

    async def seat(self, browser: Browser, role: str = "speaker") -> None:
        """Bring somebody to the stage by asking and accepting, with an open microphone."""
        await browser.do("POST", f"{self.path}/requests", {"note": ""})
        await self.host.do("PUT", f"{self.path}/stage/{browser.id}", {"role": role})
        await browser.do("DELETE", f"{self.path}/mutes/me")

    async def heard(self) -> set[str]:
        """Tell the ids of the people who are heard, as the engine has it."""
        seats = (await self.host.do("GET", self.path))["stage"]
        ids = {seat["source"]: seat["person"]["id"] for seat in seats}
        sources = {p.source for p in self.engine.peers.values() if p.gate_open}
        return {ids.get(source, f"source {source}") for source in sources}

    def peers(self, browser: Browser) -> list[FakePeer]:
        """List somebody's peers in the engine."""
        calls = self.instance.calls.registry.of_person(self.id, browser.id)
        return [self.engine.peers[call.peer] for call in calls]


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fails after about five seconds."""
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to be so")


async def actor_of(instance: Instance, browser: Browser) -> Actor:
    """Find who a browser is, as the server would."""
    cookies = [cookie.value for cookie in browser.http.cookies.jar if cookie.value]
    return await instance.identify(bearer=None, cookies=cookies, network="192.0.2.1")


async def sent(
    stream: Stream, messages: AsyncIterator[Message | None]
) -> AsyncIterator[dict[str, Any]]:
    """Take what a stream has to send by now; nothing is waited for."""
    while stream._needs_snapshot or stream._queue or stream._last is not None:
        message = await anext(messages, None)
        if message is None:
            return
        yield json.loads(message.text)


class Witness:
    """Somebody who watches a space by its event stream and applies every event."""

    def __init__(self, live: Live, stream: Stream) -> None:
        self.live = live
        self.stream = stream
        self.events: list[Json] = []
        self.snapshot: Json = {}
        self._messages = stream.messages()

    async def catch_up(self) -> None:
        """Take what was sent so far."""
        async for event in sent(self.stream, self._messages):
            self.events.append(event)
            self.snapshot = apply(self.snapshot, event)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Take what is sent until something is so; fails after about five seconds."""
        for _ in range(250):
            await self.catch_up()
            if is_so():
                return
            # What was sent is taken at once: the server needs the time to tell more.
            await asyncio.sleep(0.02)
        raise AssertionError(f"it never came to be so; told were {self.types()}")

    def types(self) -> list[str]:
        """List what was told, in order."""
        return [event["type"] for event in self.events]


async def watch(
    table: Table,
    stack: AsyncExitStack,
    browser: Browser,
    *,
    live: Live | None = None,
    last_id: str | None = None,
    snapshot: Json | None = None,
) -> Witness:
    """Open an event stream for somebody and take its beginning."""
    live = live or table.instance.live
    actor = await actor_of(table.instance, browser)
    witness = Witness(live, await stack.enter_async_context(live.stream(table.id, actor, last_id)))
    witness.snapshot = snapshot or {}
    await witness.catch_up()
    return witness


async def fresh_snapshot(table: Table, browser: Browser) -> dict[str, Any]:
    """Give what somebody would see who had not been there before: from rows, by another `Live`."""
    instance = table.instance
    live = Live(instance.database, FakeEngine(), instance.settings)
    instance.show_on(live)
    async with AsyncExitStack() as stack:
        return (await watch(table, stack, browser, live=live)).snapshot
