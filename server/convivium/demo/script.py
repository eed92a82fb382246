"""What the demo's voices say: the recordings that lie in `voices/`, in the order of the talk."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from convivium.demo.ogg import opus_packets

VOICES = Path(__file__).parent / "voices"
PACKET_S = 0.02
# Two tables: at one they talk in turns, at the other one stranger follows another.
TABLES = (TALK, LANE) = "talk", "dialects"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One of the demo's people; table: where they talk."""

    name: str
    display_name: str
    table: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Something one of them says: Opus packets of 20 ms each."""

    speaker: str
    packets: tuple[bytes, ...]

    @property
    def duration_s(self) -> float:
        """How long it takes to say."""
        return len(self.packets) * PACKET_S


def speakers(table: str | None = None) -> list[Speaker]:
    """List those who speak, at one table or at all; the first of a table is its host."""
    everybody = (
        Speaker(name, described["display_name"], described.get("table", TALK))
        for name, described in _conversation()["speakers"].items()
    )
    return [speaker for speaker in everybody if table in (None, speaker.table)]


def clips(table: str | None = None) -> list[Clip]:
    """Read the recordings of one table, or all, in the order in which they are spoken."""
    names = {speaker.name for speaker in speakers(table)}
    return [
        Clip(clip["speaker"], tuple(opus_packets((VOICES / clip["file"]).read_bytes())))
        for clip in _conversation()["clips"]
        if clip["speaker"] in names
    ]


@cache
def _conversation() -> dict[str, Any]:
    conversation: dict[str, Any] = json.loads((VOICES / "conversation.json").read_bytes())
    return conversation
