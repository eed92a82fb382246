"""People in the order in which they came, found from any place on."""

from dataclasses import replace

from convivium.calls.roll import Roll
from convivium.core.actor import Actor

AMA, BEN, CHIDI = (Actor(kind="account", id=name, name=name) for name in ("ama", "ben", "chidi"))


def test_they_are_in_order_of_their_numbers() -> None:
    """Whenever they are put there; who is there already keeps the number, and has the new name."""
    roll = Roll()
    for number, actor in ((7, CHIDI), (3, AMA), (5, BEN)):
        roll.put(actor, number)
    renamed = replace(AMA, display_name="Amma")
    roll.put(renamed, 9)

    assert list(roll) == ["ama", "ben", "chidi"]
    assert (roll["ama"], roll.number("ama")) == (renamed, 3)
    assert list(roll.after(3)) == [(5, BEN), (7, CHIDI)]
    assert list(roll.after(4)) == [(5, BEN), (7, CHIDI)]
    assert list(roll.after(7)) == []


def test_who_is_taken_off_leaves_no_gap() -> None:
    """Also who was never there."""
    roll = Roll()
    for number, actor in ((3, AMA), (5, BEN), (7, CHIDI)):
        roll.put(actor, number)
    roll.take("ben")
    roll.take("ben")

    assert list(roll.items()) == [("ama", AMA), ("chidi", CHIDI)]
    assert list(roll.after(3)) == [(7, CHIDI)]
    assert "ben" not in roll
    for person in ("ama", "chidi"):
        roll.take(person)
    assert not roll
