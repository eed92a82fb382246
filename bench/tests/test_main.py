from collections.abc import Iterator

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
