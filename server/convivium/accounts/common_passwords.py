"""Passwords that others guess first: words many people take, rows of keys, one's own name. Pure.

The list beside this file is our own, of what people are known to take, with the endings they give
it. What is derived from a word of it is as common: in capitals, with digits around it or in it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt")
# Shorter ones say nothing of what stands around them.
WORD_MIN = 4
OWN_MIN = 3
# Whatever is made of so few characters, or of so short a piece again and again, is guessed.
FEW = 3
SHORT = 4

# Keys and letters as they lie beside each other, there and back.
_ROWS = tuple(
    row + row[::-1]
    for row in (
        "12345678901234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "azertyuiopqsdfghjklmwxcvbn",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "1q2w3e4r5t6y7u8i9o0p",
    )
)
# What is read as a letter; a one and ! are read as two.
_AS_LETTERS = tuple(str.maketrans("4@830$57+6!1", "aabeossttg" + 2 * one) for one in "il")
_OUTSIDE = r"[\W\d_]+"


def is_common(password: str, own: Iterable[str] = ()) -> bool:
    """Tell whether others guess a password early; own: names of whoever takes it, and of here."""
    plain = password.casefold()
    piece = _piece(plain)
    is_plain = len(set(plain)) <= FEW or (piece != plain and len(piece) <= SHORT)
    if is_plain or _is_row(plain) or plain in _listed():
        return True
    words = set(_words_in(plain)) | set(_words_in(piece))
    return not words.isdisjoint(_words() | _of_one(own))


def _piece(text: str) -> str:
    """Give what a text is again and again; most are so once."""
    return text[: (text + text).index(text, 1)]


def _is_row(text: str) -> bool:
    return any(text in row for row in _ROWS)


def _words_in(text: str) -> Iterator[str]:
    """Give the word that a text is made of, as far as it is one, in each way it can be read."""
    for part in (_core(text), re.sub(f"{_OUTSIDE}$", "", text), re.sub(f"^{_OUTSIDE}", "", text)):
        yield part
        for letters in _AS_LETTERS:
            yield _core(part.translate(letters))


def _core(text: str) -> str:
    """Leave away what stands around the letters."""
    return re.sub(f"^{_OUTSIDE}|{_OUTSIDE}$", "", text)


def _of_one(names: Iterable[str]) -> frozenset[str]:
    """Give the words of some names, each by itself and together."""
    found: set[str] = set()
    for name in names:
        parts = re.findall(r"[^\W_]+", name.casefold())
        found.update((*parts, "".join(parts), _core(name.casefold())))
    return frozenset(word for word in found if len(word) >= OWN_MIN)


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    return frozenset(LIST.read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    """Give the words of the list without their endings."""
    cores = {_core(each) for each in _listed()}
    return frozenset(word for word in cores if len(word) >= WORD_MIN)
