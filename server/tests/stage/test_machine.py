"""Whatever people do, in whatever order, and whatever fails: stage and sound stay within the rules.

Calls are lost, requests arrive twice, what the engine said comes again and late, clocks are set,
and the server starts anew on its rows.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from convivium.app import Instance, http
from convivium.core.clock import ManualClock
from convivium.media.engine import ChannelReady, EngineEvent, Lagged, PeerClosed, PeerConnected
from convivium.media.fake import FakeEngine
from convivium.stage import service as stage
from tests.company import Kept
from tests.conftest import PASSWORD, Browser, memory_folder, quick_passwords
from tests.databases import POSTGRES, Beginning
from tests.live.protocol import Json, apply
from tests.table import OFFER, SDP, Table, Witness, fresh_snapshot, watch

NAMES = ("ama", "ben", "chidi", "dora", "emil")
# A host, and somebody who comes and goes.
WITNESSES = ("ama", "ben")
people = st.sampled_from(NAMES)
# Somebody who acts, and as often as not one who may.
actors = st.sampled_from(("ama", "ama", "ama", "ben", "ben", *NAMES))


class Evening(RuleBasedStateMachine):
    """Five people at a table with few seats; each step is a request that may be refused."""

    beginning: ClassVar[Beginning]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = AsyncExitStack()
        self.server = AsyncExitStack()
        self.clock = ManualClock()
        self.engine: FakeEngine
        self.browsers: dict[str, Browser] = {}
        self.witnesses: dict[str, Witness] = {}
        self.removed: set[str] = set()
        self.admitted: set[str] | None = None
        self.willing: set[str] = set()
        self.everything_twice = False
        self.is_over = False

    @initialize()
    def open_table(self) -> None:
        self.runner.run(self._open_table())

    async def _open_table(self) -> None:
        folder = Path(self.folder.enter_context(memory_folder()))
        limits = {"max_co_hosts": 1, "max_speakers": 2, "max_heard": 3}
        self.settings = self.beginning.settings(folder, **limits)
        await self._start_server()
        for name in NAMES:
            browser = self.browsers[name] = Browser(self.app)
            me = await browser.do("POST", "/accounts", {"name": name, "password": PASSWORD})
            browser.id, browser.name = me["id"], name
        await self._open_space()

    async def _start_server(self) -> None:
        self.engine = FakeEngine()
        self.instance = Instance(
            self.settings, engine=self.engine, clock=self.clock, passwords=quick_passwords()
        )
        await self.server.enter_async_context(self.instance.running())
        self.app = http(self.instance)

    async def _open_space(self) -> None:
        """Let ama open a space, to which everybody comes."""
        host = self.browsers["ama"]
        card = await host.do("POST", "/spaces", {"title": "Small table"})
        self.table = Table(self.instance, self.engine, host, card)
        await host.do("POST", f"{self.table.path}/start")
        for browser in self.browsers.values():
            await self.table.join(browser)
        self.removed, self.admitted, self.is_over = set(), None, False
        self.willing = set()
        await self._look_on()

    async def _look_on(self) -> None:
        await self.instance.live.refresh(self.table.id, at_once=True)
        self.witnesses = {
            name: await watch(self.table, self.server, self.browsers[name]) for name in WITNESSES
        }

    def request(self, who: str, method: str, path: str, body: object = None) -> int:
        """Let somebody try something; it may be refused, but never fail."""
        return self.runner.run(self._request(who, method, path, body))

    async def _request(self, who: str, method: str, path: str, body: object) -> int:
        """Send it, or the same twice at once; gives the better answer."""
        browser, times = self.browsers[who], 1 + self.everything_twice
        answers = await asyncio.gather(
            *(browser.ask(method, self.table.path + path, json=body) for _ in range(times))
        )
        for answer in answers:
            assert answer.status_code < 500, answer.text
        return min(answer.status_code for answer in answers)

    @rule(who=people)
    def ask(self, who: str) -> None:
        self.request(who, "POST", "/requests", {"note": "me"})

    @rule(who=people)
    def withdraw(self, who: str) -> None:
        self.request(who, "DELETE", "/requests/me")

    @rule(who=actors, whom=people, answer=st.sampled_from(("accept", "decline", "later")))
    def answer(self, who: str, whom: str, answer: str) -> None:
        self.request(who, "POST", f"/requests/@{whom}/{answer}")

    @rule(who=actors, whom=people, role=st.sampled_from(("speaker", "co_host")))
    def bring_up(self, who: str, whom: str, role: str) -> None:
        self.request(who, "PUT", f"/stage/@{whom}", {"role": role})

    @rule(who=actors, whom=people)
    def move_back(self, who: str, whom: str) -> None:
        self.request(who, "DELETE", f"/stage/@{whom}")

    @rule(who=actors, whom=people)
    def mute(self, who: str, whom: str) -> None:
        self.request(who, "PUT", f"/mutes/@{whom}")

    @rule(who=people)
    def unmute(self, who: str) -> None:
        if self.request(who, "DELETE", "/mutes/me") == 204:
            self.willing.add(who)

    @rule(who=actors)
    def mute_all(self, who: str) -> None:
        self.request(who, "PUT", "/mutes")

    @rule(who=actors, policy=st.sampled_from(("everyone", "invited")))
    def let_speak(self, who: str, policy: str) -> None:
        self.request(who, "PATCH", "", {"speak_policy": policy})

    @rule(who=actors, whom=st.sampled_from(NAMES[2:]))
    def remove(self, who: str, whom: str) -> None:
        if self.request(who, "PUT", f"/removals/@{whom}") == 204:
            self.removed.add(whom)

    @rule(who=actors, policy=st.sampled_from(("in_order", "first_timers", "fast_lane")))
    def give_turns(self, who: str, policy: str) -> None:
        self.request(who, "PUT", "/queue", {"policy": policy})

    @rule(who=actors, seconds=st.sampled_from((None, 10, 60)))
    def time_turns(self, who: str, seconds: int | None) -> None:
        self.request(who, "PUT", "/queue", {"turn_seconds": seconds})

    @rule(who=actors, locked=st.booleans())
    def lock(self, who: str, locked: bool) -> None:  # noqa: FBT001
        if self.request(who, "PUT", "/queue", {"locked": locked}) == 200:
            self.admitted = self.up_or_waiting() if locked else None

    @rule(who=actors, twice=st.booleans())
    def bring_up_next(self, who: str, twice: bool) -> None:  # noqa: FBT001
        for _ in range(1 + twice):
            self.request(who, "POST", "/queue/next")

    @rule(who=actors, whom=people, before=st.sampled_from((None, *NAMES)))
    def move(self, who: str, whom: str, before: str | None) -> None:
        stands_before = None if before is None else f"@{before}"
        self.request(who, "PUT", f"/requests/@{whom}/place", {"before": stands_before})

    @rule(who=people, is_ready=st.booleans())
    def be_ready(self, who: str, is_ready: bool) -> None:  # noqa: FBT001
        answer = self.request(who, "PUT" if is_ready else "DELETE", "/requests/me/ready")
        if answer == 204:
            (self.willing.add if is_ready else self.willing.discard)(who)

    @rule(who=people)
    def say_yes(self, who: str) -> None:
        self.request(who, "PUT", "/stage/me", {"role": "speaker"})

    @rule(who=actors, whom=people)
    def give_time(self, who: str, whom: str) -> None:
        self.request(who, "POST", f"/stage/@{whom}/turn", {"seconds": 30})

    @rule(seconds=st.sampled_from((-3600, -7, 7, 16, 66, 3600)))
    def let_the_clock_jump(self, seconds: int) -> None:
        # Somebody set the machine's clock: limits and waits of the engine do not notice.
        self.clock._now += timedelta(seconds=seconds)
        self.runner.run(self.instance.sweep())

    @rule(who=people)
    def join(self, who: str) -> None:
        answer = self.runner.run(self._call(who))
        expected = 409 if self.is_over else 403 if who in self.removed else 201
        assert answer == expected

    async def _call(self, who: str) -> int:
        answer = await self.browsers[who].ask(
            "POST", f"{self.table.path}/call", content=OFFER, headers=SDP
        )
        return answer.status_code

    @rule(who=people)
    def lose_call(self, who: str) -> None:
        self.runner.run(self._lose_call(self.browsers[who].id))

    async def _lose_call(self, person_id: str) -> None:
        for call in self.instance.calls.registry.of_person(self.table.id, person_id):
            self.engine.lose(call.peer)
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await self.instance.calls.finish()

    @rule(late=st.lists(st.sampled_from((ChannelReady, PeerConnected, PeerClosed)), max_size=3))
    def hear_the_engine_again(self, late: list[type]) -> None:
        """What the engine said of peers that are gone comes once more, in any order."""
        gone = sorted(self.engine.used - set(self.engine.peers))
        said: list[EngineEvent] = [Lagged()]
        for peer in gone[-3:]:
            said += [kind(peer, "silent") if kind is PeerClosed else kind(peer) for kind in late]
        self.runner.run(self._hear(said))

    async def _hear(self, said: list[EngineEvent]) -> None:
        for event in said:
            self.engine.tell(event)
        await self._settle()

    @rule(twice=st.booleans())
    def say_everything_twice(self, twice: bool) -> None:  # noqa: FBT001
        self.everything_twice = twice

    @rule(seconds=st.sampled_from((31, 31, 601)))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.runner.run(self.instance.sweep())

    @rule(back=st.sets(people))
    def start_anew(self, back: set[str]) -> None:
        """The server is gone and starts on its rows; some of the people call again."""
        before = self.card()
        self.runner.run(self._start_anew())
        assert _kept(self.card()) == _kept(before)
        for who in sorted(back - self.removed):
            if not self.is_over:
                assert self.runner.run(self._call(who)) == 201

    async def _start_anew(self) -> None:
        await self.server.aclose()
        await self._start_server()
        self.browsers = {
            name: Kept.of(browser).browser(self.app) for name, browser in self.browsers.items()
        }
        self.table = Table(self.instance, self.engine, self.browsers["ama"], {"id": self.table.id})
        await self._look_on()

    @precondition(lambda self: self.is_over)
    @rule()
    def open_another(self) -> None:
        self.runner.run(self._open_space())

    @invariant()
    def everything_is_within_the_rules(self) -> None:
        card = self.card()
        self.is_over = card["state"] == "ended"
        if self.is_over:
            assert not self.engine.peers
            assert self.runner.run(self.table.heard()) == set()
            return
        self.stage_is_within_its_rules(card)
        self.somebody_holds_the_space(card)
        self.heard_are_exactly_those_in_seats_with_open_microphones(card)
        self.removed_are_nowhere(card)
        self.nobody_is_heard_who_did_not_say_so(card)
        self.a_locked_stage_lets_nobody_in()
        self.the_line_is_a_line(card)
        self.runner.run(self._replay())

    def stage_is_within_its_rules(self, card: Json) -> None:
        roles = [seat["role"] for seat in card["stage"]]
        assert roles.count("host") == 1
        assert roles.count("co_host") <= 1
        assert roles.count("speaker") <= 2
        assert len(roles) <= 3
        assert len({seat["person"]["id"] for seat in card["stage"]}) == len(roles)

    def somebody_holds_the_space(self, card: Json) -> None:
        """One host is there, or their time to come back runs."""
        [host] = [seat for seat in card["stage"] if seat["role"] == "host"]
        assert host["person"]["id"] == card["host"]["id"]
        if not host["connected"]:
            away = self.clock.now() - self.runner.run(self._away_since(card["host"]["id"]))
            assert away.total_seconds() <= self.settings.hostless_s

    async def _away_since(self, person_id: str) -> Any:  # noqa: ANN401
        async with self.instance.database.read() as session:
            seat = await stage.seat_of(session, self.table.id, person_id)
        assert seat is not None
        assert seat.absent_since is not None, "a host without a call is missed"
        return seat.absent_since

    def heard_are_exactly_those_in_seats_with_open_microphones(self, card: Json) -> None:
        registry = self.instance.calls.registry
        seats = {seat["person"]["id"]: seat for seat in card["stage"]}
        present = set(registry.people(self.table.id))
        may_be_heard = {p for p, seat in seats.items() if not seat["muted"] and p in present}
        assert self.runner.run(self.table.heard()) == may_be_heard
        gates = [peer.source for peer in self.engine.peers.values() if peer.gate_open]
        assert len(gates) == len(set(gates)), "nobody is heard twice"
        for person_id, seat in seats.items():
            assert seat["connected"] == (person_id in present)

    def removed_are_nowhere(self, card: Json) -> None:
        gone = {self.browsers[name].id for name in self.removed}
        seated = {seat["person"]["id"] for seat in card["stage"]}
        assert not gone & seated
        assert not gone & set(self.instance.calls.registry.people(self.table.id))
        sources = {peer.source for peer in self.engine.peers.values()}
        assert len(sources) <= len(NAMES) - len(gone)

    def nobody_is_heard_who_did_not_say_so(self, card: Json) -> None:
        """A yes is one's own, given in the seat or before it, and over with the seat or a mute."""
        muted = {seat["person"]["name"]: seat["muted"] for seat in card["stage"]}
        assert {name for name in muted if not muted[name]} <= self.willing
        still_said = {name for name in muted if not muted[name]} | self.waiting()
        self.willing &= still_said
        for seat in card["stage"]:
            assert seat["muted"] or seat["confirm_by"] is None, "a seat that waits is silent"
            assert seat["turn_ends_at"] is None or seat["role"] == "speaker"

    def a_locked_stage_lets_nobody_in(self) -> None:
        if self.admitted is not None:
            assert self.up_or_waiting() <= self.admitted
            self.admitted = self.up_or_waiting()

    def the_line_is_a_line(self, card: Json) -> None:
        queue = self.runner.run(self.instance.live.picture(self.table.id)).parts["queue"]
        assert [request["place"] for request in queue] == list(range(1, len(queue) + 1))
        waiting = {request["person"]["id"] for request in queue}
        assert len(waiting) == len(queue)
        assert not waiting & {seat["person"]["id"] for seat in card["stage"]}

    async def _replay(self) -> None:
        """Whoever applied every event, also each of them twice, sees what is so."""
        await self.instance.live.refresh(self.table.id, at_once=True)
        for name, witness in self.witnesses.items():
            seen = witness.snapshot
            since = len(witness.events)
            await witness.catch_up()
            if "goodbye" in witness.types():
                continue
            fresh = await fresh_snapshot(self.table, self.browsers[name])
            assert witness.snapshot == fresh, name
            for event in witness.events[since:]:
                seen = apply(apply(seen, event), event)
            assert seen == fresh, name

    def up_or_waiting(self) -> set[str]:
        """Tell who is on the stage or in line."""
        picture = self.runner.run(self.instance.live.picture(self.table.id)).parts
        return {item["person"]["id"] for item in (*picture["stage"], *picture["queue"])}

    def waiting(self) -> set[str]:
        """Tell the names of those in line."""
        queue = self.runner.run(self.instance.live.picture(self.table.id)).parts["queue"]
        return {request["person"]["name"] for request in queue}

    def card(self) -> Json:
        card: Json = self.runner.run(self.browsers["ama"].do("GET", self.table.path))
        return card

    def teardown(self) -> None:
        self.runner.run(self.server.aclose())
        self.runner.run(self.folder.aclose())
        self.runner.close()


def _kept(card: Json) -> object:
    """Tell what of a stage outlives the server: who sits where as what, and muted or not."""
    seats = [(seat["person"]["id"], seat["role"], seat["muted"]) for seat in card["stage"]]
    return card["state"], card["host"]["id"], seats


def test_any_evening(empty_database: Beginning) -> None:
    """One host, seats within limits, the removed never present, the muted never heard.

    Whatever the policy, the lock, the clock: and whoever saw every event sees what is so.
    """
    Evening.beginning = empty_database
    run_state_machine_as_test(
        Evening,
        settings=settings(
            # On PostgreSQL each step takes longer, and the rules are the same.
            max_examples=5 if POSTGRES else 15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
