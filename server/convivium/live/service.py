"""The live picture of every space somebody looks at, and everybody who is told when it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.events import ProfileChanged, SignedOut
from convivium.core.actor import Actor
from convivium.core.config import Settings
from convivium.core.database import Database
from convivium.live.channel import Channel, Picture
from convivium.live.parts import LoadStandings, Part, Standing
from convivium.live.readers import Peer, Stream, StreamPlaces
from convivium.media.engine import Engine

log = structlog.get_logger()

# Arrivals and departures are told together, this long after the first of them.
SOON_S = 0.5
# So many times as long when the engine has little time.
SLOWER = 4.0


class Live:
    """Opens a channel for a space when it is first looked at; closes it when nobody needs it."""

    def __init__(self, database: Database, engine: Engine, settings: Settings) -> None:
        self._database = database
        self._engine = engine
        self._parts: Sequence[Part] = ()
        self._load_standings: LoadStandings | None = None
        self._channels: dict[str, Channel] = {}
        self._refreshing: set[asyncio.Task[None]] = set()
        self._slower = 1.0
        self._is_ending = False
        self.places = StreamPlaces(settings.streams_per_network)

    def show(self, parts: Sequence[Part], standings: LoadStandings) -> None:
        """Say which parts make a picture; called once, by the composition root."""
        self._parts = parts
        self._load_standings = standings

    # What is seen

    async def cards(self, space_ids: Sequence[str], actor: Actor) -> dict[str, dict[str, Any]]:
        """Put cards together: the space itself, its parts on cards, and how one stands."""
        pictures = await self.pictures(space_ids)
        there = (space_id for space_id in space_ids if space_id in pictures)
        return {space_id: _card(pictures[space_id], actor) for space_id in there}

    async def picture(self, space_id: str) -> Picture:
        """Give what is told of a space."""
        return (await self.pictures([space_id]))[space_id]

    async def pictures(self, space_ids: Sequence[str]) -> dict[str, Picture]:
        """Give what is told of spaces, as far as they are still there.

        Live ones are kept in memory, others are looked up at once.
        """
        known = {space_id: self._kept(space_id) for space_id in space_ids}
        pictures = {space_id: picture for space_id, picture in known.items() if picture}
        missing = [space_id for space_id in space_ids if space_id not in pictures]
        if not missing:
            return pictures
        # Given back before a channel takes its own: readers who wait for readers stop everybody.
        async with self._database.read() as session:
            found = await self._load(session, missing)
        for space_id, picture in found.items():
            is_live = picture.standing.is_live
            pictures[space_id] = (await self._channel(space_id)).current() if is_live else picture
        return pictures

    def _kept(self, space_id: str) -> Picture | None:
        channel = self._channels.get(space_id)
        return None if channel is None else channel.picture

    # Who is told

    @asynccontextmanager
    async def stream(
        self, space_id: str, actor: Actor, last_id: str | None
    ) -> AsyncIterator[Stream]:
        """Open an event stream. Raises SlowDown when one network has too many."""
        # Counted before anything is waited for: those who come at once must find each other.
        with self.places.take(actor.network):
            channel = await self._channel(space_id)
            stream = Stream(actor, channel.snapshot)
            channel.resume(stream, last_id)
            self._show_moderator(space_id, actor)
            try:
                yield stream
            finally:
                channel.streams.discard(stream)
                self._show_moderator(space_id, actor)
                self._close_if_idle(channel)

    def looking(self, space_id: str, standing: Standing | None = None) -> dict[str, Actor]:
        """Give the moderators who follow a space by a stream, where only their office lets them.

        standing: how everybody stands; None: as it was told last.
        """
        channel = self._channels.get(space_id)
        if channel is None or channel.picture is None:
            return {}
        stands = standing or channel.picture.standing
        actors = (stream.actor for stream in channel.streams)
        return {actor.id: actor for actor in actors if stands.by_office(actor)}

    async def greet(self, space_id: str, peer: int, actor: Actor) -> None:
        """Answer a peer whose data channel has opened."""
        channel = await self._channel(space_id)
        channel.greet(Peer(actor, peer))

    def lose(self, space_id: str, peer: int) -> None:
        """Forget a peer that ended."""
        channel = self._channels.get(space_id)
        if channel is not None:
            channel.peers.pop(peer, None)
            self._close_if_idle(channel)

    # What is told

    async def refresh(self, space_id: str, *, at_once: bool = False) -> None:
        """Tell what is not as it was told; returns when the events are on their way.

        at_once: also what was told too recently to be told again.
        """
        channel = self._channels.get(space_id)
        if channel is None:
            return
        channel.asked += 1
        mine = channel.asked
        async with channel.lock:
            if channel.loaded < mine or at_once:
                await self._advance(channel, at_once=at_once)
        if channel.peers_missed:
            self._make_good(channel)
        self._close_if_idle(channel)

    def slow_down(self, *, is_slow: bool) -> None:
        """Tell what can wait less often, or as often as ever."""
        self._slower = SLOWER if is_slow else 1.0

    def refresh_all_soon(self) -> None:
        """Tell of every space what changed in memory, as `refresh_soon` does."""
        for space_id in self._channels:
            self.refresh_soon(space_id)

    def refresh_soon(self, space_id: str, in_s: float = SOON_S) -> None:
        """Tell what changed in memory a little later, together with what else does until then.

        What changes in rows is announced as a fact, and told by `refresh`.
        """
        channel = self._channels.get(space_id)
        if channel is None or channel.later is not None or self._is_ending:
            return

        def go() -> None:
            channel.later = None
            task = asyncio.create_task(self._refresh_later(space_id))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)

        loop = asyncio.get_running_loop()
        channel.later = loop.call_later(in_s * self._slower, go)

    def goodbye(self, space_id: str, reason: str, *, to: Callable[[Actor], bool]) -> None:
        """End the streams of those meant in a space, for good."""
        channel = self._channels.get(space_id)
        if channel is not None:
            channel.goodbye(reason, reconnect=False, to=to)

    def drop(self, space_id: str) -> None:
        """Say goodbye in a space whose rows are gone, of which there is nothing more to tell."""
        channel = self._channels.pop(space_id, None)
        if channel is not None:
            if channel.later is not None:
                channel.later.cancel()
            channel.goodbye("ended", reconnect=False, to=lambda _: True)

    def goodbye_to_credential(self, credential: str) -> None:
        """End every stream that was opened with a credential which is worth nothing any more."""
        for channel in self._channels.values():
            channel.goodbye("signed_out", reconnect=False, to=lambda a: a.credential == credential)

    def goodbye_to_person(self, person_id: str, reason: str) -> None:
        """End every stream of somebody, for good."""
        for channel in self._channels.values():
            channel.goodbye(reason, reconnect=False, to=lambda actor: actor.id == person_id)

    def goodbye_to_all(self) -> None:
        """End every stream because the server ends; it will be back."""
        for channel in self._channels.values():
            channel.goodbye("restarting", reconnect=True, to=lambda _: True)

    async def rename(self, fact: ProfileChanged) -> None:
        """Show somebody as they want to be shown from now on, wherever they are."""
        for channel in list(self._channels.values()):
            own = [reader for reader in channel.readers if reader.actor.id == fact.person_id]
            for reader in own:
                reader.actor = reader.actor.shown_as(fact.shown)
                channel.tell_you(reader)
            picture = channel.picture
            if own or picture is None or fact.person_id in picture.standing.named:
                await self.refresh(channel.space_id)

    async def sign_out(self, fact: SignedOut) -> None:
        """End what was opened with a session that ended."""
        self.goodbye_to_credential(fact.credential)

    async def finish(self) -> None:
        """Tell nothing more; what is being told is waited for."""
        self._is_ending = True
        for channel in self._channels.values():
            if channel.later is not None:
                channel.later.cancel()
        await asyncio.gather(*self._refreshing)

    # How

    def _show_moderator(self, space_id: str, actor: Actor) -> None:
        """Tell of a moderator who came or went without a call; nobody else is told of."""
        if actor.moderates:
            self.refresh_soon(space_id)

    async def _channel(self, space_id: str) -> Channel:
        while True:
            # Known before it is loaded, so that no change from now on can pass it by.
            channel = self._channels.setdefault(
                space_id, Channel(space_id, self._parts, self._engine)
            )
            async with channel.lock:
                if channel.picture is None:
                    await self._advance(channel, at_once=True)
            # Somebody else may have been its last reader while we waited.
            if self._channels.get(space_id) is channel:
                return channel

    async def _refresh_later(self, space_id: str) -> None:
        try:
            await self._show_again(space_id)
        except Exception:
            log.exception("refresh_failed", space_id=space_id)

    async def _show_again(self, space_id: str) -> None:
        """Tell what is not as it was told, of the rows as they were read last."""
        channel = self._channels.get(space_id)
        if channel is None:
            return
        async with channel.lock:
            if channel.picture is not None:
                self._tell(channel, self._show(channel.picture.standing))
        if channel.peers_missed:
            self._make_good(channel)
        self._close_if_idle(channel)

    async def _advance(self, channel: Channel, *, at_once: bool) -> None:
        goal = channel.asked
        async with self._database.read() as session:
            fresh = await self._load(session, [channel.space_id])
        self._tell(channel, fresh[channel.space_id], at_once=at_once)
        channel.loaded = goal

    def _tell(self, channel: Channel, fresh: Picture, *, at_once: bool = False) -> None:
        now_s = asyncio.get_running_loop().time()
        wait_s = channel.advance(fresh, now_s, at_once=at_once)
        if wait_s > 0:
            self.refresh_soon(channel.space_id, wait_s)

    async def _load(self, session: AsyncSession, space_ids: Sequence[str]) -> dict[str, Picture]:
        if self._load_standings is None:
            raise RuntimeError("the composition root has not said what to show")
        standings = await self._load_standings(session, space_ids)
        return {space_id: self._show(standing) for space_id, standing in standings.items()}

    def _show(self, standing: Standing) -> Picture:
        return Picture({part.key: part.show(standing) for part in self._parts}, standing)

    def _make_good(self, channel: Channel) -> None:
        """Give every peer a snapshot after events were not carried; tried again until it works."""
        channel.peers_missed = False
        for peer in channel.peers.values():
            channel.send_snapshot(peer)
        if channel.peers_missed:
            self.refresh_soon(channel.space_id)

    def _close_if_idle(self, channel: Channel) -> None:
        picture = channel.picture
        if channel.streams or channel.peers or channel.lock.locked():
            return
        if picture is None or not picture.standing.is_live:
            if channel.later is not None:
                channel.later.cancel()
            self._channels.pop(channel.space_id, None)


def _card(picture: Picture, actor: Actor) -> dict[str, Any]:
    shown = {key: picture.parts[key] for key in ("stage", "counts")}
    space: dict[str, Any] = picture.parts["space"]
    return space | shown | {"you": picture.standing.you(actor)}
