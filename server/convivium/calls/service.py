"""What people do about their calls, and how the engine is kept as the rows say."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.calls.alarm import Alarms
from convivium.calls.arrivals import Arrivals
from convivium.calls.doors import Door, Doors
from convivium.calls.entrance import Entrance, Visitor
from convivium.calls.guests import Guests
from convivium.calls.registry import Call, Registry
from convivium.calls.rules import Microphone, Voice, heard_peer
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import (
    Busy,
    Conflict,
    Malformed,
    NotFound,
    Refusal,
    Unconfirmed,
)
from convivium.core.ids import new_id
from convivium.core.network import provider_of
from convivium.core.rate import Limit
from convivium.core.transaction import Transactions
from convivium.live.service import Live
from convivium.media.engine import (
    ChannelReady,
    Engine,
    EngineEvent,
    EngineRefused,
    Lagged,
    Load,
    PeerClosed,
    PeerConnected,
    Step,
)
from convivium.relationships.followers import Followers
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.spaces.rules import Admission, admission
from convivium.stage import service as stage

# Nobody in particular: what a guest is before anything is written down about them.
ANYBODY = Actor()
# The steps of the engine's governor at which events that can wait are told less often.
TELLS_LESS: frozenset[Step] = frozenset(("events", "packets", "closed"))

# A list of a large audience costs milliseconds.
LOOKS_PER_S = 2.0

# Endings that tell an operator something; people who leave or fall silent do not.
WORTH_KNOWING = frozenset(("no_common_profile", "untrusted", "failed", "fault"))

log = structlog.get_logger()


class BadOffer(Malformed):
    """The engine cannot use what was offered."""

    code = "bad_offer"
    title = "This offer cannot be answered"
    detail = "An offer has one audio line with Opus, and may have one data channel."


class NoCommonProfile(Malformed):
    """The client encrypts in no way that the engine does."""

    code = "no_common_profile"
    title = "There is no common way to encrypt"
    detail = "This browser or program offers no SRTP profile that the server has."


class CallNotFound(NotFound):
    """No such call, or it was made with another credential."""

    code = "call_not_found"
    title = "There is no such call"
    detail = "It has ended. Join the space again."


class CallChanged(Conflict):
    """Two restarts crossed."""

    status = 412
    code = "call_changed"
    title = "The call has changed"
    detail = "Another restart came first. Join the space again."


class Elsewhere(Conflict):
    """The person listens on another device since, which ended the calls of this one."""

    code = "elsewhere"
    title = "You are listening on another device"
    detail = "The sound was moved there. Move it back to go on here."


class EngineIsBusy(Busy):
    """The engine has no room for a moment."""

    code = "engine_busy"
    title = "The server is busy"
    detail = "It cannot take another call right now. Try again in a moment."


class GateStuck(Unconfirmed):
    """The engine did not confirm in time that somebody is heard, or is not."""

    code = "gate_stuck"
    title = "The microphone has not followed"
    detail = "The server is busy. Try again in a moment."


class MusicStuck(Unconfirmed):
    """The engine did not take what is to be heard in a space."""

    code = "music_stuck"
    title = "The sound has not followed"
    detail = "The server is busy. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Joined:
    """A call with the engine's answer, and the secret of somebody who became a guest by it."""

    call: Call
    answer: str
    guest_secret: str | None


