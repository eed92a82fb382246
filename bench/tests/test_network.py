import json
from pathlib import Path

from bench.catalogue import CATALOGUE
from bench.figures.network import PAGES, Answers, Measured, readings_of, write_down

ALONE = Answers({page: [float(took) for took in range(1, 101)] for page in PAGES})
BESIDE = Answers({page: [7.0] for page in PAGES}, posts=[12.0])
MEASURED = Measured("sqlite", 20_000, ALONE, BESIDE)


def test_one_in_twenty_answers_of_each_page_is_slower_than_its_figure() -> None:
    readings = {reading.figure: reading for reading in readings_of(MEASURED)}

    assert set(readings) <= set(CATALOGUE)
    assert len(readings) == len(PAGES) + 1
    assert readings["timeline_sqlite_p95_ms"].value == 95
    assert not readings["timeline_sqlite_p95_ms"].meets_its_goal()
    assert "20,000 people, 100 requests a second" in readings["search_sqlite_p95_ms"].beside


def test_pages_beside_posts_are_compared_with_those_without() -> None:
    beside = {reading.figure: reading for reading in readings_of(MEASURED)}[
        "pages_beside_posts_sqlite_p50_ms"
    ]

    assert beside.value == 7
    assert "without posts 50.0 ms" in beside.beside
    assert "to 10,000, which takes 12.0 ms" in beside.beside


def test_it_is_left_as_data(tmp_path: Path) -> None:
    write_down([MEASURED], tmp_path)

    assert json.loads((tmp_path / "network.json").read_text())["sqlite"]["people"] == 20_000
