"""What somebody looks for, taken apart into words; nothing in it is ever an operator. Pure."""

from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

QUERY_MAX = 100
# More words make a search no better, and each costs.
WORDS_MAX = 8
WORD_MAX = 60
# The beginning of a word is looked for from so many letters on: of one, nearly everything is.
BEGINNING_MIN = 2
# Any part of a handle, from so many on.
PART_MIN = 3

# As in the migration that made the index: what stands behind these two is no word of a text.
LANGUAGE, END = "\ue000", "\ue001"

# A word begins with a letter or a digit; marks belong to the letter before them. No underscore:
# handles are made of words too.
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*")
# Writings that leave no room between words, as the migration has them.
_GLYPHS = regex.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]+"
)
_UNHEARD = regex.compile("[\u0640\u064b-\u0652\u0670]")
_LANGUAGE = regex.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}")
_TAGS = regex.compile(r"\w{1,50}")
_NAME = regex.compile(r"@?([A-Za-z0-9_]{2,30})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for.

    words: whole ones, each of which has to be there. beginning: of one more word, or empty.
    name: the handle that all of it could be, tag: what the hashtag begins with that the last word
    could be, language: of a space; each may be empty.
    """

    words: tuple[str, ...] = ()
    beginning: str = ""
    name: str = ""
    tag: str = ""
    language: str = ""

    @property
    def has_words(self) -> bool:
        """Tell whether there is any word to look for."""
        return bool(self.words or self.beginning)


def read(query: str, language: str = "") -> Wanted:
    """Take a query apart. The last word may not be typed to its end, unless a blank follows it."""
    said = _UNHEARD.sub("", query[:QUERY_MAX])
    words: list[str] = []
    for word in _WORD.findall(said)[:WORDS_MAX]:
        words += _pieces(word[:WORD_MAX])
    is_open = bool(words) and not said[-1].isspace() and len(words[-1]) >= BEGINNING_MIN
    is_open = is_open or (bool(words) and bool(_GLYPHS.fullmatch(words[-1])))
    beginning = words.pop() if is_open else ""
    name = _NAME.fullmatch(query.strip())
    spoken = language.replace("-", "").lower() if _LANGUAGE.fullmatch(language) else ""
    return Wanted(
        words=tuple(words),
        beginning=beginning,
        name=name[1].lower() if name else "",
        tag=(_TAGS.findall(query) or [""])[-1].casefold(),
        language=spoken,
    )


def _pieces(word: str) -> list[str]:
    """Take glyphs in pairs, as they are in the index, and what stands between them as it is."""
    pieces: list[str] = []
    at = 0
    for run in _GLYPHS.finditer(word):
        pieces += [word[at : run.start()]] if run.start() > at else []
        glyphs = run[0]
        pieces += [glyphs[i : i + 2] for i in range(max(1, len(glyphs) - 1))]
        at = run.end()
    return pieces + ([word[at:]] if at < len(word) else [])