class Calls:
    """The calls of this process, and the gates of the engine.

    Gates are set by one task at a time in each space, each from rows it has just read: whatever
    happens at once, the last word is the rows'.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        transactions: Transactions,
        live: Live,
        settings: Settings,
        clock: Clock,
    ) -> None:
        # Which run of the server this is: by it a page knows whether it alone has lost its sound.
        self.life = new_id()
        self.registry = Registry()
        self.entrance = Entrance(self.registry, settings, clock)
        self.arrivals = Arrivals(clock)
        self.alarms = Alarms(self.registry, self.arrivals, settings, clock)
        self._engine = engine
        self._doors = Doors(engine)
        self._transactions = transactions
        self._database = transactions.database
        self._live = live
        self._settings = settings
        self._clock = clock
        self._followers = Followers()
        self._looks = Limit(clock, burst=settings.acts_burst, per_s=LOOKS_PER_S)
        self._guests = Guests(transactions, partial(self._admitted, ANYBODY))
        self._limit = Limit(clock, burst=settings.calls_burst, per_s=settings.calls_per_s)
        self._gates: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._under_way: set[asyncio.Task[None]] = set()

    # What people do

    def count_attempt(self, actor: Actor) -> None:
        """Count one attempt to join. Raises SlowDown when one network makes too many."""
        self._limit.take(actor.network)

    def count_look(self, actor: Actor) -> None:
        """Count one look at who listens. Raises SlowDown for somebody who looks all the time."""
        self._looks.take(actor.id)

    async def join(
        self,
        actor: Actor,
        space_id: str,
        offer: str,
        ticket: str | None = None,
        *,
        is_anonymous: bool = False,
        takes_over: bool = False,
    ) -> Joined:
        """Make a peer of an offer; somebody unknown becomes a guest.

        ticket: what InLine gave. is_anonymous: be counted, and named to nobody.
        takes_over: once it is connected, end the person's calls of other devices.
        Raises AnonymousOff, Elsewhere, InLine, LineFull, AdmissionClosed, SpaceCrowded, BadOffer,
        NoCommonProfile, EngineIsBusy, NotSignedIn, SpaceNotLive and what `spaces.admitted` raises.
        """
        if not takes_over:
            self._refuse_displaced(actor, space_id)
        visitor = await self._at_the_door(actor, space_id, ticket)
        self.entrance.check_room(visitor)
        await self.entrance.stand_in_line(visitor)
        # Once more, since it may have filled meanwhile.
        self.entrance.check_room(visitor)
        guest_secret = None
        if actor.kind == "anonymous":
            actor, guest_secret = accounts.new_guest(actor.network)
        # Before anything is asked, so that a removal, signing out, or the end of the space from now
        # on finds this call.
        call = self.registry.add(space_id, actor)
        call.is_expected = visitor.is_known
        call.is_anonymous, call.takes_over = is_anonymous, takes_over
        try:
            space = await self._let_in(call, guest_secret)
            answer = await self._answer(call, space, offer)
            await self._arrive(call)
        except BaseException:
            await self.end(call)
            if guest_secret is not None:
                self._later(self._forget_guest(actor))
            raise
        return Joined(call, answer, guest_secret)

    async def restart(self, call: Call, fragment: str) -> str:
        """Restart ICE and give the server's fragment. Raises BadOffer, EngineIsBusy."""
        try:
            answer = await self._engine.restart(call.peer, fragment)
        except EngineRefused as refusal:
            raise _in_words(refusal) from refusal
        call.etag = new_id()
        return answer

    def own(self, actor: Actor, call_id: str) -> Call:
        """Find a call for the credential that made it. Raises CallNotFound."""
        call = self.registry.find(call_id)
        if call is None or not actor.credential or call.actor.credential != actor.credential:
            raise CallNotFound
        return call

    async def end(self, *calls: Call, peer_is_gone: bool = False) -> None:
        """End calls; returns when nothing of them is sent any more. Twice is the same as once.

        Raises DoorStuck when that is not known in time; it is seen to all the same.
        """
        ending = [call for call in calls if not call.has_ended]
        for call in ending:
            self._forget(call)
        try:
            if not peer_is_gone:
                await self._doors.shut(_door_of(call) for call in ending if call.was_offered)
        finally:
            await self._depart(ending)

    # What happens to spaces and people

    async def end_all_of(self, space_id: str, person_id: str) -> None:
        """End every call of somebody who was removed. Raises DoorStuck, also for earlier ones."""
        left_open = self._doors.of_person(space_id, person_id)
        try:
            await self.end(*self.registry.of_person(space_id, person_id))
        finally:
            await self._doors.shut(left_open)

    async def end_all_of_many(self, space_id: str, people: frozenset[str]) -> None:
        """End every call of many who were removed, together. Raises DoorStuck as for one."""
        left_open = [door for each in people for door in self._doors.of_person(space_id, each)]
        try:
            in_space = self.registry.in_space(space_id)
            await self.end(*(call for call in in_space if call.actor.id in people))
        finally:
            await self._doors.shut(left_open)

    async def end_everywhere(self, person_id: str) -> None:
        """End every call of somebody in all spaces. Raises DoorStuck, also for earlier ones."""
        left_open = self._doors.everywhere(person_id)
        try:
            await self.end(*self.registry.everywhere(person_id))
        finally:
            await self._doors.shut(left_open)

    async def end_all_with(self, credential: str) -> None:
        """End every call made with a credential that ended. Raises DoorStuck, also for earlier."""
        left_open = self._doors.of_credential(credential)
        try:
            await self.end(*self.registry.of_credential(credential))
        finally:
            await self._doors.shut(left_open)

    async def end_uninvited(self, space_id: str, person_id: str | None = None) -> None:
        """End the calls and streams of those who may not listen any more.

        person_id: at most this one is concerned.
        """
        async with self._database.read() as session:
            space = await spaces.by_id(session, space_id)
            door = await spaces.door_of(
                session,
                space,
                self._followers,
                anonymous_listening=self._settings.anonymous_listening,
            )

        def is_outside(actor: Actor) -> bool:
            if person_id not in (None, actor.id):
                return False
            # Whoever hides their name is not named against their wish, but has to come in anew.
            is_hidden = self.registry.is_anonymous(space_id, actor.id)
            may_stay = admission(door, actor) is Admission.GRANTED
            return not may_stay or (is_hidden and not door.anonymous_listening)

        self._live.goodbye(space_id, "narrowed", to=is_outside)
        await self.end(*(c for c in self.registry.in_space(space_id) if is_outside(c.actor)))

    async def open_space(self, space_id: str, number: int) -> None:
        """Let the engine carry a space as the rows say. Raises MusicStuck."""
        await self._engine.open_space(number)
        await self.set_music(space_id)

    async def set_music(self, space_id: str) -> None:
        """Let a space sound as the rows say. Raises MusicStuck."""
        async with self._gates[space_id]:
            async with self._database.read() as session:
                space = await spaces.by_id(session, space_id)
            if space.state != "live":
                return
            try:
                await self._engine.set_music(space.number, music=space.music)
            except EngineRefused as refusal:
                log.warning("music_stuck", code=refusal.code, space_id=space_id)
                raise MusicStuck from refusal

    async def close_space(self, space_id: str, number: int) -> None:
        """End a space in the engine and all its calls, those under way included.

        Raises DoorStuck when the engine does not confirm it in time.
        """
        for call in self.registry.in_space(space_id):
            self._forget(call)
        self._gates.pop(space_id, None)
        self.entrance.forget(space_id)
        self.arrivals.forget(space_id)
        self.alarms.forget(space_id)
        await self._doors.shut([Door(space_id, number=number)])

    async def set_gates(self, space_id: str, person_id: str) -> None:
        """Let exactly that call of a person be heard which the rows say, if any."""
        if not self.registry.of_person(space_id, person_id):
            return
        async with self._gates[space_id]:
            async with self._database.read() as session:
                seat = await stage.seat_of(session, space_id, person_id)
            microphone = (
                Microphone() if seat is None else Microphone(is_seated=True, is_muted=seat.muted)
            )
            calls = [c for c in self.registry.of_person(space_id, person_id) if c.is_answered]
            heard = heard_peer((_voice_of(c) for c in calls), microphone)
            # Closed before another is opened: nobody is ever heard twice.
            for call in sorted(calls, key=lambda call: call.peer == heard):
                await self._set_gate(call, open_=call.peer == heard)

    async def note_presence(self, space_id: str, person_id: str) -> None:
        """Write down whether somebody awaited has a call; asked inside the transaction."""
        async with self._database.read() as session:
            if not await stage.is_awaited(session, space_id, person_id):
                return
        async with self._transactions.begin() as tx:
            if self.registry.of_person(space_id, person_id):
                await stage.arrive(tx, space_id, person_id, stage.limits_of(self._settings))
            else:
                await stage.go_missing(tx, space_id, person_id)

    # What the engine says

    async def follow(self, event: EngineEvent) -> None:
        """Do what an event of the engine asks for."""
        if isinstance(event, Lagged):
            await self._look_again()
            return
        if isinstance(event, Load):
            self._govern(event)
            return
        if not isinstance(event, ChannelReady | PeerClosed | PeerConnected):
            return
        call = self.registry.of_peer(event.peer)
        if call is None:
            return
        if isinstance(event, ChannelReady):
            await self._greet(call)
        elif isinstance(event, PeerConnected):
            self._connect(call)
        else:
            if event.code in WORTH_KNOWING:
                log.info("call_failed", why=event.code)
            self._later(self.end(call, peer_is_gone=True))

    async def finish(self) -> None:
        """Wait for what is under way; a door that is stuck ends with the engine."""
        await self._guests.finish()
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._doors.give_up()

    # How

    def _govern(self, load: Load) -> None:
        """Leave out what the engine has no time for, and let hosts see it."""
        before = self.entrance.step
        self.entrance.follow(load)
        # What is done counts: an operator may have the last step left out.
        if self.entrance.step != before:
            log.warning(
                "governor_stepped",
                step=self.entrance.step,
                room=load.room,
                busy=load.busy,
                late=load.late,
                lost=load.lost,
            )
        self._live.slow_down(is_slow=load.step in TELLS_LESS)
        self._live.refresh_all_soon()

    async def _at_the_door(self, actor: Actor, space_id: str, ticket: str | None) -> Visitor:
        """Find out whether somebody is expected, or inside already.

        Raises what `_admitted` does: nobody stands in line for a space that is not there for them.
        """
        if not self.registry.count(space_id):
            await self._refuse_closed(actor, space_id)
        # As it was told last, in memory: a crowd at the door reads no rows to stand in line.
        elif not (await self._live.picture(space_id)).standing.you(actor)["may_listen"]:
            await self._admit(actor, space_id)
        inside = self.registry.of_person(space_id, actor.id) if actor.id else ()
        is_expected = False
        if actor.has_account:
            async with self._database.read() as session:
                is_expected = await stage.is_expected(session, space_id, actor.id)
        is_inside = any(call.is_answered for call in inside) or (
            self.entrance.was_inside(space_id, actor.id)
        )
        return Visitor(space_id, is_expected, is_inside, ticket, provider_of(actor.network))

    async def _refuse_closed(self, actor: Actor, space_id: str) -> None:
        """Refuse whoever wants to come into a space that is not live; rows are read for it."""
        async with self._database.read() as session:
            space = await spaces.known_to(session, actor, space_id)
        if space.state != "live":
            raise spaces.SpaceNotLive

    def _connect(self, call: Call) -> None:
        """Let a call be heard from the moment on in which its sound can come."""
        call.is_connected = True
        if call.takes_over:
            call.takes_over = False
            self._later(self._take_over(call))
        if call.actor.has_account:
            self._later(self.set_gates(call.space_id, call.actor.id))

    def looking(self, space_id: str) -> dict[str, Actor]:
        """Give the moderators who look into a space by their office, as it was told last."""
        return self._live.looking(space_id)

    def elsewhere(self, actor: Actor, space_id: str) -> int:
        """Count the calls that somebody has in a space on other devices."""
        return len(self._on_other_devices(actor, space_id))

    def _on_other_devices(self, actor: Actor, space_id: str) -> list[Call]:
        own = self.registry.of_person(space_id, actor.id) if actor.id else []
        return [call for call in own if call.actor.credential != actor.credential]

    async def _take_over(self, call: Call) -> None:
        """Tell a person's other devices that the sound is here now, and end their calls."""
        here = call.actor

        def is_meant(actor: Actor) -> bool:
            return actor.id == here.id and actor.credential != here.credential

        self._live.goodbye(call.space_id, "elsewhere", to=is_meant)
        others = self._on_other_devices(here, call.space_id)
        call.displaced = frozenset(other.actor.credential for other in others)
        await self.end(*others)

    def _refuse_displaced(self, actor: Actor, space_id: str) -> None:
        """Tell a device again that the sound is elsewhere: it may have lost the goodbye.

        Coming back by itself it would sound beside the other one, and take the voice from it.
        """
        own = self.registry.of_person(space_id, actor.id) if actor.id else []
        if any(actor.credential in call.displaced for call in own):
            raise Elsewhere

    async def _let_in(self, call: Call, guest_secret: str | None) -> Space:
        """Ask whether somebody may listen, of rows that are read once; a new guest is kept."""
        if guest_secret is not None:
            space, call.actor = await self._guests.let_in(call.actor, guest_secret, call.space_id)
        else:
            async with self._database.read() as session:
                await accounts.check_still_valid(session, call.actor, self._clock.now())
                space = await self._admitted(call.actor, session, call.space_id)
        if call.is_anonymous and call.actor.is_staff:
            raise spaces.AnonymousOff("Moderators are seen wherever they are: come with your name.")
        if call.is_anonymous and not space.anonymous_listening:
            raise spaces.AnonymousOff
        own = self.registry.of_person(call.space_id, call.actor.id)
        if len(own) > self._settings.max_calls_per_person:
            # A page that was loaded again and again leaves calls behind; the oldest goes first.
            await self.end(own[0])
        self.registry.welcome(call)
        self.arrivals.note(call.space_id, call.actor.id)
        return space

    async def _admit(self, actor: Actor, space_id: str) -> Space:
        async with self._database.read() as session:
            return await self._admitted(actor, session, space_id)

    async def _admitted(self, actor: Actor, session: AsyncSession, space_id: str) -> Space:
        """Find a live space for somebody who may listen; else raise why not."""
        space = await spaces.admitted(
            session, actor, space_id, anonymous_listening=self._settings.anonymous_listening
        )
        if space.state != "live":
            raise spaces.SpaceNotLive
        return space

    async def _forget_guest(self, guest: Actor) -> None:
        """Forget a guest who was made for a call that did not come about."""
        async with self._transactions.begin() as tx:
            await accounts.forget_guest(tx, guest)

    async def _answer(self, call: Call, space: Space, offer: str) -> str:
        await self._refuse_ended(call)
        call.was_offered = True
        try:
            answer = await self._ask(call, space, offer)
        except EngineRefused as refusal:
            raise _in_words(refusal) from refusal
        await self._refuse_ended(call)
        call.is_answered = True
        return answer

    async def _refuse_ended(self, call: Call) -> None:
        """Say what ended a call that was on its way: a removal, the end of the space, or else."""
        if call.has_ended:
            await self._admit(call.actor, call.space_id)
            raise CallNotFound

    async def _ask(self, call: Call, space: Space, offer: str) -> str:
        """Have the engine answer; a space that is live and unknown to it is opened first."""

        async def ask() -> str:
            return await self._engine.answer(
                space=space.number,
                peer=call.peer,
                source=call.actor.voice,
                offer=offer,
                expected=call.is_expected,
            )

        try:
            return await ask()
        except EngineRefused as refusal:
            if refusal.code != "unknown_space" or call.has_ended:
                raise
        await self._reopen(call, space)
        return await ask()

    async def _reopen(self, call: Call, space: Space) -> None:
        """Open a space that the engine lacks, unless it ended, or the call did, meanwhile."""
        await self.open_space(space.id, space.number)
        try:
            await self._admit(call.actor, space.id)
        except spaces.SpaceNotLive:
            await self._doors.shut([Door(space.id, number=space.number)])
            raise
        if call.has_ended:
            raise CallNotFound

    async def _arrive(self, call: Call) -> None:
        if call.actor.has_account:
            await self.note_presence(call.space_id, call.actor.id)
            await self.set_gates(call.space_id, call.actor.id)
        self._live.refresh_soon(call.space_id)

    def _forget(self, call: Call) -> None:
        call.has_ended = True
        self.registry.remove(call)
        if call.is_answered:
            self.entrance.note_leaving(call.space_id, call.actor.id)
        self._live.lose(call.space_id, call.peer)

    async def _depart(self, calls: Collection[Call]) -> None:
        """See to the rows of those who left, each person once; one failure hinders no other."""
        left = {(c.space_id, c.actor.id) for c in calls if c.actor.has_account}
        for space_id in {c.space_id for c in calls}:
            self._live.refresh_soon(space_id)
            # Of a crowd that leaves at once few are awaited, and one look tells who.
            async with self._database.read() as session:
                awaited = await stage.awaited(session, space_id)
            for person_id in sorted(person for space, person in left if space == space_id):
                try:
                    if person_id in awaited:
                        await self.note_presence(space_id, person_id)
                    await self.set_gates(space_id, person_id)
                except Exception:
                    log.exception("departure_not_noted", space_id=space_id)

    async def _set_gate(self, call: Call, *, open_: bool) -> None:
        if call.is_open is open_ or call.has_ended:
            return
        call.is_open = None
        try:
            await self._engine.set_gate(call.peer, open_=open_)
        except EngineRefused as refusal:
            if refusal.code == "unknown_peer":
                return
            log.warning("gate_stuck", code=refusal.code, open=open_, space_id=call.space_id)
            if not open_:
                # It must not be heard, and cannot be shut: end it altogether.
                self._later(self.end(call))
            raise GateStuck from refusal
        else:
            call.is_open = open_

    async def _look_again(self) -> None:
        """Find out which peers are gone after events were lost: an ended one refuses its gate."""
        for call in self.registry.all():
            # The engine does not know a call yet that it has not answered.
            if not call.is_answered:
                continue
            try:
                await self._repeat_gate(call)
                # That it connected may be among what was lost; that it closed would be known now.
                self._connect(call)
                await self._greet(call)
            except EngineRefused as refusal:
                if refusal.code == "unknown_peer":
                    await self.end(call, peer_is_gone=True)

    async def _repeat_gate(self, call: Call) -> None:
        """Tell the engine what it knows; in turn, or a mute that comes between would be undone."""
        async with self._gates[call.space_id]:
            if not call.has_ended:
                await self._engine.set_gate(call.peer, open_=call.is_open is True)

    async def _greet(self, call: Call) -> None:
        await self._live.greet(call.space_id, call.peer, call.actor)
        if call.has_ended:
            # It ended while the picture was loaded, and could not be lost before it was known.
            self._live.lose(call.space_id, call.peer)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("call_not_seen_to")


def _voice_of(call: Call) -> Voice:
    return Voice(call.peer, call.may_speak, call.is_connected)


def _door_of(call: Call) -> Door:
    return Door(call.space_id, call.actor.id, call.actor.credential, call.peer)


def _in_words(refusal: EngineRefused) -> Refusal:
    """Say what the engine refused in words for whoever called."""
    match refusal.code:
        case "bad_offer" | "too_large":
            return BadOffer(str(refusal) if refusal.args[0] != refusal.code else "")
        case "no_common_profile":
            return NoCommonProfile()
        case "unknown_space":
            return spaces.SpaceNotLive()
        case "unknown_peer":
            return CallNotFound()
        case _:
            return EngineIsBusy()
