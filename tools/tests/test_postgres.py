"""A PostgreSQL for the tests: the newest there is, for as long as a command runs, and no longer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import postgres

SCRIPT = Path(postgres.__file__)


def of_debian(folder: Path, *versions: str) -> None:
    for version in versions:
        (folder / version / "bin").mkdir(parents=True)
        (folder / version / "bin" / "initdb").touch()


def test_the_newest_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_debian(tmp_path, "9.6", "15", "18", "17")
    monkeypatch.setattr(postgres, "OF_DEBIAN", tmp_path)
    monkeypatch.delenv("POSTGRES", raising=False)

    assert postgres.found() == tmp_path / "18" / "bin"


def test_one_that_is_too_old_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing newer can be installed either, one is told what to do."""
    of_debian(tmp_path, "13")
    monkeypatch.setattr(postgres, "OF_DEBIAN", tmp_path)
    monkeypatch.setattr(postgres, "install", lambda *_: None)
    monkeypatch.delenv("POSTGRES", raising=False)

    assert postgres.main(["true"]) == 1
    assert "apt install postgresql" in capsys.readouterr().err


def test_another_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_debian(tmp_path, "18")
    monkeypatch.setenv("POSTGRES", str(tmp_path / "18" / "bin"))

    assert postgres.found() == tmp_path / "18" / "bin"


@pytest.mark.parametrize("code", [0, 3])
def test_it_is_there_for_a_command_and_gone_afterwards(code: int) -> None:
    """The command's exit code is passed on, and neither socket nor rows are left."""
    command = f"import os; print(os.environ['{postgres.VARIABLE}']); raise SystemExit({code})"
    ended = subprocess.run(
        [sys.executable, SCRIPT, sys.executable, "-c", command],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == code, ended.stderr
    address, _, folder = ended.stdout.strip().partition("?host=")
    assert address == "postgresql://convivium@/{database}"
    assert not Path(folder).exists()
