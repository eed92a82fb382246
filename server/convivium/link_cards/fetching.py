"""The errand that looks at a page and writes its card, and those who wait for it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from convivium.core.errands import Outcome
from convivium.core.errors import Refusal
from convivium.core.jobs import Due
from convivium.core.outside import Fetched, NotOutside, Outside, Unheard, Unreachable
from convivium.core.transaction import Transaction
from convivium.link_cards import service
from convivium.link_cards.events import CardSettled
from convivium.link_cards.pages import Said, read_page
from convivium.pictures.album import Album
from convivium.pictures.encoding import Encoded

PAGES = frozenset(("text/html", "application/xhtml+xml"))
PICTURES = frozenset(("image/jpeg", "image/png", "image/webp", "image/gif"))
# Whoever does not answer is asked so often; the first pause is half a minute.
TRIES = 3
FOUND, TOO_MANY, BROKEN = 200, 429, 500


@dataclass(slots=True)
class Parcel:
    """A page that is looked at, and what was found there."""

    card_id: str
    url: str
    tries: int
    said: Said | None = None
    made: Encoded | None = None


class FetchErrand:
    """Looks at pages; agent: as whom."""

    def __init__(self, outside: Outside, album: Album, agent: str) -> None:
        self._outside = outside
        self._album = album
        self._agent = agent

    async def pack(self, tx: Transaction, due: Due) -> Parcel | None:
        """Take the address along. A page that was looked at in vain may be so twice."""
        card = await service.by_id(tx.session, due.key)
        return None if card is None else Parcel(card.id, card.url, due.attempts)

    async def carry(self, parcel: Parcel) -> Outcome:
        """Fetch the page, and the picture that it names."""
        try:
            page = await self._fetch(parcel.url, PAGES)
        except NotOutside:
            return Outcome("never")
        except (Unreachable, Unheard):
            page = None
        if page is None or page.status == TOO_MANY or page.status >= BROKEN:
            return Outcome("again" if parcel.tries < TRIES else "unsure")
        if page.status != FOUND or page.kind not in PAGES:
            return Outcome("never")
        parcel.said = await asyncio.to_thread(
            read_page, page.body, page.charset, page.url, page.robots
        )
        if parcel.said is None:
            return Outcome("never")
        if parcel.said.picture is not None:
            parcel.made = await self._picture(parcel.card_id, parcel.said.picture)
        return Outcome("done")

    async def settle(self, tx: Transaction, parcel: Parcel, outcome: Outcome) -> None:
        """Write the card, or that there is nothing to write on it."""
        card = await service.by_id(tx.session, parcel.card_id)
        if card is None or outcome.word == "again":
            return
        if parcel.said is None or outcome.word != "done":
            await service.fail(tx, card, is_sure=outcome.word == "never")
            return
        if parcel.made is not None:
            # Files are only removed inside of transactions, so that these stay from now on.
            await self._album.make_sure(parcel.made)
        await service.fill(tx, card, parcel.said, parcel.made)

    async def _picture(self, card_id: str, url: str) -> Encoded | None:
        """Fetch a picture and write it anew; a card does without one that is none."""
        try:
            found = await self._fetch(url, PICTURES)
            if found.status != FOUND or found.kind not in PICTURES or not found.is_whole:
                return None
            with self._album.places.hold(card_id):
                return await self._album.make(card_id, found.body, "card")
        except (Unreachable, Unheard, Refusal):
            return None

    async def _fetch(self, url: str, kinds: frozenset[str]) -> Fetched:
        said = {"User-Agent": self._agent, "Accept": ", ".join(sorted(kinds))}
        return await self._outside.fetch(url, kinds, said)


class Waiters:
    """Who waits until somebody has looked at a page."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = {}

    @contextmanager
    def waiting(self, number: int) -> Iterator[asyncio.Event]:
        """Wait for a card from now on."""
        event = asyncio.Event()
        self._waiting.setdefault(number, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[number].discard(event)
            if not self._waiting[number]:
                del self._waiting[number]

    async def tell(self, facts: Sequence[CardSettled]) -> None:
        """Tell those who wait."""
        for fact in facts:
            for event in self._waiting.get(fact.number, ()):
                event.set()
