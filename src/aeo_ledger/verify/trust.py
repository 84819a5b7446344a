"""What a verifier trusts: pinned out of band, a local file, never fetched.

The format is `aeo-ledger/trust/1`, JSON:

    format        "aeo-ledger/trust/1"
    chain         {id, genesis}: EIP-155 chain id; hash of block 0
    contracts     {consortium, registers}, each {address, code}: 20 bytes; keccak256 of the runtime code
    validators    addresses that may seal, all of them
    checkpoint    {number, hash, time}: a block from which on the validators above are trusted
    period_s      seconds after the checkpoint's time for which they are
    parties       list of {number, code, name, types}: the names of its register's certificate types, by their numbers
    prefixes      TIN prefix to the party's number, where the prefix is not the party's code (XI, EL)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from aeo_ledger.errors import MalformedDocument, MalformedValidatorSet
from aeo_ledger.primitives.documents import Fields, parse_json
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify.validators import ValidatorSet

FORMAT: Final = "aeo-ledger/trust/1"
"""Name and version; another version is another format."""

DEFAULT_PERIOD_S: Final = 90 * 86_400
"""How long a checkpoint is good for, unless the bundle says otherwise."""

MAX_BYTES: Final = 1 << 20
MAX_PARTIES: Final = 255

_DOCUMENT: Final = "trust bundle"
_MAX_NUMBER: Final = (1 << 64) - 1
_CODE: Final = re.compile(r"[A-Z]{2,6}")
_PREFIX: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A block that the pinning party knows to be on the chain."""

    number: int
    hash: bytes
    """On-chain hash, 32 bytes."""
    time: int
    """UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedParty:
    """Who a party's number stands for."""

    number: int
    code: str
    name: str
    """For people."""
    types: tuple[str, ...] = ()
    """Names of its register's certificate types; a type's number is its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBundle:
    """Everything that is trusted and that no evidence can change.

    Raises:
        MalformedDocument: Two parties share a number or a code, or a prefix leads to no party.
    """

    chain_id: int
    genesis_hash: bytes
    """32 bytes."""
    consortium: bytes
    """Address of the contract, 20 bytes."""
    consortium_code_hash: bytes
    """keccak256 of its runtime code, 32 bytes."""
    registers: bytes
    """Address of the contract, 20 bytes."""
    registers_code_hash: bytes
    """keccak256 of its runtime code, 32 bytes."""
    validators: ValidatorSet
    checkpoint: Checkpoint
    parties: tuple[TrustedParty, ...]
    prefixes: Mapping[str, int]
    """TIN prefix to party number, where the prefix is not the party's code."""
    period_s: int = DEFAULT_PERIOD_S
    by_number: Mapping[int, TrustedParty] = field(init=False, repr=False, compare=False)
    by_code: Mapping[str, TrustedParty] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the parties, and refuse what would make a look-up ambiguous."""
        by_number = {party.number: party for party in self.parties}
        by_code = {party.code: party for party in self.parties}
        if not len(by_number) == len(by_code) == len(self.parties):
            raise MalformedDocument(_DOCUMENT, "parties", "two parties share a number or a code")
        if not self.prefixes.keys().isdisjoint(by_code) or not by_number.keys() >= set(self.prefixes.values()):
            raise MalformedDocument(_DOCUMENT, "prefixes", "a prefix is a party's code, or leads to no party")
        object.__setattr__(self, "prefixes", MappingProxyType(dict(self.prefixes)))
        object.__setattr__(self, "by_number", MappingProxyType(by_number))
        object.__setattr__(self, "by_code", MappingProxyType(by_code))

    @property
    def expires_at(self) -> int:
        """Say when the period of trust ends, UTC seconds; from then on the bundle proves nothing."""
        return self.checkpoint.time + self.period_s

    def party_of_prefix(self, prefix: str) -> int | None:
        """Say which party a TIN's prefix means; None if none that is known."""
        party = self.by_code.get(prefix)
        return self.prefixes.get(prefix) if party is None else party.number


