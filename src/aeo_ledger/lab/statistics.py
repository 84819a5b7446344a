"""Means with their 95 % intervals, by Student's t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_T: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093,
    2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Quantiles 0.975 of Student's distribution with 1 to 30 degrees of freedom."""
_NORMAL: Final = 1.960


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of independent values, and the ends of its 95 % interval. One value has an infinite interval."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, -math.inf, math.inf
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    half = (_T[count - 2] if count - 2 < len(_T) else _NORMAL) * spread / math.sqrt(count)
    return mean, mean - half, mean + half


def is_narrow(values: Sequence[float], share: float, floor: float) -> bool:
    """Say whether the interval's half width is at most a share of the mean, or at most `floor`."""
    mean, low, high = interval(values)
    return (high - low) / 2 <= max(share * abs(mean), floor)
