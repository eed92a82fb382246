import json
from pathlib import Path

import pytest

from bench import plot
from bench.figures.storm import Return, Storm, readings_of, write_down
from bench.generator import Counted
from bench.people import Heard

INSIDE = Counted(90_000, 0, 0, 0, 0.5, 8.0, 0.1, 200.0, 0)
HEARD = Heard(5, 100, 5_000, 0, (20, 30), (60, 70), (0, 0), 1_000)
STORM = Storm(INSIDE, 1_500, 480.0, HEARD, 1.2)
BACK = Return(1_000, 1.1, 4.5, 420.0)


def test_what_those_inside_missed_and_how_fast_others_came_is_told() -> None:
    readings = {reading.figure: reading for reading in readings_of(STORM, BACK)}

    assert readings["storm_joins_per_s"].value == 480
    assert "500 a second allowed; 1.20 cores" in readings["storm_joins_per_s"].beside
    assert readings["storm_packets_lost"].meets_its_goal()
    assert readings["storm_gap_ms"].meets_its_goal()
    assert readings["storm_all_back_s"].value == 4.5
    assert "1,000 guests at 420 a second" in readings["storm_all_back_s"].beside


def test_it_is_left_as_data_and_as_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    write_down(STORM, BACK, tmp_path)

    assert json.loads((tmp_path / "storm.json").read_text())["return"]["people"] == 1_000
    assert ">480<" in (tmp_path / "storm.svg").read_text()
