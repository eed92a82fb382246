"""Finding a few among many calls."""

from dataclasses import replace

from convivium.calls.registry import Registry
from convivium.core.actor import Actor, Shown

AMA = Actor(kind="account", id="ama", display_name="Ama")
BEN = Actor(kind="account", id="ben", display_name="Ben")


def test_calls_are_found_by_space_and_person() -> None:
    """Each space and person has its own calls, in the order in which they came."""
    registry = Registry()
    first, other = registry.add("kitchen", AMA), registry.add("kitchen", BEN)
    second, elsewhere = registry.add("kitchen", AMA), registry.add("garden", AMA)

    assert registry.of_person("kitchen", "ama") == [first, second]
    assert registry.of_person("kitchen", "ben") == [other]
    assert registry.of_person("garden", "ama") == [elsewhere]
    registry.remove(first)
    assert registry.of_person("kitchen", "ama") == [second]


def test_people_are_there_as_long_as_one_of_their_calls() -> None:
    """Somebody with two calls counts once, and leaves with the second."""
    registry = Registry()
    first, _, second = calls = [registry.add("kitchen", actor) for actor in (AMA, BEN, AMA)]
    assert not registry.people("kitchen"), "nobody is seen before they are admitted"
    for call in calls:
        registry.welcome(call)

    registry.remove(first)
    assert list(registry.people("kitchen")) == ["ama", "ben"]
    registry.remove(second)
    assert list(registry.people("kitchen")) == ["ben"]


def test_nobody_is_seen_whose_call_ended_at_the_door() -> None:
    """A call that was ended while its admission was on its way is not shown afterwards."""
    registry = Registry()
    call = registry.add("kitchen", AMA)
    call.has_ended = True
    registry.remove(call)

    registry.welcome(call)

    assert not registry.people("kitchen")


def test_people_are_shown_under_their_new_name() -> None:
    """A new name holds for a call and for the person in the list."""
    registry = Registry()
    call = registry.add("kitchen", AMA)
    registry.welcome(call)

    registry.show_as("ama", Shown("Amma", True, None, None))

    renamed = replace(AMA, display_name="Amma", listed=True)
    assert call.actor == registry.people("kitchen")["ama"] == renamed


def test_a_crowd_of_guests_is_not_looked_through_for_those_who_are_shown() -> None:
    """Who is listed and who has an account is known without asking everybody."""
    registry = Registry()
    guests = [Actor(kind="guest", id=f"guest {number}") for number in range(1_000)]
    calls = [registry.add("kitchen", actor) for actor in (*guests, AMA, replace(BEN, listed=True))]
    for call in calls:
        registry.welcome(call)

    assert list(registry.named("kitchen")) == ["ama", "ben"]
    assert list(registry.listed("kitchen")) == ["ben"]
    registry.show_as("ben", Shown("Ben", False, None, None))
    registry.show_as("ama", Shown("Ama", True, None, None))
    assert list(registry.listed("kitchen")) == ["ama"]
    for call in calls:
        registry.remove(call)
    assert not registry.named("kitchen")
    assert not registry.listed("kitchen")
