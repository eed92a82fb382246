"""A client in a process of its own; programs/lines.ts says how one talks with it."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

Found = TypeVar("Found")

# About 3 s of sound, in packets of 20 ms or pieces of 10.
KEPT = 300
LOOK_EVERY_S = 0.05
STOP_LIMIT_S = 5.0
LONGEST_TASK_S = 30.0
SILENCE_DB = -200.0
LONGEST_COMPLAINT = 2000


class ClientError(Exception):
    """Something that a client, or the server for it, does not do; the text says what."""


class Program:
    """A client that runs, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str], complaints: IO[str]) -> None:
        """Listen to this process, which complains to a file."""
        self.version = ""
        self.states: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.did: list[str] = []
        self.level_db = SILENCE_DB
        self.names: list[str] = []
        self._process = process
        self._complaints = complaints
        self._offers: list[str] = []
        self._unable = ""
        self._sound: deque[str] = deque(maxlen=KEPT)
        self._reader = threading.Thread(target=self._read, name="client")
        self._reader.start()

    def ask(self, **what: object) -> None:
        """Ask for something."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(f"{json.dumps(what)}\n")
                self._process.stdin.flush()

    def do(self, **what: object) -> None:
        """Ask for something and wait until it is done. Raises ClientError if it cannot be."""
        done = len(self.did)
        self.ask(**what)
        self.wait(lambda: len(self.did) > done, f"does not {next(iter(what))}", LONGEST_TASK_S)

    def offer(self, number: int) -> str:
        """Wait for its offer with this number. Raises ClientError if it cannot make one."""
        return self.wait(
            lambda: self._offers[number] if len(self._offers) > number else None, "no offer"
        )

    def sound(self) -> list[str]:
        """Tell what was heard lately, as `convivium-voice hear` reads it."""
        return list(self._sound)

    def forget_sound(self) -> None:
        """From here on only what is heard from here on counts."""
        self._sound.clear()

    def wait(self, look: Callable[[], Found | None], otherwise: str, limit_s: float = 10) -> Found:
        """Wait until there is something to see. Raises ClientError with the words given."""
        deadline = time.monotonic() + limit_s
        while True:
            if found := look():
                return found
            if self._unable:
                reason, self._unable = self._unable, ""
                raise ClientError(reason)
            if self._process.poll() is not None:
                raise ClientError(f"{otherwise}, it ended: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ClientError(otherwise)
            time.sleep(LOOK_EVERY_S)

    def end(self) -> None:
        """End it, by its own means if it has some."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _last_words(self) -> str:
        said = os.pread(self._complaints.fileno(), LONGEST_COMPLAINT, 0).decode(errors="replace")
        return said.strip() or f"code {self._process.returncode}"

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith("{"):
                self._take(json.loads(line))

    def _take(self, said: dict[str, Any]) -> None:
        self.version = said.get("version", self.version)
        self.level_db = said.get("level", self.level_db)
        self.names = said.get("names", self.names)
        self._unable = said.get("unable", self._unable)
        if "offer" in said:
            self._offers.append(said["offer"])
        if "state" in said:
            self.states.append(said["state"])
        if "did" in said:
            self.did.append(said["did"])
        if "message" in said:
            self.messages.append(json.loads(said["message"]))
        for kind in said.keys() & {"opus", "pcm"}:
            self._sound.append(f"{kind} {said[kind]}")


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Start a client and end it, whatever happens; what it complains about goes to a file."""
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        program = Program(process, complaints)
        try:
            yield program
        finally:
            program.end()
