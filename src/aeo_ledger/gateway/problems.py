"""Errors over HTTP: written as RFC 9457 problems from one table, and read back as the same errors by the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven, list_errors
from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.gateway import (
    CardNotHeld,
    CursorPast,
    GatewayFault,
    NoRecordKept,
    NoSuchRoute,
    NotAllowed,
    NotIdentified,
    NotInRegistry,
    RateExceeded,
    WrongMethod,
)
from aeo_ledger.errors.registers import NoDocumentsServed, NotEntitled, UnknownDocument
from aeo_ledger.errors.transport import ConnectionsUsed, OversizedBody, ShareUsed, SlowRequest, StrangeHost

MEDIA_TYPE: Final = "application/problem+json"

FAMILIES: Final[dict[type[AeoLedgerError], int]] = {Malformed: 400, Refused: 409, Unproven: 422, Unavailable: 503}
"""HTTP status of each family: it follows from what the caller should do."""

STATUS: Final[dict[type[AeoLedgerError], int]] = {
    **FAMILIES,
    NotIdentified: 401,
    NotAllowed: 403,
    NotEntitled: 403,
    NoSuchRoute: 404,
    NotInRegistry: 404,
    UnknownDocument: 404,
    NoDocumentsServed: 404,
    CardNotHeld: 404,
    NoRecordKept: 404,
    BlockUnknown: 404,  # with 503, whoever asks for a block that is not there would make a balancer think that the gateway is down
    WrongMethod: 405,
    SlowRequest: 408,
    CursorPast: 410,
    OversizedBody: 413,
    StrangeHost: 421,
    ShareUsed: 429,
    ConnectionsUsed: 429,
    RateExceeded: 429,
    GatewayFault: 500,
}
"""HTTP status of the families, and of the few errors for which HTTP has a status of its own."""

_WORD: Final = 1 << 256
"""Numbers in a problem are below this; every number of the ledger is."""

_PREFIX: Final = "urn:aeo-ledger:problem:"


def describe(error: type[AeoLedgerError]) -> dict[str, Any]:
    """Describe an error as an answer in OpenAPI."""
    return {
        "description": f"{error.__name__}: {(error.__doc__ or '').strip()}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def family_of(error: AeoLedgerError) -> type[AeoLedgerError]:
    """Return the family of an error."""
    return next(family for family in FAMILIES if isinstance(error, family))


def status_of(error: AeoLedgerError) -> int:
    """Look up an error's HTTP status: its own, else its family's."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def to_problem(error: AeoLedgerError) -> dict[str, Any]:
    """Write an error as a problem: its type, its message, and its facts.

    Source: RFC 9457, section 3.
    """
    return {
        "type": _PREFIX + (error.wire or family_of(error).__name__.lower()),
        "title": (type(error).__doc__ or "").partition("\n")[0],
        "status": status_of(error),
        "detail": f"{error.place}: {error}" if error.place else str(error),
        **({"place": error.place} if error.place else {}),
        **({"advice": error.advises} if error.advises else {}),
        "family": family_of(error).__name__.lower(),
        "facts": {name: _plain(value) for name, value in error.facts().items()},
    }


def is_problem(document: object) -> bool:
    """Tell whether a document claims to be a gateway's problem; other programs have other forms of error."""
    return isinstance(document, dict) and str(document.get("type", "")).startswith(_PREFIX)


def from_problem(problem: Mapping[str, Any], status: int) -> AeoLedgerError:
    """Turn a problem back into its error. If this version does not know it, the result is an error of the same family.

    Whatever a gateway sends, the result is an error and never an answer.
    """
    leaf = list_errors().get(str(problem.get("type", "")).removeprefix(_PREFIX))
    if leaf is not None:
        try:
            found = problem["facts"]
            facts = {name: _fact(name, kind, found[name]) for name, kind in leaf.facts_of.items()}
            known: AeoLedgerError = leaf(**facts)
            str(known)
        except (KeyError, TypeError, ValueError, OverflowError, Malformed):
            pass  # another version's error, or impossible facts: its family and its message remain
        else:
            known.place = str(problem.get("place", ""))
            return known
    detail = str(problem.get("detail") or f"the gateway answered with status {status}")
    named = {family.__name__.lower(): family for family in FAMILIES}.get(str(problem.get("family")))
    by_status = next((family for family, code in FAMILIES.items() if code == status), None)
    return (named or by_status or (Unavailable if status >= 500 else Malformed))(detail)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return list(value) if isinstance(value, tuple) else value


def _fact(name: str, kind: str, value: object) -> object:
    """Read a fact as its type: facts are text, numbers that fit a word, bytes and tuples of text."""
    if isinstance(value, bool) or (isinstance(value, int) and not -_WORD < value < _WORD):
        raise TypeError(f"{name} is not a number that fits a word")
    if kind == "bytes" and isinstance(value, str) and value.startswith("0x"):
        return bytes.fromhex(value[2:])
    if kind == "tuple[str, ...]" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    kinds: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "float": (int, float)}
    if isinstance(value, kinds.get(kind, ())):
        return value
    raise TypeError(f"{name} is {type(value).__name__}, needed {kind}")
