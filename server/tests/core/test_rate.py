"""Limits let a burst through, then a steady rate, and always answer."""

import pytest

from convivium.core.clock import ManualClock
from convivium.core.errors import SlowDown
from convivium.core.rate import Limit


def test_a_burst_and_then_a_rate() -> None:
    """Three at once, then one every two seconds, each key by itself."""
    clock = ManualClock()
    limit = Limit(clock, burst=3, per_s=0.5)
    for _ in range(3):
        limit.take("a")

    with pytest.raises(SlowDown) as refused:
        limit.take("a")
    assert refused.value.retry_after_s == pytest.approx(2.0)
    limit.take("b")
    clock.advance(2.0)
    limit.take("a")
    with pytest.raises(SlowDown):
        limit.take("a")


def test_a_refusal_costs_nothing() -> None:
    """Who keeps knocking is not kept out for longer."""
    clock = ManualClock()
    limit = Limit(clock, burst=1, per_s=1.0)
    limit.take("a")
    for _ in range(100):
        with pytest.raises(SlowDown):
            limit.take("a")

    clock.advance(1.0)
    limit.take("a")


def test_memory_is_bounded() -> None:
    """Only so many keys are remembered, the latest ones."""
    limit = Limit(ManualClock(), burst=1, per_s=1.0, keys=2)
    for key in ("a", "b", "c"):
        limit.take(key)

    limit.take("a")
    with pytest.raises(SlowDown):
        limit.take("c")


def test_a_key_is_forgotten_once_it_might_do_all_again() -> None:
    """Many who come once and go leave nothing behind."""
    clock = ManualClock()
    limit = Limit(clock, burst=2, per_s=1.0)
    for number in range(1_000):
        limit.take(str(number))
        clock.advance(0.25)

    assert len(limit) == 4
    limit.take("999")
    with pytest.raises(SlowDown):
        limit.take("999")
