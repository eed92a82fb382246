"""Make the sound of the demo's conversation: synthesised voices, nobody's own.

    python tools/make_demo_voices.py

Needs espeak-ng and opusenc (Debian: espeak-ng, opus-tools). The files are committed, so that only
somebody who changes the words needs them: Opus in Ogg, mono, 24 kb/s, packets of 20 ms.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

VOICES = Path(__file__).resolve().parent.parent / "server" / "convivium" / "demo" / "voices"
LARGEST_BYTES = 20_000
# Without these two the same words would give another file each time.
SAME_EVERY_TIME = ("--serial", "1", "--discard-comments")
ENCODE = ("opusenc", "--quiet", "--bitrate", "24", "--speech", "--framesize", "20")


def main() -> None:
    """Make every clip that `conversation.json` names."""
    conversation = json.loads((VOICES / "conversation.json").read_text())
    for clip in conversation["clips"]:
        make(clip, conversation["speakers"][clip["speaker"]])


def make(clip: dict[str, str], speaker: dict[str, Any]) -> None:
    """Speak one clip into its file. Raises ValueError if the file is larger than a clip may be."""
    file = VOICES / clip["file"]
    speech = subprocess.run(speak(clip["words"], speaker), capture_output=True, check=True).stdout
    subprocess.run([*ENCODE, *SAME_EVERY_TIME, "-", str(file)], input=speech, check=True)
    if file.stat().st_size > LARGEST_BYTES:
        message = f"{file.name} is larger than {LARGEST_BYTES} bytes: use fewer words."
        raise ValueError(message)


def speak(words: str, speaker: dict[str, Any]) -> list[str]:
    """Give the command that writes these words as a WAV file to its output."""
    pitch, speed = str(speaker["pitch"]), str(speaker["words_per_minute"])
    return ["espeak-ng", "-v", speaker["voice"], "-p", pitch, "-s", speed, "--stdout", words]


if __name__ == "__main__":
    main()
