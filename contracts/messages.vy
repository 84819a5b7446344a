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
    number: uint32
    deadline: uint64
    act: uint8
    party: uint16
    key: address
    detail: bytes32
    amount: uint64


struct PartyAct:
    party: uint16
    serial: uint32
    deadline: uint64
    act: uint8
    certificate_type: uint8
    key: address
    detail: uint256


struct Recognition:
    recogniser: uint16
    register: uint16
    lane: uint8
    serial: uint32
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
    serial: uint32
    deadline: uint64
    act: uint8
    until: uint32


struct Withholding:
    recogniser: uint16
    serial: uint32
    deadline: uint64
    entry: bytes32
    withheld: bool


struct StatusEvent:
    entry: bytes32
    record: uint256
    document: bytes32


struct AliasBinding:
    recogniser: uint16
    serial: uint32
    deadline: uint64
    alias_hash: bytes32
    binding: uint16
    certificate_type: uint8
    entry: bytes32


DOMAIN_HASH: constant(bytes32) = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
NAME_HASH: constant(bytes32) = keccak256("AEO Ledger")
VERSION_HASH: constant(bytes32) = keccak256("1")
FOUNDING_HASH: constant(bytes32) = keccak256(
    "Founding(uint16 party,uint256 word,address authority)"
)
RESOLUTION_HASH: constant(bytes32) = keccak256(
    "Resolution(uint32 number,uint64 deadline,uint8 act,uint16 party,address key,bytes32 detail,uint64 amount)"
)
PARTY_ACT_HASH: constant(bytes32) = keccak256(
    "PartyAct(uint16 party,uint32 serial,uint64 deadline,uint8 act,uint8 certificate_type,address key,uint256 detail)"
)
ENVELOPE_HASH: constant(bytes32) = keccak256(
    "Envelope(uint16 register,uint32 serial,uint64 deadline,uint16 recipient,uint32 epoch,bytes sealed)"
)
RECOGNITION_HASH: constant(bytes32) = keccak256(
    "Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 serial,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
CONCLUSION_HASH: constant(bytes32) = keccak256(
    "Conclusion(uint64 deadline,bytes32 arrangement,bytes32 text,uint256 signatories,Recognition[] recognitions)Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 serial,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
AMENDMENT_HASH: constant(bytes32) = keccak256(
    "Amendment(uint64 deadline,bytes32 arrangement,bytes32 text,uint256 signatories,Recognition[] recognitions)Recognition(uint16 recogniser,uint16 register,uint8 lane,uint32 serial,uint16 types,uint16 roles,uint8 directions,uint16 benefits,uint32 in_force_from,uint32 until)"
)
LANE_ACT_HASH: constant(bytes32) = keccak256(
    "LaneAct(uint16 party,uint16 recogniser,uint16 register,uint8 lane,uint32 serial,uint64 deadline,uint8 act,uint32 until)"
)
WITHHOLDING_HASH: constant(bytes32) = keccak256(
    "Withholding(uint16 recogniser,uint32 serial,uint64 deadline,bytes32 entry,bool withheld)"
)
STATUS_EVENT_HASH: constant(bytes32) = keccak256(
    "StatusEvent(bytes32 entry,uint256 record,bytes32 document)"
)
PUBLICATION_HASH: constant(bytes32) = keccak256(
    "Publication(uint16 register,uint16 issuer,uint16 former,uint8 capacity,uint64 deadline,StatusEvent[] events,bytes details)StatusEvent(bytes32 entry,uint256 record,bytes32 document)"
)
ALIAS_BINDING_HASH: constant(bytes32) = keccak256(
    "AliasBinding(uint16 recogniser,uint32 serial,uint64 deadline,bytes32 alias_hash,uint16 binding,uint8 certificate_type,bytes32 entry)"
)
