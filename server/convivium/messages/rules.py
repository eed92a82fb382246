"""What a message is, and who is asked before they are told; pure."""

import re

from convivium.core.text import at_most
from convivium.messages.models import MessageKind, Standing

# In a group with oneself.
MOST_MEMBERS = 16
# So many may wait for an answer of somebody who has not accepted.
MOST_UNANSWERED = 5
TITLE_MAX = 50
# What counts as news; that somebody came or went is told with the next of it.
NEWS: tuple[MessageKind, ...] = ("said", "invited")

_EMPTY_LINES = re.compile(r"\n{3,}")


def as_written(text: str, longest: int) -> str:
    """Give a text as it is kept: one empty line at most stands between two others.

    Raises ValueError for one that is longer.
    """
    return at_most(longest)(_EMPTY_LINES.sub("\n\n", text))


def standing_of(*, follows: bool, before: Standing | None, is_group: bool) -> Standing:
    """Tell how somebody stands to a conversation in which another writes to them.

    follows: whether they follow whoever writes, or added them. before: how they stood so far.
    Whoever left a group is asked before they are in it again.
    """
    if before in ("accepted", "asked"):
        return before
    was_left = is_group and before == "left"
    return "accepted" if follows and not was_left else "asked"
