"""Delays of people and machines, drawn from the streams of a replication."""

from __future__ import annotations

import numpy as np

from aeo_ledger.lab.trace import Floats


def draw_delays(stream: np.random.Generator, count: int, median: float, sigma: float) -> Floats:
    """Draw lognormal delays, in the unit of their median. Times of people are skewed: most are short, a few are long."""
    return median * np.exp(sigma * stream.standard_normal(count))
