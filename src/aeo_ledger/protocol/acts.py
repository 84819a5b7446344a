"""A signed act in transit: to a gateway that relays it, or by mail to the next administration that must sign.

`aeo-ledger/act/1` is JSON: the message's name, its members by name (numbers as decimal text, bytes as 0x hex), and the
signatures so far. Nothing in it is secret. Any change to it makes the signatures invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import Value, digest, struct_hash, values_to_json

FORMAT: Final = "aeo-ledger/act/1"
"""Name and version of the format."""

LARGEST_ACT: Final = 1 << 20
"""Longest JSON that is read, bytes. The largest publication (100 events, 16 signers, 32 KB of details) has about 130 KB."""

MOST_SIGNATURES: Final = 512
"""Most signatures of one act: two thirds of 255 seats with three keys each, and a co-signature."""

CONTRACT_OF: Final = {
    "Resolution": Contract.GOVERNANCE,
    "Succession": Contract.GOVERNANCE,
    "PartyAct": Contract.GOVERNANCE,
    "ReplacementAct": Contract.GOVERNANCE,
    "Freeze": Contract.GOVERNANCE,
    "Envelope": Contract.CONSORTIUM,
    "Conclusion": Contract.CONSORTIUM,
    "Amendment": Contract.CONSORTIUM,
    "LaneAct": Contract.CONSORTIUM,
    "Withholding": Contract.CONSORTIUM,
    "Publication": Contract.REGISTERS,
    "AliasBinding": Contract.REGISTERS,
}
"""Every message that is signed, with its contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAct:
    """A message and its signatures so far."""

    name: str
    """One of `CONTRACT_OF`."""
    values: Mapping[str, Value]
    signatures: tuple[Signature, ...] = ()

    @property
    def contract(self) -> Contract:
        """The contract that the message is for."""
        return CONTRACT_OF[self.name]

    def digest(self, *, chain_id: int, address: bytes) -> bytes:
        """Compute the 32 bytes to sign, for a chain and the address (20 bytes) of its contract there."""
        return digest(self.name, self.values, chain_id=chain_id, contract=address)

    def signed_by(self, *more: Signature, chain_id: int, address: bytes) -> SignedAct:
        """Add signatures. They stay in the contracts' order: ascending by signer, each signer once.

        Raises:
            MalformedSignature: A signature recovers to no signer.
        """
        message = self.digest(chain_id=chain_id, address=address)
        by_signer = {signature.recover_signer(message): signature for signature in (*self.signatures, *more)}
        return replace(self, signatures=tuple(by_signer[signer] for signer in sorted(by_signer)))

    def signers(self, *, chain_id: int, address: bytes) -> tuple[bytes, ...]:
        """Recover the signers so far, as 20-byte addresses in the order of the signatures."""
        message = self.digest(chain_id=chain_id, address=address)
        return tuple(signature.recover_signer(message) for signature in self.signatures)

    def to_json(self) -> dict[str, Any]:
        """Write the act as JSON values."""
        return {
            "format": FORMAT,
            "message": self.name,
            "values": values_to_json(self.name, self.values),
            "signatures": [to_hex(signature.encode()) for signature in self.signatures],
        }

    @classmethod
    def from_json(cls, document: object) -> SignedAct:
        """Read an act strictly: exactly its members, each of its type.

        Raises:
            MalformedText: The document does not have this form.
            MalformedMessage: A value does not fit its member.
            MalformedSignature: A signature does not have 65 bytes.
        """
        keys = {"format", "message", "values", "signatures"}
        if not isinstance(document, dict) or set(document) != keys or document["format"] != FORMAT:
            raise MalformedText(
                "signed act", _shape(document), f"an object with {', '.join(sorted(keys))}, of {FORMAT}"
            )
        name, values, signatures = document["message"], document["values"], document["signatures"]
        if not isinstance(name, str) or name not in CONTRACT_OF:
            raise MalformedText("message of a signed act", repr(name)[:80], f"one of {', '.join(sorted(CONTRACT_OF))}")
        if not isinstance(signatures, list) or len(signatures) > MOST_SIGNATURES:
            raise MalformedText("signatures of an act", _shape(signatures), f"a list of at most {MOST_SIGNATURES}")
        act = cls(
            name=name,
            values=_values_from_json(name, values),
            signatures=tuple(Signature.parse(_bytes(text, "signature", 65)) for text in signatures),
        )
        struct_hash(name, act.values)
        return act


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The block that is said to hold an act. This is a claim until it is proven."""

    transaction: str
    """Hash of the transaction that carried the act, 0x hex."""
    block: int
    block_hash: str
    """0x hex."""
    gas_used: int


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, sorted(map(str, value))))}"[:200]
    return f"{type(value).__name__}"


def _bytes(text: object, what: str, length: int | None = None) -> bytes:
    if not isinstance(text, str):
        raise MalformedText(what, _shape(text), "0x hex")
    return parse_hex(text, what=what, length=length)


def _values_from_json(name: str, values: object) -> dict[str, Value]:
    members = {member: kind for kind, member in MESSAGES[name]}
    if not isinstance(values, dict) or set(values) != set(members):
        raise MalformedText(f"values of {name}", _shape(values), f"exactly {', '.join(members)}")
    return {member: _value_from_json(kind, values[member], f"{name}.{member}") for member, kind in members.items()}


def _value_from_json(kind: str, value: object, what: str) -> Value:
    if kind.endswith("[]"):
        if not isinstance(value, list) or len(value) > 100:
            raise MalformedText(what, _shape(value), "a list of at most 100")
        return [_values_from_json(kind[:-2], struct) for struct in value]
    if kind == "bool":
        if not isinstance(value, bool):
            raise MalformedText(what, _shape(value), "true or false")
        return value
    if kind.startswith("uint"):
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 78:
            raise MalformedText(what, repr(value)[:80], "a decimal number as text")
        return int(value)
    return _bytes(value, what)
