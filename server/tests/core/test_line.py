"""A line is in order, has an end, and keeps places for a while."""

import pytest

from convivium.core.clock import ManualClock
from convivium.core.line import KEPT_S, Line, LineTooLong, Turn


def line(clock: ManualClock, *, share: float = 1.0) -> Line:
    return Line(clock, burst=3, per_s=2.0, longest_s=10.0, share=share)


def test_a_burst_goes_through_and_the_others_come_in_order() -> None:
    """Three at once; each after that half a second after the one before."""
    turns = line(ManualClock())

    assert [turns.take() for _ in range(3)] == [Turn(0.0, 0)] * 3
    assert [turns.take() for _ in range(3)] == [Turn(0.5, 1), Turn(1.0, 2), Turn(1.5, 3)]


def test_who_comes_back_finds_the_same_place_nearer_the_door() -> None:
    """A place moves on with time, whoever comes meanwhile, and is good for once."""
    clock = ManualClock()
    turns = line(clock)
    for _ in range(7):
        turns.take()
    ticket = turns.keep(turns.take())
    for _ in range(5):
        turns.take()

    assert turns.find(ticket) == Turn(2.5, 5)
    clock.advance(2.0)
    assert turns.find(ticket) == Turn(0.5, 1)
    clock.advance(2.0)
    assert turns.find(ticket) == Turn(0.0, 0)
    turns.use(ticket)
    assert turns.find(ticket) is None


def test_a_turn_waits_for_half_a_minute() -> None:
    """Who comes later than that stands in line again, and the ticket is not remembered."""
    clock = ManualClock()
    turns = line(clock)
    ticket = turns.keep(Turn(2.0, 4))
    clock.advance(2.0 + KEPT_S)
    assert turns.find(ticket) is not None
    clock.advance(0.1)

    assert turns.find(ticket) is None
    turns.keep(Turn(2.0, 4))
    assert len(turns) == 1


def test_the_line_has_an_end_and_gets_shorter() -> None:
    """A flood is not remembered: who is not taken in moves nobody's turn."""
    clock = ManualClock()
    turns = line(clock)
    for _ in range(3 + 20):
        turns.take()
    for _ in range(100):
        with pytest.raises(LineTooLong):
            turns.take()

    clock.advance(0.5)
    assert turns.take() == Turn(10.0, 20)


def test_one_group_has_its_share_of_the_line_and_no_more() -> None:
    """A quarter of twenty places; a ticket that is used or missed counts no more."""
    clock = ManualClock()
    turns = line(clock, share=0.25)
    for _ in range(3):
        turns.take("many")
    tickets = [turns.keep(turns.take("many"), "many") for _ in range(5)]
    with pytest.raises(LineTooLong):
        turns.take("many")
    assert turns.take("few").place == 6, "whoever was refused has taken nobody's place"

    clock.advance(0.5)
    turns.use(tickets[0])
    tickets[0] = turns.keep(turns.take("many"), "many")
    with pytest.raises(LineTooLong):
        turns.take("many")
    clock.advance(3.5)
    assert turns.take("many").in_s == 0.0, "where there is no line nobody has a share"
    turns.take("few")
    with pytest.raises(LineTooLong):
        turns.take("many")
    clock.advance(KEPT_S + 0.1)
    for _ in range(3):
        turns.take("few")
    assert turns.take("many").place > 0, "they have missed their turns"
    assert len(turns) == 0


def test_at_rest_nobody_waits() -> None:
    """Tokens come back up to the burst and not beyond."""
    clock = ManualClock()
    turns = line(clock)
    for _ in range(5):
        turns.take()
    clock.advance(1_000.0)

    assert [turns.take().place for _ in range(5)] == [0, 0, 0, 1, 2]
