"""A world of customs facts that is a ledger to `decide`, and that can be sealed into real tries and proven.

Nothing here is the project's prover: tries are those of the `trie` library, seals those of coincurve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import rlp
from trie import HexaryTrie

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.alias_search import find_alias
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.entry import make_entry, register_of, type_of
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import NO_MEMBERSHIP, Membership, Party
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import (
    Direction,
    EventKind,
    LaneState,
    PartyKind,
    PartyState,
    RegisterMode,
    Role,
    Status,
)
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Header, Question
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.entries import derive_open_holder, entries_of, hash_alias
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.protocol.generated import (
    CONSORTIUM_CODE_HASH,
    GOVERNANCE_CODE_HASH,
    GOVERNANCE_CONSORTIUM_SLOT,
    REGISTERS_CODE_HASH,
)
from aeo_ledger.protocol.layouts import ALIAS, SUCCESSION, pack
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys, derive_lookup_key
from aeo_ledger.protocol.tables import (
    WITH_ANSWERS,
    Contract,
    Table,
    alias_entry_key,
    alias_key,
    key_check_key,
    lane_key,
    pair_key,
    record_slot,
    withholding_key,
    word_slot,
)
from aeo_ledger.protocol.words import (
    encode_lane,
    encode_pair,
    encode_party,
    encode_record,
    encode_register,
    encode_withholding,
)
from aeo_ledger.verify import Checkpoint, TrustBundle, TrustedParty, resolve_question
from support.sealing import KEYS, UNSEALED, seal, validators

NOW = 1_800_000_000
DAY = 86_400
EU, EAEU, BY, CN, DE, PL, KZ = range(1, 8)
CODES = {EU: "EU", EAEU: "EAEU", BY: "BY", CN: "CN", DE: "DE", PL: "PL", KZ: "KZ"}
UNIONS_OF = {BY: (EAEU,), KZ: (EAEU,), DE: (EU,), PL: (EU,)}
TYPES = {EU: 0b11, BY: 0b111, CN: 0b1, KZ: 0b111}
BY_TRADER, CN_TRADER, DE_TRADER = Tin("BY200988541"), Tin("CN1234567890"), Tin("DE123456")
ADDRESSES = {
    Contract.CONSORTIUM: bytes(19) + b"\xc0",
    Contract.GOVERNANCE: bytes(19) + b"\x90",
    Contract.REGISTERS: bytes(19) + b"\xe0",
}
LOOKUP_SECRET = keccak256(b"a lookup secret of tests")
CODE_HASHES = {
    Contract.CONSORTIUM: CONSORTIUM_CODE_HASH,
    Contract.GOVERNANCE: GOVERNANCE_CODE_HASH,
    Contract.REGISTERS: REGISTERS_CODE_HASH,
}


def members_of(*unions: int | Membership) -> tuple[Membership, Membership, Membership, Membership]:
    """Put unions into a party's four places; 0 leaves one free."""
    places = [union if isinstance(union, Membership) else Membership(union=union) for union in unions]
    one, two, three, four = (*places, *[NO_MEMBERSHIP] * (4 - len(places)))
    return one, two, three, four


def party(number: int, **altered: Any) -> Party:
    union = number in {EU, EAEU}
    return replace(
        Party(
            code=CODES[number],
            kind=PartyKind.UNION if union else PartyKind.ADMINISTRATION,
            state=PartyState.ACTIVE,
            keeps_register=number in TYPES,
            opened=number in TYPES,
            memberships=members_of(*UNIONS_OF.get(number, ())),
            changed_at=NOW - 1000 * DAY,
        ),
        **altered,
    )


def record(issuer: int, **altered: Any) -> Record:
    return replace(
        Record(
            status=Status.ACTIVE,
            kind=EventKind.GRANT,
            issuer=issuer,
            roles=1 << Role.EXPORTER,
            sequence=1,
            since=NOW - 500 * DAY,
            valid_from=NOW - 500 * DAY,
            recorded_at=NOW - 500 * DAY,
        ),
        **altered,
    )


def lane(**altered: Any) -> Lane:
    return replace(
        Lane(
            state=LaneState.OPEN,
            arrangement="CN-BY",
            types=0xFFFF,
            roles=1 << Role.EXPORTER | 1 << Role.MANUFACTURER,
            directions=1 << Direction.IMPORT,
            benefits=0b10001,
            in_force_from=NOW - 800 * DAY,
            until=0,
            changed_at=NOW - 900 * DAY,
            changes=0,
        ),
        **altered,
    )


