"""Who is listening, as others see it; from the calls in memory."""

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from typing_extensions import TypedDict

from convivium.accounts.view import PersonView, person_view
from convivium.calls.entrance import Entrance
from convivium.calls.registry import Registry
from convivium.core.actor import Actor
from convivium.live.parts import Each, Item, Part, Whole
from convivium.live.service import Live
from convivium.media.engine import Step
from convivium.stage.view import Scene

SHOWN_PEOPLE = 200
COUNTS_PACE_S = 0.5


class CountsView(TypedDict):
    """How many listen, and how many want to speak."""

    listeners: int
    requests: int


class CapacityView(TypedDict):
    """How many more listeners there is room for, and what the engine leaves out for want of time.

    room: rounded; null while it is not known.
    """

    room: int | None
    step: Step


def listening_parts(registry: Registry, entrance: Entrance, live: Live) -> list[Part]:
    """Make the parts that show listeners: how many to everybody, and who to the hosts.

    Everybody else asks who is there (`calls/listeners.py`): what all are told, guests are told too.
    Moderators who look in by their office are named without a call; who counts are those who hear.
    """

    def listeners_among(people: Mapping[str, Actor], scene: Scene) -> Iterator[Actor]:
        seated = frozenset(scene.stage.seated)
        return (actor for person, actor in people.items() if person not in seated)

    def show_counts(scene: Scene) -> CountsView:
        people = registry.people(scene.space.id)
        seated = sum(person in people for person in set(scene.stage.seated))
        return {"listeners": len(people) - seated, "requests": len(scene.queue.askers)}

    def show_people(scene: Scene) -> list[PersonView]:
        named = registry.named(scene.space.id)
        looking = live.looking(scene.space.id, scene)
        without_call = (actor for person, actor in looking.items() if person not in named)
        return _first(chain(without_call, listeners_among(named, scene)))

    def show_capacity(scene: Scene) -> CapacityView:
        room = entrance.room(scene.space.id) if scene.is_live else None
        return {"room": room, "step": entrance.step}

    return [
        Part("counts", show_counts, Whole("counts_changed", "counts"), pace_s=COUNTS_PACE_S),
        Part(
            "people",
            show_people,
            Each("person_arrived", "person", "person_left", _person),
            for_hosts=True,
        ),
        Part(
            "capacity",
            show_capacity,
            Whole("capacity_changed", "capacity"),
            for_hosts=True,
            pace_s=COUNTS_PACE_S,
        ),
    ]


def _first(people: Iterator[Actor]) -> list[PersonView]:
    """Show as many as are shown; the others are passed by unseen."""
    return [person_view(actor) for actor in islice(people, SHOWN_PEOPLE)]


def _person(item: Item) -> str:
    return str(item["id"])
