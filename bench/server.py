"""The server under measurement: the real command, free ports, a folder of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx

CONVIVIUM = Path(sys.executable).with_name("convivium")
ADDRESS = re.compile(r"Convivium (http://\S+)\s+\(UDP (\d+)")
START_LIMIT_S = 20.0
STOP_LIMIT_S = 10.0
COMMAND_LIMIT_S = 30.0
READY_EVERY_S = 0.005
# On a machine with other work, too, an answer may take its time.
ANSWER_LIMIT_S = 30.0
ANSWER_EVERY_S = 0.02
# More than one machine's people ever join at once: the limits on floods are not what is measured.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("CONVIVIUM_")},
    "CONVIVIUM_CALLS_BURST": "100000",
    "CONVIVIUM_CALLS_PER_S": "100000",
    "CONVIVIUM_JOINS_BURST": "100000",
    "CONVIVIUM_JOINS_PER_S": "100000",
    "CONVIVIUM_CLOSE_WHEN_BUSY": "false",
    "CONVIVIUM_MAX_CALLS_PER_SPACE": "100000",
    "CONVIVIUM_LOG_JSON": "true",
}


class MeasuringError(Exception):
    """Something that a figure needs does not work; the text says what."""


@dataclass(frozen=True)
class Server:
    """A server that answers.

    start_s: seconds from the start of the command to the first 200 of /readyz. output: where it
    writes what it says, a file descriptor.
    """

    data: Path
    url: str
    udp_port: int
    pid: int
    start_s: float
    output: int

    def said(self, event: str) -> list[dict[str, Any]]:
        """Give the lines of its log under this name, from the first on."""
        return said_in(_all_of(self.output), event)

    def numbers(self) -> dict[str, int]:
        """Ask for what it counts, calls and peers among it. Raises MeasuringError."""
        before = len(self.said("numbers"))
        os.kill(self.pid, signal.SIGUSR2)
        deadline = time.perf_counter() + ANSWER_LIMIT_S
        while time.perf_counter() < deadline:
            said = self.said("numbers")
            if len(said) > before:
                return {name: value for name, value in said[-1].items() if type(value) is int}
            time.sleep(ANSWER_EVERY_S)
        raise MeasuringError("the server does not say its numbers")

    def kill(self) -> None:
        """End it as a fault of the machine would, with no time to say anything."""
        os.kill(self.pid, signal.SIGKILL)

    def host_token(self, name: str) -> str:
        """Make a person who may hold spaces, and give the token that acts for them."""
        run_command("user", "create", name, "--data", str(self.data), "--json")
        scopes = [f"--scope={scope}" for scope in ("read", "write", "speak", "host")]
        made = run_command("token", "create", name, *scopes, "--data", str(self.data), "--json")
        return str(json.loads(made)["token"])

    def as_person(self, token: str) -> httpx.Client:
        """Give a client of the API that acts with this token."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=ANSWER_LIMIT_S)

    def live_space(self, host: httpx.Client, *, everybody_speaks: bool = False) -> str:
        """Open a space to which everyone may listen; its host's gate stays shut. Gives its id.

        everybody_speaks: whoever has an account may take a seat.
        """
        policy = "everyone" if everybody_speaks else "invited"
        wanted = {"title": "Bench", "speak_policy": policy}
        made = host.post("/spaces", json=wanted).raise_for_status().json()
        host.post(f"/spaces/{made['id']}/start").raise_for_status()
        return str(made["id"])


@contextlib.contextmanager
def new_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server on a new folder, with these settings; both are gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="convivium-bench-") as data,
        serving(Path(data), settings) as one,
    ):
        yield one


@contextlib.contextmanager
def serving(data: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server on this folder and end it by its process id. Raises MeasuringError."""
    environment = {**ENVIRONMENT, **(settings or {})}
    command = [str(CONVIVIUM), "serve", "--data", str(data), "--port=0", "--udp-port=0"]
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment
        ) as process:
            try:
                url, udp_port = _wait_until_ready(process, output.fileno(), started + START_LIMIT_S)
                start_s = time.perf_counter() - started
                yield Server(data, url, udp_port, process.pid, start_s, output.fileno())
            finally:
                _end(process)


def _wait_until_ready(
    process: subprocess.Popen[bytes], output: int, deadline: float
) -> tuple[str, int]:
    """Wait for the address and then for /readyz; gives the address and the port of the sound."""
    printed = ""
    while time.perf_counter() < deadline and process.poll() is None:
        printed = os.pread(output, 4096, 0).decode(errors="replace")
        found = ADDRESS.search(printed)
        if found and _is_ready(found[1]):
            return found[1], int(found[2])
        time.sleep(READY_EVERY_S)
    raise MeasuringError(f"the server did not start: {printed.strip()}")


def said_in(output: str, event: str) -> list[dict[str, Any]]:
    """Find the lines of a log (one JSON object each) under this name; others are passed over."""
    lines = (line for line in output.splitlines() if line.startswith("{"))
    return [said for said in map(json.loads, lines) if said.get("event") == event]


def _all_of(output: int) -> str:
    octets = os.pread(output, os.fstat(output).st_size, 0).decode(errors="replace")
    # What is being written at this moment is read the next time.
    return octets[: octets.rfind("\n") + 1]


def _is_ready(url: str) -> bool:
    """Ask without a client that is made first: making one takes longer than the answer."""
    try:
        with urlopen(f"{url}/readyz", timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()


def run_command(
    *arguments: str,
    settings: Mapping[str, str] | None = None,
    limit_s: float = COMMAND_LIMIT_S,
) -> str:
    """Run the command line of the product once and give what it printed. Raises MeasuringError."""
    done = subprocess.run(
        [str(CONVIVIUM), *arguments],
        capture_output=True,
        text=True,
        timeout=limit_s,
        env={**ENVIRONMENT, **(settings or {})},
        check=False,
    )
    if done.returncode:
        raise MeasuringError(f"convivium {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout
