"""What every client goes through, from the first offer to its removal."""

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from e2e.clients import sound
from e2e.clients.program import ClientError, Program
from e2e.clients.room import Room
from e2e.clients.wire import Seen

STEPS = ("connects", "hears", "reads", "speaks", "restarts", "leaves")
# Longer than any packet of sound lasts, and than silence goes on without one.
SILENT_FOR_S = 0.8
LEAVE_LIMIT_S = 5.0


@dataclass
class Guest(ABC):
    """A client in the room, and the account it acts for.

    names: the ICE names (ufrag) it has had so far; the wire knows it by these.
    """

    room: Room
    program: Program
    account: str
    names: list[str] = field(default_factory=list)

    @abstractmethod
    def connects(self) -> None:
        """Offer by the API, take the answer, and be connected."""

    @abstractmethod
    def hears(self) -> None:
        """Hear the host, who speaks all the time; all that is judged came after this call."""

    @abstractmethod
    def take_seat(self) -> None:
        """Go on the stage and open the microphone."""

    @abstractmethod
    def mute(self) -> None:
        """Close the microphone."""

    @abstractmethod
    def restart(self) -> str:
        """Restart ICE by the API; gives the new name."""

    def reads(self) -> None:
        """Read the snapshot, and then an event that this client causes: its own seat."""
        self.wait_for("snapshot", lambda _: True)
        self.take_seat()
        self.wait_for("seat_changed", lambda data: self._is_seat(data, muted=False))

    def speaks(self) -> None:
        """Be heard by somebody else."""
        if not sound.hears_client(self.room.server, self.room.space):
            raise ClientError("is not heard")

    def restarts(self) -> None:
        """Prove the new name on the way, and go on hearing and reading."""
        name = self.restart()
        seen = self.room.wire.seen
        self.program.wait(lambda: name in seen(name).names, "it sends no check under its new name")
        self.program.wait(
            lambda: name in seen(name).proven, "no nominating check under its new name is answered"
        )
        self.names.append(name)
        self.hears()
        already = len(self.program.messages)
        self.mute()
        self.wait_for("seat_changed", lambda data: self._is_seat(data, muted=True), already)

    def leaves(self) -> None:
        """Be removed by the host: read the goodbye, and get no sound any more."""
        demand(self.room.host.put(f"/spaces/{self.room.space}/removals/@{self.account}"))
        self.wait_for("goodbye", lambda data: data["reason"] == "removed")
        wire, names = self.room.wire, self.names
        silent = is_still(lambda: wire.seen(*names).heard)
        self.program.wait(silent, "still gets sound", LEAVE_LIMIT_S)

    def wait_for(self, kind: str, fits: Callable[..., bool], after: int = 0) -> None:
        """Wait for such an event on the data channel, among those after the first so many."""
        self.program.wait(
            lambda: any(
                message["type"] == kind and fits(message["data"])
                for message in self.program.messages[after:]
            ),
            f"does not read {kind}",
        )

    def _is_seat(self, data: dict[str, dict[str, object]], *, muted: bool) -> bool:
        person = data["seat"]["person"]
        mine = isinstance(person, dict) and person["name"] == self.account
        return mine and data["seat"]["muted"] is muted


@dataclass
class Outcome:
    """What came of a client.

    done: the steps that went well. failed: those that did not, and why. Who does not connect does
    not go further.
    """

    name: str
    version: str = ""
    seen: Seen = field(default_factory=Seen)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def visit(guest: Guest, name: str) -> Outcome:
    """Go through all steps."""
    outcome = Outcome(name)
    for step in STEPS:
        with _noted(outcome, step):
            getattr(guest, step)()
        if "connects" in outcome.failed:
            break
    outcome.version = guest.program.version
    outcome.seen = guest.room.wire.seen(*guest.names)
    return outcome


@contextlib.contextmanager
def _noted(outcome: Outcome, step: str) -> Iterator[None]:
    try:
        yield
        outcome.done.append(step)
    except (ClientError, httpx.HTTPError) as error:
        outcome.failed[step] = str(error)


def is_still(
    count: Callable[[], int], clock: Callable[[], float] = time.monotonic
) -> Callable[[], bool]:
    """Make a look, to be taken again and again: whether for so long nothing was counted."""
    counted, since = count(), clock()

    def look() -> bool:
        nonlocal counted, since
        before, counted = counted, count()
        if counted != before:
            since = clock()
        return clock() - since >= SILENT_FOR_S

    return look


def demand(answer: httpx.Response) -> httpx.Response:
    """Give an answer back if it is a yes. Raises ClientError with the server's words."""
    if answer.is_success:
        return answer
    status = answer.status_code
    raise ClientError(f"{answer.request.method} was refused with {status}: {answer.text}")
