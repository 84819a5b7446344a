"""Acts of the customs model as EIP-712 messages, and back: any message that can be signed is some act, however wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import IntEnum
from typing import Any, Final, TypeVar, get_args

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyKind,
    RegisterMode,
    ReplacementActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.protocol.layouts import PARTY, RECORD, pack, unpack
from aeo_ledger.protocol.words import CODE_BYTES, encode_record

Act = (
    acts.Resolution
    | acts.Succession
    | acts.PartyAct
    | acts.ReplacementAct
    | acts.Freeze
    | acts.Envelope
    | acts.Conclusion
    | acts.LaneAct
    | acts.WithholdingAct
    | acts.Publication
    | acts.AliasBinding
)
_NAMES: Final[dict[type, str]] = {acts.WithholdingAct: "Withholding"}
_TYPES: Final[dict[str, type]] = {_NAMES.get(kind, kind.__name__): kind for kind in (*get_args(Act), acts.Amendment)}
_NUMBERS: Final[dict[str, type[IntEnum]]] = {
    "Resolution": ResolutionAct,
    "PartyAct": PartyActKind,
    "LaneAct": LaneActKind,
    "ReplacementAct": ReplacementActKind,
}
"""Messages that name one of several acts by its number."""
E_ = TypeVar("E_", bound=IntEnum)


def name_of(act: object) -> str:
    return _NAMES.get(type(act), type(act).__name__)


def write(act: Any) -> dict[str, Any]:
    """Write an act as the values of its message."""
    values: dict[str, Any] = {field.name: getattr(act, field.name) for field in fields(act)}
    for member, value in values.items():
        if isinstance(value, acts.Candidate):
            values[member] = candidate_word(value).to_bytes(32, "big")
        elif isinstance(value, Register):
            values[member] = value.mode | value.types << 8 | value.epoch << 24
        elif isinstance(value, Record):
            values[member] = encode_record(value)
        elif isinstance(value, frozenset):
            values[member] = sum(1 << party for party in value)
        elif isinstance(value, tuple):
            values[member] = [write(part) for part in value]
        elif isinstance(value, str):
            values[member] = value.encode("latin-1").ljust(32, b"\0")
        elif isinstance(value, IntEnum):
            values[member] = int(value)
    return values


def read(name: str, values: Mapping[str, Any]) -> Act:
    """Read a message as the act that it is."""
    v: dict[str, Any] = dict(values)
    if name in _NUMBERS:
        v["act"] = _known(_NUMBERS[name], v["act"])
    if name == "Resolution" and v["act"] == ResolutionAct.ADMIT:
        v["detail"] = _candidate(v["detail"])
    elif name == "PartyAct" and v["act"] == PartyActKind.SET_REGISTER:
        v["detail"] = _register(v["detail"])
    elif name in {"Conclusion", "Amendment"}:
        v["arrangement"] = v["arrangement"].rstrip(b"\0").decode("latin-1")
        v["signatories"] = frozenset(party for party in range(256) if v["signatories"] >> party & 1)
        v["recognitions"] = tuple(acts.Recognition(**recognition) for recognition in v["recognitions"])
    elif name == "Publication":
        v["capacity"] = _known(Capacity, v["capacity"])
        v["events"] = tuple(acts.StatusEvent(**{**event, "record": _record(event["record"])}) for event in v["events"])
    act: Act = _TYPES[name](**v)
    return act


def candidate_word(candidate: acts.Candidate) -> int:
    """Pack what an admission says into the resolution's detail."""
    code = int.from_bytes(candidate.code.encode("latin-1").ljust(CODE_BYTES, b"\0"), "big")
    return pack(PARTY, code=code, kind=candidate.kind, seat=candidate.seat, keeps_register=candidate.keeps_register)


def _known(kind: type[E_], value: int) -> E_:
    return kind(value) if value in list(kind) else value  # type: ignore[return-value]


def _candidate(detail: bytes) -> acts.Candidate | bytes:
    word = int.from_bytes(detail, "big")
    f = unpack(PARTY, word)
    candidate = acts.Candidate(
        code=f["code"].to_bytes(CODE_BYTES, "big").rstrip(b"\0").decode("latin-1"),
        kind=_known(PartyKind, f["kind"]),
        seat=bool(f["seat"]),
        keeps_register=bool(f["keeps_register"]),
    )
    return candidate if word and candidate_word(candidate) == word else detail


def _register(detail: int) -> Register | int:
    if detail == 0 or detail >> 56:
        return detail
    return Register(mode=_known(RegisterMode, detail & 0xFF), types=detail >> 8 & 0xFFFF, epoch=detail >> 24)


def _record(word: int) -> Record:
    f: dict[str, Any] = unpack(RECORD, word)
    return Record(**{**f, "status": _known(Status, f["status"]), "kind": _known(EventKind, f["kind"])})
