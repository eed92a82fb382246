"""What people see of a chat and of what lies on the table."""

from typing import Any

from typing_extensions import TypedDict

from convivium.accounts.view import PersonView, person_view
from convivium.chat import service, shared
from convivium.chat.boards import Boards
from convivium.chat.models import Writers
from convivium.chat.rules import Rules, host_of
from convivium.live.parts import Part, Told
from convivium.spaces.view import time_view
from convivium.stage.view import Scene

# However many write, an audience hears of it four times a second.
PACE_S = 0.25


class LineView(TypedDict):
    """One line; `number` is its place in the chat of its space."""

    number: int
    person: PersonView
    text: str
    at: str


class ChatRulesView(TypedDict):
    """Who may write, how often one person, and whether it stays after the end."""

    writers: Writers
    slow_seconds: int
    kept: bool


class ChatView(ChatRulesView):
    """The end of a chat. taken: numbers of lines taken away lately, also of older ones."""

    lines: list[LineView]
    taken: list[int]


class SharedView(TypedDict):
    """Something on the table. host: where the link leads."""

    id: str
    person: PersonView
    text: str
    link: str | None
    host: str | None
    at: str
    pinned: bool


def line_view(row: service.Row) -> LineView:
    """Show one line."""
    line, person = row
    return {
        "number": line.number,
        "person": person_view(person),
        "text": line.text,
        "at": time_view(line.written_at),
    }


def rules_view(rules: Rules) -> ChatRulesView:
    """Show how a space talks in text."""
    return {"writers": rules.writers, "slow_seconds": rules.slow_seconds, "kept": rules.kept}


def shared_view(row: shared.Row) -> SharedView:
    """Show something on the table."""
    item, person = row
    return {
        "id": item.id,
        "person": person_view(person),
        "text": item.text,
        "link": item.link,
        "host": host_of(item.link),
        "at": time_view(item.shared_at),
        "pinned": item.pinned,
    }


class _NewLines:
    """Tells the lines that are new or not as they were, and from which number on there are any."""

    def changes(self, old: Any, new: Any) -> list[Told]:  # noqa: ANN401
        if old == new:
            return []
        before = {line["number"]: line for line in old["lines"]}
        fresh = [line for line in new["lines"] if before.get(line["number"]) != line]
        first = new["lines"][0]["number"] if new["lines"] else None
        return [Told("chat_changed", {"chat": new | {"lines": fresh}, "first": first})]


class _NewShared:
    """Tells what is new on the table or not as it was, and what is gone."""

    def changes(self, old: Any, new: Any) -> list[Told]:  # noqa: ANN401
        if old == new:
            return []
        before = {item["id"]: item for item in old}
        now = {item["id"] for item in new}
        items = [item for item in new if before.get(item["id"]) != item]
        gone = [item_id for item_id in before if item_id not in now]
        return [Told("shared_changed", {"shared": items, "gone": gone})]


def chat_parts(boards: Boards) -> list[Part]:
    """Make the parts that show what lies on the table beside the sound."""

    def show_chat(scene: Scene) -> ChatView:
        board = boards.of(scene.space.id)
        lines = [line_view(row) for row in board.lines]
        return {**rules_view(board.rules), "lines": lines, "taken": list(board.taken)}

    def show_shared(scene: Scene) -> list[SharedView]:
        return [shared_view(row) for row in boards.of(scene.space.id).shared]

    return [
        Part("chat", show_chat, _NewLines(), pace_s=PACE_S),
        Part("shared", show_shared, _NewShared(), pace_s=PACE_S),
    ]
