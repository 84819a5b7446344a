"""Check, before a command starts, that the packages it needs beyond the base install are there."""

from __future__ import annotations

from importlib.util import find_spec

from aeo_ledger.errors.cli import ExtraMissing


def demand_extra(extra: str, *modules: str) -> None:
    """Check that an extra's modules are installed.

    Raises:
        ExtraMissing: one of them is not installed.
    """
    for module in modules:
        if find_spec(module) is None:
            raise ExtraMissing(extra=extra, module=module)
