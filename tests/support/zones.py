"""A machine without a time zone database."""

from __future__ import annotations

import sys
import zoneinfo
from collections.abc import Iterator

import pytest


@pytest.fixture
def without_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the system's time zone database, and the package that stands in for it."""
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()
