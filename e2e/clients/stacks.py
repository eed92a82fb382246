"""The clients: what each needs on this machine, how it starts, and what it is known not to do."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from e2e.clients.sound import CLIENT_TONE

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
ROOT = HERE.parents[1]
MADE = ROOT / ".cache" / "clients"
LIMIT_S = 600.0

Command = Sequence[str | Path]


class MissingError(Exception):
    """Something that a client needs cannot be had on this machine; the text says what."""


@dataclass(frozen=True)
class Stack:
    """One client.

    voice: what its library wants to speak, `opus` packets or `pcm`; a `page` has a microphone.
    command: how it is started, made ready first; raises MissingError. limits: steps that it is
    known to fail, for just this reason of its own.
    """

    name: str
    voice: str
    command: Callable[[], Command]
    limits: Mapping[str, str] = field(default_factory=dict)


def pion() -> Command:
    """Compile the Go program; Go brings its modules itself, checked against go.sum."""
    if not shutil.which("go"):
        raise MissingError("there is no Go on the path")
    program = MADE / "pion"
    run("go", "build", "-C", PROGRAMS / "pion", "-o", program)
    return [program]


def aiortc() -> Command:
    """Make an environment of its own from requirements/clients.txt."""
    wanted = ROOT / "requirements" / "clients.txt"
    folder = MADE / "python"
    python = folder / "bin" / "python"
    if not is_newer(folder / "made", wanted):
        uv = os.environ.get("UV", "uv")
        run(uv, "venv", "--quiet", "--clear", folder)
        run(uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", wanted)
        (folder / "made").touch()
    return [python, PROGRAMS / "aiortc_client.py"]


def in_node(program: str) -> Callable[[], Command]:
    """Install what e2e/clients/package-lock.json names, and start this program with Node."""

    def command() -> Command:
        made = HERE / "node_modules" / ".package-lock.json"
        if not is_newer(made, HERE / "package-lock.json"):
            npm = os.environ.get("NPM", "npm").split()
            run(*npm, "ci", "--prefix", HERE, "--loglevel=error")
        return ["node", PROGRAMS / program]

    return command


def firefox() -> Command:
    """Find Firefox and a sound server; as root on Debian, install them."""
    for program in ("firefox-esr", "pulseaudio"):
        if not shutil.which(program) and os.geteuid() == 0 and shutil.which("apt-get"):
            run("apt-get", "-qq", "update")
            run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", program)
        if not shutil.which(program):
            raise MissingError(f"there is no {program}: on Debian, 'apt install {program}'")
    browser = shutil.which("firefox-esr") or ""
    return [*in_node("firefox.ts")(), browser, str(CLIENT_TONE)]


STACKS = (
    Stack("Firefox", "page", firefox),
    Stack("Pion", "opus", pion),
    Stack("aiortc", "pcm", aiortc, {"restarts": "it has no ICE restart"}),
    Stack(
        "libdatachannel",
        "opus",
        in_node("libdatachannel.ts"),
        {"restarts": "it has no ICE restart"},
    ),
    Stack(
        "werift",
        "opus",
        in_node("werift.ts"),
        {"restarts": "it sends no check under its new name"},
    ),
    Stack("libwebrtc", "pcm", in_node("libwebrtc.ts")),
)


def is_newer(made: Path, source: Path) -> bool:
    """Tell whether something was made after what it is made of."""
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def run(*command: str | Path) -> None:
    """Run a step of making ready. Raises MissingError with the end of what it said."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=ROOT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(str(error)) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise MissingError(f"{Path(command[0]).name} failed: {said[-1] if said else ''}")
