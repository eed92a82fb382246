"""Link cards as rows: begun where somebody links to a page, filled by whoever has looked at it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core import jobs
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.database import Base
from convivium.core.ids import new_id
from convivium.core.rate import Limit
from convivium.core.transaction import Transaction
from convivium.core.url import host_of
from convivium.link_cards.events import CardSettled
from convivium.link_cards.models import LinkCard
from convivium.link_cards.pages import Said
from convivium.link_cards.rules import KEPT, UNDER_WAY, first_link, pause_after
from convivium.pictures.encoding import Encoded
from convivium.pictures.service import PICTURES

# The kind of errand that looks at a page; its key is the card's id.
FETCH = "fetch_link"
FORGOTTEN_AT_ONCE = 200


class FetchLimits:
    """How often pages are fetched: for one person, from one host, and at all.

    Whoever is past a limit writes on, and what they link to has no card yet.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.looks = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)
        self._of_person = Limit(
            clock, burst=settings.link_cards_burst, per_s=settings.link_cards_per_s
        )
        # Nobody is to be asked a hundred things because somebody here writes a hundred addresses.
        self._of_host = Limit(clock, burst=10, per_s=0.2)
        self._of_all = Limit(
            clock, burst=settings.link_cards_all_burst, per_s=settings.link_cards_all_per_s
        )

    def may_fetch(self, actor: Actor, url: str) -> bool:
        """Tell whether a page may be fetched now, and count it if so."""
        asked = ((self._of_person, actor.id), (self._of_host, host_of(url)), (self._of_all, ""))
        if any(limit.wait_s(key) > 0 for limit, key in asked):
            return False
        for limit, key in asked:
            limit.count(key)
        return True


class LinkCards:
    """Finds the cards of what people write, and lets pages be fetched that nobody knows."""

    def __init__(self, settings: Settings, limits: FetchLimits) -> None:
        self._is_on = settings.link_cards
        self._own = frozenset([host_of(settings.public_url)] if settings.public_url else [])
        self._limits = limits

    async def of_text(self, tx: Transaction, actor: Actor, text: str, host: str) -> LinkCard | None:
        """Find the card of the first link in a text; it may still be empty.

        host: by which this server was asked; links to it have cards of their own.
        """
        url = first_link(text, self._own | {host}) if self._is_on else None
        if url is None:
            return None
        card = await tx.session.scalar(select(LinkCard).where(LinkCard.url == url))
        is_good = card is not None and card.good_until > tx.now
        if is_good or not self._limits.may_fetch(actor, url):
            return card
        return await _begin(tx, card or LinkCard(id=new_id(), url=url))


async def _begin(tx: Transaction, card: LinkCard) -> LinkCard:
    card.good_until, card.kept_until = tx.now + UNDER_WAY, tx.now + KEPT
    tx.session.add(card)
    await tx.session.flush()
    await jobs.put(tx, FETCH, card.id, tx.now)
    return card


async def by_id(session: AsyncSession, card_id: str) -> LinkCard | None:
    """Find a card."""
    return await session.scalar(select(LinkCard).where(LinkCard.id == card_id))


async def fill(tx: Transaction, card: LinkCard, said: Said, made: Encoded | None) -> None:
    """Write on a card what its page says now."""
    former = card.picture
    card.title, card.description, card.site = said.title, said.description, said.site
    card.picture = made.name if made else None
    card.picture_width, card.picture_height = (made.width, made.height) if made else (0, 0)
    card.good_until = card.kept_until = tx.now + KEPT
    card.failures = 0
    await _settled(tx, card, former)


async def fail(tx: Transaction, card: LinkCard, *, is_sure: bool) -> None:
    """Remember that nothing was found; is_sure: nor is there what was found before."""
    former = card.picture
    card.failures += 1
    card.good_until = tx.now + pause_after(card.failures)
    if is_sure:
        card.title = card.description = card.site = ""
        card.picture = None
    await _settled(tx, card, former)


async def _settled(tx: Transaction, card: LinkCard, former: str | None) -> None:
    await tx.session.flush()
    if former is not None and former != card.picture:
        await PICTURES.forget_files(tx, former)
    await tx.announce(CardSettled(card.number))


async def is_picture(session: AsyncSession, name: str) -> bool:
    """Tell whether a card shows these files."""
    shown = select(LinkCard.number).where(LinkCard.picture == name).limit(1)
    return await session.scalar(shown) is not None


# Forgetting


async def let_go(tx: Transaction, numbers: Collection[int]) -> None:
    """Forget cards, unless something shows them."""
    left = set(numbers).difference(await _shown(tx.session, numbers))
    rows = await tx.session.scalars(select(LinkCard).where(LinkCard.number.in_(left)))
    await _forget(tx, rows.all())


async def forget_old(tx: Transaction, most: int) -> int:
    """Forget what nothing has shown for a while, and the oldest of more than `most`.

    Tells how many were looked at; what is shown is so again after a while, and not each time.
    """
    due = select(LinkCard).where(LinkCard.kept_until <= tx.now).order_by(LinkCard.kept_until)
    cards = (await tx.session.scalars(due.limit(FORGOTTEN_AT_ONCE))).all()
    for card in cards:
        card.kept_until = tx.now + KEPT
    await let_go(tx, [card.number for card in cards])
    # Of those that are there: numbers of cards that nobody kept do not count.
    first = select(LinkCard.number).order_by(LinkCard.number.desc()).offset(most).limit(1)
    beyond = select(LinkCard).where(LinkCard.number <= first.scalar_subquery())
    beyond = beyond.order_by(LinkCard.number).limit(FORGOTTEN_AT_ONCE)
    oldest = (await tx.session.scalars(beyond)).all()
    await _forget(tx, oldest)
    return max(len(cards), len(oldest))


async def _forget(tx: Transaction, cards: Sequence[LinkCard]) -> None:
    for card in cards:
        await tx.session.delete(card)
        await jobs.withdraw(tx, FETCH, card.id)
        if card.picture is not None:
            await PICTURES.forget_files(tx, card.picture)
    await tx.session.flush()


async def _shown(session: AsyncSession, numbers: Collection[int]) -> set[int]:
    """Tell which of these cards are shown, by whatever feature."""
    shown: set[int] = set()
    for column in _showing():
        shown.update(await session.scalars(select(column).where(column.in_(numbers))))
    return shown


def _showing() -> Iterator[Column[Any]]:
    """Give the columns of all tables that name cards."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is LinkCard.__table__.c.number:
                yield key.parent
