"""What leaves when somebody is told something, or says where they are written to."""

from convivium.accounts.events import EmailClaimed, PasswordForgotten, PasswordSet, SignedOut
from convivium.core.bus import Bus
from convivium.core.errands import Errands
from convivium.core.transaction import Transaction, Transactions
from convivium.delivery import push, service
from convivium.delivery.mailer import Mailer
from convivium.delivery.push import Push
from convivium.notifications.events import Told


def subscribe(
    bus: Bus,
    pushes: Errands,
    mails: Errands,
    transactions: Transactions,
    sender: Push,
    mailer: Mailer,
) -> None:
    """Plan what leaves where it is told, and say how it is carried."""

    async def plan(tx: Transaction, fact: Told) -> None:
        await service.plan(tx, fact, mails=mailer.is_there)

    bus.inside(Told, plan)
    bus.inside(EmailClaimed, service.ask_for_address)
    bus.inside(PasswordForgotten, service.write_to_forgetful)
    bus.inside(PasswordSet, service.tell_of_password)
    bus.inside(SignedOut, _tell_nothing_there)
    pushes.on_errand(service.PUSH, service.PushErrand(transactions, sender))
    mails.on_errand(service.MAIL, service.MailErrand(transactions, mailer))
    mails.on_errand(service.CONFIRM, service.ConfirmErrand(transactions, mailer))
    mails.on_errand(service.RESET, service.ResetErrand(transactions, mailer))
    mails.on_errand(service.PASSWORD, service.PasswordErrand(transactions, mailer))


async def _tell_nothing_there(tx: Transaction, fact: SignedOut) -> None:
    """Let a browser in which somebody signed out show nothing more of theirs."""
    await push.forget_session(tx, fact.credential)
