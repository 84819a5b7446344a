"""Bindings of the contracts: call data of every act, from the artifacts that the compiler wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.errors import Refused
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.protocol.inventory import Edition
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract

ARTIFACTS: Final = {
    Contract.CONSORTIUM: "Consortium",
    Contract.GOVERNANCE: "Governance",
    Contract.REGISTERS: "Registers",
}

_FUNCTIONS: Final = {
    "Resolution": "resolve",
    "Succession": "supersede",
    "PartyAct": "act",
    "ReplacementAct": "act_on_replacement",
    "Freeze": "freeze",
    "Envelope": "send_envelope",
    "Conclusion": "conclude",
    "Amendment": "amend",
    "LaneAct": "act_on_lane",
    "Withholding": "withhold",
    "Publication": "publish",
    "AliasBinding": "bind_alias",
}
"""The contract's function that executes each message."""

_SPREAD: Final = {"Envelope", "Conclusion", "Amendment", "Publication"}
"""Messages whose members are passed as separate arguments; the others are passed as one struct."""

_REFUSED: Final = keccak256(b"Refused(uint256)")[:4]


@cache
def artifact(contract: Contract) -> Mapping[str, Any]:
    """Read a contract's compiled artifact: `abi`, `bytecode`, `runtime`, `code_hash`, `storage_layout`."""
    text = files("aeo_ledger.ledger").joinpath(f"artifacts/{ARTIFACTS[contract]}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The compiled contracts of one edition."""

    edition: Edition
    runtimes: Mapping[Contract, bytes]


def read_compiled(read: Callable[[Contract], Mapping[str, Any]] = artifact) -> Compiled:
    """Read an edition from its artifacts; by default from those of this installation.

    Raises:
        MalformedDocument: an artifact lacks a part, or has a storage layout that no ledger of this project has.
    """
    try:
        found = {contract: read(contract) for contract in Contract}
        runtimes = {contract: parse_hex(found[contract]["runtime"], what="runtime") for contract in Contract}
        slots = {
            contract: {name: int(where["slot"]) for name, where in found[contract]["storage_layout"].items()}
            for contract in Contract
        }
        edition = Edition(
            code_hashes={contract: keccak256(runtime) for contract, runtime in runtimes.items()},
            tables_slot=slots[Contract.CONSORTIUM]["tables"],
            standings_slot=slots[Contract.REGISTERS]["standings"],
            partner_slots={
                contract: slots[contract]["governance" if contract is Contract.CONSORTIUM else "consortium"]
                for contract in Contract
            },
        )
        same = slots[Contract.REGISTERS]["tables"] == edition.tables_slot
    except (KeyError, TypeError, ValueError, AttributeError, MalformedText) as error:
        raise MalformedDocument("artifact", "", f"it cannot be read as the compiler writes it: {error!r}") from error
    if not same:
        raise MalformedDocument(
            "artifact", "storage_layout", "needed tables in the same slot of Consortium and Registers"
        )
    return Compiled(edition=edition, runtimes=runtimes)


def encode_act(act: SignedAct) -> bytes:
    """Encode the call that executes a signed act."""
    signatures = [(s.v, s.r, s.s) for s in act.signatures]
    values = _plain(act.name, act.values)
    if act.name not in _SPREAD:
        return encode_call(act.contract, _FUNCTIONS[act.name], values, signatures)
    if act.name == "Publication":  # its details are the last argument: see the contract
        return encode_call(act.contract, "publish", *values[:-1], signatures, values[-1])
    return encode_call(act.contract, _FUNCTIONS[act.name], *values, signatures)


def decode_act(contract: Contract, data: bytes) -> SignedAct | None:
    """Decode the signed act from the call that executed it; None for another function, or for arguments that cannot be read.

    Raises:
        MalformedSignature: a signature has a form that the contract refuses.
    """
    name = _selectors(contract).get(data[:4])
    if name is None:
        return None
    try:
        arguments = list(decode(_types(contract, _FUNCTIONS[name]), data[4:]))
    except DecodingError:
        return None
    signed = arguments.pop(-2 if name == "Publication" else -1)
    members = arguments if name in _SPREAD else arguments[0]
    return SignedAct(
        name=name,
        values=_named(name, members),
        signatures=tuple(Signature(v=v, r=r, s=s) for v, r, s in signed),
    )


def decode_completion(data: bytes) -> int | None:
    """Decode the party's number from a call that completes the replacement of its authority; None for another call."""
    if data[:4] != encode_call(Contract.GOVERNANCE, "complete_replacement", 1)[:4]:
        return None
    try:
        return int(decode(_types(Contract.GOVERNANCE, "complete_replacement"), data[4:])[0])
    except DecodingError:
        return None


def encode_call(contract: Contract, function: str, *arguments: Any) -> bytes:
    """Encode a call of a function by name."""
    types = _types(contract, function)
    return keccak256(f"{function}({','.join(types)})".encode("ascii"))[:4] + encode(types, arguments)


def encode_constructor(contract: Contract, *arguments: Any) -> bytes:
    """Encode a constructor's arguments."""
    return encode(_types(contract, None), arguments)


def decode_refusal(data: bytes) -> Refused | None:
    """Decode why a contract reverted; None if it gave no code, for example because it could not decode the call data."""
    if data[:4] != _REFUSED or len(data) != 36:
        return None
    code = int(decode(["uint256"], data[4:])[0])
    known = next((refusal for refusal in Refusal if refusal == code), None)
    if known is None:
        return RefusedByLedger(code=code, name="UNKNOWN", reason="a code that this version does not know")
    return RefusedByLedger(code=code, name=known.name, reason=known.text)


@cache
def _types(contract: Contract, function: str | None) -> Sequence[str]:
    for item in artifact(contract)["abi"]:
        if item["type"] == ("function" if function else "constructor") and item.get("name") == function:
            return tuple(_canonical(part) for part in item["inputs"])
    raise AssertionError(f"{contract} has no {function}")


@cache
def _selectors(contract: Contract) -> Mapping[bytes, str]:
    """Map the first four bytes of a call to the message that it executes."""
    names = (name for name, place in CONTRACT_OF.items() if place is contract)
    return {
        keccak256(f"{_FUNCTIONS[name]}({','.join(_types(contract, _FUNCTIONS[name]))})".encode("ascii"))[:4]: name
        for name in names
    }


def _canonical(part: Mapping[str, Any]) -> str:
    kind: str = part["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_canonical(inner) for inner in part['components'])}){kind[5:]}"


def _plain(name: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        [_plain(kind[:-2], struct) for struct in values[member]] if kind.endswith("[]") else values[member]
        for kind, member in MESSAGES[name]
    )


def _named(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Name a message's values, as `_plain` listed them."""
    return {
        member: [_named(kind[:-2], struct) for struct in value]
        if kind.endswith("[]")
        else bytes.fromhex(value[2:])
        if kind == "address"
        else value
        for (kind, member), value in zip(MESSAGES[name], values, strict=True)
    }
