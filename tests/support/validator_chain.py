"""Headers in a chain whose states show who seals the next block: honest ones, and whatever an attacker with keys makes.

Tries are those of the `trie` library, seals those of coincurve; nothing here is the project's prover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import rlp
from coincurve import PrivateKey
from trie import HexaryTrie

from aeo_ledger.evidence import Header
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.layouts import VALIDATOR, pack
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.verify import Checkpoint, TrustBundle, ValidatorSet
from support.sealed_world import ADDRESSES, CODE_HASHES, NOW, _proof, _storage, trust
from support.sealing import UNSEALED, address_of, key_of, seal

CONSORTIUM = ADDRESSES[Contract.CONSORTIUM]
NODES = tuple(key_of(f"node {at}") for at in range(12))
FIRST = NODES[:4]
"""The validators that a bundle pins at first."""
START = 100
"""Number of the block at which it pins them; each next block comes ten seconds later."""


def list_words(nodes: Sequence[PrivateKey]) -> dict[int, int]:
    """The validators' table as the contract lays it out."""
    words = {word_slot(Table.VALIDATOR, 0): len(nodes)}
    for position, node in enumerate(nodes, 1):
        word = pack(VALIDATOR, node=int.from_bytes(address_of(node), "big"), party=position)
        words[word_slot(Table.VALIDATOR, position)] = word
    return words


@dataclass(frozen=True)
class Step:
    """A sealed header, the nodes that prove who seals the next block, and those of the contract that governs."""

    header: Header
    nodes: tuple[bytes, ...]
    governing: tuple[bytes, ...] = ()


def step(
    number: int,
    sealers: Sequence[PrivateKey],
    following: Sequence[PrivateKey],
    *,
    parent: bytes = bytes(32),
    time: int | None = None,
    words: Mapping[int, int] = MappingProxyType({}),
    code_hashes: Mapping[Contract, bytes] = CODE_HASHES,
    addresses: Mapping[Contract, bytes] = ADDRESSES,
    **altered: Any,
) -> Step:
    """Make a block: its state shows `following`, and `words` put over that; by default it is as old as its number says."""
    slots = list_words(following)
    storage = _storage({word_slot(Table.PARTY, at): at for at in range(1, 9)} | slots | dict(words))
    accounts = HexaryTrie({}, prune=True)
    for contract, address in addresses.items():
        root = storage.root_hash if contract is Contract.CONSORTIUM else keccak256(contract.value.encode())
        accounts[keccak256(address)] = rlp.encode([b"\1", b"", root, code_hashes[contract]])
    for other in range(20):
        accounts[keccak256(bytes([other]))] = rlp.encode([b"", b"\1", bytes(32), bytes(32)])
    nodes = _proof(accounts, CONSORTIUM)
    for slot in slots:
        nodes |= _proof(storage, slot.to_bytes(32, "big"))
    header = replace(
        UNSEALED,
        number=number,
        parent_hash=parent,
        state_root=accounts.root_hash,
        coinbase=address_of(sealers[0]),
        timestamp=NOW + 10 * (number - START) if time is None else time,
    )
    governing = tuple(_proof(accounts, ADDRESSES[Contract.GOVERNANCE]))
    return Step(seal(replace(header, **altered), *sealers), tuple(nodes), governing)


def update_of(*steps: Step) -> TrustUpdate:
    """Make an update of steps; the newest shows the contract that governs too."""
    nodes = dict.fromkeys(node for one in steps for node in one.nodes)
    nodes |= dict.fromkeys(steps[-1].governing if steps else ())
    return TrustUpdate(headers=tuple(one.header.encode() for one in steps), nodes=tuple(nodes))


def set_of(nodes: Sequence[PrivateKey]) -> ValidatorSet:
    return ValidatorSet(tuple(map(address_of, nodes)))


def pinned_at(block: Step, following: Sequence[PrivateKey], **altered: Any) -> TrustBundle:
    """A bundle that pins a block, and who may seal the next."""
    checkpoint = Checkpoint(number=block.header.number, hash=block.header.hash(), time=block.header.timestamp)
    return trust(**{"checkpoint": checkpoint, "validators": set_of(following), **altered})


START_BLOCK = step(START, FIRST, FIRST)


def history() -> tuple[tuple[Step, ...], tuple[tuple[PrivateKey, ...], ...]]:
    """One validator after another is replaced until none of the first is left.

    Returns:
        The steps of an honest update from `START` on, and after each the validators of the block that follows it.
    """
    steps: list[Step] = []
    sets: list[tuple[PrivateKey, ...]] = []
    members, last = list(FIRST), START_BLOCK
    number = START
    for leaving, coming in zip(FIRST, NODES[4:8], strict=True):
        for change in ([*members, coming], [member for member in (*members, coming) if member is not leaving]):
            number += 5
            before = step(number, members, members)
            number += 1
            last = step(number, members, change, parent=before.header.hash())
            steps += [before, last]
            sets += [tuple(members), tuple(change)]
            members = list(change)
    steps.append(step(number + 5, members, members))
    sets.append(tuple(members))
    return tuple(steps), tuple(sets)
