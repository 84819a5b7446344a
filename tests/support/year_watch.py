"""Every word of a ledger, whose it is by a model of the parties, and what must hold after each act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication, SignedHistory
from aeo_ledger.evidence.snapshot import STANDING_ROW, WORD_ROW, Snapshot, rows_of
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.tables import Contract, Table, epoch_key, lane_key, pair_key, slot_of
from aeo_ledger.protocol.typed_data import digest_of_hash
from aeo_ledger.prover.history import HistoryCollector
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.verify import TrustBundle, verify_history, verify_snapshot
from aeo_ledger.verify.signatories import hash_publication
from support.network import PASSWORD


@dataclass(frozen=True)
class KeyFile:
    """A key in a file. Whoever has a copy of the file can sign."""

    file: Path
    address: bytes

    @property
    def shown(self) -> str:
        return f"0x{self.address.hex()}"

    def open(self) -> Signer:
        return open_key_file(self.file, Password(PASSWORD))


def key_options(keys: Iterable[KeyFile]) -> list[str]:
    """Write the options that name keys."""
    return [part for key in keys for part in ("--key", str(key.file))]


@dataclass
class Member:
    """A party as the model knows it."""

    code: str
    number: int
    seat: bool
    register: bool
    authority: list[KeyFile]
    operators: list[KeyFile]
    needs: int = 1
    """How many keys of its authority must sign."""
    copied: set[KeyFile] = field(default_factory=set)
    """Keys of which a thief has a copy, and the thief's own."""
    away: bool = False
    """Whether its owner has too few keys of its authority: they were lost or taken over."""
    suspended: bool = False
    expelled: bool = False
    frozen: bool = False

    @property
    def type(self) -> str:
        return list_type_names(self.code)[0]

    @property
    def signing(self) -> list[KeyFile]:
        """The keys with which its authority signs."""
        return self.authority[-self.needs :]

    @property
    def can_act(self) -> bool:
        return not (self.away or self.suspended or self.expelled)

    @property
    def can_vote(self) -> bool:
        return self.seat and self.can_act


def keys_of(members: Iterable[Member]) -> list[KeyFile]:
    """List the keys with which the authorities of parties sign."""
    return [key for member in members for key in member.signing]


