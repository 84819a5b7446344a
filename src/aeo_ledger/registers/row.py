"""One certificate of a register's file, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One certificate of the file, read and checked."""

    line: int
    tin: Tin
    type_number: int
    roles: int
    status: Status
    status_since: int
    valid_from: int
    valid_until: int
    document: Mapping[str, str]
    """The row exactly as in the file; the commitment binds it."""
