"""A ledger of any size: standings are put into the real tries as the contracts would have written them, under a block that validators seal.

A million publications take an hour here, and ten million a night. What questions cost, and how long proofs are, depends on the words and
not on how they came there. So the same words (a test compares them with those of real publications, root for root) are put straight into the
state, and the validators of a real network seal it. What this does not show is what it says nowhere: the cost of writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role, Status
from aeo_ledger.evidence import Header
from aeo_ledger.lab.own_network import OwnNetwork
from aeo_ledger.ledger.port import Ledger, Proof
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import EMPTY_ROOT
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.prover.state import State, keys_of
from aeo_ledger.signing import Signer


class StateLedger(Ledger):
    """The port to one block that exists only here."""

    def __init__(self, node: Ledger, state: State) -> None:
        super().__init__(node.provider, node.contracts)
        self.state = state

    def head(self) -> int:
        """Return the only block."""
        return self.state.block

    def header(self, block: int) -> bytes:  # noqa: ARG002 (there is one)
        """Return its header."""
        return self.state.header

    def time_of(self, block: int) -> int:  # noqa: ARG002 (the same)
        """Return its time, UTC seconds."""
        return self.state.decoded.timestamp

    def word(self, contract: Contract, slot: int, block: int) -> int:  # noqa: ARG002 (the same)
        """Read one of its words."""
        return self.state.word(contract, slot) if contract in self.state.tries else 0

    def prove(self, contract: Contract, slots: Sequence[int], block: int) -> Proof:  # noqa: ARG002 (the same)
        """Prove some of its words."""
        return self.state.prove(contract, slots)


def trader(number: int) -> Tin:
    """Name an invented trader of Belarus."""
    return Tin(f"BY{number:09}")


def fill(network: OwnNetwork, standings: int, *, register: str = "BY", type_number: int = 2) -> StateLedger:
    """Grant certificates to that many invented traders in a state, and let all validators seal it.

    Args:
        network: The network whose newest state is filled; it does not change.
        standings: How many.
        register: Code of the register.
        type_number: The certificates' type.
    """
    now = int(network.clock())
    issuer = network.number(register)
    record = Record(
        status=Status.ACTIVE, kind=EventKind.GRANT, issuer=issuer, roles=1 << Role.EXPORTER, sequence=1, since=now, valid_from=now
    )  # fmt: skip
    entries = (network.entry(trader(number), register, type_number) for number in range(standings))
    words = {entry: write_grant(entry, record, now) for entry in entries}
    return seal_standings(network, words, list(network.validators.values()))


def write_grant(entry: bytes, record: Record, at: int) -> tuple[int, int]:
    """Write both words of a granted standing as `Registers` does: the record, and the head of its history.

    Args:
        entry: 32 bytes.
        record: As it was signed.
        at: Time of the block, UTC seconds.
    """
    event = struct_hash("StatusEvent", {"entry": entry, "record": encode_record(record), "document": bytes(32)})
    return encode_record(replace(record, recorded_at=at)), int.from_bytes(extend_head(NO_HEAD, event, at), "big")


def seal_standings(
    network: OwnNetwork, standings: Mapping[bytes, tuple[int, int]], sealers: Sequence[Signer]
) -> StateLedger:
    """Put standings into the newest state, and let some validators seal the block after it, now.

    Args:
        network: The network; it does not change.
        standings: Record and head, by entry (32 bytes).
        sealers: The validators that seal.
    """
    state = network.ledger.index.advance()
    old = state.tries[Contract.REGISTERS]
    new = old.changed(_list_rows(standings))
    accounts = _with_root(state.accounts, old.root, new.root)
    header = _seal(state.decoded, keccak256(accounts[Contract.REGISTERS][0]), int(network.clock()), sealers)
    filled = replace(
        state,
        header=header.encode(),
        accounts=accounts,
        tries={**state.tries, Contract.REGISTERS: new},
        entries=tuple(sorted({*state.entries, *standings})),
    )
    return StateLedger(network.ledger, filled)


def _list_rows(standings: Mapping[bytes, tuple[int, int]]) -> list[bytes]:
    return sorted(
        key + word.to_bytes(32, "big")
        for entry, words in standings.items()
        for key, word in zip(keys_of(entry), words, strict=True)
    )


def _with_root(
    accounts: Mapping[Contract, tuple[bytes, ...]], old: bytes, new: bytes
) -> dict[Contract, tuple[bytes, ...]]:
    """Put another storage root into the account that has it, and the new hash of each node into the node above it."""
    path = next(nodes for nodes in accounts.values() if old in nodes[-1])
    changed: dict[bytes, bytes] = {}
    for node in reversed(path):
        above = node.replace(old, new)
        changed[node] = above
        old, new = keccak256(node), keccak256(above)
    return {contract: tuple(changed.get(node, node) for node in nodes) for contract, nodes in accounts.items()}


def _seal(parent: Header, state_root: bytes, now: int, sealers: Iterable[Signer]) -> Header:
    """Make the block after the parent, and seal it."""
    unsealed = replace(
        parent, parent_hash=parent.hash(), state_root=state_root, number=parent.number + 1, timestamp=now, gas_used=0,
        transactions_root=EMPTY_ROOT, receipts_root=EMPTY_ROOT, bloom=bytes(256), seals=(),
    )  # fmt: skip
    digest = unsealed.seal_digest()
    return replace(unsealed, seals=tuple(signer.seal(digest) for signer in sealers))