class Watch:
    """The words of a ledger after the last act, and whose each of them is.

    Args:
        ledger: The port to its node.
        fetch: Fetches a snapshot of all words.
        members: The model of the parties, by code.
        nodes: The address of each party's node, by code.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetch: Callable[[], Snapshot],
        members: Mapping[str, Member],
        nodes: Mapping[str, bytes],
    ) -> None:
        self._ledger, self._fetch, self._members = ledger, fetch, members
        self._owners: dict[bytes, frozenset[int]] = {}
        self._heads: dict[bytes, Subject] = {}
        self._own(Table.GOVERNANCE, 0, NETWORK)
        self._own(Table.PARTY_HEAD, NETWORK, NETWORK, subject=NETWORK)
        for key in range(7):
            self._own(Table.SUCCESSION, key, NETWORK)
        for key in range(257):
            self._own(Table.VALIDATOR, key, NETWORK)
        for member in members.values():
            self.expect_party(member)
        for code, node in nodes.items():
            self._own(Table.KEY, int.from_bytes(node, "big"), members[code].number)
        self._words = _words_of(fetch())

    # ---- whose words are whose

    def entry(self, member: Member, tin: str) -> bytes:
        """Make the entry of a trader in a party's register, under its first type, and expect its standing."""
        entry = make_entry(member.number, 0, derive_open_holder(member.number, 0, Tin(tin)))
        self._owners[entry], self._heads[entry] = frozenset({member.number}), entry
        return entry

    def expect_key(self, key: KeyFile, member: Member) -> None:
        """Expect an address among the words of a party."""
        self._own(Table.KEY, int.from_bytes(key.address, "big"), member.number)

    def expect_pair(self, recogniser: Member, register: Member) -> None:
        """Expect an arrangement between two parties."""
        pair = (recogniser.number, register.number)
        self._own(Table.PAIR, pair_key(*pair), *pair)
        self._own(Table.PAIR_HEAD, pair_key(*pair), *pair, subject=pair)
        for table in (Table.LANE, Table.TEXT):
            self._own(table, lane_key(*pair, 0), *pair)

    def expect_party(self, member: Member) -> None:
        """Expect the words of a party."""
        number = member.number
        for table in (Table.PARTY, Table.OFFICE, Table.CARD, Table.CERTIFICATE, Table.REPLACEMENT, Table.REGISTER):
            self._own(table, number, number)
        self._own(Table.PARTY_HEAD, number, number, subject=number)
        for epoch in range(4):
            self._own(Table.EPOCH_END, epoch_key(number, epoch), number)
        for key in (*member.authority, *member.operators):
            self.expect_key(key, member)

    def _own(self, table: Table, key: int, *owners: int, subject: Subject | None = None) -> None:
        hashed = keccak256(slot_of(table, key)[1].to_bytes(32, "big"))
        self._owners[hashed] = frozenset(owners)
        if subject is not None:
            self._heads[hashed] = subject

    def serves(self, address: bytes) -> Member | None:
        """Find the party that an address serves, by the model."""
        for member in self._members.values():
            if any(key.address == address for key in (*member.authority, *member.operators)):
                return member
        return None

    # ---- what must hold

    def require_unchanged(self) -> None:
        """Demand that no word has changed since the last act."""
        assert _words_of(self._fetch()) == self._words, "an act was refused and changed a word"

    def examine(
        self, signers: set[bytes], about: set[int], *, trust: TrustBundle, now: int, forges: bool
    ) -> list[Mapping[str, Any]]:
        """Look at every word after an act, and return the values of the acts that changed histories.

        Args:
            signers: Addresses of the keys that were used.
            about: Numbers of the parties whose words it may change.
            trust: Pins the ledger.
            now: UTC seconds.
            forges: Whether a thief acts.
        """
        snapshot = self._fetch()
        proven = verify_snapshot(snapshot, trust, now=now, max_age=60)
        words = _words_of(snapshot)
        changed = {place for place in words.keys() | self._words.keys() if words.get(place) != self._words.get(place)}
        self._words = words
        strange = changed - self._owners.keys()
        assert changed, "an act was done and changed nothing"
        assert not strange, f"{len(strange)} words changed that the model does not know"
        owners = frozenset[int]().union(*(self._owners[place] for place in changed))
        assert owners <= about, f"words of parties {owners - about} changed, by an act about {about}"
        subjects = [self._heads[place] for place in changed if place in self._heads]
        assert subjects, "words changed, and no history"
        collector = HistoryCollector(self._ledger, self._ledger.head())
        serving = {address: member for address in signers if (member := self.serves(address)) is not None}
        for subject in dict.fromkeys([*subjects, *owners, *(member.number for member in serving.values())]):
            collector.add(subject)
        history = collector.history()
        verify_history(history, proven, trust)
        decided: list[Mapping[str, Any]] = []
        for name, values, signed in _last_acts(history, subjects, trust):
            assert signed == (set() if name == COMPLETION else signers), "others signed than those who have the keys"
            assert signed <= serving.keys() | {values.get("key")}, "a key signed that serves nobody"
            for address, member in serving.items():
                ruling = any(key.address == address for key in member.authority)
                assert forges or not (member.away and ruling), f"somebody signed for {member.code}"
            decided += [values] if name != COMPLETION else []
        return decided


def _words_of(snapshot: Snapshot) -> dict[bytes, bytes]:
    """List every word by its hashed slot, and every standing's two words by its entry."""
    rows = [*rows_of(snapshot.consortium, WORD_ROW), *rows_of(snapshot.registers, WORD_ROW)]
    return {row[:32]: row[32:] for row in [*rows, *rows_of(snapshot.standings, STANDING_ROW)]}


def _last_acts(
    history: SignedHistory, subjects: Sequence[Subject], trust: TrustBundle
) -> Iterator[tuple[str, Mapping[str, Any], set[bytes]]]:
    """Find the last act on each subject: its name, its values, and who signed it."""
    chains: dict[Subject, Sequence[int]] = {chain.party: chain.acts for chain in history.parties}
    chains |= {(chain.recogniser, chain.register): chain.acts for chain in history.pairs}
    for subject in subjects:
        if subject in chains:
            recorded = history.acts[chains[subject][-1]]
            yield recorded.name, recorded.values, _signers_of(recorded, trust)
    for standing in history.standings:
        event = standing.events[-1]
        publication = history.publications[event.publication]
        yield "Publication", {"document": event.document}, _publishers_of(publication, trust)


def _signers_of(recorded: RecordedAct, trust: TrustBundle) -> set[bytes]:
    """Recover who signed an act; nobody signs a completion."""
    if not recorded.signatures:
        return set()
    act = SignedAct(name=recorded.name, values=recorded.values, signatures=recorded.signatures)
    return set(act.signers(chain_id=trust.chain_id, address=contracts_of(trust)[act.contract]))


def _publishers_of(publication: RecordedPublication, trust: TrustBundle) -> set[bytes]:
    """Recover who signed a publication, of which a history has its events' hashes alone."""
    contract = contracts_of(trust)[Contract.REGISTERS]
    message = digest_of_hash(hash_publication(publication), chain_id=trust.chain_id, contract=contract)
    return {signature.recover_signer(message) for signature in publication.signatures}
