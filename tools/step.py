"""Run one step of the build and say in one line what it was and how long it took.

    step.py [--tell PATTERN] LABEL COMMAND [ARGUMENT ...]

What the command prints is shown if it fails; with --tell, the lines that match are shown anyway.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

REDRAW_S = 1.0
NOTHING = "(?!)"


def main(arguments: Sequence[str]) -> int:
    """Run the step; the exit code is the command's own."""
    telling = arguments[0] == "--tell"
    told, label, *command = arguments[1:] if telling else (NOTHING, *arguments)
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        code = run_visibly(label, command, output.fileno(), started)
        output.seek(0)
        sys.stdout.write(indented(output.read(), "" if code else told))
    return code


def run_visibly(label: str, command: Sequence[str], output: int, started: float) -> int:
    """Run the command while the line on a terminal counts the seconds."""
    lively = sys.stdout.isatty()
    print(f"  {label} ...", end="", flush=True)
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    while True:
        try:
            code = process.wait(REDRAW_S)
            break
        except subprocess.TimeoutExpired:
            if lively:
                print(f"\r  {label} ... {elapsed(started)}", end="", flush=True)
        except KeyboardInterrupt:
            process.wait()
            raise
    start_of_line = "\r" if lively else ""
    rest = f"  {label} ... " if lively else " "
    print(f"{start_of_line}{rest}{elapsed(started)}{' FAILED' if code else ''}", flush=True)
    return code


def elapsed(started: float) -> str:
    """Tell the seconds since the start as people read them."""
    return f"{time.monotonic() - started:.1f} s"


def indented(text: str, pattern: str) -> str:
    """Set the lines that match apart from the line of the step; lines without text are left out."""
    lines = (line for line in text.splitlines() if line.strip() and re.search(pattern, line))
    return "".join(f"    {line}\n" for line in lines)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
