"""The client's half of docs/protocol.md, section 5: how events change a snapshot."""

from copy import deepcopy
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from convivium.shapes import EventData

Json = dict[str, Any]


def apply(snapshot: Json, event: Json) -> Json:
    """Give the snapshot after an event; written from the protocol's table and nothing else."""
    hold_to_shape(event)
    after, data = deepcopy(snapshot), event["data"]
    match event["type"]:
        case "snapshot":
            return deepcopy(data)
        case "space_changed":
            after["space"] = data["space"]
        case "seat_changed":
            put(after["stage"], data["seat"], lambda seat: seat["person"]["id"])
        case "seat_left":
            after["stage"] = [s for s in after["stage"] if s["person"]["id"] != data["person_id"]]
        case "floor_changed":
            after["floor"] = data["floor"]
        case "counts_changed":
            after["counts"] = data["counts"]
        case "stage_reactions_changed":
            after["stage_reactions"] = data["stage_reactions"]
        case "reactions_changed":
            after["reactions"] = data["reactions"]
        case "chat_changed":
            after["chat"] = chat_after(after["chat"]["lines"], data["chat"], data["first"])
        case "shared_changed":
            kept = [item for item in after["shared"] if item["id"] not in data["gone"]]
            for item in data["shared"]:
                put(kept, item, lambda item: item["id"])
            after["shared"] = kept
        case "person_arrived":
            put(after["people"], data["person"], lambda person: person["id"])
        case "person_left":
            after["people"] = [p for p in after["people"] if p["id"] != data["person_id"]]
        case "queue_changed":
            after["queue"] = data["queue"]
        case "capacity_changed":
            after["capacity"] = data["capacity"]
        case "alarm_changed":
            after["alarm"] = data["alarm"]
        case "you_changed":
            after["you"] = data["you"]
        case "goodbye":
            pass
        case unknown:
            raise AssertionError(f"the protocol has no event {unknown}")
    return after


def chat_after(shown: list[Json], chat: Json, first: int | None) -> Json:
    """Put new lines among those shown, by number; take off what is gone or too long ago."""
    lines = {line["number"]: line for line in [*shown, *chat["lines"]]}
    stays = [n for n in sorted(lines) if first is not None and n >= first]
    return chat | {"lines": [lines[n] for n in stays if n not in chat["taken"]]}


def hold_to_shape(event: Json) -> None:
    """Fail unless an event is exactly what the API's description says of its type."""
    shape = TypeAdapter[Any](get_type_hints(EventData)[event["type"]])
    assert shape.validate_python(event["data"], strict=True) == event["data"]


def put(items: list[Json], item: Json, key: Any) -> None:  # noqa: ANN401
    """Replace the item of the same person in its place, or append it."""
    for place, old in enumerate(items):
        if key(old) == key(item):
            items[place] = item
            return
    items.append(item)
