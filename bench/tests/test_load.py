import json
from pathlib import Path

import pytest

from bench import plot
from bench.figures.load import Cost, as_table, readings_of, share_of_late_ticks, write_down
from bench.generator import Counted, counted_of
from bench.line import Line
from bench.server import MeasuringError

REPORT = {
    "failed": 0,
    "silent": 0,
    "not_opened": 0,
    "expected": 5_000,
    "lost": 3,
    "overflowed": 2,
    "unread": 1_000,
    "late_p50_ms": 0.5,
    "late_p99_ms": 4.0,
    "counting_s": 2.0,
    "generator_cpu_s": [0.3, 0.5],
    "joins_per_s": 500.0,
    "left": 7,
}


def cost(listeners: int, us_per_s: float, packet_ms: int = 20, memory_kb: int = 100_000) -> Cost:
    report = counted_of(REPORT)
    return Cost(packet_ms, listeners, us_per_s, 1_500, memory_kb, (80, 95), report, 0.02)


def test_what_the_generator_used_is_told_in_cores_and_what_came_in_packets() -> None:
    counted = counted_of(REPORT)

    assert counted == Counted(5_000, 3, 2, 1_000, 0.5, 4.0, 0.4, 500.0, 7)
    assert counted.arrived() == 5_997


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
    assert values["crowd_late_p99_20ms"] == 4.0
    assert values["crowd_mouth_to_ear_120ms"] == 80
    assert values["late_ticks_120ms"] == 2


def test_late_ticks_are_a_share_of_those_between_two_looks() -> None:
    before = {"ticks": 1_000, "ticks_late": 7, "peers": 3}
    after = {"ticks": 1_300, "ticks_late": 10, "peers": 5}

    assert share_of_late_ticks(before, after) == 0.01
    assert share_of_late_ticks(after, after) == 0


def test_what_one_listener_more_costs_is_told_apart_from_the_server_itself() -> None:
    # 40 ms a second, and 60 us for each.
    costs = [cost(size, 60 + 40_000 / size, memory_kb=90_000 + 50 * size) for size in (100, 2_000)]

    line = Line.through([(one.listeners, one.us_per_s * one.listeners) for one in costs])
    assert (line.each, line.fixed) == pytest.approx((60, 40_000))
    values = {reading.figure: reading.value for reading in readings_of(costs)}
    assert values["memory_in_a_crowd_kb"] == pytest.approx(50)
    assert Line.through([(100, 500), (100, 700)]) == Line(5, 0)


def test_raw_data_a_table_and_plots_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    write_down([cost(100, 500), cost(1_000, 100)], tmp_path)

    rows = json.loads((tmp_path / "load.json").read_text())
    assert [row["listeners"] for row in rows] == [100, 1_000]
    assert rows[1]["of_limit"] == pytest.approx(0.75)
    assert rows[0]["counted"]["lost"] == 3
    assert "20 ms a packet, no server" in (tmp_path / "load.svg").read_text()
    assert "guests who listen" in (tmp_path / "memory.svg").read_text()


def test_the_table_has_a_cell_for_each_name() -> None:
    head, _, row = as_table([cost(1_000, 100)]).splitlines()

    assert head.count("|") == row.count("|")
    assert "| 20 ms | 1,000 | 100.0 | 10,000 | 13,333 | 0.75 | 100 |" in row
