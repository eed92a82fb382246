from bench.figures.browsers import readings_of, samples_of

LINES = """\
{"figure": "mouth_to_ear_ms", "samples": [100, 110, 120, 130, 190]}
{"figure": "back_after_kill_s", "samples": [2.5, 1.5, 2.0]}
{"figure": "next_to_heard_ms", "samples": [200, 300, 900]}
"""


def test_each_line_of_the_browsers_is_one_figure() -> None:
    samples = samples_of(LINES)

    assert samples["mouth_to_ear_ms"] == [100, 110, 120, 130, 190]
    assert samples["back_after_kill_s"] == [2.5, 1.5, 2.0]


def test_samples_become_medians_with_the_worst_beside() -> None:
    readings = {reading.figure: reading for reading in readings_of(samples_of(LINES))}

    assert readings["mouth_to_ear_p50_ms"].value == 120
    assert readings["mouth_to_ear_p95_ms"].value == 190
    assert readings["next_to_heard_p95_ms"].value == 900
    assert readings["next_to_heard_p95_ms"].beside == "3 singers, median 300 ms"
    assert readings["back_after_kill_s"].value == 2.0
    assert readings["back_after_kill_s"].beside == "median of 3, worst 2.50"


def test_what_was_not_measured_is_no_figure() -> None:
    assert list(readings_of({})) == []
