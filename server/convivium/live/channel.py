"""What was told of one space: the picture, its number, and the last events for those who resume."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from convivium.core.actor import Actor
from convivium.core.ids import new_id
from convivium.live.parts import Part, Standing, Told
from convivium.live.readers import Message, Peer, Reader, Stream
from convivium.media.engine import Engine, EngineRefused

KEPT_EVENTS = 256
KEPT_BYTES = 1 << 20
# The engine carries 64 KiB in one message; what is longer loses the ends of its lists.
MESSAGE_BYTES = 60 * 1024

EVERYONE = "*"
HOSTS = "+"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that somebody may resume after; audience: EVERYONE, HOSTS or one person's key."""

    number: int
    audience: str
    message: Message


@dataclass(frozen=True, slots=True)
class Picture:
    """All parts of a space as of one moment, and how everybody stands."""

    parts: dict[str, Any]
    standing: Standing


def audience_key(actor: Actor) -> str:
    """Name one person as an audience; all who are nobody in particular share one."""
    return actor.id or actor.kind


class Channel:
    """Tells the readers of one space what changed. Everything but `lock` belongs to the event loop.

    lock: held while the picture is loaded and told, so that events leave in the order of the rows.
    asked, loaded: how many refreshes were asked for, and how many of them are covered.
    """

    def __init__(self, space_id: str, parts: Sequence[Part], engine: Engine) -> None:
        self.space_id = space_id
        self.lock = asyncio.Lock()
        self.asked = 0
        self.loaded = 0
        self.picture: Picture | None = None
        self.streams: set[Stream] = set()
        self.peers: dict[int, Peer] = {}
        self.later: asyncio.TimerHandle | None = None
        self._parts = parts
        self._engine = engine
        self._epoch = new_id()[:8].replace("-", "_")
        self._number = 0
        self._kept: deque[Kept] = deque()
        self._kept_bytes = 0
        # The number of the last event that is not kept any more, of those that were.
        self._forgotten = 0
        self._told_at: dict[str, float] = {}
        self._public: str | None = None
        self.peers_missed = False

    @property
    def readers(self) -> Iterable[Reader]:
        """Everybody who is told."""
        yield from self.streams
        yield from self.peers.values()

    def current(self) -> Picture:
        """Give the picture that was told last."""
        if self.picture is None:
            raise RuntimeError("a channel is used before it was loaded")
        return self.picture

    # Telling

    def advance(self, fresh: Picture, now_s: float, *, at_once: bool = False) -> float:
        """Tell the difference between what was told and what is so.

        at_once: also what was told too recently. Returns in how many seconds to look again because
        a part was told too recently; 0 for never.
        """
        old = self.picture
        if old is None:
            self.picture = fresh
            return 0.0
        wait_s = self._tell_parts(old, fresh, now_s, at_once=at_once)
        self.picture = fresh
        self._public = None
        if fresh.standing is not old.standing:
            self._tell_new_and_former_hosts(old.standing.hosts ^ fresh.standing.hosts)
            self._tell_standing(old.standing, fresh.standing)
        return wait_s

    def _tell_parts(self, old: Picture, fresh: Picture, now_s: float, *, at_once: bool) -> float:
        wait_s = 0.0
        for part in self._parts:
            changes = part.words.changes(old.parts[part.key], fresh.parts[part.key])
            if not changes:
                continue
            due_in_s = self._told_at.get(part.key, -part.pace_s) + part.pace_s - now_s
            if due_in_s > 0 and not at_once:
                fresh.parts[part.key] = old.parts[part.key]
                wait_s = max(wait_s, due_in_s)
                continue
            self._told_at[part.key] = now_s
            for told in changes:
                if part.for_hosts:
                    self._tell_hosts(told, old.standing.hosts & fresh.standing.hosts)
                else:
                    self._tell_everyone(told)
        return wait_s

    def _tell_new_and_former_hosts(self, people: frozenset[str]) -> None:
        for person in people:
            message = self._next("snapshot", {})
            self._keep(person, message)
            for reader in [reader for reader in self.readers if reader.actor.id == person]:
                self.send_snapshot(reader)

    def _tell_standing(self, old: Standing, new: Standing) -> None:
        anybody = old.general != new.general
        concerned = old.named | new.named | new.moved_since(old)
        self.tell_you(*(r for r in self.readers if anybody or r.actor.id in concerned))

    def tell_you(self, *readers: Reader) -> None:
        """Tell each of these how they stand, if it is not as they were told.

        One number for all of them, since each sees only their own. It is not kept: whoever resumes
        is told anyway, and a crowd's worth would drive out what everybody may have missed.
        """
        told: dict[str, list[Reader]] = defaultdict(list)
        for reader in readers:
            you = self.current().standing.you(reader.actor)
            if you != reader.you:
                reader.you = you
                told[audience_key(reader.actor)].append(reader)
        self._number += bool(told)
        for own in told.values():
            self._send_to(own, self._message("you_changed", {"you": own[0].you}))

    def _tell_hosts(self, told: Told, hosts: frozenset[str]) -> None:
        """Tell those who were hosts and still are; the others get a snapshot."""
        message = self._next(told.type, told.data)
        self._keep(HOSTS, message)
        self._send_to([reader for reader in self.readers if reader.actor.id in hosts], message)

    def _tell_everyone(self, told: Told) -> None:
        message = self._next(told.type, told.data)
        self._keep(EVERYONE, message)
        for stream in self.streams:
            stream.put(message)
        if self.peers:
            number = self.current().standing.number
            self._to_engine(lambda: self._engine.broadcast(number, message.text))

    def goodbye(self, reason: str, *, reconnect: bool, to: Callable[[Actor], bool]) -> None:
        """Say goodbye to those meant; their streams end."""
        message = self._next("goodbye", {"reason": reason, "reconnect": reconnect})
        meant = [reader for reader in self.readers if to(reader.actor)]
        self._send_to([reader for reader in meant if isinstance(reader, Peer)], message)
        for reader in meant:
            if isinstance(reader, Stream):
                reader.end(message, at_once=reason != "ended")

    # Beginning

    def resume(self, stream: Stream, last_id: str | None) -> None:
        """Begin a stream after the event it saw last, or with a snapshot."""
        missed = self._since(last_id, stream.actor)
        if missed is None:
            stream.start_over()
        else:
            for kept in missed:
                stream.put(kept.message)
            # How one stands is only told to those who are there: whoever was away is told now.
            self.tell_you(stream)
        self.streams.add(stream)
        if self.current().standing.is_over:
            self.goodbye("ended", reconnect=False, to=lambda actor: actor is stream.actor)

    def send_snapshot(self, reader: Reader) -> None:
        """Let somebody start over with everything they may see."""
        if isinstance(reader, Stream):
            reader.start_over()
        elif isinstance(reader, Peer):
            text = self.snapshot(reader, MESSAGE_BYTES).text
            self._to_engine(lambda: self._engine.send([reader.number], text))

    def greet(self, peer: Peer) -> None:
        """Answer a data channel that has opened."""
        self.peers[peer.number] = peer
        text = self.snapshot(peer, MESSAGE_BYTES).text
        self._to_engine(lambda: self._engine.send_snapshot(peer.number, text))

    def snapshot(self, reader: Reader, limit: int | None = None) -> Message:
        """Write everything this reader may see; the public part is written once for all."""
        picture = self.current()
        reader.you = picture.standing.you(reader.actor)
        shown = self._is_host(reader.actor)
        private = {"you": reader.you} | {
            part.key: picture.parts[part.key] if shown else None
            for part in self._parts
            if part.for_hosts
        }
        event_id = f"{self._epoch}-{self._number}"
        text = self._joined(event_id, private)
        if limit is not None and len(text.encode()) > limit:
            text = _shortened({"id": event_id, "type": "snapshot", "data": self._whole(private)})
        return Message(event_id, "snapshot", text)

    def _joined(self, event_id: str, private: dict[str, Any]) -> str:
        if self._public is None:
            self._public = _json(self._whole({}))[:-1]
        data = f"{self._public},{_json(private)[1:]}"
        return f'{{"id":"{event_id}","type":"snapshot","data":{data}}}'

    def _whole(self, private: dict[str, Any]) -> dict[str, Any]:
        parts = self.current().parts
        return {part.key: parts[part.key] for part in self._parts if not part.for_hosts} | private

    def _since(self, last_id: str | None, actor: Actor) -> list[Kept] | None:
        """Find what somebody missed; None when that is not known any more, or a snapshot is due."""
        epoch, _, number = (last_id or "").rpartition("-")
        if epoch != self._epoch or not number.isdecimal() or len(number) > 18:  # noqa: PLR2004
            return None
        seen = int(number)
        if not self._forgotten <= seen <= self._number:
            return None
        audiences = {EVERYONE, audience_key(actor)} | ({HOSTS} if self._is_host(actor) else set())
        missed = [k for k in self._kept if k.number > seen and k.audience in audiences]
        return None if any(kept.message.type == "snapshot" for kept in missed) else missed

    # Numbers, stores, carriers

    def _next(self, type_: str, data: dict[str, Any]) -> Message:
        self._number += 1
        return self._message(type_, data)

    def _message(self, type_: str, data: dict[str, Any]) -> Message:
        event_id = f"{self._epoch}-{self._number}"
        event = {"id": event_id, "type": type_, "data": data}
        text = _json(event)
        # Four bytes are the most that one character takes.
        fits = len(text) * 4 <= MESSAGE_BYTES
        return Message(event_id, type_, text if fits else _shortened(event))

    def _keep(self, audience: str, message: Message) -> None:
        self._kept.append(Kept(self._number, audience, message))
        self._kept_bytes += len(message.text)
        while len(self._kept) > KEPT_EVENTS or self._kept_bytes > KEPT_BYTES:
            forgotten = self._kept.popleft()
            self._kept_bytes -= len(forgotten.message.text)
            self._forgotten = forgotten.number

    def _send_to(self, readers: Iterable[Reader], message: Message) -> None:
        peers: list[int] = []
        for reader in readers:
            if isinstance(reader, Stream):
                reader.put(message)
            elif isinstance(reader, Peer):
                peers.append(reader.number)
        if peers:
            self._to_engine(lambda: self._engine.send(peers, message.text))

    def _to_engine(self, send: Callable[[], None]) -> None:
        try:
            send()
        except EngineRefused as refusal:
            # The engine's queue is full: what was lost is made good by snapshots once it has room.
            log.warning("events_not_carried", code=refusal.code, space_id=self.space_id)
            self.peers_missed = True

    def _is_host(self, actor: Actor) -> bool:
        return bool(actor.id) and actor.id in self.current().standing.hosts


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shortened(event: dict[str, Any]) -> str:
    """Write an event so that a data channel can carry it: its longest lists lose their ends."""
    text = _json(event)
    data = dict(event["data"])
    while len(text.encode()) > MESSAGE_BYTES:
        lists = [key for key, value in data.items() if isinstance(value, list) and value]
        if not lists:
            break
        longest = max(lists, key=lambda key: len(_json(data[key])))
        data[longest] = data[longest][: len(data[longest]) // 2]
        text = _json(event | {"data": data})
    return text
