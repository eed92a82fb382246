"""The programs that `make bench` compiles."""

import json
import subprocess
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "engine"
METADATA_LIMIT_S = 30.0


def binary(name: str) -> Path:
    """Find what `make bench` compiled, wherever cargo keeps it on this machine."""
    asked = subprocess.run(
        ("cargo", "metadata", "--format-version=1", "--no-deps", "--offline"),
        cwd=ENGINE,
        capture_output=True,
        text=True,
        check=True,
        timeout=METADATA_LIMIT_S,
    )
    return Path(json.loads(asked.stdout)["target_directory"], "debug", name)