def entry_of(tin: Tin, register: int, certificate_type: int = 0) -> bytes:
    return make_entry(register, certificate_type, derive_open_holder(register, certificate_type, tin))


def lookup_keys(*registers: int, types: Iterable[int] = range(16), secret: bytes = LOOKUP_SECRET) -> LookupKeys:
    """The keys of some types of keyed registers. Two registers have different keys, also from one secret."""
    return LookupKeys(derive_lookup_key(secret, register, number) for register in registers for number in types)


@dataclass
class CustomsFacts:
    """Facts as they are now; change them freely, then decide or seal."""

    parties: dict[int, Party] = field(default_factory=lambda: {number: party(number) for number in CODES})
    registers: dict[int, Register] = field(
        default_factory=lambda: {n: Register(mode=RegisterMode.OPEN, types=types) for n, types in TYPES.items()}
    )
    lanes: dict[tuple[int, int], list[Lane]] = field(default_factory=dict)
    withholdings: dict[tuple[int, bytes], Withholding] = field(default_factory=dict)
    records: dict[bytes, Record] = field(default_factory=dict)
    aliases: dict[tuple[int, bytes], Alias] = field(default_factory=dict)
    checks: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """The check value of each keyed type, by register and type."""
    succession: int = 0
    """The word that names a successor; see `supersede`."""

    def party(self, number: int) -> Party | None:
        return self.parties.get(number)

    def register(self, number: int) -> Register | None:
        return self.registers.get(number)

    def pair(self, recogniser: int, register: int) -> Pair:
        made = [e for r, e in self.withholdings if r == recogniser and register_of(e) == register]
        lanes = len(self.lanes.get((recogniser, register), ()))
        return Pair(lanes=lanes, withheld=len(made), amendments=lanes)

    def lane(self, recogniser: int, register: int, lane: int) -> Lane | None:
        return self.lanes[recogniser, register][lane]

    def withholding(self, recogniser: int, entry: bytes) -> Withholding | None:
        return self.withholdings.get((recogniser, entry))

    def record(self, entry: bytes) -> Record | None:
        return self.records.get(entry)

    def alias(self, recogniser: int, alias_hash: bytes) -> Alias | None:
        return self.aliases.get((recogniser, alias_hash))

    def keyed(self, register: int, types: int = 0b111) -> CustomsFacts:
        """Make a register keyed, before anything is granted in it; `lookup_keys` gives its keys."""
        self.registers[register] = Register(mode=RegisterMode.KEYED, types=types)
        self.checks |= {
            (register, key.certificate_type): key.check
            for key in lookup_keys(register)
            if types >> key.certificate_type & 1
        }
        return self

    def entry_of(self, tin: Tin, register: int, certificate_type: int = 0) -> bytes:
        """The entry of a trader, in a keyed register by its key."""
        there = self.registers.get(register)
        mode = RegisterMode.OPEN if there is None else there.mode
        return entries_of(tin, lookup_keys(register).key)(register, mode, certificate_type)

    def recognise(self, recogniser: int, register: int, *lanes: Lane) -> CustomsFacts:
        self.lanes[recogniser, register] = list(lanes) or [lane()]
        return self

    def grant(self, tin: Tin, register: int, certificate_type: int = 0, **altered: Any) -> CustomsFacts:
        altered = {"issuer": register, **altered}
        self.records[self.entry_of(tin, register, certificate_type)] = record(**altered)
        return self

    def withhold(
        self, recogniser: int, tin: Tin, register: int, certificate_type: int = 0, **altered: Any
    ) -> CustomsFacts:
        word = Withholding(withheld=True, changed_at=NOW - 100 * DAY, serial=1)
        self.withholdings[recogniser, self.entry_of(tin, register, certificate_type)] = replace(word, **altered)
        return self

    def bind(
        self, recogniser: int, alias: AliasCode, *entries: bytes, binding: int = 0, **altered: Any
    ) -> CustomsFacts:
        """Bind entries to an alias: one for each type, and none to show a released one."""
        key = recogniser, hash_alias(recogniser, alias)
        old = self.aliases.get(key, Alias(entries={}, changed_at=NOW - 100 * DAY))
        bound = {**old.entries, **{(binding, type_of(entry)): entry for entry in entries}}
        altered = {"serial": old.serial + max(1, len(entries)), **altered}
        self.aliases[key] = replace(old, entries=bound, **altered)
        return self

    def supersede(self, effective: int) -> CustomsFacts:
        """Name a successor from a time on."""
        self.succession = pack(SUCCESSION, consortium=0xABC, effective=effective)
        return self

    def words(self) -> dict[Contract, dict[int, int]]:
        """Every word of both contracts that answers rest on, by slot."""
        consortium = {word_slot(Table.PARTY, n): encode_party(p) for n, p in self.parties.items()}
        consortium |= {word_slot(Table.REGISTER, n): encode_register(r) for n, r in self.registers.items()}
        for (r, q), lanes in self.lanes.items():
            consortium |= {word_slot(Table.LANE, lane_key(r, q, i)): encode_lane(x) for i, x in enumerate(lanes)}
        pairs = {*self.lanes, *((r, register_of(e)) for r, e in self.withholdings)}
        consortium |= {word_slot(Table.PAIR, pair_key(*pair)): encode_pair(self.pair(*pair)) for pair in pairs}
        for (r, e), word in self.withholdings.items():
            consortium[word_slot(Table.WITHHOLDING, withholding_key(r, e))] = encode_withholding(word)
        for place, check in self.checks.items():
            consortium[word_slot(Table.KEY_CHECK, key_check_key(*place))] = int.from_bytes(check, "big")
        consortium[word_slot(Table.SUCCESSION, 0)] = self.succession
        registers = {record_slot(e): encode_record(r) for e, r in self.records.items()}
        for (r, hashed), alias in self.aliases.items():
            registers[word_slot(Table.ALIAS, alias_key(r, hashed))] = encode_alias(alias)
            for place, entry in alias.entries.items():
                key = alias_entry_key(r, hashed, *place)
                registers[word_slot(Table.ALIAS_ENTRY, key)] = int.from_bytes(entry, "big")
        return {Contract.CONSORTIUM: consortium, Contract.REGISTERS: registers}


