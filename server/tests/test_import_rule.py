"""Each contract of the import rule catches what it is for, and the code as it is keeps them all."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = Path(__file__).parent.parent

# The contract that must break, a file, and the line that must not stand in it.
FAULTS = [
    ("Features import one way", "stage/planted.py", "import convivium.calls.rules"),
    ("Features import one way", "unplaced/__init__.py", ""),
    ("Inside a feature, imports go one way", "stage/rules.py", "import convivium.stage.service"),
    ("The web framework only in", "stage/service.py", "import fastapi"),
    (
        "Routes are known to the composition root alone",
        "timeline/planted.py",
        "import convivium.spaces.api",
    ),
    ("The engine module only in media", "demo/planted.py", "import convivium_engine"),
    ("No cycles anywhere", "core/clock.py", "import convivium.core.rate"),
]


def lint(folder: Path) -> str:
    """Give what lint-imports says about a copy."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    check = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    return check.stdout + check.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("static", "__pycache__", "voices")
    shutil.copytree(SERVER / "convivium", tmp_path / "convivium", ignore=ignored)
    shutil.copy(SERVER / ".importlinter", tmp_path)
    return tmp_path


def test_the_code_keeps_the_rule(copy: Path) -> None:
    """All contracts hold, over all files."""
    assert "6 kept, 0 broken" in lint(copy)


@pytest.mark.parametrize(("contract", "file", "line"), FAULTS)
def test_a_planted_fault_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    """The contract that is there for it breaks."""
    planted = copy / "convivium" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{planted.read_text() if planted.exists() else ''}\n{line}\n")

    broken = [words for words in lint(copy).splitlines() if "BROKEN" in words]

    assert any(contract in words for words in broken), broken
