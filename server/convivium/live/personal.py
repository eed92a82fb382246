"""What people are told of what concerns them alone, wherever they look: a stream for each person.

As in a space, a person's picture is put together from parts and compared with what was told last;
each difference is a numbered event. A picture is small: whoever comes back is sent it whole.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.events import SignedOut, Suspended
from convivium.core.actor import Actor
from convivium.core.database import Database
from convivium.core.ids import new_id
from convivium.live.parts import Words
from convivium.live.readers import Message, Reader, Stream, StreamPlaces

# Some milliseconds of the loop.
WHISPERED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PersonalPart:
    """One part of what a person is told: how it is looked up, and how its change is told."""

    key: str
    load: Callable[[AsyncSession, str], Awaitable[Any]]
    words: Words


class Mailbox:
    """What one person was told last, and the streams of theirs that are open.

    lock: held while the picture is loaded and told, so that events leave in the order of the rows.
    """

    def __init__(self, person_id: str) -> None:
        self.person_id = person_id
        self.lock = asyncio.Lock()
        self.streams: set[Stream] = set()
        self.asked = 0
        self.loaded = 0
        self.picture: dict[str, Any] | None = None
        self._epoch = new_id()[:8].replace("-", "_")
        self._number = 0

    def advance(self, parts: Sequence[PersonalPart], fresh: dict[str, Any]) -> None:
        """Tell the difference between what was told and what is so."""
        old, self.picture = self.picture, fresh
        if old is None:
            return
        for part in parts:
            for told in part.words.changes(old[part.key], fresh[part.key]):
                self._number += 1
                message = self._message(told.type, told.data)
                for stream in self.streams:
                    stream.put(message)

    def snapshot(self, _reader: Reader) -> Message:
        """Write everything."""
        return self._message("snapshot", self.picture or {})

    def whisper(self, type_: str, data: dict[str, Any]) -> None:
        """Tell what is part of no picture: whoever is not there now never hears of it."""
        self._number += 1
        message = self._message(type_, data)
        for stream in self.streams:
            stream.put(message)

    def goodbye(self, reason: str, *, reconnect: bool, to: Callable[[Actor], bool]) -> None:
        """End the streams of those meant."""
        self._number += 1
        message = self._message("goodbye", {"reason": reason, "reconnect": reconnect})
        for stream in self.streams:
            if to(stream.actor):
                stream.end(message, at_once=True)

    def _message(self, type_: str, data: dict[str, Any]) -> Message:
        event_id = f"{self._epoch}-{self._number}"
        event = {"id": event_id, "type": type_, "data": data}
        return Message(event_id, type_, json.dumps(event, ensure_ascii=False))


class Personal:
    """Opens a mailbox for a person who looks; closes it when nobody does."""

    def __init__(self, database: Database, places: StreamPlaces) -> None:
        self._database = database
        self._places = places
        self._parts: Sequence[PersonalPart] = ()
        self._mailboxes: dict[str, Mailbox] = {}

    def show(self, parts: Sequence[PersonalPart]) -> None:
        """Say which parts make a picture; called once, by the composition root."""
        self._parts = parts

    @asynccontextmanager
    async def stream(self, actor: Actor) -> AsyncIterator[Stream]:
        """Open somebody's stream, which begins with a snapshot. Raises SlowDown."""
        with self._places.take(actor.network):
            mailbox = self._mailboxes.setdefault(actor.id, Mailbox(actor.id))
            stream = Stream(actor, mailbox.snapshot)
            mailbox.streams.add(stream)
            try:
                if mailbox.picture is None:
                    await self.refresh([actor.id])
                stream.start_over()
                yield stream
            finally:
                mailbox.streams.discard(stream)
                if not mailbox.streams:
                    self._mailboxes.pop(actor.id, None)

    async def refresh(self, people: Iterable[str]) -> None:
        """Tell each of these what is not as it was told, if they look."""
        for person_id in dict.fromkeys(people):
            mailbox = self._mailboxes.get(person_id)
            if mailbox is None:
                continue
            mailbox.asked += 1
            mine = mailbox.asked
            async with mailbox.lock:
                if mailbox.loaded < mine:
                    goal = mailbox.asked
                    mailbox.advance(self._parts, await self._load(person_id))
                    mailbox.loaded = goal

    def looking(self) -> list[str]:
        """List who looks at the moment."""
        return list(self._mailboxes)

    async def whisper(self, people: Iterable[str], type_: str, data: dict[str, Any]) -> None:
        """Tell those of these who look what is part of no picture, some at a time."""
        for told, person_id in enumerate(people, 1):
            mailbox = self._mailboxes.get(person_id)
            if mailbox is not None:
                mailbox.whisper(type_, data)
            if told % WHISPERED_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def sign_out(self, fact: SignedOut) -> None:
        """End what was opened with a session that ended."""
        self.goodbye("signed_out", lambda actor: actor.credential == fact.credential)

    async def suspend(self, fact: Suspended) -> None:
        """End what somebody has open who can do nothing any more."""
        self.goodbye(fact.goodbye, lambda actor: actor.id == fact.person_id)

    def goodbye(self, reason: str, to: Callable[[Actor], bool]) -> None:
        """End the streams of those meant, for good."""
        for mailbox in self._mailboxes.values():
            mailbox.goodbye(reason, reconnect=False, to=to)

    def goodbye_to_all(self) -> None:
        """End every stream because the server ends; it will be back."""
        for mailbox in self._mailboxes.values():
            mailbox.goodbye("restarting", reconnect=True, to=lambda _: True)

    async def _load(self, person_id: str) -> dict[str, Any]:
        async with self._database.read() as session:
            return {part.key: await part.load(session, person_id) for part in self._parts}
