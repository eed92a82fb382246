"""The log: what was done, by whom, about whom and where; rows are added and read, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.transaction import Transaction
from convivium.moderation.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, as it is written down; data: what else there is to say, of ids and figures only."""

    act: str
    by: str
    person_id: str | None = None
    space_id: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


async def write(tx: Transaction, entry: Entry) -> None:
    """Write an act down, in the transaction of the act itself."""
    tx.session.add(
        AuditEntry(
            at=tx.now,
            act=entry.act,
            by=entry.by,
            person_id=entry.person_id,
            space_id=entry.space_id,
            data=dict(entry.data),
        )
    )
    await tx.session.flush()


async def has(session: AsyncSession, act: str, *, by: str, space_id: str) -> bool:
    """Tell whether somebody's act in a space is in the log."""
    one = select(AuditEntry.number).where(
        AuditEntry.space_id == space_id, AuditEntry.by == by, AuditEntry.act == act
    )
    return await session.scalar(one.limit(1)) is not None


async def entries(
    session: AsyncSession, *, space_id: str | None = None, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """List what was done, the latest first; space_id: only in this space."""
    query = select(AuditEntry)
    if space_id is not None:
        query = query.where(AuditEntry.space_id == space_id)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return (await session.scalars(query.order_by(AuditEntry.number.desc()).limit(limit))).all()
