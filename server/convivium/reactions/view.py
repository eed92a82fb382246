"""Reactions as everybody in a space sees them."""

from collections.abc import Mapping

from convivium.live.parts import Part, Whole
from convivium.reactions.service import Reactions
from convivium.stage.view import Scene

PACE_S = 0.5

# How often each was used since the space began; without those that were not.
ReactionsView = Mapping[str, int]
# The same of each person on the stage, by id, since they came up; without those who did not react.
StageReactionsView = Mapping[str, ReactionsView]


def reactions_parts(reactions: Reactions) -> list[Part]:
    """Make the parts that show the sums, however many people react: of the stage, then of all."""

    def show_stage(scene: Scene) -> StageReactionsView:
        people = reactions.of_stage(scene.space.id)
        return {person: people[person] for person in people if person in scene.stage.seated}

    def show(scene: Scene) -> ReactionsView:
        return reactions.totals(scene.space.id)

    return [
        Part(
            "stage_reactions",
            show_stage,
            Whole("stage_reactions_changed", "stage_reactions"),
            pace_s=PACE_S,
        ),
        Part("reactions", show, Whole("reactions_changed", "reactions"), pace_s=PACE_S),
    ]