def encode_alias(alias: Alias) -> int:
    masks: dict[str, int] = {}
    for binding, kind in alias.entries:
        masks[f"types_{binding}"] = masks.get(f"types_{binding}", 0) | 1 << kind
    return pack(ALIAS, serial=alias.serial, changed_at=alias.changed_at, **masks)


def inquire(tin: Tin, recogniser: int, **altered: Any) -> Inquiry:
    """A question about an exporter's goods that are imported, now."""
    number = next((n for n, code in CODES.items() if code == tin.prefix), None)
    asked = Inquiry(recogniser=recogniser, direction=Direction.IMPORT, role=Role.EXPORTER, time=NOW, party=number)
    return replace(asked, **altered)


def ask_alias(alias: AliasCode, recogniser: int, **altered: Any) -> AliasQuestion:
    asked = AliasQuestion(alias=alias, recogniser=CODES[recogniser], direction=Direction.IMPORT, role=Role.EXPORTER)
    return replace(asked, **altered)


def question(tin: Tin, recogniser: int, **altered: Any) -> Question:
    asked = Question(tin=tin, recogniser=CODES[recogniser], direction=Direction.IMPORT, role=Role.EXPORTER)
    return replace(asked, **altered)


class SealedWorld:
    """A world in tries under a sealed header; what is altered before is what its validators sealed.

    Slots in `zeros` hold a word of 0, which no honest ledger keeps.
    """

    def __init__(
        self,
        world: CustomsFacts,
        *,
        seals: int = 3,
        code_hashes: Mapping[Contract, bytes] = CODE_HASHES,
        addresses: Mapping[Contract, bytes] = ADDRESSES,
        forged: Mapping[int, int] = MappingProxyType({}),
        zeros: Set[int] = frozenset(),
        **altered: Any,
    ) -> None:
        self.words = world.words()
        self.tries = {
            contract: _storage(words | {s: forged[s] for s in words.keys() & forged}, words.keys() & zeros)
            for contract, words in self.words.items()
        }
        self.tries[Contract.GOVERNANCE] = _storage({GOVERNANCE_CONSORTIUM_SLOT: 0xC0})
        self.accounts = HexaryTrie({}, prune=True)
        for contract, address in addresses.items():
            account = [b"\1", b"", self.tries[contract].root_hash, code_hashes[contract]]
            self.accounts[keccak256(address)] = rlp.encode(account)
        for other in range(20):
            self.accounts[keccak256(bytes([other]))] = rlp.encode([b"", b"\1", bytes(32), bytes(32)])
        self.addresses = addresses
        header = replace(UNSEALED, state_root=self.accounts.root_hash, timestamp=NOW, number=100)
        self.header: Header = seal(replace(header, **altered), *KEYS[:seals])

    @cached_property
    def trust(self) -> TrustBundle:
        return trust()

    def read(self, contract: Contract, slot: int) -> int:
        return self.words[contract].get(slot, 0)

    def prove(
        self,
        *questions: AnyQuestion,
        trust: TrustBundle | None = None,
        traders: Mapping[int, Tin] = MappingProxyType({}),
        keys: LookupKeys = NO_KEYS,
    ) -> Evidence:
        """Prove what answers read. An alias is proven with the trader that `traders` names for its question, by place."""
        view, pinned = NotedWords(self.read), trust or self.trust
        for place, asked in enumerate(questions):
            with suppress(HistoryNeeded):
                self._look_up(view, asked, pinned, traders.get(place), keys)
        return Evidence(
            questions=questions, header=self.header.encode(), nodes=self.nodes(view.words), traders=dict(traders)
        )

    def _look_up(
        self, view: NotedWords, asked: AnyQuestion, pinned: TrustBundle, trader: Tin | None, keys: LookupKeys
    ) -> None:
        key_of = keys.compared(view.key_check)
        inquiry = resolve_question(asked, pinned, self.header.timestamp)
        if isinstance(asked, AliasQuestion):
            alias = asked.alias
            found = find_alias(SearchContext(inquiry, view), lambda recogniser: hash_alias(recogniser, alias))
            if found.bindings != 1 or trader is None:
                return
            for entry in found.entries.values():
                there = view.register(register_of(entry))
                if there is not None and there.mode is RegisterMode.KEYED:
                    if not keys:
                        return
                    key_of(register_of(entry), type_of(entry))
            asked = asked.about(trader)
            inquiry = resolve_question(asked, pinned, self.header.timestamp)
        decide(inquiry, view, entries_of(asked.tin, key_of))

    def nodes(self, slots: Iterable[tuple[Contract, int]]) -> tuple[bytes, ...]:
        found: dict[bytes, None] = {}
        for contract in WITH_ANSWERS:
            found |= _proof(self.accounts, self.addresses[contract])
        for contract, slot in slots:
            found |= _proof(self.tries[contract], slot.to_bytes(32, "big"))
        return tuple(found)


