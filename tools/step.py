"""Run one step of the build and say in one line what it was and how long it took.

    step.py [--tell] LABEL COMMAND [ARGUMENT ...]

What the command prints is shown only if it fails, or with --tell.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

REDRAW_S = 1.0


def main(arguments: Sequence[str]) -> int:
    """Run the step; the exit code is the command's own."""
    tell = arguments[0] == "--tell"
    label, *command = arguments[tell:]
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        code = run_visibly(label, command, output.fileno(), started)
        if tell or code:
            output.seek(0)
            sys.stdout.write(indented(output.read()))
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


def indented(text: str) -> str:
    """Set the output of a command apart from the line of its step."""
    return "".join(f"    {line}\n" for line in text.splitlines() if line.strip())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
