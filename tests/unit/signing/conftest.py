from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from aeo_ledger.signing import Password


@pytest.fixture
def randomness() -> Callable[[int], bytes]:
    """Yield bytes that are the same in every run."""
    return random.Random(712).randbytes  # noqa: S311


@pytest.fixture
def password() -> Password:
    return Password("correct horse battery staple")
