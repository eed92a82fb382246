"""The check of the check: contracts that do not look are found out."""

from pathlib import Path

import pytest

from planted_fault import unnoticed_in_server, unnoticed_in_web

FAULT = {"convivium/core/planted.py": "import convivium.app"}
LOOKS = """
[importlinter]
root_package = convivium
[importlinter:contract:layers]
name = Layers
type = layers
layers =
    convivium.app
    convivium.core
"""
LOOKS_ELSEWHERE = LOOKS.replace("convivium.core", "convivium.media")


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A server of three modules that keep the rule."""
    for module in ("__init__", "app", "core/__init__", "media/__init__"):
        file = tmp_path / "convivium" / f"{module}.py"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return tmp_path


def test_a_caught_fault_passes(server: Path) -> None:
    (server / ".importlinter").write_text(LOOKS)

    assert unnoticed_in_server(server, FAULT) == []


def test_an_unnoticed_fault_fails(server: Path) -> None:
    (server / ".importlinter").write_text(LOOKS_ELSEWHERE)

    assert unnoticed_in_server(server, FAULT) == list(FAULT.items())


def test_an_import_that_the_web_app_may_make_counts_as_unnoticed() -> None:
    allowed = {"web/src/room/planted.ts": 'import "../live/event-log";'}

    assert unnoticed_in_web(allowed) == list(allowed.items())
