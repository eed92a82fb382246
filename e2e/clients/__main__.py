"""Let each client visit a real server and print one table.

    python -m e2e.clients [--only NAME ...] [--page FILE]

Exit code 0 when each client that can be had here does all it is known to do; else 1.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import machine
from bench.server import MeasuringError
from e2e.clients import sound
from e2e.clients.guest import Outcome, visit
from e2e.clients.library import Library
from e2e.clients.page import Page, null_sink
from e2e.clients.program import ClientError, running
from e2e.clients.report import as_page, as_table, faults
from e2e.clients.room import Room, open_room
from e2e.clients.stacks import STACKS, Command, MissingError, Stack


def main(words: Sequence[str]) -> int:
    """Run the matrix."""
    options = _options(words)
    ready = list(_made_ready([stack for stack in STACKS if stack.name in options.only]))
    outcomes: list[tuple[Stack, Outcome]] = []
    try:
        with open_room() as room:
            for number, (stack, command) in enumerate(ready):
                print(f"  {stack.name} ...", flush=True)
                outcomes.append((stack, _outcome(room, stack, command, f"client{number}")))
    except (ClientError, MeasuringError) as error:
        print(error, file=sys.stderr)
        return 1
    wrong = [fault for stack, outcome in outcomes for fault in faults(stack, outcome)]
    print("", as_table([outcome for _, outcome in outcomes]), "", *wrong, sep="\n")
    if options.page:
        date = datetime.now(UTC).strftime("%d %b %Y")
        page = as_page(outcomes, f"{date}, {machine.describe()}")
        options.page.write_text(page, encoding="utf-8")
    return 1 if wrong or not outcomes else 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m e2e.clients")
    names = [stack.name for stack in STACKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--page", type=Path, help="write the table there as a page")
    return parser.parse_args(words)


def _made_ready(stacks: Sequence[Stack]) -> Iterator[tuple[Stack, Command]]:
    """Install and compile what is missing; what cannot be had is said and left out."""
    for stack in stacks:
        try:
            yield stack, stack.command()
        except MissingError as missing:
            print(f"  {stack.name} is left out: {missing}", flush=True)


def _outcome(room: Room, stack: Stack, command: Command, account: str) -> Outcome:
    if stack.voice == "page":
        with null_sink() as environment, running(command, environment) as program:
            return visit(Page(room, program, account), stack.name)
    with tempfile.TemporaryDirectory(prefix="convivium-clients-") as folder:
        path = Path(folder, "voice")
        sound.write_voice(path, stack.voice)
        with room.person(account) as person, running([*command, path]) as program:
            return visit(Library(room, program, account, person=person), stack.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
