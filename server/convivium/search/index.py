"""What an index for words has to do, and which one goes with a database."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.errors import Malformed
from convivium.search.words import Wanted

What = Literal["post", "space", "person"]
Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])

# Nobody waits longer for what they look for, and nothing is kept from others for longer.
LOOK_S = 2.0


class TooBroad(Malformed):
    """There is so much with these words that looking through it takes too long."""

    code = "too_broad"
    title = "Too much is found by this"
    detail = "Write a longer word, or one more."


class SearchIndex(Protocol):
    """Finds rows by words. It knows nothing of who may see them: its queries are narrowed more."""

    def narrowed(self, query: Rows, what: What, wanted: Wanted) -> Rows:
        """Narrow a query for posts, spaces or people to what has all of these words."""

    def number(self, what: What) -> ColumnElement[int]:
        """Give the column of such a query by which it is read in order without being sorted."""

    def looking(self, session: AsyncSession) -> AbstractAsyncContextManager[None]:
        """Let one look take no longer than `LOOK_S`. Raises TooBroad."""
