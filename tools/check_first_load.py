"""Check how much JavaScript a first visit loads: the entry and what it imports at once.

One comes to the front page, or by a link to a space, whose page names what it needs besides.
"""

import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "server" / "convivium" / "static"
# Where one comes to from outside, and what is loaded there beside the entry.
DOORS: Mapping[str, tuple[str, ...]] = {
    "front page": (),
    "space": ("src/screens/space/Space.svelte",),
}
BUDGET_BYTES = 75_000  # about 0.4 s on a slow phone network (1.6 Mb/s)


def main() -> int:
    """Print the sizes; 1 if one is over the budget."""
    manifest = json.loads((STATIC / ".vite" / "manifest.json").read_text())
    sizes = {door: _size(first_scripts(manifest, *besides)) for door, besides in DOORS.items()}
    said = ", ".join(f"{door} {size / 1000:.1f} kB" for door, size in sizes.items())
    print(f"{said} of {BUDGET_BYTES / 1000:.0f} kB (compressed)")
    return 0 if all(0 < size <= BUDGET_BYTES for size in sizes.values()) else 1


def _size(scripts: Iterable[str]) -> int:
    return sum(len(gzip.compress((STATIC / script).read_bytes())) for script in scripts)


def first_scripts(manifest: Mapping[str, Mapping[str, Any]], *besides: str) -> set[str]:
    """Find the scripts of Vite's manifest that the entry, and these sources, need to start.

    Dynamic imports are left out: they come when a person goes there.
    """
    waiting = [*besides, *(key for key, chunk in manifest.items() if chunk.get("isEntry"))]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(manifest[key].get("imports", ()))
    return {manifest[key]["file"] for key in seen if manifest[key]["file"].endswith(".js")}


if __name__ == "__main__":
    sys.exit(main())
