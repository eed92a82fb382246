"""Numbers that people can do something with."""

import pytest

from convivium.calls.capacity import (
    LISTENER_BYTES,
    SPARE_BYTES,
    friendly,
    noticed,
    room_in_memory,
)


@pytest.mark.parametrize(
    ("room", "said"),
    [(0, 0), (7, 7), (46, 40), (389, 350), (8_730, 8_500), (23_999, 23_000)],
)
def test_room_is_said_roundly_and_never_too_large(room: int, said: int) -> None:
    """Nobody is promised a place there is not."""
    assert friendly(room) == said


def test_a_room_at_the_border_of_two_numbers_is_told_once() -> None:
    """A few who come and go are nothing to tell; many are."""
    shown, told = noticed(None, 8_520), []
    for room in [8_490, 8_510, 8_499, 8_990, 9_010, 8_600] * 10:
        told.append(noticed(shown, room))
        shown = told[-1]
    assert set(told) == {8_500}

    assert noticed(8_500, 7_900) == 7_500
    assert noticed(8_500, 9_400) == 9_000


def test_the_last_places_are_told_exactly() -> None:
    """Full is full."""
    assert noticed(50, 0) == 0
    assert noticed(0, 1) == 1


def test_memory_is_room_too() -> None:
    """Some is left alone; what is not known limits nothing."""
    assert room_in_memory(None) is None
    assert room_in_memory(SPARE_BYTES - 1) == 0
    assert room_in_memory(SPARE_BYTES + 10 * LISTENER_BYTES) == 10
