"""Words in SQLite: FTS5, whose tables triggers keep as their content is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, column, table
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.posts.models import Post
from convivium.search.index import LOOK_S, Rows, SearchIndex, TooBroad, What
from convivium.search.words import END, LANGUAGE, PART_MIN, Wanted
from convivium.spaces.models import Space

_TABLES = {
    what: table(f"search_{what}", column("rowid", Integer), column(f"search_{what}", String))
    for what in ("post", "space", "person")
}
_NUMBERS: dict[What, ColumnElement[int]] = {
    "post": Post.__table__.c.number,
    "space": Space.__table__.c.number,
    "person": Person.__table__.c.voice,
}


class Fts5(SearchIndex):
    """Joins the rows that FTS5 finds."""

    def narrowed(self, query: Rows, what: What, wanted: Wanted) -> Rows:
        """Narrow a query to what has all of these words."""
        found = _TABLES[what]
        return query.join(found, found.c.rowid == _NUMBERS[what]).where(
            found.c[f"search_{what}"].op("MATCH")(match_of(wanted, parts=what == "person"))
        )

    def number(self, what: What) -> ColumnElement[int]:
        """Give the number of a row in FTS5, which finds them in that order."""
        return _TABLES[what].c.rowid

    @asynccontextmanager
    async def looking(self, session: AsyncSession) -> AsyncIterator[None]:
        """Interrupt what takes too long."""
        connection = await (await session.connection()).get_raw_connection()
        driver: Any = connection.driver_connection
        loop = asyncio.get_running_loop()
        timer = loop.call_later(LOOK_S, lambda: loop.create_task(driver.interrupt()))
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
                raise TooBroad from None
            raise
        finally:
            timer.cancel()


def match_of(wanted: Wanted, *, parts: bool = False) -> str:
    """Write what FTS5 is asked (its manual, 3): words in quotes, in which nothing has a meaning.

    parts: a word is found also as a part of a handle.
    """
    phrases = [_quoted(word) for word in wanted.words]
    if wanted.language:
        phrases.append(_quoted(LANGUAGE + wanted.language))
    if wanted.beginning:
        begins = f"{_quoted(wanted.beginning)} *"
        if parts and len(wanted.beginning) >= PART_MIN:
            begins = f"({begins} OR {_quoted(END + wanted.beginning)} *)"
        phrases.append(begins)
    return " AND ".join(phrases)


def _quoted(word: str) -> str:
    doubled = word.replace('"', '""')
    return f'"{doubled}"'
