import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.catalogue import Reading
from bench.effort import FULL, MIDDLE, QUICK, Effort
from bench.server import MeasuringError


@pytest.mark.parametrize(
    ("words", "effort"), [([], FULL), (["--quick"], QUICK), (["--middle"], MIDDLE)]
)
def test_a_run_is_as_long_as_it_is_told(words: list[str], effort: Effort) -> None:
    assert command.options_of(words).effort is effort


def test_plots_beside_the_page_are_those_of_the_run(tmp_path: Path) -> None:
    results, images = tmp_path / "results", tmp_path / "images"
    for folder, names in ((results, ("new", "old", "other")), (images, ("new", "old", "gone"))):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.svg").write_text(folder.name)
    os.utime(results / "old.svg", (50, 50))
    os.utime(results / "new.svg", (150, 150))

    command.renew_plots(results, images, 100)

    kept = {path.stem: path.read_text() for path in images.iterdir()}
    assert kept == {"new": "results", "old": "images", "gone": "images"}


def test_a_part_that_fails_keeps_no_other_from_being_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: Effort) -> Iterator[Reading]:
        yield Reading("churn_ghosts", 0)
        raise MeasuringError("nobody came")

    def works(_: Effort) -> Iterator[Reading]:
        yield Reading("storm_packets_lost", 0)

    monkeypatch.setattr(command, "PARTS", {"fails": fails, "works": works, "unwanted": fails})

    run = command.measured(QUICK, ["fails", "works"])

    assert [reading.figure for reading in run.readings] == ["churn_ghosts", "storm_packets_lost"]
    assert run.missing == {"fails": "nobody came"}
    assert run.title().split(", ")[1] == "quick run"
