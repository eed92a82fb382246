"""Whatever people do, in whatever order: stage and sound stay within the rules."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from convivium.app import Instance, http
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine
from tests.conftest import PASSWORD, Browser, memory_folder, quick_passwords
from tests.table import OFFER, SDP, Table, fresh_snapshot, watch

NAMES = ("ama", "ben", "chidi", "dora", "emil")
# A host, and somebody who comes and goes.
WITNESSES = ("ama", "ben")
people = st.sampled_from(NAMES)
# Somebody who acts, and as often as not one who may.
actors = st.sampled_from(("ama", "ama", "ama", "ben", "ben", *NAMES))


class Evening(RuleBasedStateMachine):
    """Five people at a table with few seats; each step is a request that may be refused."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.open = AsyncExitStack()
        self.engine: FakeEngine
        self.removed: set[str] = set()
        self.admitted: set[str] | None = None

    @initialize()
    def open_table(self) -> None:
        self.runner.run(self._open_table())

    async def _open_table(self) -> None:
        folder = Path(self.open.enter_context(memory_folder()))
        settings = Settings(data=folder, max_co_hosts=1, max_speakers=2, max_heard=3)
        shutil.copy(self.template, settings.database_path)
        self.clock, self.engine = ManualClock(), FakeEngine()
        self.instance = Instance(
            settings, engine=self.engine, clock=self.clock, passwords=quick_passwords()
        )
        await self.open.enter_async_context(self.instance.running())
        app = http(self.instance)
        self.browsers: dict[str, Browser] = {}
        for name in NAMES:
            browser = self.browsers[name] = Browser(app)
            self.open.push_async_callback(browser.http.aclose)
            me = await browser.do("POST", "/accounts", {"name": name, "password": PASSWORD})
            browser.id, browser.name = me["id"], name
        host = self.browsers["ama"]
        card = await host.do("POST", "/spaces", {"title": "Small table"})
        self.table = Table(self.instance, self.engine, host, card)
        await host.do("POST", f"{self.table.path}/start")
        for browser in self.browsers.values():
            await self.table.join(browser)
        await self.instance.live.refresh(self.table.id, at_once=True)
        self.witnesses = {
            name: await watch(self.table, self.open, self.browsers[name]) for name in WITNESSES
        }

    def request(self, who: str, method: str, path: str, body: object = None) -> int:
        """Let somebody try something; it may be refused, but never fail."""
        answer = self.runner.run(self.browsers[who].ask(method, self.table.path + path, json=body))
        assert answer.status_code < 500, answer.text
        return answer.status_code

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
        self.request(who, "DELETE", "/mutes/me")

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
        self.request(who, "PUT" if is_ready else "DELETE", "/requests/me/ready")

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
        answer = self.runner.run(
            self.browsers[who].ask("POST", f"{self.table.path}/call", content=OFFER, headers=SDP)
        )
        assert answer.status_code == (403 if who in self.removed else 201)

    @rule(who=st.sampled_from(NAMES[1:]))
    def lose_call(self, who: str) -> None:
        self.runner.run(self._lose_call(self.browsers[who].id))

    async def _lose_call(self, person_id: str) -> None:
        for call in self.instance.calls.registry.of_person(self.table.id, person_id):
            self.engine.lose(call.peer)
        for _ in range(3):
            await asyncio.sleep(0)
        await self.instance.calls.finish()

    @rule()
    def wait_half_a_minute(self) -> None:
        self.clock.advance(31)
        self.runner.run(self.instance.sweep())

    @invariant()
    def stage_is_within_its_rules(self) -> None:
        stage = self.card()["stage"]
        roles = [seat["role"] for seat in stage]
        assert roles.count("host") == 1
        assert roles.count("co_host") <= 1
        assert roles.count("speaker") <= 2
        assert len(roles) <= 3
        assert len({seat["person"]["id"] for seat in stage}) == len(stage)

    @invariant()
    def heard_are_exactly_those_in_seats_with_open_microphones(self) -> None:
        registry = self.instance.calls.registry
        stage = {s["person"]["id"]: s for s in self.card()["stage"]}
        present = set(registry.people(self.table.id))
        may_be_heard = {p for p, seat in stage.items() if not seat["muted"] and p in present}
        assert self.runner.run(self.table.heard()) == may_be_heard
        gates = [peer.source for peer in self.engine.peers.values() if peer.gate_open]
        assert len(gates) == len(set(gates)), "nobody is heard twice"
        for person_id, seat in stage.items():
            assert seat["connected"] == (person_id in present)

    @invariant()
    def removed_are_nowhere(self) -> None:
        gone = {self.browsers[name].id for name in self.removed}
        seated = {seat["person"]["id"] for seat in self.card()["stage"]}
        assert not gone & seated
        assert not gone & set(self.instance.calls.registry.people(self.table.id))
        sources = {peer.source for peer in self.engine.peers.values()}
        assert len(sources) <= len(NAMES) - len(gone)

    @invariant()
    def nobody_is_heard_who_did_not_say_so(self) -> None:
        for seat in self.card()["stage"]:
            assert seat["muted"] or seat["confirm_by"] is None, "a seat that waits is silent"
            assert seat["turn_ends_at"] is None or seat["role"] == "speaker"

    @invariant()
    def a_locked_stage_lets_nobody_in(self) -> None:
        if self.admitted is not None:
            assert self.up_or_waiting() <= self.admitted
            self.admitted = self.up_or_waiting()

    @invariant()
    def the_line_is_a_line(self) -> None:
        queue = self.runner.run(self.instance.live.picture(self.table.id)).parts["queue"]
        assert [request["place"] for request in queue] == list(range(1, len(queue) + 1))
        waiting = {request["person"]["id"] for request in queue}
        assert len(waiting) == len(queue)
        assert not waiting & {seat["person"]["id"] for seat in self.card()["stage"]}

    @invariant()
    def events_replay_to_the_picture_of_now(self) -> None:
        self.runner.run(self._replay())

    async def _replay(self) -> None:
        await self.instance.live.refresh(self.table.id, at_once=True)
        for name, witness in self.witnesses.items():
            await witness.catch_up()
            if "goodbye" not in witness.types():
                fresh = await fresh_snapshot(self.table, self.browsers[name])
                assert witness.snapshot == fresh, name

    def up_or_waiting(self) -> set[str]:
        """Tell who is on the stage or in line."""
        picture = self.runner.run(self.instance.live.picture(self.table.id)).parts
        return {item["person"]["id"] for item in (*picture["stage"], *picture["queue"])}

    def card(self) -> dict:  # type: ignore[type-arg] # JSON
        card: dict = self.runner.run(self.table.host.do("GET", self.table.path))  # type: ignore[type-arg]
        return card

    def teardown(self) -> None:
        self.runner.run(self.open.aclose())
        self.runner.close()


def test_any_evening(empty_database: Path) -> None:
    """One host, seats within limits, the removed never present, the muted never heard.

    Whatever the policy, the lock, the clock: and whoever saw every event sees what is so.
    """
    Evening.template = empty_database
    run_state_machine_as_test(
        Evening,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
