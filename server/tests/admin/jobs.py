"""Jobs as one finds them after a night in which nobody looked."""

from datetime import timedelta

from convivium.app import Instance
from convivium.core.ids import new_id
from convivium.core.jobs import ATTEMPTS, Job


async def put_down(instance: Instance, kind: str, *, attempts: int = 0, leased_s: float = 0) -> str:
    """Put a job down that was begun so often, and is being done for so long; gives its number."""
    async with instance.transactions.begin() as tx:
        job = Job(
            kind=kind,
            key=new_id(),
            payload={"words": "nobody may read this"},
            run_at=tx.now + timedelta(days=1),
            attempts=attempts,
            leased_until=tx.now + timedelta(seconds=leased_s) if leased_s else None,
            last_error="OSError" if attempts else None,
        )
        tx.session.add(job)
        await tx.session.flush()
        return str(job.number)


async def fail_for_good(instance: Instance, kind: str) -> str:
    """Put a job down that was given up."""
    return await put_down(instance, kind, attempts=ATTEMPTS)
