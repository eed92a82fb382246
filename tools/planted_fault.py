"""Plant forbidden imports, and see that the import rules of server and web app catch each.

A contract that looks at nothing passes too; this shows that ours look.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "server"
# What is planted: a file, and the line that must not stand in it.
FAULTS: Mapping[str, str] = {
    "convivium/core/planted.py": "import convivium.accounts.service",
    "convivium/accounts/planted.py": "import convivium.app",
    "convivium/live/planted.py": "import convivium_engine",
    "convivium/accounts/rules.py": "import fastapi",
}


WEB_FAULTS: Mapping[str, str] = {
    "web/src/ui/planted.ts": 'import "../live/space-state";',
    "web/src/api/planted.ts": 'import "../ui/toasts.svelte";',
    "web/src/live/planted.ts": 'import "../media/call";',
    "web/src/media/planted.ts": 'import "../live/event-log";',
    "web/src/room/planted.ts": 'import "../screens/home/Home.svelte";',
}


def main() -> int:
    """Print each fault that stays unnoticed; 1 if there is one."""
    unnoticed = [*unnoticed_in_server(), *unnoticed_in_web()]
    for file, line in unnoticed:
        print(f"{file}: {line} was not noticed")
    return 1 if unnoticed else 0


def unnoticed_in_server(
    server: Path = SERVER, faults: Mapping[str, str] = FAULTS
) -> list[tuple[str, str]]:
    """List the faults that import-linter lets pass."""
    return [fault for fault in faults.items() if not is_caught(server, *fault)]


def unnoticed_in_web(faults: Mapping[str, str] = WEB_FAULTS) -> list[tuple[str, str]]:
    """List the faults that Biome lets pass."""
    return [fault for fault in faults.items() if "noRestrictedImports" not in biome(*fault)]


def biome(file: str, line: str) -> str:
    """Give what Biome says about a file of one line under our rules."""
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder, file)
        planted.parent.mkdir(parents=True)
        planted.write_text(line)
        for rules in ("biome.jsonc", ".gitignore"):
            shutil.copy(ROOT / rules, folder)
        command = ["biome", "lint", "--colors=off", file]
        check = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        return check.stdout + check.stderr


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
