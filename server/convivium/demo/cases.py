"""What moderators find in the demo: cases that wait, one that is settled, and a suspension."""

from datetime import timedelta

from convivium.core.transaction import Transaction
from convivium.demo import words
from convivium.demo.cast import acting
from convivium.demo.tables import People
from convivium.moderation import service as moderation
from convivium.moderation import suspensions
from convivium.spaces.models import Space


async def report_some(tx: Transaction, people: People, table: Space, later: Space) -> None:
    """Let people report somebody who sits in line, and a space as such; nobody answers them."""
    for about, by, reason, text in words.PERSON_REPORTS:
        await moderation.report(
            tx, acting(people[by]), space=table, person=people[about], reason=reason, words=text
        )
    by, reason, text = words.SPACE_REPORT
    await moderation.report(
        tx, acting(people[by]), space=later, person=None, reason=reason, words=text
    )


async def settle_one(tx: Transaction, people: People, past: Space) -> None:
    """Let somebody be warned, then suspended for a while, and appeal."""
    moderator, trouble = acting(people[words.MODERATOR[0]]), people[words.TROUBLE[0]]
    said = await moderation.report(
        tx,
        acting(people["tamsin"]),
        space=past,
        person=trouble,
        reason="danger",
        words=words.THREAT,
    )
    await moderation.warn(tx, moderator, trouble, words.WARNED)
    until = tx.now + timedelta(days=words.SUSPENDED_DAYS)
    await suspensions.suspend(
        tx, moderator, trouble, until=until, words=words.SUSPENDED, case=said.case_number
    )
    await suspensions.appeal(tx, trouble, words.APPEAL)
