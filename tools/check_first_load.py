"""Check how much JavaScript a first visit loads: the entry and what it imports at once."""

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "server" / "convivium" / "static"
BUDGET_BYTES = 75_000  # about 0.4 s on a slow phone network (1.6 Mb/s)


def main() -> int:
    """Print the size; 1 if it is over the budget."""
    manifest = json.loads((STATIC / ".vite" / "manifest.json").read_text())
    scripts = first_scripts(manifest)
    size = sum(len(gzip.compress((STATIC / script).read_bytes())) for script in scripts)
    print(
        f"{size / 1000:.1f} kB of {BUDGET_BYTES / 1000:.0f} kB (compressed, {len(scripts)} files)"
    )
    return 0 if scripts and size <= BUDGET_BYTES else 1


def first_scripts(manifest: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Find the scripts of Vite's manifest that the entry needs before it can start.

    Dynamic imports are left out: they come when a person goes there.
    """
    waiting = [key for key, chunk in manifest.items() if chunk.get("isEntry")]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(manifest[key].get("imports", ()))
    return {manifest[key]["file"] for key in seen if manifest[key]["file"].endswith(".js")}


if __name__ == "__main__":
    sys.exit(main())
