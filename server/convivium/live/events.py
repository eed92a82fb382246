"""The base of all facts that change what is seen of a space."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class SpaceFact(Fact):
    """Something about a space is not as it was; whoever looks at it has to be told."""

    space_id: str
