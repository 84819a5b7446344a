"""Succeed: derive the genesis of a successor from a superseded ledger. A resolution names the successor; nothing is signed again.

The *seam* is the last block before the succession's date; the next block, dated on or after it, proves that. Every word as of the seam is
proven from both storage roots, and is carried over by the rows of `protocol.succession`. So the genesis depends only on the old
ledger and the resolution: everybody who has the old ledger derives the same genesis.

Acts on the old ledger after the seam are not carried over. They, above all restrictions, must be recorded on the new ledger too. A wrong
successor can be cancelled only before its date, so the date should be far in the future.

If so many seats have lost their keys, or left, that two thirds can never be reached, no resolution can name a successor. Then the
remaining parties start another ledger, outside the contract; no trust bundle connects the two.

1. They agree out of band on the last sealed block (number and hash), and keep the old folder, a `snapshot` of that block and
   their trust stores. No proven fact is lost: `verify --archived` shows it as of the day it was received.
2. They found a network of their seats (`network init`). Each party copies its register from its own records, with its own
   dates (`register import`), and compares the count with the old snapshot. Arrangements are signed again, with the same texts.
3. Border systems pin the new bundle by its fingerprint, in the same trust store. The old evidence answers questions about times
   before the new ledger's first block; the new ledger answers questions about later times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from aeo_ledger.chain import Account, Genesis
from aeo_ledger.customs.vocabulary import PartyState
from aeo_ledger.errors.network import NotSuperseded, OtherEdition, SlotUnexplained
from aeo_ledger.errors.protocol import UnmappedWord
from aeo_ledger.errors.verify import BelowCheckpoint
from aeo_ledger.evidence.forks import BERLIN
from aeo_ledger.ledger.bindings import Compiled
from aeo_ledger.ledger.port import Ledger, log_ranges
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN, read_entry, read_place
from aeo_ledger.network.found import draw_chain_id
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.desk import Place
from aeo_ledger.office.trust import make_row
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.facts import Predecessor, WordView
from aeo_ledger.protocol.inventory import THIS_EDITION, Edition, Inventory
from aeo_ledger.protocol.layouts import GOVERNANCE, VALIDATOR
from aeo_ledger.protocol.succession import Successor, edition_of, read_successor, succeed
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table
from aeo_ledger.protocol.words import decode_party
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.verify import (
    Checkpoint,
    ProvenSnapshot,
    TrustBundle,
    TrustedParty,
    ValidatorSet,
    verify_snapshot,
    verify_update,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A superseded ledger as of the seam; every word is proven."""

    successor: Successor
    seam: Predecessor
    edition: Edition
    inventory: Inventory
    trust: TrustBundle
    """Its trust bundle, moved to the seam."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heir:
    """The successor ledger at its block 0."""

    genesis: Genesis
    inventory: Inventory
    trust: TrustBundle


def draw_successor(
    effective: int, code_hashes: Mapping[Contract, bytes], randomness: Callable[[int], bytes]
) -> Successor:
    """Choose random chain id and addresses for a successor; a resolution must name them.

    Args:
        effective: The date from which it supersedes the old ledger, UTC seconds.
        code_hashes: keccak256 of its contracts' runtime codes, 32 bytes each.
        randomness: Returns the given number of random bytes.
    """
    return Successor(
        effective=effective,
        chain_id=draw_chain_id(randomness),
        addresses={contract: randomness(20) for contract in Contract},
        code_hashes=code_hashes,
    )


def read_end(ledger: Ledger, trust: TrustBundle, *, now: int) -> Ended:
    """Prove the state of a superseded ledger at the last block before the succession's date, however long ago that is.

    The trust period is not applied here. It protects against former validators who seal another ending with old keys. Instead,
    everybody who kept the old ledger derives the same genesis, and they compare its hash before anybody pins it. Afterwards the seam's
    hash is in the pinned bundle.

    Args:
        ledger: Its port, which knows its genesis. All its answers are verified.
        trust: Its trust bundle, with a checkpoint not after the seam; its period may be over.
        now: UTC seconds.

    Raises:
        UnmappedEdition, UnmappedWord: the contracts, or a word of theirs, cannot be carried over.
        NotSuperseded: no successor is named, or no block is dated on or after its date.
        SlotUnexplained: neither genesis nor logs tell the table and key of a word.
        Unproven: see `verify_update` and `verify_snapshot`.
        Unavailable: the node does not answer, or genesis and logs do not give the storage root.
    """
    edition = edition_of({contract: trust.code_hash(contract) for contract in Contract})
    successor, number = _find_seam(ledger, edition)
    if trust.checkpoint.number > number:
        raise BelowCheckpoint(found=number, needed=trust.checkpoint.number)
    at_seam = _move(ledger, replace(trust, period_s=now), number, now)
    after = _move(ledger, at_seam, number + 1, now)
    if not at_seam.checkpoint.time < successor.effective <= after.checkpoint.time:
        raise NotSuperseded(effective=successor.effective, last=after.checkpoint.time)
    beginning = ledger.beginning
    snapshot = Index(ledger.as_of(number)).advance().snapshot
    proven = verify_snapshot(snapshot, at_seam, now=now, max_age=now, refuse_stale=False)
    words, entries = _list_places(ledger, number)
    inventory = edition.select(
        beginning.words.keys() | words,
        beginning.standings.keys() | entries,
        lambda contract, slot: proven.tables[contract].read(slot),
    )
    _refuse_unexplained(edition, inventory, proven, trust)
    seam = Predecessor(
        chain_id=trust.chain_id,
        consortium=trust.consortium,
        governance=trust.governance,
        registers=trust.registers,
        number=number,
        header=at_seam.checkpoint.hash,
        time=at_seam.checkpoint.time,
    )
    named = read_successor(lambda table, key: inventory.words.get((table, key), 0))
    if named != successor:
        raise NotSuperseded(effective=0, last=at_seam.checkpoint.time)
    return Ended(
        successor=successor,
        seam=seam,
        edition=edition,
        inventory=inventory,
        trust=replace(at_seam, period_s=trust.period_s),
    )


def make_heir(ended: Ended, genesis: Genesis, compiled: Compiled) -> Heir:
    """Derive the genesis of a successor, and its first trust bundle.

    Args:
        ended: From `read_end`.
        genesis: The old ledger's genesis; block period, gas limit and similar values are carried over.
        compiled: The contracts that the resolution names.

    Raises:
        OtherEdition: these are not the contracts that the resolution names.
        UnmappedWord: no row of `protocol.succession` says how to carry a word over.
    """
    successor = ended.successor
    for contract in Contract:
        found, needed = compiled.edition.code_hashes[contract], successor.code_hashes[contract]
        if found != needed:
            raise OtherEdition(contract=contract, found=found, needed=needed)
    inventory = succeed(ended.inventory, ended.edition, ended.seam)
    storage = compiled.edition.storage(inventory, successor.addresses)
    made = replace(
        genesis,
        chain_id=successor.chain_id,
        timestamp=successor.effective,
        validators_contract=successor.addresses[Contract.CONSORTIUM],
        alloc={
            address: Account(code=compiled.runtimes[contract], storage=storage[contract])
            for contract, address in successor.addresses.items()
        },
    )
    return Heir(genesis=made, inventory=inventory, trust=_pins(ended, made, inventory))


def _find_seam(ledger: Ledger, edition: Edition) -> tuple[Successor, int]:
    """Find the named successor, and the number of the last block before its date. Neither is proven yet."""
    head = ledger.head()
    last = ledger.time_of(head)
    successor = read_successor(lambda table, key: ledger.word(Contract.CONSORTIUM, edition.word_slot(table, key), head))
    if successor is None or last < successor.effective:
        raise NotSuperseded(effective=successor.effective if successor else 0, last=last)
    after = bisect_left(range(head + 1), successor.effective, key=ledger.time_of)
    return successor, after - 1


def _move(ledger: Ledger, trust: TrustBundle, block: int, now: int) -> TrustBundle:
    """Move a trust bundle to a block, by proof."""
    if trust.checkpoint.number == block:
        return trust
    update = prove_update(ledger.as_of(block), trust.checkpoint.number)
    return verify_update(update, trust, now=now, max_age=now).trust


def _list_places(ledger: Ledger, until: int) -> tuple[set[Place], set[bytes]]:
    """List table and key of every word that the logs name, and the entry of every standing."""
    words: set[Place] = set()
    entries: set[bytes] = set()
    for since, last in log_ranges(0, until):
        for contract in WITH_ANSWERS:
            for log in ledger.logs(contract, [WRITTEN], since=since, until=last):
                words.add(_place(*read_place(log)))
        for log in ledger.logs(Contract.REGISTERS, [STATUS_CHANGED], since=since, until=last):
            entries.add(read_entry(log))
    return words, entries


def _place(table: int, key: int) -> Place:
    if table not in set(Table):
        raise UnmappedWord(table=table, key=key)
    return Table(table), key


def _refuse_unexplained(edition: Edition, inventory: Inventory, proven: ProvenSnapshot, trust: TrustBundle) -> None:
    """Refuse a word at the seam that is not in the inventory, since no word may be lost."""
    laid = edition.storage(inventory, contracts_of(trust))
    for contract in WITH_ANSWERS:
        known = {keccak256(slot.to_bytes(32, "big")): word.to_bytes(32, "big") for slot, word in laid[contract].items()}
        for row in proven.tables[contract].rows():
            if known.get(row[:32]) != row[32:]:
                raise SlotUnexplained(contract=contract, hashed_slot=row[:32])


def _pins(ended: Ended, genesis: Genesis, inventory: Inventory) -> TrustBundle:
    """Make the trust bundle of a successor at its block 0; its validators are the old ones."""
    successor, words, block_0 = ended.successor, inventory.words, genesis.hash()
    nodes = (words[Table.VALIDATOR, place] for place in range(1, words[Table.VALIDATOR, 0] + 1))
    laid = THIS_EDITION.storage(inventory, successor.addresses)
    return replace(
        ended.trust,
        chain_id=successor.chain_id,
        genesis_hash=block_0,
        consortium=successor.addresses[Contract.CONSORTIUM],
        consortium_code_hash=successor.code_hashes[Contract.CONSORTIUM],
        governance=successor.addresses[Contract.GOVERNANCE],
        governance_code_hash=successor.code_hashes[Contract.GOVERNANCE],
        registers=successor.addresses[Contract.REGISTERS],
        registers_code_hash=successor.code_hashes[Contract.REGISTERS],
        validators=ValidatorSet(tuple(VALIDATOR["node"].of(node).to_bytes(20, "big") for node in nodes)),
        checkpoint=Checkpoint(number=0, hash=block_0, time=genesis.timestamp),
        parties=_name_parties(ended.trust, words),
        forks=BERLIN,
        predecessors=WordView(lambda contract, slot: laid[contract].get(slot, 0)).predecessors(),
    )


def _name_parties(trust: TrustBundle, words: Mapping[Place, int]) -> tuple[TrustedParty, ...]:
    """Name every party, new ones included. If an expelled party's code was given to another party, only that one is named."""
    named: dict[str, TrustedParty] = {}
    for number in range(1, GOVERNANCE["parties"].of(words[Table.GOVERNANCE, 0]) + 1):
        party = decode_party(words[Table.PARTY, number])
        if party is None or (party.state is PartyState.EXPELLED and party.code in named):
            continue
        known = trust.by_number.get(number)
        named[party.code] = known or make_row(number, party.code, keeps_register=party.is_searched())
    return tuple(sorted(named.values(), key=lambda party: party.number))
