import json

from bench.catalogue import CATALOGUE, Reading
from bench.report import Run, as_json, as_page, as_table

JOIN = Reading("join_cpu_ms", 1.23456, "bare handshake 0.5 ms")
SLOW = Reading("mouth_to_ear_p50_ms", 131.4)


def run(*readings: Reading, missing: dict[str, str] | None = None) -> Run:
    return Run(readings, missing or {}, "2 x CPU", "21 Nov 2026", "quick")


def test_json_is_an_object_of_figures_with_value_unit_and_beside() -> None:
    assert json.loads(as_json([JOIN])) == {
        "join_cpu_ms": {"value": 1.23, "unit": "ms", "beside": "bare handshake 0.5 ms"}
    }


def test_the_table_says_when_where_what_and_the_goal() -> None:
    title, _, head, _, row = as_table(run(JOIN)).splitlines()

    assert title == "21 Nov 2026, quick run, 2 x CPU"
    assert head.split() == ["figure", "value", "unit", "goal", "beside"]
    assert row == "join_cpu_ms   1.23  ms    <= 1.5  bare handshake 0.5 ms"


def test_a_missed_goal_is_marked() -> None:
    assert not SLOW.meets_its_goal()
    assert "<= 120 !" in as_table(run(SLOW))
    assert "!" not in as_table(run(JOIN))


def test_a_goal_that_is_to_be_reached_is_missed_from_below() -> None:
    assert Reading("of_limit_20ms", 0.7).meets_its_goal()
    assert ">= 0.7 !" in as_table(run(Reading("of_limit_20ms", 0.69)))


def test_a_figure_without_goal_misses_none() -> None:
    assert CATALOGUE["server_start_s"].goal is None
    assert Reading("server_start_s", 1e9).meets_its_goal()


def test_what_could_not_be_measured_is_said() -> None:
    table = as_table(run(JOIN, missing={"browsers": "no browser here"}))

    assert table.endswith("Not measured: browsers: no browser here")


def test_the_page_explains_each_figure() -> None:
    page = as_page(run(JOIN))

    assert "21 Nov 2026, quick run, 2 x CPU." in page
    assert CATALOGUE["join_cpu_ms"].says in page
    assert "| 1.23 ms | <= 1.5 | bare handshake 0.5 ms |" in page
