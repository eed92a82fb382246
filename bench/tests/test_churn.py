import json
from pathlib import Path

import pytest

from bench import plot
from bench.figures.churn import LISTENERS, Churn, Look, readings_of, write_down
from bench.generator import Counted

THERE = LISTENERS + 1
COUNTED = Counted(50_000, 0, 0, 0, 0.2, 1.5, 0.1, 20.0, 36_000)


def look(at_s: float, memory_kb: int = 120_000, people: int = THERE) -> Look:
    return Look(at_s, memory_kb, 30, people, people, 100)


def churn(looks: list[Look], settled: int = THERE, deserted: int = 0) -> Churn:
    return Churn(looks, look(99, people=settled), look(120, people=deserted), COUNTED)


def readings(one: Churn) -> dict[str, float]:
    return {reading.figure: reading.value for reading in readings_of(one)}


def test_who_left_and_is_counted_is_a_ghost_and_so_is_who_is_there_and_is_not() -> None:
    looks = [look(0), look(30)]

    assert readings(churn(looks))["churn_ghosts"] == 0
    assert readings(churn(looks, settled=THERE + 3))["churn_ghosts"] == 3
    assert readings(churn(looks, settled=THERE - 1))["churn_ghosts"] == 1
    assert readings(churn(looks, deserted=2))["churn_ghosts"] == 2


def test_memory_grows_by_what_comes_after_the_warm_up() -> None:
    # 50 MB while it warms up, then a kB a second.
    looks = [look(0, 70_000), *(look(at, 120_000 + at) for at in range(300, 901, 100))]

    values = readings(churn(looks))

    assert values["churn_growth_mb_per_h"] == pytest.approx(3.6)
    assert values["churn_packets_lost"] == 0


def test_of_a_short_look_no_growth_is_told() -> None:
    assert "churn_growth_mb_per_h" not in readings(churn([look(0), look(45, 125_000)]))


def test_every_look_is_left_as_data_and_as_a_plot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    write_down(churn([look(0), look(30)]), tmp_path)

    written = json.loads((tmp_path / "churn.json").read_text())
    assert [one["at_s"] for one in written["looks"]] == [0, 30]
    assert "memory" in (tmp_path / "churn.svg").read_text()
