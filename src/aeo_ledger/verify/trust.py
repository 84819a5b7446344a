"""What a verifier trusts: a local file, pinned out of band and never fetched.

The format is `aeo-ledger/trust/1`, JSON:

    format        "aeo-ledger/trust/1"
    chain         {id, genesis}: EIP-155 chain id; hash of block 0
    contracts     {consortium, governance, registers}, each {address, code}: 20 bytes; keccak256 of the runtime code
    validators    addresses of all validators that may seal
    checkpoint    {number, hash, time}: the block from which these validators are trusted
    period_s      seconds for which they are trusted after the checkpoint's time
    parties       list of {number, code, name, types, certificate}: the names of its register's certificate types, by their numbers; the
                  fingerprint of the X.509 certificate by which somebody recognised the party (SHA-256), may be left out
    prefixes      TIN prefix to the party's number, where the prefix is not the party's code (XI, EL)
    predecessors  ledgers that this one succeeds, oldest first: list of {chain, contracts, header}: the chain id, the three
                  contracts' addresses, and {number, hash, time} of the last block that counts, its seam
    forks         may be left out: when rules later than Berlin's begin, {london: block, shanghai: time, cancun: time, prague: time}, a first
                  part of these. Then a header has exactly the fields that its rules have; {} allows none beyond Berlin's. Without
                  this member, a header may have more fields

A successor's genesis holds the words of its predecessor at the seam, so histories continue. Acts recorded up to the seam's time
were signed for the predecessor, later acts for the successor. Evidence under exactly the seam's header is valid for ever, because
the bundle pins that header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.verify import MalformedValidatorSet
from aeo_ledger.evidence.forks import MAX_BEGIN, Fork, Forks
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.validators import ValidatorSet

FORMAT: Final = "aeo-ledger/trust/1"
"""Name and version. Another version is another format."""

DEFAULT_PERIOD_S: Final = 90 * 86_400
"""How long a checkpoint is valid, unless the bundle says otherwise."""

MAX_BYTES: Final = 1 << 20
MAX_PARTIES: Final = 255
MAX_PREDECESSORS: Final = 255

_DOCUMENT: Final = "trust bundle"
_MAX_NUMBER: Final = (1 << 64) - 1
_MEMBERS: Final = (
    "format", "chain", "contracts", "validators", "checkpoint", "period_s", "parties", "prefixes", "predecessors",
)  # fmt: skip
_FORKS: Final = "forks"
_CONTRACTS: Final = tuple(contract.value for contract in Contract)
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
    """The party that a number stands for."""

    number: int
    code: str
    name: str
    """For people."""
    types: tuple[str, ...] = ()
    """Names of its register's certificate types. A type's number is its place."""
    certificate: bytes = b""
    """Fingerprint of its X.509 certificate, 32 bytes; empty if none is pinned. No answer depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBundle:
    """Everything that is trusted. No evidence can change it.

    Raises:
        MalformedDocument: Two parties share a number or a code, a prefix leads to no party, or the predecessors are not in
            the order of their seams.
    """

    chain_id: int
    genesis_hash: bytes
    """32 bytes."""
    consortium: bytes
    """Address of the contract, 20 bytes."""
    consortium_code_hash: bytes
    """keccak256 of its runtime code, 32 bytes."""
    governance: bytes
    """Address of the contract, 20 bytes."""
    governance_code_hash: bytes
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
    predecessors: tuple[Predecessor, ...] = ()
    forks: Forks | None = None
    """When the network's later rules begin; None if that is not pinned."""
    by_number: Mapping[int, TrustedParty] = field(init=False, repr=False, compare=False)
    by_code: Mapping[str, TrustedParty] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the parties. Refuse what would make a look-up ambiguous."""
        by_number = {party.number: party for party in self.parties}
        by_code = {party.code: party for party in self.parties}
        if not len(by_number) == len(by_code) == len(self.parties):
            raise MalformedDocument(_DOCUMENT, "parties", "two parties share a number or a code")
        if not self.prefixes.keys().isdisjoint(by_code) or not by_number.keys() >= set(self.prefixes.values()):
            raise MalformedDocument(_DOCUMENT, "prefixes", "a prefix is a party's code, or leads to no party")
        if any(later.time <= earlier.time for earlier, later in pairwise(self.predecessors)):
            raise MalformedDocument(_DOCUMENT, "predecessors", "needed the oldest first, each with a later seam")
        object.__setattr__(self, "prefixes", MappingProxyType(dict(self.prefixes)))
        object.__setattr__(self, "by_number", MappingProxyType(by_number))
        object.__setattr__(self, "by_code", MappingProxyType(by_code))

    @property
    def ledger(self) -> tuple[int | bytes, ...]:
        """Identify the ledger. Two bundles of one ledger may differ in trust but never in this."""
        return self.chain_id, self.genesis_hash, self.consortium, self.governance, self.registers

    @property
    def expires_at(self) -> int:
        """The end of the period of trust, UTC seconds. From then on the bundle proves nothing."""
        return self.checkpoint.time + self.period_s

    def party_of_prefix(self, prefix: str) -> int | None:
        """Find the party that a TIN's prefix means; None if it is unknown."""
        party = self.by_code.get(prefix)
        return self.prefixes.get(prefix) if party is None else party.number

    def address(self, contract: Contract) -> bytes:
        """Give the address of a contract, 20 bytes."""
        return self._pinned(contract)[0]

    def code_hash(self, contract: Contract) -> bytes:
        """Give the hash of a contract's runtime code, 32 bytes."""
        return self._pinned(contract)[1]

    def domain_at(self, contract: Contract, time: int) -> tuple[int, bytes]:
        """Find the chain id and address (20 bytes) that an act to a contract, recorded at a time, was signed for."""
        for predecessor in self.predecessors:
            if time <= predecessor.time:
                return predecessor.chain_id, predecessor.address(contract)
        return self.chain_id, self.address(contract)

    def continues(self, chain_id: int) -> bool:
        """Tell whether a chain, by its id, is this ledger's or that of one which it succeeds: its histories and keys go on here."""
        return chain_id in self.chains

    @property
    def chains(self) -> tuple[int, ...]:
        """The ids of this ledger's chain, first, and of those that it succeeds."""
        return (self.chain_id, *(one.chain_id for one in self.predecessors))

    def of_predecessor(self, header: bytes) -> TrustBundle | None:
        """Make the bundle of the predecessor whose seam has this header hash (32 bytes); None if there is none.

        Its code hashes are not pinned and have no meaning: the seam's header pins the whole state.
        """
        for place, predecessor in enumerate(self.predecessors):
            if predecessor.header == header:
                return replace(
                    self,
                    chain_id=predecessor.chain_id,
                    consortium=predecessor.consortium,
                    governance=predecessor.governance,
                    registers=predecessor.registers,
                    predecessors=self.predecessors[:place],
                )
        return None

    def _pinned(self, contract: Contract) -> tuple[bytes, bytes]:
        if contract is Contract.CONSORTIUM:
            return self.consortium, self.consortium_code_hash
        if contract is Contract.GOVERNANCE:
            return self.governance, self.governance_code_hash
        return self.registers, self.registers_code_hash


