"""Certificates: the names of a register's types.

A type's number is its place in the register's list. A number is never reused.
"""

from __future__ import annotations

from aeo_ledger.customs.country import USUAL_TYPES, find_country


def list_type_names(code: str) -> tuple[str, ...]:
    """List the names of the types in a party's register, by the party's code. A type's number is its place."""
    row = find_country(code)
    return USUAL_TYPES if row is None else row.types


def list_types_meant(code: str, name: str) -> tuple[str, ...]:
    """List the types that a name means in a party's register: itself, or several types, such as the EU's AEOF."""
    row = find_country(code)
    return (name,) if row is None else row.combined.get(name, (name,))
