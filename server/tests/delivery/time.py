"""How tests let time pass."""

from collections.abc import Awaitable, Callable

Pass = Callable[[float], Awaitable[None]]
