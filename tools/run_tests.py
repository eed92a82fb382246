"""Run every test of all three languages and of the browsers, then print one total.

A suite that fails does not keep the next from running. A suite in which no test ran counts as
failed: a missing test must not look like a passing one.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARGO_RESULT = re.compile(
    r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE
)


@dataclass(frozen=True)
class Tally:
    """How many tests of one suite passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def is_good(self) -> bool:
        """Tell whether tests ran and none of them failed."""
        return self.passed > 0 and self.failed == 0


@dataclass(frozen=True)
class Suite:
    """One tool's tests.

    command: `{report}` in it becomes the file to which the tool writes its JUnit report.
    limit_s: seconds after which the suite is ended and counts as failed.
    """

    name: str
    folder: str
    command: str
    limit_s: float


PYTEST = "python -m pytest -q --junit-xml={report}"
# What has a database, on the other kind of it: the tests see from their fixtures which those are.
ON_POSTGRES = f"python ../tools/postgres.py {PYTEST}"
VITEST = "vitest run --reporter=default --reporter=junit --outputFile.junit={report}"
SUITES = (
    Suite("engine", "engine", "cargo test --quiet --locked --workspace", 1800),
    Suite("server", "server", f"{PYTEST} --numprocesses auto --dist worksteal", 1500),
    Suite("postgres", "server", f"{ON_POSTGRES} --numprocesses auto --dist worksteal", 1500),
    Suite("tools", "tools", f"{PYTEST} -c ../server/pyproject.toml --rootdir . tests", 180),
    Suite(
        "bench",
        ".",
        f"{PYTEST} -c server/pyproject.toml --rootdir . bench/tests e2e/clients/tests",
        120,
    ),
    Suite("web", "web", VITEST, 180),
    Suite("browser", "e2e", "playwright test --reporter=list,junit", 1500),
)


def main(suites: Sequence[Suite] = SUITES) -> int:
    """Run all suites; 0 only if every one ran tests and all of them passed."""
    started = time.monotonic()
    tallies = {suite.name: run(suite) for suite in suites}
    print(f"\n{summary(tallies)} in {time.monotonic() - started:.0f} s", flush=True)
    return 0 if all(tally.is_good() for tally in tallies.values()) else 1


def run(suite: Suite) -> Tally:
    """Run one suite, its output passed on as it comes, and count."""
    print(f"\n== {suite.name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        code, output = run_within(suite, report)
        tally = (
            counted_by_junit(report.read_text()) if report.exists() else counted_by_cargo(output)
        )
    if code and not tally.failed:
        return Tally(tally.passed, 1, tally.skipped)
    return tally


def run_within(suite: Suite, report: Path) -> tuple[int, str]:
    """Run the suite's command and end its whole process group when its time is up."""
    with subprocess.Popen(
        suite.command.format(report=report).split(),
        cwd=ROOT / suite.folder,
        env={**os.environ, "PLAYWRIGHT_JUNIT_OUTPUT_FILE": str(report)},
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        alarm = threading.Timer(suite.limit_s, end_group, (process.pid, suite))
        alarm.start()
        try:
            output = passed_on(process)
        except KeyboardInterrupt:
            end_group(process.pid, suite)
            raise
        finally:
            alarm.cancel()
    return process.returncode, output


def passed_on(process: subprocess.Popen[str]) -> str:
    """Print a process's output line by line and return all of it."""
    lines = []
    for line in process.stdout or ():
        print(line, end="", flush=True)
        lines.append(line)
    return "".join(lines)


def end_group(group: int, suite: Suite) -> None:
    """Kill what a suite started; a hanging test may not hang the build."""
    print(
        f"{suite.name}: ended before its tests were through (limit {suite.limit_s:.0f} s).",
        flush=True,
    )
    os.killpg(group, signal.SIGKILL)


def counted_by_junit(report: str) -> Tally:
    """Count the test cases of a JUnit report."""
    passed = failed = skipped = 0
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314, written by our own tools a second ago
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return Tally(passed, failed, skipped)


def counted_by_cargo(output: str) -> Tally:
    """Add up the lines in which each of cargo's test binaries sums itself up."""
    results = [tuple(map(int, match)) for match in CARGO_RESULT.findall(output)]
    return Tally(*map(sum, zip(*results, strict=True))) if results else Tally()


def summary(tallies: Mapping[str, Tally]) -> str:
    """Say in one line how many tests of each kind passed, and what did not."""
    kinds = ", ".join(f"{name} {tally.passed}" for name, tally in tallies.items())
    text = f"Total: {sum(tally.passed for tally in tallies.values())} tests passed ({kinds})"
    text += f", {sum(tally.failed for tally in tallies.values())} failed"
    text += f", {sum(tally.skipped for tally in tallies.values())} skipped"
    missing = [name for name, tally in tallies.items() if not tally.passed and not tally.failed]
    return text + "".join(f"; no test ran in {name}" for name in missing)


if __name__ == "__main__":
    sys.exit(main())
