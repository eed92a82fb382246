import json
import os
from pathlib import Path

import pytest

from bench import plot
from bench.figures.stolen import Step, Theft, readings_of, stairs, steps_in, write_down
from bench.generator import Counted
from bench.people import Heard
from bench.spinner import spin

COUNTED = Counted(90_000, 2, 0, 0, 0.5, 8.0, 0.1, 200.0, 0)
HEARD = Heard(5, 100, 5_000, 0, (20, 30), (60, 70), (0, 40), 1_000)
DOWN_AND_UP = [Step(4, "encoding"), Step(7, "events"), Step(30, "encoding"), Step(52, "none")]


def theft(steps: list[Step]) -> Theft:
    return Theft(2_000, 20, 0.8, COUNTED, steps, HEARD)


def test_what_was_left_out_is_told_and_when_all_was_well_again() -> None:
    readings = {reading.figure: reading for reading in readings_of(theft(DOWN_AND_UP))}

    assert readings["stolen_furthest_step"].value == 2
    assert readings["stolen_furthest_step"].beside.startswith("encoding at 4 s, events at 7 s")
    assert readings["stolen_recovered_s"].value == 32
    assert "80 % of one core taken for 20 s" in readings["stolen_packets_lost"].beside
    assert not readings["stolen_packets_lost"].meets_its_goal()
    assert not readings["stolen_gap_ms"].meets_its_goal()


def test_who_never_recovers_is_not_told_as_recovered() -> None:
    assert theft(DOWN_AND_UP[:3]).recovered_s() is None
    assert theft([]).recovered_s() == 0


def test_steps_are_read_from_the_log_by_its_clock() -> None:
    at = {"timestamp": "2026-11-21T19:00:04.500000Z"}
    said = [{**at, "step": "events"}, {**at, "step": "events"}]

    [step] = steps_in(said, 1_795_287_600.0)

    assert (step.at_s, step.name) == (4.5, "events")


def test_the_steps_are_drawn_as_stairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    one = theft(DOWN_AND_UP)

    assert stairs(one)[:3] == [(0, 0), (4, 0), (4, 1)]
    assert stairs(one)[-1] == (67, 0)
    write_down(one, tmp_path)
    assert json.loads((tmp_path / "stolen.json").read_text())["share"] == 0.8
    assert "core taken" in (tmp_path / "stolen.svg").read_text()


def test_a_spinner_ends_by_itself_and_says_what_it_had() -> None:
    before = os.sched_getaffinity(0)
    raised = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        assert 0 < spin(max(before), 0.05) < 0.2
    finally:
        os.sched_setaffinity(0, before)
        os.setpriority(os.PRIO_PROCESS, 0, raised)
