"""A library as a guest: it makes offers and takes answers, the requests are made here for it."""

from dataclasses import dataclass, field

import httpx

from e2e.clients import sound
from e2e.clients.guest import Guest, demand
from e2e.clients.program import ClientError

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
UFRAG, PASSWORD = "a=ice-ufrag:", "a=ice-pwd:"
# A second of sound, in packets of 20 ms or pieces of 10.
ENOUGH_SOUND = 100
CONNECT_LIMIT_S = 15.0


@dataclass
class Library(Guest):
    """Speaks from the moment it can; the server's gate decides whether it is heard."""

    person: httpx.Client = field(kw_only=True)
    answer: str = ""
    where: str = ""
    version: str = ""

    def connects(self) -> None:
        """Post the offer."""
        offer = self.program.offer(0)
        self.names.append(value_of(offer, UFRAG))
        answered = demand(
            self.person.post(f"/spaces/{self.room.space}/call", content=offer, headers=SDP)
        )
        self.answer = answered.text
        self.where = self.room.server.url + answered.headers["location"]
        self.version = answered.headers["etag"]
        self.program.ask(answer=self.answer)
        self.program.wait(
            lambda: "connected" in self.program.states, "is not connected", CONNECT_LIMIT_S
        )

    def hears(self) -> None:
        """Let the testbed's ear judge what the library hands out."""
        self.program.forget_sound()
        self.program.wait(self._hears_host, "does not hear the host")

    def take_seat(self) -> None:
        """Ask for both by the API; the space lets everybody speak."""
        demand(self.person.put(f"/spaces/{self.room.space}/stage/me", json={"role": "speaker"}))
        demand(self.person.delete(f"/spaces/{self.room.space}/mutes/me"))

    def mute(self) -> None:
        """Ask for it by the API."""
        demand(self.person.put(f"/spaces/{self.room.space}/mutes/me"))

    def restart(self) -> str:
        """Send the new names as a fragment (RFC 9725, 4.3.3)."""
        self.program.ask(restart=True)
        offer = self.program.offer(1)
        name = value_of(offer, UFRAG)
        fragment = f"{UFRAG}{name}\r\n{PASSWORD}{value_of(offer, PASSWORD)}\r\n"
        headers = {**FRAGMENT, "If-Match": self.version}
        restarted = demand(self.person.patch(self.where, content=fragment, headers=headers))
        self.program.ask(answer=answer_after_restart(self.answer, restarted.text))
        return name

    def _hears_host(self) -> bool:
        heard = self.program.sound()
        return len(heard) >= ENOUGH_SOUND and sound.level_db(heard) > sound.AUDIBLE_DB


def value_of(sdp: str, name: str) -> str:
    """Find what follows a name at the beginning of a line. Raises ClientError."""
    for line in sdp.splitlines():
        if line.startswith(name):
            return line.removeprefix(name)
    raise ClientError(f"there is no {name} where one must be")


def answer_after_restart(answer: str, fragment: str) -> str:
    """Make the answer to a restart: the former one with the server's new names."""
    lines = []
    for line in answer.splitlines():
        new = next((name for name in (UFRAG, PASSWORD) if line.startswith(name)), None)
        lines.append(new + value_of(fragment, new) if new else line)
    return "".join(f"{line}\r\n" for line in lines)
