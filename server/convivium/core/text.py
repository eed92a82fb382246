"""What people write, made safe to show; it stays text and is never read as anything else."""

import unicodedata
from collections.abc import Callable
from itertools import islice
from typing import Annotated

import regex  # type: ignore[import-untyped]
from pydantic import AfterValidator

# A character may be made of several code points: a face with a skin, a family, a letter with marks.
_CHARACTER = regex.compile(r"\X")
# So many code points has a character of the longest; what has more was made to be in the way.
_CODE_POINTS = 16

# Controls, surrogates, unassigned, and the marks that turn the direction of what follows (UAX 9).
_DROPPED = {"Cc", "Cs", "Cn", "Co"}
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """Join lines and runs of blanks to single blanks; drop controls and direction marks.

    Nothing is left of a text in which nothing could be seen.
    """
    line = " ".join(_visible(text.split()))
    # Cf: joiners and the like, which letters and emoji need and which show nothing by themselves.
    return line if any(unicodedata.category(c) not in ("Cf", "Zs") for c in line) else ""


def paragraphs(text: str) -> str:
    """Keep line ends, otherwise as `one_line`."""
    return "\n".join(one_line(line) for line in text.splitlines()).strip()


def _visible(words: list[str]) -> list[str]:
    kept = ("".join(c for c in word if _is_visible(c)) for word in words)
    return [word for word in kept if word]


def _is_visible(character: str) -> bool:
    return character not in _TURNING and unicodedata.category(character) not in _DROPPED


def shortened(text: str, characters: int) -> str:
    """Cut a text that is longer than so many characters, which an ellipsis says."""
    if len(text) <= characters:
        return text
    some = text[: (characters + 1) * _CODE_POINTS]
    kept = [found[0] for found in islice(_CHARACTER.finditer(some), characters + 1)]
    return some if len(kept) <= characters else "".join(kept[: characters - 1]).rstrip() + "…"


def not_empty(text: str) -> str:
    """Refuse a text of which nothing is left."""
    if not text:
        raise ValueError("there is nothing in it")
    return text


def whole(text: str) -> str:
    """Refuse half of a surrogate pair, which JSON can spell and nothing can store or send back."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half of a character stands alone in this") from None
    return text


def at_most(characters: int) -> Callable[[str], str]:
    """Make what refuses a text that is longer, counted as people see it (UAX 29)."""

    def check(text: str) -> str:
        if len(text) > characters * _CODE_POINTS or _count(text) > characters:
            raise ValueError(f"this is longer than {characters} characters")
        return text

    return check


def _count(text: str) -> int:
    return sum(1 for _ in _CHARACTER.finditer(text))


Exact = Annotated[str, AfterValidator(whole)]
Line = Annotated[str, AfterValidator(one_line)]
Paragraphs = Annotated[str, AfterValidator(paragraphs)]
