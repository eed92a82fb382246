"""What leaves when somebody is told something."""

from convivium.accounts.events import SignedOut
from convivium.core.bus import Bus
from convivium.core.errands import Errands
from convivium.core.transaction import Transaction, Transactions
from convivium.delivery import push, service
from convivium.delivery.push import Push
from convivium.notifications.events import Told


def subscribe(bus: Bus, errands: Errands, transactions: Transactions, sender: Push) -> None:
    """Plan what leaves where it is told, and say how it is carried."""
    bus.inside(Told, service.plan)
    bus.inside(SignedOut, _tell_nothing_there)
    errands.on_errand(service.PUSH, service.PushErrand(transactions, sender))


async def _tell_nothing_there(tx: Transaction, fact: SignedOut) -> None:
    """Let a browser in which somebody signed out show nothing more of theirs."""
    await push.forget_session(tx, fact.credential)
