import json
import wave
from pathlib import Path

import pytest

from bench import plot
from bench.catalogue import CATALOGUE
from bench.figures.sound import Downlink, Trace, curves_of, read_wav, readings_of, write_down

SECONDS = [(second, 30.0, 40.0 + second, 20.0) for second in range(40)]
TRACE = Trace("gilbert-5", 0.993, 0.97, 1000, 800, SECONDS)
DOWNLINKS = [
    Downlink("fec", 0, 5, 0.96),
    Downlink("fec", 10, 5, 0.986),
    Downlink("red", 0, 5, 0.998),
    Downlink("nack", 0, 5, 0.996),
]


def test_a_trace_is_one_reading_with_all_that_was_measured_beside_it() -> None:
    of_trace, of_listeners = readings_of([TRACE], DOWNLINKS)

    assert of_trace.figure in CATALOGUE
    assert of_trace.value == pytest.approx(99.3)
    assert not of_trace.meets_its_goal()
    assert of_trace.beside == "STOI 0.970; waited 30 ms, p95 30; 800 ms made up of 40 s"
    assert of_listeners.figure in CATALOGUE
    assert of_listeners.value == pytest.approx(0.986)
    assert of_listeners.beside == "made up only 0.960, red 0.998, nack 0.996"


def test_a_wait_that_grows_in_an_hour_of_drift_is_told() -> None:
    def hour(grows_ms: float) -> Trace:
        seconds = [(at, 20 + grows_ms * at / 3_600, 40.0, 0.0) for at in range(3_600)]
        return Trace("drift-slow", 1.0, 0.99, 0, 0, seconds)

    def growth(trace: Trace) -> float:
        readings = {one.figure: one for one in readings_of([trace], DOWNLINKS)}
        return readings["drift_growth_ms"].value

    assert growth(hour(0)) == 0
    assert growth(hour(720)) == pytest.approx(360)
    assert growth(hour(-720)) == pytest.approx(360)
    assert "drift_growth_ms" not in [one.figure for one in readings_of([TRACE], DOWNLINKS)]
    assert len(curves_of(hour(0))[0].points) == 60


def test_a_plot_shows_the_longest_wait_up_to_each_moment() -> None:
    mean, longest, made_up = curves_of(TRACE)

    assert longest.points[:3] == [(1, 40), (2, 41), (3, 42)]
    assert longest.points[-1] == (60, 79)
    assert {y for _, y in mean.points} == {30}
    assert {y for _, y in made_up.points} == {20}


def test_what_was_measured_is_left_as_data_and_as_a_plot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "CHROMIUM", "/nowhere/chromium")
    write_down([TRACE], DOWNLINKS, tmp_path)

    written = json.loads((tmp_path / "sound.json").read_text())
    assert written["traces"][0]["stoi"] == 0.97
    assert len(written["downlinks"]) == 4
    assert "gilbert-5" in (tmp_path / "sound-gilbert-5.svg").read_text()


def test_samples_are_read_as_shares_of_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(b"\x00\x40\x00\x80")

    assert read_wav(path).tolist() == [0.5, -1.0]
