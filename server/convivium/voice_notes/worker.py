"""The process that writes one voice note anew, and ends.

Reads what came from its input; writes one line of JSON, and behind it the files one after another.
It is bounded in memory and time by the system, since what it reads may want either without end.
"""

import json
import os
import resource
import sys
from contextlib import suppress

# All that the libraries of FFmpeg map, and all the sound of the longest note, twice over.
MEMORY_BYTES = 1_500_000_000
PROCESSOR_S = 30
NICENESS = 10
NO_DECODER = "no_decoder"


def main() -> None:
    """Write one note anew."""
    _bound()
    data = sys.stdin.buffer.read()
    try:
        from convivium.voice_notes.encoding import NotAVoiceNote, encode  # noqa: PLC0415
    except ImportError:
        _answer({"refused": NO_DECODER})
        return
    try:
        made = encode(data)
    except NotAVoiceNote as refusal:
        _answer({"refused": refusal.code})
        return
    about = {
        "duration_ms": made.duration_ms,
        "levels": made.levels.hex(),
        "sizes": {ending: len(file) for ending, file in made.files.items()},
    }
    _answer(about, *made.files.values())


def _bound() -> None:
    """Let the system end this process when it wants too much; it writes no file and no core."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Some systems know fewer of them, or have lower ones already.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    with suppress(OSError):
        os.nice(NICENESS)


def _answer(about: dict[str, object], *files: bytes) -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(about).encode() + b"\n")
    for file in files:
        out.write(file)
    out.flush()


if __name__ == "__main__":
    main()
