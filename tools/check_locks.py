"""Check that the lock files pin everything and name no registry, so that any mirror serves."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "e2e" / "clients"
# Programs that few need have locks of their own.
NPM = ("e2e/clients", "bench/lighthouse")
PION = CLIENTS / "programs" / "pion"
CRATES = 'source = "registry+https://github.com/rust-lang/crates.io-index"'


def main() -> int:
    """Print each fault; 1 if there is one."""
    faults = [
        *(
            fault
            for path in sorted((ROOT / "requirements").glob("*.txt"))
            for fault in faults_of_list(path.read_text(), path.name)
        ),
        *faults_of_npm((ROOT / "package-lock.json").read_text()),
        *(
            f"{folder}/{fault}"
            for folder in NPM
            for fault in faults_of_npm((ROOT / folder / "package-lock.json").read_text())
        ),
        *faults_of_go((PION / "go.mod").read_text(), (PION / "go.sum").read_text()),
        *faults_of_cargo((ROOT / "engine" / "Cargo.lock").read_text()),
    ]
    print("\n".join(faults))
    return 1 if faults else 0


def faults_of_list(text: str, name: str) -> Iterator[str]:
    """Yield what a requirement list must not hold: an address, a version without a hash."""
    if "://" in text or "--index" in text or "--find-links" in text:
        yield f"requirements/{name} names an address"
    for entry in re.split(r"\n(?=\S)", text.strip()):
        if "--hash=sha256:" not in entry:
            yield f"requirements/{name}: {entry.split()[0]} has no hash"


def faults_of_npm(text: str) -> Iterator[str]:
    """Yield the packages whose entry has an address, or has no hash."""
    for path, entry in json.loads(text)["packages"].items():
        if not path.startswith("node_modules/") and "/node_modules/" not in path:
            continue
        if entry.get("link"):
            continue
        if "resolved" in entry:
            yield f"package-lock.json: {path} names the address it came from"
        if "integrity" not in entry:
            yield f"package-lock.json: {path} has no hash"


def faults_of_cargo(text: str) -> Iterator[str]:
    """Yield sources other than the default, which Cargo replaces where a mirror is set."""
    for line in text.splitlines():
        if line.startswith("source =") and line != CRATES:
            yield f"engine/Cargo.lock: {line}"


def faults_of_go(wanted: str, sums: str) -> Iterator[str]:
    """Yield the modules without a hash of their content, and those that come from elsewhere."""
    hashed = {tuple(line.split()[:2]) for line in sums.splitlines() if " h1:" in line}
    for line in wanted.splitlines():
        if line.startswith("replace"):
            yield f"go.mod: {line}"
        required = re.match(r"\t(\S+) (v\S+)", line)
        if required and required.groups() not in hashed:
            yield f"go.mod: {required[1]} has no hash"


if __name__ == "__main__":
    sys.exit(main())
