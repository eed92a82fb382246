"""Merging the index, so that words which nobody can find any more are not kept in it either.

FTS5 only notes that a word is gone, until its parts are merged (its manual, 6.8).
"""

from sqlalchemy import literal_column, select, text

from convivium.core import jobs
from convivium.core.jobs import Due
from convivium.core.transaction import Transaction

TIDY_SEARCH = "tidy_search"
# So many pages are written in one transaction: some milliseconds, in which nobody else writes.
PAGES = 200
# A step that found nothing to merge changes one row (its manual, 6.8).
NOTHING_DONE = 1
TABLES = ("search_post", "search_space", "search_person")


async def begin(tx: Transaction) -> None:
    """Let the index be merged from now on, a part at a time."""
    if tx.session.get_bind().dialect.name == "sqlite":
        await jobs.put(tx, TIDY_SEARCH, "", tx.now, {"begun": False})


async def tidy(tx: Transaction, due: Due) -> None:
    """Merge a part, and go on for as long as there is another."""
    pages = PAGES if due.payload["begun"] else -PAGES
    is_more = False
    for table in TABLES:
        before = await _changes(tx)
        step = text(f"INSERT INTO {table}({table}, rank) VALUES ('merge', :pages)")  # noqa: S608 - names of ours
        await tx.session.execute(step, {"pages": pages})
        is_more |= await _changes(tx) - before > NOTHING_DONE
    if is_more:
        await jobs.put(tx, TIDY_SEARCH, "", tx.now, {"begun": True})


async def _changes(tx: Transaction) -> int:
    return await tx.session.scalar(select(literal_column("total_changes()"))) or 0
