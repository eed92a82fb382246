"""Reactions as everybody in a space sees them."""

from collections.abc import Mapping

from convivium.live.parts import Part, Whole
from convivium.reactions.rules import Emoji
from convivium.reactions.service import Reactions
from convivium.stage.view import Scene

PACE_S = 0.5

# How often each was used since the space began; without those that were not.
ReactionsView = Mapping[Emoji, int]


def reactions_part(reactions: Reactions) -> Part:
    """Make the part that shows the sums, however many people react."""

    def show(scene: Scene) -> ReactionsView:
        return reactions.totals(scene.space.id)

    return Part("reactions", show, Whole("reactions_changed", "reactions"), pace_s=PACE_S)
