"""A voice for the clients and an ear for what they hear: the testbed's."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.binaries import binary
from bench.server import Server

# The one who is there before all clients, and all clients, one after the other.
HOST, CLIENT = 0, 7
# Of these voices, in Hz (engine/crates/testbed/src/voice.rs): what a page listens for itself, and
# the one tone to which Firefox can set its own microphone.
HOST_TONES = [400, 440, 480, 520]
CLIENT_TONE = 1560
# The ear takes a voice for heard above this; the voices arrive with about -20.
AUDIBLE_DB = -45.0
LISTENING_S = 3
LIMIT_S = 30.0


def write_voice(path: Path, kind: str) -> None:
    """Write the clients' voice: a line for each 20 ms, `opus` or `pcm`."""
    path.write_text(_ask("convivium-voice", "speak", str(CLIENT), kind), encoding="ascii")


def level_db(sound: Sequence[str]) -> float:
    """Measure how loud the host's voice is in what a client heard, in dBFS."""
    lines = "".join(f"{line}\n" for line in sound)
    return float(_ask("convivium-voice", "hear", str(HOST), told=lines))


def hears_client(server: Server, space: str) -> bool:
    """Let a guest listen for the clients' voice for three seconds."""
    words = ["--url", server.url, "--space", space, "--listeners", "1", "--hear", str(CLIENT)]
    done = subprocess.run(
        [binary("convivium-testbed"), *words, "--seconds", str(LISTENING_S)],
        stdout=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode == 0


def _ask(program: str, *words: str, told: str = "") -> str:
    done = subprocess.run(
        [binary(program), *words],
        input=told,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    return done.stdout