def fingerprint(trust: TrustBundle) -> bytes:
    """Hash the whole content of a bundle, 32 bytes. Compare it by voice with the person who hands the bundle over."""
    return keccak256(TRUST_FORM.encode_json(trust).encode("utf-8"))


def _encode(trust: TrustBundle) -> dict[str, Value]:
    return {
        "format": FORMAT,
        "chain": {"id": trust.chain_id, "genesis": trust.genesis_hash},
        "contracts": {
            contract.value: {"address": trust.address(contract), "code": trust.code_hash(contract)}
            for contract in Contract
        },
        "validators": list(trust.validators.addresses),
        "checkpoint": {
            "number": trust.checkpoint.number,
            "hash": trust.checkpoint.hash,
            "time": trust.checkpoint.time,
        },
        "period_s": trust.period_s,
        "parties": [
            {
                "number": party.number,
                "code": party.code,
                "name": party.name,
                "types": list(party.types),
                **({"certificate": party.certificate} if party.certificate else {}),
            }
            for party in trust.parties
        ],
        "prefixes": dict(trust.prefixes),
        "predecessors": [
            {
                "chain": predecessor.chain_id,
                "contracts": {contract.value: predecessor.address(contract) for contract in Contract},
                "header": {
                    "number": predecessor.number,
                    "hash": predecessor.header,
                    "time": predecessor.time,
                },
            }
            for predecessor in trust.predecessors
        ],
        **({} if trust.forks is None else {_FORKS: dict(trust.forks.named())}),
    }


