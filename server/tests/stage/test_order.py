"""In which order people come up, decided on values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convivium.stage.order import Waiting, arranged, expected_at, moved, place_for, who_is_next

BEFORE = Waiting("before", has_spoken=True)
NEW = Waiting("new")
NINE = datetime(2026, 1, 1, 21, tzinfo=UTC)


def minutes(*ago: float) -> list[datetime]:
    return [NINE - timedelta(minutes=each) for each in ago]


@pytest.mark.parametrize(
    ("policy", "newcomer", "place"),
    [("in_order", NEW, 3), ("fast_lane", NEW, 3), ("first_timers", NEW, 1)],
)
def test_where_a_newcomer_stands(policy: str, newcomer: Waiting, place: int) -> None:
    """At the end, but where first-time speakers go first: then behind the last of them."""
    queue = [Waiting("a"), BEFORE, Waiting("c", has_spoken=True)]

    assert place_for(policy, queue, newcomer) == place  # type: ignore[arg-type]
    assert place_for(policy, queue, BEFORE) == len(queue)  # type: ignore[arg-type]


def test_a_new_policy_sorts_once_and_keeps_the_order_within() -> None:
    """First-time speakers go before the others; among themselves nobody is overtaken."""
    queue = [BEFORE, Waiting("a"), Waiting("c", has_spoken=True), Waiting("b")]

    assert [w.person for w in arranged("first_timers", queue)] == ["a", "b", "before", "c"]
    assert arranged("in_order", queue) == queue


@given(st.lists(st.integers(), unique=True, min_size=1), st.data())
def test_moving_one_moves_nobody_else(numbers: list[int], data: st.DataObject) -> None:
    """Whoever is moved stands where told, and all others keep their order."""
    people = [str(number) for number in numbers]
    person = data.draw(st.sampled_from(people))
    before = data.draw(st.sampled_from([*(set(people) - {person}), None]))

    after = moved(people, person, before)

    assert [p for p in after if p != person] == [p for p in people if p != person]
    follows = after.index(person) + 1
    assert (after[follows] if follows < len(after) else None) == before


@pytest.mark.parametrize(
    ("policy", "ready", "expected"),
    [
        ("in_order", {1}, 0),
        ("fast_lane", set(), 0),
        ("fast_lane", {2}, 2),
        ("fast_lane", {3}, 0),
    ],
)
def test_a_fast_lane_takes_the_first_who_is_ready(
    policy: str, ready: set[int], expected: int
) -> None:
    """Of the three who were asked to prepare; with nobody ready the first of all is next."""
    queue = [Waiting(str(at), is_ready=at in ready) for at in range(5)]

    assert who_is_next(policy, queue) == expected  # type: ignore[arg-type]
    assert who_is_next(policy, []) is None  # type: ignore[arg-type]


def test_the_wait_is_told_from_how_fast_others_came_up() -> None:
    """The middle one of the last gaps counts, so that one long song does not frighten anybody."""
    assert expected_at(2, minutes(1, 3, 30, 32)) == NINE + timedelta(minutes=3)


def test_a_wait_that_nobody_can_know_is_not_told() -> None:
    """One who came up says nothing about the next, unless turns are timed and follow each other."""
    assert expected_at(1, []) is None
    assert expected_at(1, minutes(1)) is None
    assert expected_at(3, minutes(1), timedelta(minutes=2)) == NINE + timedelta(minutes=5)
    assert expected_at(3, [], timedelta(minutes=2)) is None
