"""The calls there are, found by id, by peer and by space; memory only."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import count

from convivium.core.actor import Actor
from convivium.core.ids import new_id


@dataclass
class Call:
    """One person's connection to a space.

    was_offered, is_answered: how far the engine has come with making its peer.
    is_connected: whether its sound can come.
    has_ended: set once, before anything else happens about its end.
    is_open: what the engine has confirmed about its gate; None while that is not known, since what
        it did not confirm in time may come about all the same.
    """

    id: str
    space_id: str
    peer: int
    actor: Actor
    etag: str
    was_offered: bool = False
    is_answered: bool = False
    is_connected: bool = False
    has_ended: bool = False
    is_open: bool | None = False

    @property
    def may_speak(self) -> bool:
        """Whether its credential may be heard; guests have no such scope."""
        return "speak" in self.actor.scopes


class Registry:
    """Every call of this process."""

    def __init__(self) -> None:
        self._peers = count(1)
        self._by_id: dict[str, Call] = {}
        self._by_peer: dict[int, Call] = {}
        self._by_space: dict[str, dict[int, Call]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, space_id: str, actor: Actor) -> Call:
        """Make room for a call, with a peer number nobody had before."""
        call = Call(new_id(), space_id, next(self._peers), actor, new_id())
        self._by_id[call.id] = call
        self._by_peer[call.peer] = call
        self._by_space[space_id][call.peer] = call
        return call

    def remove(self, call: Call) -> None:
        """Forget a call."""
        self._by_id.pop(call.id, None)
        self._by_peer.pop(call.peer, None)
        of_space = self._by_space.get(call.space_id, {})
        of_space.pop(call.peer, None)
        if not of_space:
            self._by_space.pop(call.space_id, None)

    def find(self, call_id: str) -> Call | None:
        """Find a call by its id."""
        return self._by_id.get(call_id)

    def of_peer(self, peer: int) -> Call | None:
        """Find the call of a peer."""
        return self._by_peer.get(peer)

    def in_space(self, space_id: str) -> list[Call]:
        """List the calls of a space in the order in which they came."""
        return list(self._by_space.get(space_id, {}).values())

    def of_person(self, space_id: str, person_id: str) -> list[Call]:
        """List one person's calls in a space in the order in which they came."""
        return [call for call in self.in_space(space_id) if call.actor.id == person_id]

    def of_credential(self, credential: str) -> list[Call]:
        """List the calls that were made with a credential."""
        return [call for call in self._by_id.values() if call.actor.credential == credential]

    def all(self) -> list[Call]:
        """List every call."""
        return list(self._by_id.values())

    def people(self, space_id: str) -> dict[str, Actor]:
        """List the people with a call in a space in the order in which they came."""
        return {call.actor.id: call.actor for call in self.in_space(space_id)}

    def rename(self, person_id: str, display_name: str, *, listed: bool) -> None:
        """Show somebody as they want to be shown from now on."""
        for call in self._by_id.values():
            if call.actor.id == person_id:
                call.actor = replace(call.actor, display_name=display_name, listed=listed)
