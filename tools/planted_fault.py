"""Plant forbidden imports in a copy of the server, and see that the import rule catches each.

A contract that looks at nothing passes too; this shows that ours look.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

SERVER = Path(__file__).resolve().parent.parent / "server"
# What is planted: a file of the server, and the line that must not stand in it.
FAULTS: Mapping[str, str] = {
    "convivium/core/planted.py": "import convivium.accounts.service",
    "convivium/accounts/planted.py": "import convivium.app",
    "convivium/live/planted.py": "import convivium_engine",
    "convivium/accounts/rules.py": "import fastapi",
}


def main(server: Path = SERVER, faults: Mapping[str, str] = FAULTS) -> int:
    """Print each fault that stays unnoticed; 1 if there is one."""
    unnoticed = [
        f"{file}: '{line}' was not noticed"
        for file, line in faults.items()
        if not is_caught(server, file, line)
    ]
    print("\n".join(unnoticed))
    return 1 if unnoticed else 0


def is_caught(server: Path, file: str, line: str) -> bool:
    """Tell whether lint-imports refuses a copy of the server with this line in this file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(
            server / "convivium",
            copy / "convivium",
            ignore=shutil.ignore_patterns("static", "__pycache__"),
        )
        shutil.copy(server / ".importlinter", copy)
        planted = copy / file
        planted.write_text(f"{planted.read_text() if planted.exists() else ''}\n{line}\n")
        module = file.removesuffix(".py").replace("/", ".")
        verdict = lint(copy)
        return "BROKEN" in verdict and module in verdict


def lint(folder: Path) -> str:
    """Give what lint-imports says about a folder."""
    command = ["lint-imports", "--no-cache"]
    check = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return check.stdout


if __name__ == "__main__":
    sys.exit(main())
