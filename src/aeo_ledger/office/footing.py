"""The words that an act depends on or changes, message by message. Its signer proves them before and after the act.

Each message has one row. So the text shown before signing, the checks, and the proof afterwards use the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aeo_ledger.customs.arrangement_rules import MAX_LANES
from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.vocabulary import PartyActKind, ResolutionAct
from aeo_ledger.protocol.act_file import ON_UNION
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import REGISTER
from aeo_ledger.protocol.tables import (
    Slot,
    Table,
    alias_entry_key,
    alias_key,
    key_check_key,
    lane_key,
    pair_key,
    slot_of,
    standing_head_slot,
    standing_slot,
    withholding_key,
)

SUCCESSION_WORDS: Final = range(7)
"""Keys of the table SUCCESSION."""


def slots_of(act: SignedAct) -> list[Slot]:
    """List every word that an act depends on or changes, except its signers' keys."""
    return [slot_of(Table.SUCCESSION, 0), *_FOOTING[act.name](act.values)]


def slots_of_keys(addresses: Iterable[bytes]) -> list[Slot]:
    """List the words that say whose keys some addresses (20 bytes each) are."""
    return [slot_of(Table.KEY, int.from_bytes(address, "big")) for address in addresses]


def slots_of_parties(numbers: Iterable[int]) -> list[Slot]:
    """List the words of parties, by number."""
    return [slot_of(Table.PARTY, number) for number in numbers if number]


def slots_of_standings(register: int, issuer: int, entries: Iterable[bytes], former: int = 0) -> list[Slot]:
    """List the words that a publication about entries (32 bytes each) depends on."""
    parties = slots_of_parties((register, issuer, former))
    return [*parties, slot_of(Table.REGISTER, register), *map(standing_slot, entries)]


def slots_of_withholding(recogniser: int, entry: bytes) -> list[Slot]:
    """List the words that a recogniser's withholding from an entry (32 bytes) depends on."""
    parties = slots_of_parties((recogniser, register_of(entry)))
    withheld = slot_of(Table.WITHHOLDING, withholding_key(recogniser, entry))
    return [*parties, withheld, standing_slot(entry)]


def slots_of_alias(recogniser: int, alias_hash: bytes, places: Iterable[tuple[int, int]] = ()) -> list[Slot]:
    """List the word of an alias (its hash, 32 bytes), and those of some of its places: binding and type."""
    entries = (alias_entry_key(recogniser, alias_hash, *place) for place in places)
    return [
        slot_of(Table.ALIAS, alias_key(recogniser, alias_hash)),
        *(slot_of(Table.ALIAS_ENTRY, key) for key in entries),
    ]


def slots_of_lane(recogniser: int, register: int, lane: int) -> list[Slot]:
    """List the words of a lane of a pair."""
    key = lane_key(recogniser, register, lane)
    return [slot_of(Table.PAIR, pair_key(recogniser, register)), slot_of(Table.LANE, key), slot_of(Table.TEXT, key)]


def slots_of_lanes(recogniser: int, register: int) -> list[Slot]:
    """List the words of all lanes that a pair can have: those in use remain in force beside a new one."""
    return [slot_of(Table.LANE, lane_key(recogniser, register, lane)) for lane in range(MAX_LANES)]


def numbers_in(mask: int) -> list[int]:
    """List the parties' numbers in a bit mask, ascending."""
    return [number for number in range(mask.bit_length()) if mask >> number & 1]


def _publication(values: Mapping[str, Any]) -> list[Slot]:
    entries = [event["entry"] for event in values["events"]]
    standings = slots_of_standings(values["register"], values["issuer"], entries, values["former"])
    return [*standings, *map(standing_head_slot, entries)]


def _arrangement(values: Mapping[str, Any]) -> list[Slot]:
    parties = set(numbers_in(values["signatories"]))
    lanes: list[Slot] = []
    for one in values["recognitions"]:
        parties |= {one["recogniser"], one["register"]}
        lanes += slots_of_lane(one["recogniser"], one["register"], one["lane"])
        lanes += slots_of_lanes(one["recogniser"], one["register"])
    return [*slots_of_parties(sorted(parties)), *lanes]


def _amendment(values: Mapping[str, Any]) -> list[Slot]:
    pairs = {pair_key(one["recogniser"], one["register"]) for one in values["recognitions"]}
    return [*_arrangement(values), *(slot_of(Table.PAIR_HEAD, pair) for pair in sorted(pairs))]


def _lane_act(values: Mapping[str, Any]) -> list[Slot]:
    parties = slots_of_parties((values["party"], values["recogniser"], values["register"]))
    return [*parties, *slots_of_lane(values["recogniser"], values["register"], values["lane"])]


def _own(party: int) -> list[Slot]:
    """List the words that every act in a party's own history depends on; an act of the network has no party."""
    own = [slot_of(table, party) for table in (Table.PARTY, Table.OFFICE, Table.REPLACEMENT, Table.REGISTER)]
    return [slot_of(Table.PARTY_HEAD, party), slot_of(Table.GOVERNANCE, 0), *(own if party != NETWORK else [])]


def _party_act(values: Mapping[str, Any]) -> list[Slot]:
    party, act, detail = values["party"], values["act"], values["detail"]
    slots = [*_own(party), *slots_of_keys([values["key"]])]
    if act in ON_UNION:
        slots += slots_of_parties([detail])
    elif act == PartyActKind.ROTATE_AUTHORITY:
        slots += slots_of_keys([detail.to_bytes(32, "big")[12:]])
    elif act == PartyActKind.SET_REGISTER:
        types = numbers_in(REGISTER["types"].of(detail))
        slots += [slot_of(Table.KEY_CHECK, key_check_key(party, number)) for number in types]
    return slots


def _resolution(values: Mapping[str, Any]) -> list[Slot]:
    leaving = [values["detail"][12:]] if values["act"] == ResolutionAct.REPLACE_VALIDATOR else []
    return [*_own(values["party"]), *slots_of_keys([values["key"], *leaving])]


def _succession(_: Mapping[str, Any]) -> list[Slot]:
    return [slot_of(Table.GOVERNANCE, 0), *(slot_of(Table.SUCCESSION, key) for key in SUCCESSION_WORDS)]


def _alias_binding(values: Mapping[str, Any]) -> list[Slot]:
    recogniser, alias, entry = values["recogniser"], values["alias_hash"], values["entry"]
    parties = slots_of_parties((recogniser, register_of(entry)))
    return [*parties, *slots_of_alias(recogniser, alias, [(values["binding"], values["certificate_type"])])]


_FOOTING: Final[Mapping[str, Callable[[Mapping[str, Any]], list[Slot]]]] = {
    "Publication": _publication,
    "Withholding": lambda values: slots_of_withholding(values["recogniser"], values["entry"]),
    "Conclusion": _arrangement,
    "Amendment": _amendment,
    "LaneAct": _lane_act,
    "PartyAct": _party_act,
    "Resolution": _resolution,
    "ReplacementAct": lambda values: _own(values["party"]),
    "Freeze": lambda values: _own(values["party"]),
    "Envelope": lambda values: [*_own(values["register"]), *slots_of_parties([values["recipient"]])],
    "Succession": _succession,
    "AliasBinding": _alias_binding,
}
"""The words of each kind of signed message."""
