"""Counts reactions, and lets the sums be told."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import cast

from convivium.calls.registry import Registry
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import Conflict
from convivium.core.rate import Limit
from convivium.live.service import Live
from convivium.media.engine import Counted, EngineEvent
from convivium.reactions.rules import EMOJI, Emoji
from convivium.stage.view import Scene


class NotInSpace(Conflict):
    """Only those who listen react."""

    code = "not_in_space"
    title = "You are not in this space"
    detail = "Start listening, then react."


class Reactions:
    """How often everybody in a space reacted with what, since it was opened in this process."""

    def __init__(self, registry: Registry, live: Live, settings: Settings, clock: Clock) -> None:
        self._registry = registry
        self._live = live
        self._limit = Limit(clock, burst=settings.reactions_burst, per_s=settings.reactions_per_s)
        self._totals: dict[str, Counter[Emoji]] = defaultdict(Counter)
        self._of_stage: dict[str, dict[str, Counter[str]]] = defaultdict(dict)
        self._numbers: dict[int, str] = {}

    def open(self, space_id: str, number: int) -> None:
        """Know a live space by the number it has in the engine."""
        self._numbers[number] = space_id

    def totals(self, space_id: str) -> Mapping[str, int]:
        """Give the totals of a space, of what was used at all."""
        totals: Mapping[Emoji, int] = self._totals.get(space_id, {})
        return {emoji: totals[emoji] for emoji in EMOJI if emoji in totals}

    def of_stage(self, space_id: str) -> Mapping[str, Mapping[str, int]]:
        """Give what each of those on the stage reacted with, since they came up."""
        people = self._of_stage.get(space_id, {})
        return {person: dict(counts) for person, counts in people.items()}

    async def react(self, actor: Actor, space_id: str, emoji: Emoji) -> None:
        """Count one reaction. Raises NotInSpace and SlowDown."""
        if not self._registry.of_person(space_id, actor.id):
            raise NotInSpace
        self._limit.take(actor.id)
        scene = cast("Scene", (await self._live.picture(space_id)).standing)
        if not self._registry.of_person(space_id, actor.id):
            # Gone meanwhile, and perhaps the space with them.
            raise NotInSpace
        self.count(space_id, emoji, by=actor.id if actor.id in scene.stage.seated else None)

    def count(self, space_id: str, emoji: Emoji, *, by: str | None) -> None:
        """Count one of somebody on the stage, by their id, or of anybody else."""
        if by is not None:
            self._of_stage[space_id].setdefault(by, Counter())[emoji] += 1
        self._add(space_id, emoji, 1)

    def follow(self, event: EngineEvent) -> None:
        """Add the sums that the engine has counted."""
        if not isinstance(event, Counted):
            return
        space_id = self._numbers.get(event.space)
        if space_id is None:
            return
        for emoji, count in zip(EMOJI, event.counts, strict=True):
            if count:
                self._add(space_id, emoji, count)

    def step_down(self, space_id: str, person_id: str) -> None:
        """Forget who reacted once they are not on the stage any more."""
        self._of_stage.get(space_id, {}).pop(person_id, None)

    def close(self, space_id: str, number: int) -> None:
        """Forget a space that is over."""
        self._numbers.pop(number, None)
        self._totals.pop(space_id, None)
        self._of_stage.pop(space_id, None)

    def _add(self, space_id: str, emoji: Emoji, count: int) -> None:
        self._totals[space_id][emoji] += count
        self._live.refresh_soon(space_id)
