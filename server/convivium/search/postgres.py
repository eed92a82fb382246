"""Words in PostgreSQL: functions that give what a row says, and a GIN index over each.

What a post says is kept in a column, of which the planner knows how common a word is.
"""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import regex  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, cast, column, func, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.posts.models import Post
from convivium.search.index import LOOK_S, Rows, SearchIndex, TooBroad, What
from convivium.search.words import END, LANGUAGE, PART_MIN, WORD_MAX, Wanted
from convivium.spaces.models import Space

_NUMBERS: dict[What, ColumnElement[int]] = {
    "post": Post.__table__.c.number,
    "space": Space.__table__.c.number,
    "person": Person.__table__.c.voice,
}
# Written as in the index, conditions too: that is how the planner knows it again.
_SAID: dict[What, ColumnElement[object]] = {
    "post": column("search_said", _selectable=Post.__table__),
    "space": func.search_space(Space.title, Space.description, Space.topics, Space.languages),
    "person": func.search_person(Person.name, Person.display_name),
}
_FOUND: dict[What, str] = {
    "post": "post.gone_at IS NULL",
    "space": "space.state IN ('scheduled', 'live', 'ended')",
    "person": "person.kind = 'account'",
}
_MARKS = regex.compile("[\u0300-\u036f\u0640\u064b-\u0652\u0670]")
CANCELLED = "57014"


class Gin(SearchIndex):
    """Narrows queries by an index of PostgreSQL."""

    def narrowed(self, query: Rows, what: What, wanted: Wanted) -> Rows:
        """Narrow a query to what has all of these words."""
        asked = cast(query_of(wanted, parts=what == "person"), TSQUERY)
        return query.where(text(_FOUND[what]), _SAID[what].op("@@")(asked))

    def number(self, what: What) -> ColumnElement[int]:
        """Give the number of a row."""
        return _NUMBERS[what]

    @asynccontextmanager
    async def looking(self, session: AsyncSession) -> AsyncIterator[None]:
        """Set the time of a statement, for as long as this reader lasts."""
        await session.execute(text(f"SET LOCAL statement_timeout = {int(LOOK_S * 1000)}"))
        # A plan for whatever is asked would be one for the rarest word or for the commonest.
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        try:
            yield
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == CANCELLED:
                raise TooBroad from None
            raise


def query_of(wanted: Wanted, *, parts: bool = False) -> str:
    """Write a tsquery of quoted lexemes, in which nothing has a meaning.

    parts: a word is found also as a part of a handle.
    """
    lexemes = [_quoted(word) for word in wanted.words]
    if wanted.language:
        lexemes.append(_quoted(LANGUAGE + wanted.language))
    if wanted.beginning:
        begins = f"{_quoted(wanted.beginning)}:*"
        if parts and len(wanted.beginning) >= PART_MIN:
            begins = f"({begins} | {_quoted(END + wanted.beginning)}:*)"
        lexemes.append(begins)
    return " & ".join(lexemes)


def _quoted(word: str) -> str:
    """Write a word as the index has it: small, without its marks."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", word))
    folded = unicodedata.normalize("NFKC", bare).lower()[:WORD_MAX] or word
    doubled = folded.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
