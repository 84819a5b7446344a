"""Commands that need more than the base install say so before they start."""

from __future__ import annotations

from importlib.util import find_spec

from aeo_ledger.errors.cli import ExtraMissing


def demand_extra(extra: str, *modules: str) -> None:
    """Refuse to go on without an extra's modules.

    Raises:
        ExtraMissing: one of them is not installed.
    """
    for module in modules:
        if find_spec(module) is None:
            raise ExtraMissing(extra=extra, module=module)
