"""What the demo's voices say: the recordings that lie in `voices/`, in the order of the talk."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convivium.demo.ogg import opus_packets

VOICES = Path(__file__).parent / "voices"
PACKET_S = 0.02


@dataclass(frozen=True, slots=True)
class Speaker:
    """One of the demo's people."""

    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Something one of them says: Opus packets of 20 ms each."""

    speaker: str
    packets: tuple[bytes, ...]

    @property
    def duration_s(self) -> float:
        """How long it takes to say."""
        return len(self.packets) * PACKET_S


def speakers() -> list[Speaker]:
    """List the demo's people; the first is the host."""
    return [
        Speaker(name, f"{described['display_name']} (demo)")
        for name, described in _conversation()["speakers"].items()
    ]


def clips() -> list[Clip]:
    """Read every recording, in the order in which they are spoken."""
    return [
        Clip(clip["speaker"], tuple(opus_packets((VOICES / clip["file"]).read_bytes())))
        for clip in _conversation()["clips"]
    ]


def _conversation() -> dict[str, Any]:
    conversation: dict[str, Any] = json.loads((VOICES / "conversation.json").read_bytes())
    return conversation
