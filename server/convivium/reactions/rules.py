"""Which reactions there are, and how one is sent on a data channel."""

import json
from typing import Literal, get_args

# Hands have skin tones: as many texts as the engine counts (MAX_COUNTED, 16), and no more.
Emoji = Literal[
    "👏",
    "👏🏻",
    "👏🏼",
    "👏🏽",
    "👏🏾",
    "👏🏿",
    "❤️",
    "😂",
    "😮",
    "🙏",
    "🙏🏻",
    "🙏🏼",
    "🙏🏽",
    "🙏🏾",
    "🙏🏿",
    "🔥",
]

EMOJI: tuple[Emoji, ...] = get_args(Emoji)


def message(emoji: Emoji) -> str:
    """Write down what a client sends on its data channel; compared octet by octet."""
    return json.dumps(
        {"type": "reaction", "emoji": emoji}, ensure_ascii=False, separators=(",", ":")
    )


MESSAGES = tuple(message(emoji) for emoji in EMOJI)
