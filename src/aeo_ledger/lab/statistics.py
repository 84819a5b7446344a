"""Means, shares and ratios with their intervals of 95 %.

A mean has Student's interval. Company-days and delays cannot be below 0, so neither can their mean: what the interval has below 0 is cut
off, and what is left holds the true mean as often as before. Resampling would not do here: of a handful of replications its intervals are
too narrow.

Source: Student 1908, The probable error of a mean; M. Mandelkern 2002, Setting confidence intervals for bounded parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_T: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093,
    2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Quantiles 0.975 of Student's distribution with 1 to 30 degrees of freedom."""
Z: Final = 1.959963984540054
"""The same quantile of the normal distribution."""


def interval(values: Sequence[float], *, least: float = -math.inf) -> tuple[float, float, float]:
    """Return the mean of independent values, and the ends of its interval. One value has an infinite one: it says nothing of its own spread.

    Args:
        values: At least one.
        least: What no value can be below; so the interval begins there at the earliest.
    """
    mean, half = math.fsum(values) / len(values), half_width(values)
    return mean, mean - half if math.isinf(half) else max(least, mean - half), mean + half


def half_width(values: Sequence[float]) -> float:
    """Return half the width of Student's interval of a mean; infinite for one value."""
    count = len(values)
    if count < 2:
        return math.inf
    mean = math.fsum(values) / count
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    return (_T[count - 2] if count - 2 < len(_T) else Z) * spread / math.sqrt(count)


def is_narrow(values: Sequence[float], share: float, floor: float) -> bool:
    """Say whether the interval's half width is at most a share of the mean, or at most `floor`."""
    return half_width(values) <= max(share * abs(math.fsum(values) / len(values)), floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole, with its interval of 95 %: Wilson's, which lies between 0 and 1 and is no point, however few are counted.

    Source: E. B. Wilson 1927, Probable inference, the law of succession, and statistical inference.
    """

    part: int
    whole: int
    low: float
    high: float

    @classmethod
    def of(cls, part: int, whole: int) -> Share:
        """Compute Wilson's interval; without a whole it is all that is possible."""
        if whole == 0:
            return cls(part=0, whole=0, low=0.0, high=1.0)
        share, squared = part / whole, Z * Z
        middle = (share + squared / (2 * whole)) / (1 + squared / whole)
        half = Z * math.sqrt(share * (1 - share) / whole + squared / (4 * whole * whole)) / (1 + squared / whole)
        return cls(part=part, whole=whole, low=max(0.0, middle - half), high=min(1.0, middle + half))

    @property
    def value(self) -> float:
        """The share itself; not a number if there is no whole."""
        return self.part / self.whole if self.whole else math.nan

    def minus(self, other: Share) -> tuple[float, float, float]:
        """Return the difference to another share, and its interval.

        Source: R. G. Newcombe 1998, Interval estimation for the difference between independent proportions, method 10.
        """
        found = self.value - other.value
        low = found - math.hypot(self.value - self.low, other.high - other.value)
        high = found + math.hypot(self.high - self.value, other.value - other.low)
        return found, low, high

    def over(self, other: Share) -> tuple[float, float, float]:
        """Return the ratio to another share, and its interval, found from both shares' own. It is open above, and no ratio, if the other is 0.

        Source: A. Donner and G. Y. Zou 2012, Closed-form confidence intervals for functions of the normal mean and standard deviation.
        """
        product = self.value * other.value
        low = self.low * (2 * self.value - self.low)
        high = self.high * (2 * self.value - self.high)
        other_low = other.low * (2 * other.value - other.low)
        other_high = other.high * (2 * other.value - other.high)
        least = low / (product + math.sqrt(product**2 - low * other_high)) if self.part else 0.0
        if not other.part:
            return math.nan, least, math.inf
        return self.value / other.value, least, (product + math.sqrt(product**2 - high * other_low)) / other_low
