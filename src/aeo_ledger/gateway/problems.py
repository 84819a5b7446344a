"""Errors over HTTP: RFC 9457 problems, from one table, and back into the same errors at the other end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from aeo_ledger import errors
from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[dict[type[AeoLedgerError], int]] = {Malformed: 400, Refused: 409, Unproven: 422, Unavailable: 503}
"""Status of each family: what the caller should do decides it."""

_PREFIX: Final = "urn:aeo-ledger:problem:"


def family_of(error: AeoLedgerError) -> type[AeoLedgerError]:
    """Name the family that an error belongs to."""
    return next(family for family in STATUS if isinstance(error, family))


def to_problem(error: AeoLedgerError) -> dict[str, Any]:
    """Write an error as a problem: its type, what it says, and its facts that JSON can hold.

    Source: RFC 9457, section 3.
    """
    family = family_of(error)
    facts = {field.name: getattr(error, field.name) for field in fields(error)} if is_dataclass(error) else {}
    return {
        "type": _PREFIX + re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower(),
        "title": (type(error).__doc__ or "").partition("\n")[0],
        "status": STATUS[family],
        "detail": str(error),
        "family": family.__name__.lower(),
        "facts": {name: _plain(value) for name, value in facts.items()},
    }


def from_problem(problem: Mapping[str, Any], status: int) -> AeoLedgerError:
    """Turn a problem back into the error that it was, or, if this version does not know it, into one of its family."""
    name = str(problem.get("type", "")).removeprefix(_PREFIX).title().replace("-", "")
    leaf = getattr(errors, name, None)
    facts = problem.get("facts")
    if isinstance(leaf, type) and issubclass(leaf, errors.RefusedByLedger) and isinstance(facts, dict):
        return leaf(code=int(facts["code"]), name=str(facts["name"]), reason=str(facts["reason"]))
    detail = str(problem.get("detail") or f"the gateway answered with status {status}")
    family = next((family for family, code in STATUS.items() if code == status), None)
    if family is None:
        family = Unavailable if status >= 500 else Malformed
    return family(detail)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
