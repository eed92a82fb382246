"""What messages announces."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class ConversationChanged(Fact):
    """A conversation is not as it was for these people."""

    conversation_id: str
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class MessageSent(ConversationChanged):
    """Somebody wrote, and for `people` it is there to be seen.

    told: who of them accepted the conversation and wants to hear of whoever wrote.
    """

    number: int
    by: str
    told: frozenset[str]
