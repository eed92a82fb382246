"""How what lies right in the import order is heard by what lies left.

A feature announces a fact; it does not know who listens. A subscriber says which kind it is:
`inside` runs in the same transaction, may write rows and may refuse; `after` runs once the
transaction is committed and touches only what can be rebuilt from rows; `last` runs when all of
those are through, once for all facts of its kind.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from convivium.core.errors import Unconfirmed

if TYPE_CHECKING:
    from convivium.core.transaction import Transaction

log = structlog.get_logger()


class Fact:
    """Base of everything that can be announced; its children are frozen dataclasses."""

    __slots__ = ()


F = TypeVar("F", bound=Fact)
Inside = Callable[["Transaction", F], Awaitable[None]]
After = Callable[[F], Awaitable[None]]
Last = Callable[[Sequence[F]], Awaitable[None]]


class Bus:
    """Who hears of which fact, in the order in which they subscribed."""

    def __init__(self) -> None:
        self._inside: dict[type[Fact], list[Inside[Any]]] = defaultdict(list)
        self._after: dict[type[Fact], list[After[Any]]] = defaultdict(list)
        self._last: dict[type[Fact], list[Last[Any]]] = defaultdict(list)

    def inside(self, kind: type[F], subscriber: Inside[F]) -> None:
        """Let this subscriber take part in the transaction that announces such a fact."""
        self._inside[kind].append(subscriber)

    def after(self, kind: type[F], subscriber: After[F]) -> None:
        """Tell this subscriber once such a fact is committed."""
        self._after[kind].append(subscriber)

    def last(self, kind: type[F], subscriber: Last[F]) -> None:
        """Tell this subscriber all such facts of a transaction together, after everybody else."""
        self._last[kind].append(subscriber)

    async def join(self, tx: "Transaction", fact: Fact) -> None:
        """Run the inside subscribers; what one of them raises ends the transaction."""
        for kind in type(fact).__mro__:
            for subscriber in self._inside.get(kind, ()):
                await subscriber(tx, fact)

    async def tell(self, facts: Sequence[Fact]) -> None:
        """Run the after subscribers; one that fails is logged, since the rows are already so.

        Raises Unconfirmed once everybody was told, when one of them did.
        """
        unconfirmed: list[Unconfirmed] = []
        for fact in facts:
            for kind in type(fact).__mro__:
                for subscriber in self._after.get(kind, ()):
                    unconfirmed += await self._tell_one(subscriber, fact)
        for kind, subscribers in self._last.items():
            meant = [fact for fact in facts if isinstance(fact, kind)]
            for subscriber in subscribers if meant else ():
                unconfirmed += await self._tell_one(subscriber, meant)
        if unconfirmed:
            raise unconfirmed[0]

    @staticmethod
    async def _tell_one(
        subscriber: Callable[[Any], Awaitable[None]], told: Fact | list[Fact]
    ) -> list[Unconfirmed]:
        try:
            await subscriber(told)
        except Unconfirmed as refusal:
            return [refusal]
        except Exception:
            fact = told[0] if isinstance(told, list) else told
            log.exception("after_subscriber_failed", fact=type(fact).__name__)
        return []
