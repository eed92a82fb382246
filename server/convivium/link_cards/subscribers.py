"""Pages are looked at once somebody links to them, and forgotten when nobody does any more."""

from convivium.core.bus import Bus
from convivium.core.errands import Errands
from convivium.core.transaction import Transactions
from convivium.link_cards import service
from convivium.link_cards.events import CardSettled
from convivium.link_cards.fetching import FetchErrand, Waiters


def subscribe(bus: Bus, fetches: Errands, errand: FetchErrand, waiters: Waiters) -> None:
    """Say how pages are looked at, and who hears of it."""
    fetches.on_errand(service.FETCH, errand)
    bus.last(CardSettled, waiters.tell)


async def forget_old(transactions: Transactions, most: int) -> None:
    """Forget a few at a time: others write in between."""
    looked_at = service.FORGOTTEN_AT_ONCE
    while looked_at == service.FORGOTTEN_AT_ONCE:
        async with transactions.begin() as tx:
            looked_at = await service.forget_old(tx, most)
