"""The words of a ledger at one block, ready to be proven; and the changes that lead from one block to another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Final

from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.errors import AeoLedgerError, Malformed
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.prover import StorageNotRebuilt
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.ledger.port import Ledger, Log, Proof
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN, read_entry, read_event, read_place, topics_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.inventory import NOTHING, THIS_EDITION
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table, contract_of, record_slot, word_slot
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.prover.trie import EMPTY, Row, Trie
from aeo_ledger.verify import NodePool, verify_account

NO_BLOCK: Final = -1
"""The number of the block before the genesis: no word is known."""
_RECORDED_AT: Final = RECORD["recorded_at"]
DAMAGES: Final = (AeoLedgerError, ValueError, TypeError, LookupError)
"""What a damaged database may lead to; a wrong storage root is the most common one."""
_LISTED: Final = (Table.PAIR, Table.KEY)
"""Tables whose words are listed: a slot is a hash, and does not show its key."""


@dataclass(slots=True, kw_only=True)
class Changes:
    """The words that the blocks after one block, up to another, write. Unchecked."""

    since: int
    """The block before them; `NO_BLOCK` if they are all words."""
    block: int
    """The last one."""
    header: bytes = b""
    """Its header with its seals, RLP."""
    accounts: Mapping[Contract, tuple[bytes, ...]] = field(default_factory=dict)
    """Trie nodes that prove each contract's account in it, RLP, root first."""
    words: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    """By table and key, 32 bytes each; a word of 0 is removed."""
    standings: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    """Record and head, 32 bytes each, by entry."""
    logs: Sequence[tuple[Contract, Log]] = ()
    """The logs that say so, with their contracts; none of what a database keeps."""

    def rows(self) -> dict[Contract, list[Row]]:
        """Place the words in the contracts' storage: ascending rows."""
        rows: dict[Contract, list[Row]] = {contract: [] for contract in WITH_ANSWERS}
        for (table, key), word in self.words.items():
            slot = word_slot(Table(table), int.from_bytes(_exact(key, 32), "big"))
            rows[contract_of(table)].append(_hashed(slot) + word)
        for entry, words in self.standings.items():
            rows[Contract.REGISTERS].extend(map(bytes.__add__, keys_of(entry), words))
        return {contract: sorted(found) for contract, found in rows.items()}

    def differences(self, other: Changes) -> list[str]:
        """Name the words and standings that differ."""
        tables = {table.value: table.name.lower() for table in Table}
        words = {place for place, _ in self.words.items() ^ other.words.items()}
        entries = {entry for entry, _ in self.standings.items() ^ other.standings.items()}
        return [
            *sorted(f"{tables.get(table, table)} 0x{key.hex()}" for table, key in words),
            *sorted(f"standing 0x{entry.hex()}" for entry in entries),
        ]


@dataclass(frozen=True, kw_only=True)
class State:
    """All words at one block, compared with its storage roots. It never changes, so any thread may read it."""

    header: bytes
    """The block's header with its seals, RLP."""
    accounts: Mapping[Contract, tuple[bytes, ...]]
    """Trie nodes that prove each contract's account, RLP, root first."""
    tries: Mapping[Contract, Trie]
    """The words of the contracts that decide answers."""
    entries: tuple[bytes, ...]
    """The entry of each standing, 32 bytes, ascending: the entries of one register stand together."""
    keys: Mapping[Table, tuple[int, ...]]
    """The key of each word that was ever written in some tables (`_LISTED`), ascending."""

    @cached_property
    def decoded(self) -> Header:
        """The header's fields."""
        return decode_header(self.header)

    @cached_property
    def hash(self) -> bytes:
        """The block's hash, 32 bytes."""
        return self.decoded.hash()

    @property
    def block(self) -> int:
        """The block's number."""
        return self.decoded.number

    def word(self, contract: Contract, slot: int) -> int:
        """Read a word; 0 means that there is none."""
        return int.from_bytes(self.tries[contract].read(_hashed(slot)), "big")

    def prove(self, contract: Contract, slots: Sequence[int]) -> Proof:
        """Prove an account and some of its words, with each node once."""
        nodes: dict[bytes, None] = {}
        for slot in slots:
            nodes.update(dict.fromkeys(self.tries[contract].prove(_hashed(slot))))
        return Proof(account_nodes=self.accounts[contract], storage_nodes=tuple(nodes))

    @cached_property
    def snapshot(self) -> Snapshot:
        """Every word in one document, for a border post without a network."""
        registers = self.tries[Contract.REGISTERS]
        rows = dict.fromkeys(registers.rows())
        standings = []
        for entry in self.entries:
            keys = keys_of(entry)
            words = [registers.read(key) for key in keys]
            standings.append(entry + b"".join(words))
            for row in map(bytes.__add__, keys, words):
                del rows[row]
        return Snapshot(
            header=self.header,
            nodes=tuple(dict.fromkeys(chain.from_iterable(self.accounts[contract] for contract in WITH_ANSWERS))),
            consortium=b"".join(self.tries[Contract.CONSORTIUM].rows()),
            registers=b"".join(rows),
            standings=b"".join(standings),
        )


