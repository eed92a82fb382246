"""When people come or ask so fast that the hosts are asked to look: it may be a raid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import TypedDict

from convivium.calls.arrivals import Arrivals
from convivium.calls.registry import Registry
from convivium.calls.rules import Rush, is_alarming
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.live.parts import Part, Whole
from convivium.spaces.view import time_view
from convivium.stage.view import Scene

# A space that has just opened is come to by everybody at once, and that is no raid.
OPENING = timedelta(seconds=60)
# How long hosts are told of it after it went on last.
TOLD_FOR = timedelta(seconds=60)
PACE_S = 1.0


class AlarmView(TypedDict):
    """Many came or asked at once: since when, how many at its worst, and until when it is shown."""

    since: str
    until: str
    newcomers: int
    requests: int


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm: when it was raised, when it went on last, and what it was like at its worst."""

    at: datetime
    last_at: datetime
    worst: Rush


class Alarms:
    """The alarms of this process, of each space the latest; memory only."""

    def __init__(
        self, registry: Registry, arrivals: Arrivals, settings: Settings, clock: Clock
    ) -> None:
        self._registry = registry
        self._arrivals = arrivals
        self._settings = settings
        self._clock = clock
        self._raised: dict[str, Raised] = {}

    def forget(self, space_id: str) -> None:
        """Raise no more what was raised: hosts have seen to it, or the space is over."""
        self._raised.pop(space_id, None)

    def show(self, scene: Scene) -> AlarmView | None:
        """Show the alarm of a space, if there is one now or was a little while ago."""
        space, now = scene.space, self._clock.now()
        rush, raised = self._rush(scene, now), self._raised.get(space.id)
        if scene.is_live and is_alarming(rush, self._settings):
            worst = rush.worse(raised.worst) if raised else rush
            raised = Raised(raised.at if raised else now, now, worst)
            self._raised[space.id] = raised
        if raised is None or now - raised.last_at > TOLD_FOR:
            self.forget(space.id)
            return None
        return {
            "since": time_view(raised.at - timedelta(seconds=self._settings.alarm_s)),
            "until": time_view(raised.last_at + TOLD_FOR),
            "newcomers": raised.worst.newcomers,
            "requests": raised.worst.requests,
        }

    def _rush(self, scene: Scene, now: datetime) -> Rush:
        """Count who came for the first time and is still here, and who asked, a moment ago."""
        space, window_s = scene.space, self._settings.alarm_s
        asked_since = now - timedelta(seconds=window_s)
        asked = sum(asker.request.asked_at >= asked_since for asker in scene.queue.askers)
        if space.started_at is not None and now - space.started_at < OPENING:
            return Rush(0, asked)
        here = self._registry.people(space.id)
        latest = self._arrivals.latest(space.id, window_s)
        return Rush(sum(person in here for person in latest), asked)


def alarm_part(alarms: Alarms) -> Part:
    """Make the part by which hosts are asked to look."""
    word = Whole("alarm_changed", "alarm")
    return Part("alarm", alarms.show, word, for_hosts=True, pace_s=PACE_S)
