import json
from pathlib import Path

import pytest

from bench.figures.load import Cost, readings_of, write_down
from bench.generator import Counted, counted_of
from bench.server import MeasuringError

REPORT = {
    "failed": 0,
    "silent": 0,
    "not_opened": 0,
    "expected": 5_000,
    "lost": 3,
    "overflowed": 2,
    "late_p50_ms": 0.5,
    "late_p99_ms": 4.0,
    "counting_s": 2.0,
    "generator_cpu_s": [0.3, 0.5],
    "joins_per_s": 500.0,
}


def cost(listeners: int, us_per_s: float, packet_ms: int = 20) -> Cost:
    return Cost(packet_ms, listeners, us_per_s, 1_500, 100_000, counted_of(REPORT))


def test_what_the_generator_used_is_told_in_cores() -> None:
    assert counted_of(REPORT) == Counted(5_000, 3, 2, 0.5, 4.0, 0.4, 500.0)


@pytest.mark.parametrize("fault", ["failed", "silent", "not_opened"])
def test_a_crowd_that_did_not_all_hear_measures_nothing(fault: str) -> None:
    with pytest.raises(MeasuringError):
        counted_of({**REPORT, fault: 1})


def test_the_largest_crowd_counts_and_the_limit_beside_it() -> None:
    costs = [cost(100, 500), cost(1_000, 100), cost(1_000, 125), cost(1_000, 150)]
    costs += [cost(1_000, 50, packet_ms=60), cost(1_000, 25, packet_ms=120)]

    values = {reading.figure: reading.value for reading in readings_of(costs)}

    assert values["listeners_per_core_20ms"] == 8_000
    # 50 packets of 1.5 us are 75 us of those 125.
    assert values["of_limit_20ms"] == pytest.approx(0.6)
    # And 8 1/3 packets 12.5 of those 25.
    assert values["listeners_per_core_120ms"] == 40_000
    assert values["of_limit_120ms"] == pytest.approx(0.5)
    assert values["crowd_packets_lost"] == 18
    assert values["crowd_late_p99_ms"] == 4.0


def test_raw_data_and_a_plot_are_left(tmp_path: Path) -> None:
    write_down([cost(100, 500), cost(1_000, 100)], tmp_path)

    rows = json.loads((tmp_path / "load.json").read_text())
    assert [row["listeners"] for row in rows] == [100, 1_000]
    assert rows[1]["of_limit"] == pytest.approx(0.75)
    assert rows[0]["counted"]["lost"] == 3
    assert "sealing and sending alone" in (tmp_path / "load.svg").read_text()
