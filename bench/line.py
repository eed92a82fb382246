"""What one more costs, told apart from what is there anyway."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression

from bench.samples import median


@dataclass(frozen=True)
class Line:
    """The line nearest to what crowds of several sizes cost: what one more adds to what."""

    each: float
    fixed: float

    @classmethod
    def through(cls, points: Sequence[tuple[float, float]]) -> "Line":
        """Draw it by least squares; through crowds of one size only, from nothing."""
        xs, ys = zip(*points, strict=True)
        if len(set(xs)) == 1:
            return cls(median(ys) / xs[0], 0)
        line = linear_regression(xs, ys)
        return cls(line.slope, line.intercept)
