import pytest

from bench.samples import median, percentile, significant


def test_a_percentile_is_a_measured_sample_that_so_many_do_not_exceed() -> None:
    samples = [30.0, 10.0, 20.0, 40.0]

    assert percentile(samples, 0.5) == 20
    assert percentile(samples, 0.51) == 30
    assert percentile(samples, 0.95) == 40
    assert percentile(samples, 0) == 10


def test_one_sample_is_its_own_percentile() -> None:
    assert percentile([7.0], 0.95) == 7


def test_without_samples_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        percentile([], 0.5)


def test_the_median_of_an_even_number_is_the_lower_one_in_the_middle() -> None:
    assert median([4.0, 1.0, 3.0, 2.0]) == 2


@pytest.mark.parametrize(
    ("value", "kept"),
    [(0.0, 0), (0.012345, 0.0123), (1.23456, 1.23), (118.7, 119), (1234.5, 1234), (-2.345, -2.35)],
)
def test_three_significant_digits_are_kept_and_whole_numbers_stay_whole(
    value: float, kept: float
) -> None:
    assert significant(value) == pytest.approx(kept, abs=0.006)
