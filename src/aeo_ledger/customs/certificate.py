"""Certificates: how the types of a register are called.

Types are numbered within a register, by their place in its list, and a number is never reused.
"""

from __future__ import annotations

from aeo_ledger.customs.country import USUAL_TYPES, find_country


def list_type_names(code: str) -> tuple[str, ...]:
    """List the types' names of the register that a party keeps, by the party's code; a type's number is its place."""
    row = find_country(code)
    return USUAL_TYPES if row is None else row.types


def list_types_meant(code: str, name: str) -> tuple[str, ...]:
    """List the types that a name means in the register that a party keeps: itself, or several at once as the EU's AEOF."""
    row = find_country(code)
    return (name,) if row is None else row.combined.get(name, (name,))