def encode_trust(trust: TrustBundle) -> str:
    """Write a trust bundle as JSON, indented for people."""
    return json.dumps(
        {
            "format": FORMAT,
            "chain": {"id": trust.chain_id, "genesis": to_hex(trust.genesis_hash)},
            "contracts": {
                "consortium": {"address": to_hex(trust.consortium), "code": to_hex(trust.consortium_code_hash)},
                "registers": {"address": to_hex(trust.registers), "code": to_hex(trust.registers_code_hash)},
            },
            "validators": [to_hex(address) for address in trust.validators.addresses],
            "checkpoint": {
                "number": trust.checkpoint.number,
                "hash": to_hex(trust.checkpoint.hash),
                "time": trust.checkpoint.time,
            },
            "period_s": trust.period_s,
            "parties": [
                {"number": party.number, "code": party.code, "name": party.name, "types": list(party.types)}
                for party in trust.parties
            ],
            "prefixes": dict(trust.prefixes),
        },
        indent=2,
        ensure_ascii=False,
    )


def parse_trust(text: str | bytes) -> TrustBundle:
    """Read a trust bundle.

    Raises:
        MalformedDocument: It is not exactly of the format.
    """
    fields = Fields(parse_json(text, document=_DOCUMENT, max_bytes=MAX_BYTES), document=_DOCUMENT)
    members = ("format", "chain", "contracts", "validators", "checkpoint", "period_s", "parties", "prefixes")
    fields.demand(members)
    fields.choice("format", {FORMAT: None})
    chain, contracts, checkpoint = (fields.object(key) for key in ("chain", "contracts", "checkpoint"))
    chain.demand(("id", "genesis"))
    contracts.demand(("consortium", "registers"))
    checkpoint.demand(("number", "hash", "time"))
    consortium, registers = (contracts.object(key) for key in ("consortium", "registers"))
    for contract in (consortium, registers):
        contract.demand(("address", "code"))
    try:
        validators = ValidatorSet(fields.binaries("validators", MAX_PARTIES, 20))
    except MalformedValidatorSet as error:
        raise MalformedDocument(_DOCUMENT, "validators", error.reason) from error
    return TrustBundle(
        chain_id=chain.number("id", _MAX_NUMBER),
        genesis_hash=chain.binary("genesis", 32),
        consortium=consortium.binary("address", 20),
        consortium_code_hash=consortium.binary("code", 32),
        registers=registers.binary("address", 20),
        registers_code_hash=registers.binary("code", 32),
        validators=validators,
        checkpoint=Checkpoint(
            number=checkpoint.number("number", _MAX_NUMBER),
            hash=checkpoint.binary("hash", 32),
            time=checkpoint.number("time", _MAX_NUMBER),
        ),
        period_s=fields.number("period_s", _MAX_NUMBER),
        parties=tuple(_party(party) for party in fields.objects("parties", MAX_PARTIES)),
        prefixes=_prefixes(fields.object("prefixes")),
    )


def _party(fields: Fields) -> TrustedParty:
    fields.demand(("number", "code", "name", "types"))
    if fields.number("number", MAX_PARTIES) == 0:
        fields.refuse("number", "needed a number from 1")
    if not _CODE.fullmatch(fields.text("code", 6)):
        fields.refuse("code", "needed 2 to 6 capitals")
    types = fields.texts("types", 16, 20)
    if len(set(types)) != len(types):
        fields.refuse("types", "needed distinct names")
    return TrustedParty(
        number=fields.number("number", MAX_PARTIES),
        code=fields.text("code", 6),
        name=fields.text("name", 100),
        types=types,
    )


def _prefixes(fields: Fields) -> dict[str, int]:
    prefixes = fields.keys(676)
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            fields.refuse(prefix, "needed two capitals for a prefix")
    return {prefix: fields.number(prefix, MAX_PARTIES) for prefix in prefixes}