def read_changes(ledger: Ledger, before: State | None, block: int) -> Changes:
    """Read the blocks after a state up to a block from a node; fewer, if the validators change there.

    Whoever follows the validators needs the state right before and right after each change, so the blocks that are read end there.

    Args:
        ledger: The port to the node; it knows the words of the genesis.
        before: None to begin with the genesis.
        block: The last block.

    Raises:
        NodeFailed: a log is not one that these contracts write.
        Unavailable: the node does not answer.
    """
    since = NO_BLOCK if before is None else before.block
    logs = [
        (contract, log) for contract in WITH_ANSWERS for log in ledger.logs(contract, [], since=since + 1, until=block)
    ]
    changed = [log.block for contract, log in logs if changes_validators(contract, log)]
    if changed:
        block = max(min(changed) - 1, since + 1)
        logs = [(contract, log) for contract, log in logs if log.block <= block]
    changes = begin_with(ledger, block) if before is None else Changes(since=since, block=block)
    changes.logs = logs
    for contract, log in logs:
        try:
            _read_log(changes, log, before)
        except (ValueError, IndexError, Malformed) as error:
            detail = f"log {log.index} of block {log.block} is not one of {contract}: {error}"
            raise NodeFailed(method="eth_getLogs", detail=detail) from error
    changes.header = ledger.header(block)
    if (found := decode_header(changes.header).number) != block:
        raise NodeFailed(method="eth_getBlockByNumber", detail=f"it is asked for block {block}, and answers {found}")
    changes.accounts = read_accounts(ledger, block)
    return changes


def begin_with(ledger: Ledger, block: int) -> Changes:
    """Begin the changes up to a block with the words of the genesis."""
    begun = ledger.beginning
    return Changes(
        since=NO_BLOCK,
        block=block,
        words={(table, _bytes(key)): _bytes(word) for (table, key), word in begun.words.items()},
        standings={entry: (_bytes(one), _bytes(two)) for entry, (one, two) in begun.standings.items()},
    )


def read_accounts(ledger: Ledger, block: int) -> dict[Contract, tuple[bytes, ...]]:
    """Fetch the nodes that prove each contract's account in a block."""
    return {contract: ledger.prove(contract, [], block).account_nodes for contract in Contract}


def changes_validators(contract: Contract, log: Log) -> bool:
    """Tell whether a log says that the validators change."""
    return contract is Contract.CONSORTIUM and list(log.topics[:2]) == topics_of(Table.VALIDATOR)


def replay_consortium(
    ledger: Ledger,
    block: int,
    logs: Iterable[Log],
    header: bytes,
    accounts: Mapping[Contract, tuple[bytes, ...]],
) -> State:
    """Make the state of an earlier block with the words of `Consortium` alone, from the logs of its words up to that block.

    Raises:
        StorageNotRebuilt, MalformedHeader, Unproven, ValueError: as `apply_changes` does.
    """
    changes = begin_with(ledger, block)
    changes.standings.clear()
    changes.header, changes.accounts = header, accounts
    for log in logs:
        _read_log(changes, log, None)
    return apply_changes(None, changes, ledger.contracts, only=(Contract.CONSORTIUM,))


