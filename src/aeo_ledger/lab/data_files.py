"""The lab's own data: copies of published facts, each row with its source."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Final

_DATA: Final = files("aeo_ledger.lab") / "data"


@cache
def read_data(name: str) -> tuple[dict[str, str], ...]:
    """Read a CSV of this room by its name, without ending."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:  # type: ignore[call-overload]
        return tuple(csv.DictReader(file))
