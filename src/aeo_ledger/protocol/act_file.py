"""An act as a file that goes round for signatures: by mail or on a stick, in any order, in several copies.

`aeo-ledger/act-file/1` is JSON. It holds the act itself (`aeo-ledger/act/1`, which alone is signed and relayed), the chain that it is
for, and three lists of lines for a person who opens the file: what the act says, who has signed, who is missing. The first two follow
from the act and from whose keys and codes the ledger records, which never change. So a reader makes them again and refuses a file in
which they differ. Who is missing changes with the ledger: it is written anew with each signature, and never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Capacity,
    Direction,
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyKind,
    ReasonClass,
    RegisterMode,
    ReplacementActKind,
    ResolutionAct,
    Role,
    Status,
    list_bits,
    name_number,
)
from aeo_ledger.errors import show_utc
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import MOST_SIGNATURES, SignedAct
from aeo_ledger.protocol.layouts import PARTY, RECORD, REGISTER, unpack
from aeo_ledger.protocol.words import CODE_BYTES

FORMAT: Final = "aeo-ledger/act-file/1"
"""Name and version of the format."""

LARGEST_FILE: Final = 1 << 21
"""Longest file that is read, bytes: the largest act twice, once in lines."""

MOST_LINES: Final = 2_500
"""Most lines that say what an act says: a publication has up to 24 for each of its 100 events."""

LONGEST_LINE: Final = 10_000
"""Longest line, characters: a hundred seats fit."""

CodeOf: TypeAlias = Callable[[int], str]
"""From a party's number to its code."""

_DETAIL: Final = "detail"
_OFTEN_EMPTY: Final = frozenset({_DETAIL, "amount", "effective", "former"})
_MASK: Final = (1 << 256) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What one side of an act lacks."""

    enough: int
    """How many of these must sign yet."""
    of: tuple[str, ...]
    """Codes of the parties that may, or the address of a new key."""
    role: str
    """Of the keys: authority, operator, or new key."""

    def __str__(self) -> str:
        """Write it as a line."""
        some = "" if self.enough == len(self.of) else f"{self.enough} of "
        return f"{self.role}: {some}{', '.join(self.of)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFile:
    """An act with the lines that a person reads."""

    chain: int
    """EIP-155 chain id of the ledger that it is for."""
    act: SignedAct
    reads: tuple[str, ...]
    """What it says; see `read_out`."""
    signed: tuple[str, ...]
    """Who has signed: address, and whose key it is, in the order of the signatures."""
    missing: tuple[str, ...]
    """Who was missing when the file was written."""

    def to_json(self) -> dict[str, Any]:
        """Write the file as JSON values."""
        return {
            "format": FORMAT,
            "chain": str(self.chain),
            "reads": list(self.reads),
            "signed": list(self.signed),
            "missing": list(self.missing),
            "act": self.act.to_json(),
        }

    @classmethod
    def from_json(cls, document: Any) -> ActFile:
        """Read a file strictly. That its lines fit its act is checked where it is signed.

        Raises:
            MalformedDocument: The document does not have this form.
            MalformedText, MalformedMessage, MalformedSignature: Its act cannot be read; see `SignedAct.from_json`.
        """
        fields = Fields(document, document="act file")
        fields.demand(("format", "chain", "reads", "signed", "missing", "act"))
        if fields.value("format") != FORMAT:
            fields.refuse("format", f"needed {FORMAT}")
        chain = fields.text("chain", 20)
        if not chain.isascii() or not chain.isdigit():
            fields.refuse("chain", "needed a decimal number as text")
        return cls(
            chain=int(chain),
            reads=fields.texts("reads", MOST_LINES, LONGEST_LINE),
            signed=fields.texts("signed", MOST_SIGNATURES, LONGEST_LINE),
            missing=fields.texts("missing", MOST_SIGNATURES, LONGEST_LINE),
            act=SignedAct.from_json(fields.value("act")),
        )


def read_out(act: SignedAct, code_of: CodeOf) -> tuple[str, ...]:
    """Say what an act says, member by member; members that are empty are left out.

    Args:
        act: The act; its signatures are not read.
        code_of: From a party's number to its code. The ledger never changes it.
    """
    lines = [f"message: {act.name}"]
    values: Mapping[str, Any] = act.values
    for member, value in values.items():
        if isinstance(value, list):
            for place, struct in enumerate(value, 1):
                lines += [
                    f"{member} {place}, {part}: {_show(act.name, struct, part, code_of)}"
                    for part in struct
                    if _is_told(part, struct[part])
                ]
        elif _is_told(member, value):
            lines.append(f"{member}: {_show(act.name, values, member, code_of)}")
    return tuple(lines)


def _is_told(member: str, value: object) -> bool:
    """Tell whether a member is shown: bytes that are empty or zero name nothing, and most acts leave some members 0."""
    return any(value) if isinstance(value, bytes) else bool(value) or member not in _OFTEN_EMPTY


def _show(message: str, values: Mapping[str, Any], member: str, code_of: CodeOf) -> str:
    value = values[member]
    if member == "act":
        return _name(value, _ACTS[message])
    if member == _DETAIL:
        return _show_detail(message, values, code_of)
    if member in _MEMBERS:
        return _MEMBERS[member](value, values, code_of)
    if isinstance(value, bytes):
        return to_hex(value) if len(value) <= 32 else f"{len(value)} bytes, keccak256 {to_hex(keccak256(value))}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _show_detail(message: str, values: Mapping[str, Any], code_of: CodeOf) -> str:
    value, act = values[_DETAIL], values["act"]
    if message == "Resolution":
        if act != ResolutionAct.ADMIT:
            return to_hex(value)
        word = unpack(PARTY, int.from_bytes(value, "big") & _MASK)
        code = ascii(word["code"].to_bytes(CODE_BYTES, "big").rstrip(b"\0").decode("latin-1"))[1:-1]
        rights = f"seat {'yes' if word['seat'] else 'no'}, register {'yes' if word['keeps_register'] else 'no'}"
        return f"{code}, {_name(word['kind'], PartyKind)}, {rights}, {to_hex(value)}"
    if act in ON_UNION:
        return code_of(value)
    if act == PartyActKind.SET_REGISTER:
        word = unpack(REGISTER, value & _MASK)
        types = _types(word["types"], code_of(values["party"]))
        return f"{_name(word['mode'], RegisterMode)}, types {types}, epoch {word['epoch']}, {value:#x}"
    if act == PartyActKind.ROTATE_AUTHORITY:
        return f"the key {value:#042x} retires"
    return str(value) if act in _COUNTS else f"{value:#066x}"


def _record(word: int, code_of: CodeOf) -> str:
    fields = unpack(RECORD, word & _MASK)
    shown = {
        **{name: show_utc(value) if value else "none" for name, value in fields.items()},
        "status": _name(fields["status"], Status),
        "kind": _name(fields["kind"], EventKind),
        "reason": _name(fields["reason"], ReasonClass),
        "issuer": code_of(fields["issuer"]),
        "roles": _list(fields["roles"], Role),
        **{name: str(fields[name]) for name in ("sequence", "review_day")},
    }
    return "; ".join(f"{name.replace('_', ' ')} {shown[name]}" for name in fields if name != "recorded_at")


def _name(number: int, words: type[IntEnum]) -> str:
    return name_number(number, words).replace("_", " ")


def _list(mask: int, words: type[IntEnum]) -> str:
    return ", ".join(_name(number, words) for number in list_bits(mask, words)) or "none"


def _types(mask: int, register: str) -> str:
    names = list_type_names(register)
    numbers = [number for number in range(mask.bit_length()) if mask >> number & 1]
    return ", ".join(names[number] if number < len(names) else str(number) for number in numbers) or "none"


ON_UNION: Final = frozenset(
    {
        PartyActKind.JOIN_UNION,
        PartyActKind.LEAVE_UNION,
        PartyActKind.REVOKE_LEAVING,
        PartyActKind.EJECT_MEMBER,
        PartyActKind.REVOKE_EJECTION,
    }
)
"""Acts of a party that name another party's number in `detail`."""

