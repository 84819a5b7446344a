# pragma version 0.4.3
"""
@title Messages that administrations sign (EIP-712)
@notice Written by scripts/compile from aeo_ledger.protocol.messages; do not edit.
"""

struct Founding:
    party: uint16
    word: uint256
    authority: address


struct Resolution:
    party: uint16
    number: uint32
    deadline: uint64
    act: uint8
    key: address
    detail: bytes32
    amount: uint64
    grounds: bytes32


struct Succession:
    number: uint32
    deadline: uint64
    effective: uint32
    chain: uint64
    consortium: address
    governance: address
    registers: address
    consortium_code: bytes32
    governance_code: bytes32
    registers_code: bytes32
    grounds: bytes32


struct PartyAct:
    party: uint16
    serial: uint32
    deadline: uint64
    act: uint8
    certificate_type: uint8
    key: address
    detail: uint256
    effective: uint32
    grounds: bytes32


struct ReplacementAct:
    party: uint16
    key: address
    deadline: uint64
    act: uint8
    grounds: bytes32


struct Freeze:
    party: uint16
    lifts: uint32
    deadline: uint64
    grounds: bytes32


struct Recognition:
    recogniser: uint16
    register: uint16
    lane: uint8
    amendment: uint32
    types: uint16
    roles: uint16
    directions: uint8
    benefits: uint16
    in_force_from: uint32
    until: uint32


struct LaneAct:
    party: uint16
    recogniser: uint16
    register: uint16
    lane: uint8
    generation: uint8
    number: uint32
    deadline: uint64
    act: uint8
    until: uint32
    grounds: bytes32


struct Withholding:
    recogniser: uint16
    serial: uint32
    deadline: uint64
    entry: bytes32
    withheld: bool
    grounds: bytes32


struct StatusEvent:
    entry: bytes32
    record: uint256
    document: bytes32


struct AliasBinding:
    recogniser: uint16
    serial: uint32
    deadline: uint64
    alias_hash: bytes32
    binding: uint8
    certificate_type: uint8
    entry: bytes32
    grounds: bytes32


DOMAIN_HASH: constant(bytes32) = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
NAME_HASH: constant(bytes32) = keccak256("AEO Ledger")
VERSION_HASH: constant(bytes32) = keccak256("1")
FOUNDING_HASH: constant(bytes32) = keccak256(
    "Founding(uint16 party,uint256 word,address authority)"
)
RESOLUTION_HASH: constant(bytes32) = keccak256(
    "Resolution(uint16 party,uint32 number,uint64 deadline,uint8 act,address key,bytes32 detail,uint64 amount,bytes32 grounds)"
)
SUCCESSION_HASH: constant(bytes32) = keccak256(
    "Succession(uint32 number,uint64 deadline,uint32 effective,uint64 chain,address consortium,address governance,address registers,bytes32 consortium_code,bytes32 governance_code,bytes32 registers_code,bytes32 grounds)"
)
PARTY_ACT_HASH: constant(bytes32) = keccak256(
    "PartyAct(uint16 party,uint32 serial,uint64 deadline,uint8 act,uint8 certificate_type,address key,uint256 detail,uint32 effective,bytes32 grounds)"
)
REPLACEMENT_ACT_HASH: constant(bytes32) = keccak256(
    "ReplacementAct(uint16 party,address key,uint64 deadline,uint8 act,bytes32 grounds)"
)
FREEZE_HASH: constant(bytes32) = keccak256(
    "Freeze(uint16 party,uint32 lifts,uint64 deadline,bytes32 grounds)"
)
ENVELOPE_HASH: constant(bytes32) = keccak256(
    "Envelope(uint16 register,uint32 serial,uint64 deadline,uint16 recipient,uint32 epoch,bytes sealed)"
)
RECOGNITION_HASH: constant(bytes32) = keccak256(
    "Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 amendment,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
CONCLUSION_HASH: constant(bytes32) = keccak256(
    "Conclusion(uint64 deadline,bytes32 arrangement,bytes32 text,uint256 signatories,Recognition[] recognitions)Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 amendment,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
AMENDMENT_HASH: constant(bytes32) = keccak256(
    "Amendment(uint64 deadline,bytes32 arrangement,bytes32 text,uint256 signatories,Recognition[] recognitions)Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 amendment,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
LANE_ACT_HASH: constant(bytes32) = keccak256(
    "LaneAct(uint16 party,uint16 recogniser,uint16 register,uint8 lane,uint8 generation,uint32 number,uint64 deadline,uint8 act,uint32 until,bytes32 grounds)"
)
WITHHOLDING_HASH: constant(bytes32) = keccak256(
    "Withholding(uint16 recogniser,uint32 serial,uint64 deadline,bytes32 entry,bool withheld,bytes32 grounds)"
)
STATUS_EVENT_HASH: constant(bytes32) = keccak256(
    "StatusEvent(bytes32 entry,uint256 record,bytes32 document)"
)
PUBLICATION_HASH: constant(bytes32) = keccak256(
    "Publication(uint16 register,uint16 issuer,uint16 former,uint8 capacity,uint64 deadline,StatusEvent[] events,bytes details)StatusEvent(bytes32 entry,uint256 record,bytes32 document)"
)
ALIAS_BINDING_HASH: constant(bytes32) = keccak256(
    "AliasBinding(uint16 recogniser,uint32 serial,uint64 deadline,bytes32 alias_hash,uint8 binding,uint8 certificate_type,bytes32 entry,bytes32 grounds)"
)