def trust(**altered: Any) -> TrustBundle:
    pinned = TrustBundle(
        chain_id=20261122,
        genesis_hash=keccak256(b"genesis"),
        consortium=ADDRESSES[Contract.CONSORTIUM],
        consortium_code_hash=CONSORTIUM_CODE_HASH,
        governance=ADDRESSES[Contract.GOVERNANCE],
        governance_code_hash=GOVERNANCE_CODE_HASH,
        registers=ADDRESSES[Contract.REGISTERS],
        registers_code_hash=REGISTERS_CODE_HASH,
        validators=validators(4),
        checkpoint=Checkpoint(number=10, hash=keccak256(b"block 10"), time=NOW - DAY),
        parties=tuple(
            TrustedParty(number=n, code=code, name=f"Party {code}", types=list_type_names(code) if n in TYPES else ())
            for n, code in CODES.items()
        ),
        prefixes={"XI": DE},
    )
    return replace(pinned, **altered)


def _storage(words: Mapping[int, int], zeros: Set[int] = frozenset()) -> HexaryTrie:
    trie = HexaryTrie({}, prune=True)
    for slot, word in {**words, **dict.fromkeys(zeros, 0)}.items():
        if word or slot in zeros:
            trie[keccak256(slot.to_bytes(32, "big"))] = rlp.encode(word)
    return trie


def _proof(trie: HexaryTrie, key: bytes) -> dict[bytes, None]:
    return {rlp.encode(node): None for node in trie.get_proof(keccak256(key)) if node != b""}
