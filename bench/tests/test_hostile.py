import json
from pathlib import Path

import pytest

from bench import plot
from bench.figures.hostile import Flood, readings_of, thrown_of, write_down
from bench.generator import Counted
from bench.people import Heard

REPORT = {"sent": 1_000_000, "per_s": 100_000, "seconds": 10.0, "answered_octets": 0, "cpu_s": 4.0}
HEARD = Heard(5, 100, 5_000, 0, (20, 30), (60, 70), (0, 20), 1_000)


def flood(lost: int = 0, opened: int = 1_000, octets: int = 0) -> Flood:
    engine = {"packets_in": 495_000, "dropped_unknown": 480_000, "voice_in": 250, "peers": 0}
    return Flood(
        thrown_of({**REPORT, "answered_octets": octets}),
        Counted(100_000, 0, 0, 0, 0.2, 1.5, 0.1, 200.0, 0),
        Counted(100_000, lost, 0, 0, 0.2, 3.5, 0.1, 200.0, 0),
        HEARD,
        opened,
        engine,
        seconds=5.0,
        server_cores=0.5,
        receiver_s=0.495,
    )


def test_a_flood_is_well_when_nobody_lost_anything_and_no_stranger_was_answered() -> None:
    readings = {reading.figure: reading for reading in readings_of(flood())}

    assert readings["hostile_per_s"].value == 100_000
    assert "0.40 cores to send them" in readings["hostile_per_s"].beside
    assert not readings["hostile_per_s"].meets_its_goal()
    assert readings["hostile_us_each"].value == pytest.approx(1)
    assert readings["hostile_us_each"].beside == "1,000,000 a second would fill a core"
    for name in ("octets_answered", "listeners_lost", "voice_lost"):
        assert readings[f"hostile_{name}"].value == 0
    assert "1.0 % of all found no room" in readings["hostile_voice_lost"].beside


def test_what_was_lost_or_answered_misses_the_goal() -> None:
    readings = {one.figure: one for one in readings_of(flood(lost=200, opened=980, octets=1))}

    assert readings["hostile_listeners_lost"].value == pytest.approx(0.2)
    assert readings["hostile_voice_lost"].value == pytest.approx(2)
    for name in ("octets_answered", "listeners_lost", "voice_lost"):
        assert not readings[f"hostile_{name}"].meets_its_goal()


def test_what_became_of_the_datagrams_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    write_down(flood(), tmp_path)

    assert json.loads((tmp_path / "hostile.json").read_text())["engine"]["voice_in"] == 250
    drawn = (tmp_path / "hostile.svg").read_text()
    assert ">500,000<" in drawn
    assert ">5,000<" in drawn
    assert "dropped unknown" in drawn
