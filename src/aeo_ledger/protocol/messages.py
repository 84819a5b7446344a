"""The EIP-712 messages that administrations sign.

One table gives type strings, digests and the contracts' structs. `scripts/compile` writes `contracts/messages.vy` from
`MESSAGES`, so no type string is written by hand. Only types that every SDK hashes in the same way are used: no alias such as
`uint`, no nested dynamic arrays.

Source: EIP-712.
"""

from __future__ import annotations

from typing import Final

DOMAIN_NAME: Final = "AEO Ledger"
"""Name of the domain. With version, chain id and contract, it makes a signature useless elsewhere."""

DOMAIN_VERSION: Final = "1"
"""Version of the messages. Another version means another ledger."""

DOMAIN: Final = (("string", "name"), ("string", "version"), ("uint256", "chainId"), ("address", "verifyingContract"))
"""Members of `EIP712Domain`, in the standard's order."""

MESSAGES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Founding": (("uint16", "party"), ("uint256", "word"), ("address", "authority")),
    "Resolution": (
        ("uint16", "party"), ("uint32", "number"), ("uint64", "deadline"), ("uint8", "act"), ("address", "key"),
        ("bytes32", "detail"), ("uint64", "amount"), ("bytes32", "grounds"),
    ),
    "Succession": (
        ("uint32", "number"), ("uint64", "deadline"), ("uint32", "effective"), ("uint64", "chain"),
        ("address", "consortium"), ("address", "governance"), ("address", "registers"), ("bytes32", "consortium_code"),
        ("bytes32", "governance_code"), ("bytes32", "registers_code"), ("bytes32", "grounds"),
    ),
    "PartyAct": (
        ("uint16", "party"), ("uint32", "serial"), ("uint64", "deadline"), ("uint8", "act"),
        ("uint8", "certificate_type"), ("address", "key"), ("uint256", "detail"), ("uint32", "effective"),
        ("bytes32", "grounds"),
    ),
    "ReplacementAct": (
        ("uint16", "party"), ("address", "key"), ("uint64", "deadline"), ("uint8", "act"), ("bytes32", "grounds"),
    ),
    "Freeze": (("uint16", "party"), ("uint32", "lifts"), ("uint64", "deadline"), ("bytes32", "grounds")),
    "Envelope": (
        ("uint16", "register"), ("uint32", "serial"), ("uint64", "deadline"), ("uint16", "recipient"),
        ("uint32", "epoch"), ("bytes", "sealed"),
    ),
    "Recognition": (
        ("uint16", "recogniser"), ("uint16", "register"), ("uint8", "lane"), ("uint32", "amendment"),
        ("uint16", "types"), ("uint16", "roles"), ("uint8", "directions"), ("uint16", "benefits"),
        ("uint32", "in_force_from"), ("uint32", "until"),
    ),
    "Conclusion": (
        ("uint64", "deadline"), ("bytes32", "arrangement"), ("bytes32", "text"), ("uint256", "signatories"),
        ("Recognition[]", "recognitions"),
    ),
    "Amendment": (
        ("uint64", "deadline"), ("bytes32", "arrangement"), ("bytes32", "text"), ("uint256", "signatories"),
        ("Recognition[]", "recognitions"),
    ),
    "LaneAct": (
        ("uint16", "party"), ("uint16", "recogniser"), ("uint16", "register"), ("uint8", "lane"),
        ("uint8", "generation"), ("uint32", "number"), ("uint64", "deadline"), ("uint8", "act"), ("uint32", "until"),
        ("bytes32", "grounds"),
    ),
    "Withholding": (
        ("uint16", "recogniser"), ("uint32", "serial"), ("uint64", "deadline"), ("bytes32", "entry"),
        ("bool", "withheld"), ("bytes32", "grounds"),
    ),
    "StatusEvent": (("bytes32", "entry"), ("uint256", "record"), ("bytes32", "document")),
    "Publication": (
        ("uint16", "register"), ("uint16", "issuer"), ("uint16", "former"), ("uint8", "capacity"),
        ("uint64", "deadline"), ("StatusEvent[]", "events"), ("bytes", "details"),
    ),
    "AliasBinding": (
        ("uint16", "recogniser"), ("uint32", "serial"), ("uint64", "deadline"), ("bytes32", "alias_hash"),
        ("uint8", "binding"), ("uint8", "certificate_type"), ("bytes32", "entry"), ("bytes32", "grounds"),
    ),
}  # fmt: skip
"""Every message: its members as (type, name), in order. `Founding` is never signed, because the genesis is pinned.

`grounds` is the salted hash of a reasoned decision, zero if there is none. An arrangement has a text, a status event a document.
"""


def referred_structs(name: str) -> list[str]:
    """List the structs that a message's members refer to, in alphabetical order."""
    return sorted({kind.removesuffix("[]") for kind, _ in MESSAGES[name]} & MESSAGES.keys())


def encode_type(name: str) -> str:
    """Write the type string of a message: its own members, then the structs that it refers to, in alphabetical order.

    Source: EIP-712, "Definition of encodeType".
    """
    return "".join(
        f"{part}({','.join(f'{kind} {member}' for kind, member in MESSAGES[part])})"
        for part in [name, *referred_structs(name)]
    )