def _decode(fields: Fields) -> TrustBundle:
    fields.demand(_MEMBERS, optional=(_FORKS,))
    fields.choice("format", {FORMAT: None})
    chain, contracts = fields.object("chain"), fields.object("contracts")
    chain.demand(("id", "genesis"))
    contracts.demand(_CONTRACTS)
    for name in _CONTRACTS:
        contracts.object(name).demand(("address", "code"))
    consortium, governance, registers = (contracts.object(name) for name in _CONTRACTS)
    number, hashed, time = _block(fields.object("checkpoint"))
    try:
        validators = ValidatorSet(fields.binaries("validators", MAX_PARTIES, 20))
    except MalformedValidatorSet as error:
        raise MalformedDocument(_DOCUMENT, "validators", error.reason) from error
    return TrustBundle(
        chain_id=chain.number("id", _MAX_NUMBER),
        genesis_hash=chain.binary("genesis", 32),
        consortium=consortium.binary("address", 20),
        consortium_code_hash=consortium.binary("code", 32),
        governance=governance.binary("address", 20),
        governance_code_hash=governance.binary("code", 32),
        registers=registers.binary("address", 20),
        registers_code_hash=registers.binary("code", 32),
        validators=validators,
        checkpoint=Checkpoint(number=number, hash=hashed, time=time),
        period_s=fields.number("period_s", _MAX_NUMBER),
        parties=tuple(_party(party) for party in fields.objects("parties", MAX_PARTIES)),
        prefixes=_prefixes(fields.object("prefixes")),
        predecessors=tuple(_predecessor(part) for part in fields.objects("predecessors", MAX_PREDECESSORS)),
        forks=_forks(fields) if _FORKS in fields else None,
    )


def _forks(fields: Fields) -> Forks:
    named = fields.object(_FORKS)
    try:
        return Forks.of({name: named.number(name, MAX_BEGIN) for name in named.keys(len(Fork))})
    except MalformedText as error:
        raise MalformedDocument(_DOCUMENT, _FORKS, f"found {error.found}, needed {error.needed}") from error


def _block(fields: Fields) -> tuple[int, bytes, int]:
    fields.demand(("number", "hash", "time"))
    return fields.number("number", _MAX_NUMBER), fields.binary("hash", 32), fields.number("time", _MAX_NUMBER)


def _predecessor(fields: Fields) -> Predecessor:
    fields.demand(("chain", "contracts", "header"))
    contracts = fields.object("contracts")
    contracts.demand(_CONTRACTS)
    number, header, time = _block(fields.object("header"))
    return Predecessor(
        chain_id=fields.number("chain", _MAX_NUMBER),
        consortium=contracts.binary("consortium", 20),
        governance=contracts.binary("governance", 20),
        registers=contracts.binary("registers", 20),
        number=number,
        header=header,
        time=time,
    )


def _party(fields: Fields) -> TrustedParty:
    fields.demand(("number", "code", "name", "types"), optional=("certificate",))
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
        certificate=fields.binary("certificate", 32) if "certificate" in fields else b"",
    )


def _prefixes(fields: Fields) -> dict[str, int]:
    prefixes = fields.keys(676)
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            fields.refuse(prefix, "needed two capitals for a prefix")
    return {prefix: fields.number(prefix, MAX_PARTIES) for prefix in prefixes}


TRUST_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES, only_ascii=False)
"""A trust bundle. It travels only as JSON."""
