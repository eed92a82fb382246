import pytest

from bench.figures.crowd import idle_reading


def test_what_one_more_idle_listener_costs_is_a_slope_and_not_a_share_of_all() -> None:
    # 8 ms a second of the server itself, and 20 us for each; two rounds.
    reading = idle_reading([(200, 12_000), (800, 24_000), (200, 12_200), (800, 23_800)])

    assert reading.figure == "idle_cpu_us_per_s"
    assert reading.value == pytest.approx(19.67, abs=0.01)
    assert reading.beside == (
        "one more between 200 and 800 in a silent space; the server itself 8.2 ms a second"
    )
