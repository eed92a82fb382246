"""What relationships does when somebody lets everybody see what they write."""

from convivium.accounts.events import ProfileChanged
from convivium.core import jobs
from convivium.core.bus import Bus
from convivium.core.transaction import Transaction
from convivium.relationships import requests


def subscribe(bus: Bus, runner: jobs.Runner) -> None:
    """Let those follow who wait for it, once an account is protected no more."""
    bus.inside(ProfileChanged, _let_in)
    runner.on(requests.LET_ALL_IN, requests.let_all_in)


async def _let_in(tx: Transaction, fact: ProfileChanged) -> None:
    if fact.is_opened:
        await requests.open_to_all(tx, fact.person_id)
