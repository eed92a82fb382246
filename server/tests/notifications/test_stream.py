"""One's own stream: a snapshot, then what changes, to nobody else, and to its end."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import delete

from convivium.accounts.models import SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.errors import SlowDown
from convivium.live.readers import Stream
from convivium.notifications import service, view
from convivium.notifications.models import Notification
from convivium.notifications.service import About
from tests.conftest import Browser, SignUp
from tests.table import actor_of, sent


class Eye:
    """Somebody who looks at their own stream, and applies every event as docs/protocol.md says."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._messages = stream.messages()
        self.events: list[Any] = []
        self.seen: dict[str, Any] = {}

    async def catch_up(self) -> list[str]:
        """Take what was sent so far; gives the types of what came."""
        came: list[str] = []
        async for event in sent(self._stream, self._messages):
            came.append(event["type"])
            self.events.append(event)
            self._apply(event["type"], event["data"])
        return came

    def _apply(self, type_: str, data: Any) -> None:  # noqa: ANN401 - of each type another
        if type_ == "snapshot":
            self.seen = data
        if type_ in ("unread_changed", "moderation_changed", "messages_changed"):
            self.seen |= data
        if type_ in ("conversation_gone", "conversation_changed"):
            self._apply_conversation(data)
        if type_ in ("notification_gone", "notification_changed"):
            item = data.get("notification")
            gone = data["id"] if item is None else item["id"]
            kept = [one for one in self.seen["notifications"] if one["id"] != gone]
            kept += [item] if item else []
            kept.sort(key=lambda one: (one["at"], int(one["id"])), reverse=True)
            self.seen["notifications"] = kept

    def _apply_conversation(self, data: Any) -> None:  # noqa: ANN401 - the same
        item = data.get("conversation")
        gone = data["id"] if item is None else item["id"]
        for name, standing in (("asking", "asked"), ("conversations", "accepted")):
            kept = [one for one in self.seen[name] if one["id"] != gone]
            kept += [item] if item and item["standing"] == standing else []
            kept.sort(key=lambda one: (one["at"], one["id"]), reverse=True)
            self.seen[name] = kept


async def look(instance: Instance, browser: Browser, stack: AsyncExitStack) -> Eye:
    actor = await actor_of(instance, browser)
    eye = Eye(await stack.enter_async_context(instance.personal.stream(actor)))
    await eye.catch_up()
    return eye


async def tell(instance: Instance, browser: Browser, *keys: str) -> None:
    async with instance.transactions.begin() as tx:
        for key in keys:
            await service.tell(tx, browser.id, About("followed", key))


async def test_what_is_told_is_what_is_listed(
    instance: Instance, sign_up: SignUp, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every act the applied events equal a fresh snapshot, as far as that reaches."""
    monkeypatch.setattr(view, "SHOWN_LIVE", 3)
    ama, ben = await sign_up("ama"), await sign_up("ben")
    async with AsyncExitStack() as stack:
        eye, other = await look(instance, ama, stack), await look(instance, ben, stack)
        assert eye.seen == {
            "unread": 0,
            "notifications": [],
            "messages": {"unread": 0, "asked": 0},
            "asking": [],
            "conversations": [],
            "moderation": None,
        }
        for number in range(5):
            clock.advance(1)
            await tell(instance, ama, f"{number}")
            await eye.catch_up()
        clock.advance(1)
        await tell(instance, ama, "2")
        assert await eye.catch_up() == ["notification_changed"], "moved to the top, still unread"
        await ama.do("PUT", "/notifications/read", {"up_to": eye.seen["notifications"][1]["id"]})
        assert (await eye.catch_up())[0] == "unread_changed"
        async with instance.transactions.begin() as tx:
            await service.take_back(tx, Notification.key == "4")
        assert "notification_gone" in await eye.catch_up()

        fresh = await look(instance, ama, stack)
        assert fresh.seen["notifications"] == eye.seen["notifications"][:3]
        assert fresh.seen["unread"] == eye.seen["unread"] == 1
        assert await other.catch_up() == [], "nothing of it reaches anybody else"
        numbers = [int(event["id"].rpartition("-")[2]) for event in eye.events]
        assert numbers == sorted(set(numbers))


async def test_several_tells_in_one_transaction(instance: Instance, sign_up: SignUp) -> None:
    """They are told once, in order."""
    ama = await sign_up("ama")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ama, stack)
        await tell(instance, ama, "a", "b")

        assert await eye.catch_up() == ["unread_changed", *["notification_changed"] * 2]


async def test_every_tab_is_told(instance: Instance, sign_up: SignUp) -> None:
    """Two streams of one person are told the same; when both are gone nothing is kept."""
    ama = await sign_up("ama")
    async with AsyncExitStack() as stack:
        eyes = [await look(instance, ama, stack) for _ in "12"]
        await tell(instance, ama, "a")
        for eye in eyes:
            await eye.catch_up()
        assert eyes[0].events[1:] == eyes[1].events[1:]

    assert instance.personal._mailboxes == {}


async def test_signing_out_ends_it_for_good(instance: Instance, sign_up: SignUp) -> None:
    """The goodbye is final, and nothing that comes later is sent."""
    ama = await sign_up("ama")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ama, stack)
        await ama.do("DELETE", "/sessions/current")
        await tell(instance, ama, "a")

        assert await eye.catch_up() == ["goodbye"]
        assert eye.events[-1]["data"] == {"reason": "signed_out", "reconnect": False}


async def test_signed_out_between_the_door_and_the_stream(
    instance: Instance, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signs out in that moment has no stream."""
    ama = await sign_up("ama")
    open_stream = instance.personal.refresh

    async def sign_out_meanwhile(people: Any) -> None:  # noqa: ANN401 - handed on
        await open_stream(people)
        monkeypatch.setattr(instance.personal, "refresh", open_stream)
        async with instance.transactions.begin() as tx:
            await tx.session.execute(delete(SignIn))

    monkeypatch.setattr(instance.personal, "refresh", sign_out_meanwhile)
    assert await ama.refused("GET", "/me/events") == (401, "not_signed_in")
    assert instance.personal._mailboxes == {}


async def test_a_server_that_ends_asks_to_come_back(instance: Instance, sign_up: SignUp) -> None:
    """So that a browser does."""
    ama = await sign_up("ama")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ama, stack)
        instance.say_goodbye()
        await eye.catch_up()

    assert eye.events[-1]["data"] == {"reason": "restarting", "reconnect": True}


async def test_streams_of_all_kinds_are_counted_together(
    instance: Instance, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One network has so many places, and gets them back."""
    ama = await sign_up("ama")
    monkeypatch.setattr(instance.live.places, "_most", 1)
    async with AsyncExitStack() as stack:
        await look(instance, ama, stack)
        with pytest.raises(SlowDown):
            await look(instance, ama, stack)
    async with AsyncExitStack() as stack:
        await look(instance, ama, stack)


async def test_who_reads_slowly_gets_a_snapshot(instance: Instance, sign_up: SignUp) -> None:
    """What waits for one reader is bounded."""
    ama = await sign_up("ama")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ama, stack)
        for number in range(80):
            await tell(instance, ama, f"{number}")

        came = await eye.catch_up()
        assert came[0] == "snapshot"
        assert len(came) < 80
        assert eye.seen["unread"] == 80
