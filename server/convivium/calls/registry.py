"""The calls there are, found by id, by peer and by space; memory only."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from convivium.calls.roll import Roll
from convivium.core.actor import Actor, Shown
from convivium.core.ids import new_id

K = TypeVar("K")
Kept = TypeVar("Kept")
Within = TypeVar("Within")

NOBODY = Roll()


@dataclass
class Call:
    """One person's connection to a space.

    is_expected: whether it may take a place that is kept for those who speak, or are inside.
    is_anonymous: whether the person is counted only, and named to nobody.
    takes_over: whether it ends the person's calls of other devices once it is connected.
    displaced: the credentials of those it ended.
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
    is_expected: bool = False
    is_anonymous: bool = False
    takes_over: bool = False
    displaced: frozenset[str] = frozenset()
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
        self._by_person: dict[tuple[str, str], dict[int, Call]] = defaultdict(dict)
        self._people: dict[str, dict[str, Actor]] = defaultdict(dict)
        # Of those the ones who are shown to all, and to hosts: a crowd of guests is neither.
        self._listed: dict[str, Roll] = defaultdict(Roll)
        self._named: dict[str, Roll] = defaultdict(Roll)
        self._anonymous: dict[str, dict[str, bool]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, space_id: str, actor: Actor) -> Call:
        """Make room for a call, with a peer number nobody had before; it is seen once admitted."""
        call = Call(new_id(), space_id, next(self._peers), actor, new_id())
        self._by_id[call.id] = call
        self._by_peer[call.peer] = call
        self._by_space[space_id][call.peer] = call
        self._by_person[space_id, actor.id][call.peer] = call
        return call

    def welcome(self, call: Call) -> None:
        """Show somebody who was admitted among the people of the space, as they wished last."""
        if not call.has_ended:
            if call.is_anonymous:
                self._anonymous[call.space_id][call.actor.id] = True
            else:
                _drop(self._anonymous, call.space_id, call.actor.id)
            self._show(call.space_id, call.actor)

    def remove(self, call: Call) -> None:
        """Forget a call."""
        self._by_id.pop(call.id, None)
        self._by_peer.pop(call.peer, None)
        _drop(self._by_space, call.space_id, call.peer)
        _drop(self._by_person, (call.space_id, call.actor.id), call.peer)
        if not self.of_person(call.space_id, call.actor.id):
            for shown in (self._listed, self._named):
                _take_off(shown, call.space_id, call.actor.id)
            _drop(self._people, call.space_id, call.actor.id)
            _drop(self._anonymous, call.space_id, call.actor.id)

    def find(self, call_id: str) -> Call | None:
        """Find a call by its id."""
        return self._by_id.get(call_id)

    def of_peer(self, peer: int) -> Call | None:
        """Find the call of a peer."""
        return self._by_peer.get(peer)

    def count(self, space_id: str) -> int:
        """Count the calls of a space."""
        return len(self._by_space.get(space_id, ()))

    def in_space(self, space_id: str) -> list[Call]:
        """List the calls of a space in the order in which they came."""
        return list(self._by_space.get(space_id, {}).values())

    def of_person(self, space_id: str, person_id: str) -> list[Call]:
        """List one person's calls in a space in the order in which they came."""
        return list(self._by_person.get((space_id, person_id), {}).values())

    def of_credential(self, credential: str) -> list[Call]:
        """List the calls that were made with a credential."""
        return [call for call in self._by_id.values() if call.actor.credential == credential]

    def everywhere(self, person_id: str) -> list[Call]:
        """List one person's calls in all spaces."""
        return [call for call in self._by_id.values() if call.actor.id == person_id]

    def is_here(self, person_id: str) -> bool:
        """Tell whether somebody has a call in any space."""
        return any((space_id, person_id) in self._by_person for space_id in self._by_space)

    def all(self) -> list[Call]:
        """List every call."""
        return list(self._by_id.values())

    def people(self, space_id: str) -> Mapping[str, Actor]:
        """Give the people with a call in a space in the order in which they came; not a copy."""
        return self._people.get(space_id, {})

    def is_anonymous(self, space_id: str, person_id: str) -> bool:
        """Tell whether somebody wants to be named to nobody."""
        return person_id in self._anonymous.get(space_id, {})

    def listed(self, space_id: str) -> Roll:
        """Give those of them who have an account, and let others see their names; not a copy."""
        return self._listed.get(space_id, NOBODY)

    def named(self, space_id: str) -> Roll:
        """Give those of them who have an account; not a copy."""
        return self._named.get(space_id, NOBODY)

    def show_as(self, person_id: str, shown: Shown) -> set[str]:
        """Show somebody as they want to be shown from now on; tells in which spaces they are."""
        own = self.everywhere(person_id)
        for call in own:
            call.actor = call.actor.shown_as(shown)
            self._show(call.space_id, call.actor)
        return {call.space_id for call in own}

    def _show(self, space_id: str, actor: Actor) -> None:
        self._people[space_id][actor.id] = actor
        has_name = actor.has_account and not self.is_anonymous(space_id, actor.id)
        # Moderators are seen wherever they are.
        is_listed = has_name and (actor.listed or actor.is_staff)
        # The first of their calls: those on a roll are in the order in which they came.
        number = next(iter(self._by_person[space_id, actor.id]))
        for shown, is_in in ((self._listed, is_listed), (self._named, has_name)):
            if is_in:
                shown[space_id].put(actor, number)
            else:
                _take_off(shown, space_id, actor.id)


def _take_off(rolls: dict[str, Roll], space_id: str, person_id: str) -> None:
    """Take somebody off the roll of a space, and the roll away with the last one."""
    roll = rolls.get(space_id, NOBODY)
    roll.take(person_id)
    if not roll:
        rolls.pop(space_id, None)


def _drop(index: dict[K, dict[Within, Kept]], key: K, inner: Within) -> None:
    """Take something out of an index, and the last one's key with it."""
    found = index.get(key, {})
    found.pop(inner, None)
    if not found:
        index.pop(key, None)