def apply_changes(
    before: State | None,
    changes: Changes,
    addresses: Mapping[Contract, bytes],
    only: Collection[Contract] = WITH_ANSWERS,
) -> State:
    """Make the state after some changes.

    Args:
        before: The state of the block that the changes follow; None for none.
        changes: From any source.
        addresses: Of the contracts, 20 bytes each.
        only: The contracts whose words it has.

    Raises:
        StorageNotRebuilt: the words do not give the storage root under the header.
        MalformedHeader, Unproven: the header or the account proofs are not valid.
        ValueError: the header is of another block, or a word belongs to no table.
    """
    tries = _begin(addresses) if before is None else before.tries
    header = decode_header(changes.header)
    if header.number != changes.block:
        raise ValueError(f"the header is that of block {header.number}, not of block {changes.block}")
    rows = changes.rows()
    made = {contract: tries[contract].changed(rows[contract]) for contract in only}
    for contract, trie in made.items():
        pool = NodePool(changes.accounts.get(contract, ()))
        needed = verify_account(pool, header.state_root, addresses[contract]).storage_root
        if trie.root != needed:
            raise StorageNotRebuilt(contract=contract, block=changes.block, found=trie.root, needed=needed)
    entries = () if before is None else before.entries
    new = tuple(entry for entry in changes.standings if not _has(entries, entry))
    return State(
        header=changes.header,
        accounts=changes.accounts,
        tries=made,
        entries=tuple(sorted(entries + new)) if new else entries,
        keys={table: _list_keys(table, before, changes) for table in _LISTED},
    )


def _has(entries: Sequence[bytes], entry: bytes) -> bool:
    """Tell whether an entry is among ascending ones."""
    at = bisect_left(entries, entry)
    return at < len(entries) and entries[at] == entry


def _list_keys(table: Table, before: State | None, changes: Changes) -> tuple[int, ...]:
    known = () if before is None else before.keys[table]
    written = {int.from_bytes(key, "big") for one, key in changes.words if one == table}
    return tuple(sorted(written.union(known))) if written.difference(known) else known


def keys_of(entry: bytes) -> tuple[bytes, bytes]:
    """Compute the hashed slots of a standing's record and of its head, by its entry."""
    slot = record_slot(entry)
    return _hashed(slot), _hashed(slot + 1)


def _read_log(changes: Changes, log: Log, before: State | None) -> None:
    """Take over what a log says; a log of an envelope writes no word."""
    if log.topics[0] == WRITTEN:
        table, key = read_place(log)
        changes.words[Table(table), _bytes(key)] = _exact(log.data, 32)
    elif log.topics[0] == STATUS_CHANGED:
        entry, (record, document) = read_entry(log), read_event(log)
        _, head = changes.standings.get(entry) or _standing(before, entry)
        signed = record & ~(_RECORDED_AT.mask << _RECORDED_AT.at)
        event = struct_hash("StatusEvent", {"entry": entry, "record": signed, "document": document})
        changes.standings[entry] = _bytes(record), extend_head(head, event, _RECORDED_AT.of(record))


def _standing(state: State | None, entry: bytes) -> tuple[bytes, bytes]:
    if state is None or not _has(state.entries, entry):
        return bytes(32), NO_HEAD
    record, head = map(state.tries[Contract.REGISTERS].read, keys_of(entry))
    return record, head


def _begin(addresses: Mapping[Contract, bytes]) -> dict[Contract, Trie]:
    """Begin with the words that no table has: the contracts' addresses of each other."""
    laid = THIS_EDITION.storage(NOTHING, addresses)
    return {
        contract: EMPTY.changed(sorted(_hashed(slot) + _bytes(word) for slot, word in laid[contract].items()))
        for contract in WITH_ANSWERS
    }


def _exact(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise ValueError(f"it has {len(data)} bytes of data, not {length}")
    return data


def _hashed(slot: int) -> bytes:
    return keccak256(_bytes(slot))


def _bytes(word: int) -> bytes:
    return word.to_bytes(32, "big")
