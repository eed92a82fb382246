"""Arithmetic on repeated measurements."""

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float:
    """Give the smallest sample that `share` (0 to 1) of all samples do not exceed (nearest rank).

    No value is made up between two measured ones. Raises ValueError without samples.
    """
    if not samples:
        raise ValueError("a percentile needs at least one sample")
    rank = max(1, math.ceil(share * len(samples)))
    return sorted(samples)[rank - 1]


def median(samples: Sequence[float]) -> float:
    """Give the middle sample; of an even number, the lower of the two in the middle."""
    return percentile(samples, 0.5)


def significant(value: float) -> float:
    """Keep three significant digits, and whole numbers whole: more would only be noise."""
    if value == 0:
        return 0
    digits = 2 - math.floor(math.log10(abs(value)))
    return round(value, max(0, digits))
