"""What travels as a whole, as types: the card, the snapshot and every event.

All of it is put together at run time of the parts that app.py lists, so no feature can name it.
Here it is written down (docs/protocol.md, 1 and 5) for the API's description, of which the page's
own types are made; a test holds what is sent to it.
"""

from typing import Any, Literal

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from convivium.accounts.view import PersonView
from convivium.calls.alarm import AlarmView
from convivium.calls.view import CapacityView, CountsView
from convivium.chat.view import ChatView, SharedView
from convivium.messages.view import ConversationView, NewsView
from convivium.moderation.view import OpenCases
from convivium.notifications.view import NotificationView
from convivium.reactions.view import ReactionsView, StageReactionsView
from convivium.spaces.view import DoorView, SpaceView
from convivium.stage.view import FloorView, SeatView, WaitingView, YouView

IN_DESCRIPTION = "#/components/schemas/{model}"


class Card(DoorView):
    """A space as a list or a door shows it; who may not listen gets null for what is kept."""

    description: str | None
    reminders: int | None
    stage: list[SeatView] | None
    counts: CountsView | None
    you: YouView


class Snapshot(TypedDict):
    """All that one person may see of a space; the last four are for its hosts only."""

    space: SpaceView
    stage: list[SeatView]
    floor: FloorView
    counts: CountsView
    stage_reactions: StageReactionsView
    reactions: ReactionsView
    chat: ChatView
    shared: list[SharedView]
    you: YouView
    queue: list[WaitingView] | None
    people: list[PersonView] | None
    capacity: CapacityView | None
    alarm: AlarmView | None


class SpaceNow(TypedDict):
    """What is said of a space."""

    space: SpaceView


class SeatNow(TypedDict):
    """Somebody's seat."""

    seat: SeatView


class FloorNow(TypedDict):
    """How turns are given, and who is next."""

    floor: FloorView


class CountsNow(TypedDict):
    """How many there are."""

    counts: CountsView


class CapacityNow(TypedDict):
    """How many more there is room for."""

    capacity: CapacityView


class AlarmNow(TypedDict):
    """That many came or asked at once; null once it is over."""

    alarm: AlarmView | None


class StageReactionsNow(TypedDict):
    """How often each of those on the stage reacted with what."""

    stage_reactions: StageReactionsView


class ReactionsNow(TypedDict):
    """How often everybody reacted with what."""

    reactions: ReactionsView


class ChatNow(TypedDict):
    """How a chat is, with the lines that are new or not as they were.

    first: number of the first line that is still shown to who comes in; null when there is none.
    """

    chat: ChatView
    first: int | None


class SharedNow(TypedDict):
    """What is new on the table or not as it was, and the ids of what is gone."""

    shared: list[SharedView]
    gone: list[str]


class PersonHere(TypedDict):
    """Somebody who came, or is called something else."""

    person: PersonView


class PersonGone(TypedDict):
    """Somebody who is not there any more."""

    person_id: str


class QueueNow(TypedDict):
    """Who wants to speak, in order."""

    queue: list[WaitingView]


class YouNow(TypedDict):
    """How one stands."""

    you: YouView


class Goodbye(TypedDict):
    """Why a stream ends."""

    reason: Literal[
        "removed",
        "narrowed",
        "elsewhere",
        "ended",
        "signed_out",
        "suspended",
        "deleted",
        "restarting",
    ]
    reconnect: bool


class EventData(TypedDict):
    """Type of an event -> its data."""

    snapshot: Snapshot
    space_changed: SpaceNow
    seat_changed: SeatNow
    seat_left: PersonGone
    floor_changed: FloorNow
    counts_changed: CountsNow
    stage_reactions_changed: StageReactionsNow
    reactions_changed: ReactionsNow
    chat_changed: ChatNow
    shared_changed: SharedNow
    person_arrived: PersonHere
    person_left: PersonGone
    queue_changed: QueueNow
    capacity_changed: CapacityNow
    alarm_changed: AlarmNow
    you_changed: YouNow
    goodbye: Goodbye


class MySnapshot(TypedDict):
    """All that concerns one person outside the rooms."""

    unread: int
    notifications: list[NotificationView]
    messages: NewsView
    asking: list[ConversationView]
    conversations: list[ConversationView]
    moderation: OpenCases | None


class UnreadNow(TypedDict):
    """How much one has not seen."""

    unread: int


class NotificationNow(TypedDict):
    """Something one is told, new or not as it was."""

    notification: NotificationView


class NotificationGone(TypedDict):
    """Something one is told no more."""

    id: str


class MessagesNow(TypedDict):
    """How much one has not read, and how many ask."""

    messages: NewsView


class ConversationNow(TypedDict):
    """A conversation that is new or not as it was."""

    conversation: ConversationView


class ConversationGone(TypedDict):
    """A conversation that is not there any more, or not where it was."""

    id: str


class ModerationNow(TypedDict):
    """How much waits for a moderator; null for everybody else."""

    moderation: OpenCases | None


class TimelineGrew(TypedDict):
    """Somebody one follows put something into timelines."""

    person: PersonView


class MyEventData(TypedDict):
    """Type of an event of one's own stream -> its data."""

    snapshot: MySnapshot
    unread_changed: UnreadNow
    notification_changed: NotificationNow
    notification_gone: NotificationGone
    messages_changed: MessagesNow
    conversation_changed: ConversationNow
    conversation_gone: ConversationGone
    moderation_changed: ModerationNow
    timeline_grew: TimelineGrew
    goodbye: Goodbye


def complete(description: dict[str, Any]) -> dict[str, Any]:
    """Put these shapes into the API's description, where its routes refer to them."""
    schemas = description["components"]["schemas"]
    for shape in (Card, EventData, MyEventData):
        schema = TypeAdapter(shape).json_schema(ref_template=IN_DESCRIPTION, mode="serialization")
        schemas |= schema.pop("$defs")
        schemas[shape.__name__] = schema
    whole: dict[str, Any] = _with_references(description)
    return whole


def _with_references(value: Any) -> Any:  # noqa: ANN401 - any piece of JSON
    if isinstance(value, list):
        return [_with_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "x-shape" in value:
        return {"$ref": IN_DESCRIPTION.format(model=value["x-shape"])}
    return {key: _with_references(item) for key, item in value.items()}