_COUNTS: Final = frozenset(
    {PartyActKind.SET_THRESHOLD, PartyActKind.SET_AUTHORITY_THRESHOLD}
)  # their detail is how many keys must sign
_ACTS: Final[Mapping[str, type[IntEnum]]] = {
    "Resolution": ResolutionAct,
    "PartyAct": PartyActKind,
    "ReplacementAct": ReplacementActKind,
    "LaneAct": LaneActKind,
}
_MEMBERS: Final[Mapping[str, Callable[[Any, Mapping[str, Any], CodeOf], str]]] = {
    **dict.fromkeys(
        ("party", "recogniser", "register", "issuer", "former", "recipient"),
        lambda number, _, code_of: code_of(number) if number else "none",
    ),
    **dict.fromkeys(
        ("deadline", "effective", "amount", "in_force_from", "until"),
        lambda time, _, __: show_utc(time) if time else "none",
    ),
    "roles": lambda mask, _, __: _list(mask, Role),
    "directions": lambda mask, _, __: _list(mask, Direction),
    "benefits": lambda mask, _, __: _list(mask, Benefit),
    "types": lambda mask, values, code_of: _types(mask, code_of(values["register"])),
    "signatories": lambda mask, _, code_of: ", ".join(
        code_of(number) for number in range(mask.bit_length()) if mask >> number & 1
    ),
    "arrangement": lambda name, _, __: ascii(name.rstrip(b"\0").decode("latin-1"))[1:-1],
    "capacity": lambda number, _, __: _name(number, Capacity),
    "record": lambda word, _, code_of: _record(word, code_of),
}
"""How members are written, by name: a name means the same in every message."""
