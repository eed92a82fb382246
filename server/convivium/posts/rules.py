"""What is read out of a text, and for how long it can be changed; pure."""

from datetime import datetime, timedelta

import regex  # type: ignore[import-untyped]

# As people count them (UAX 29).
TEXT_MAX = 280
EDITABLE = timedelta(minutes=5)
# More names or tags in one post address nobody in particular.
MENTIONS_MAX = 10
TAGS_MAX = 10
TAG_MAX = 50

# The letters of regex have their marks with them, as in Hindi; those of re have not.
# What stands before either must not belong to a word or an address: mail@example.org names nobody.
_MENTION = regex.compile(r"(?<![\w@/.#])@([A-Za-z0-9_]{2,30})(?![\w@])")
_TAG = regex.compile(rf"(?<![\w@/.#&])#(\w{{1,{TAG_MAX}}})(?!\w)")


def names_in(text: str) -> list[str]:
    """List the names that a text mentions, in order, small, each once."""
    found = (match.lower() for match in _MENTION.findall(text))
    return list(dict.fromkeys(found))[:MENTIONS_MAX]


def tags_in(text: str) -> list[str]:
    """List the hashtags of a text, in order, folded, each once; a number is none."""
    found = (match.casefold() for match in _TAG.findall(text) if not match.isdecimal())
    return list(dict.fromkeys(found))[:TAGS_MAX]


def may_edit(written_at: datetime, now: datetime) -> bool:
    """Tell whether the words of a post can still be changed."""
    return now <= written_at + EDITABLE
