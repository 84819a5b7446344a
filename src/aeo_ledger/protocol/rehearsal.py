"""Rehearse an act on the customs model, with the words of the block before: the contracts' rules and reasons, without an EVM.

A gateway rehearses an act before it relays it, and a signer before it signs. Acts on parties and keys have no row here, because
they depend on facts that the act does not name (every seat, every key). The contracts themselves rehearse these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from aeo_ledger.customs import acts
from aeo_ledger.customs.acts import Signed
from aeo_ledger.customs.aliases import Alias, bind_alias
from aeo_ledger.customs.arrangement_rules import act_on_lane, arrange, withhold
from aeo_ledger.customs.consortium import Consortium
from aeo_ledger.customs.publication import Standing, publish
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.layouts import ALIAS, SUCCESSION
from aeo_ledger.protocol.readings import read_publication, read_step
from aeo_ledger.protocol.tables import Table, alias_entry_key, alias_key

K = TypeVar("K")
V = TypeVar("V")

_ANY_HASH: Final = bytes(32)
"""Stands for every hash. A rehearsal only asks whether the act is refused, so hashes do not matter."""


class _Read(Mapping[K, V]):
    """Facts that are read at the first look-up and then kept. They cannot be listed."""

    def __init__(self, read: Callable[[K], V | None]) -> None:
        self._read = read
        self._known: dict[K, V | None] = {}

    def __getitem__(self, key: K) -> V:
        if key not in self._known:
            self._known[key] = self._read(key)
        found = self._known[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[K]:
        raise TypeError("facts of a ledger are looked up, not listed")

    def __len__(self) -> int:
        raise TypeError("facts of a ledger are looked up, not counted")


def rehearse_act(name: str, values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, *, time: int) -> bool:
    """Refuse an act that the contracts would refuse, for the same reason. Return whether the model has a rule for it.

    Args:
        name: Name of the message.
        values: Members of the message.
        signers: Addresses of 20 bytes, in the order of the signatures; read only as far as the rules need.
        words: Words of the block before the act. Only those that the act depends on are read.
        time: The time of the block to come, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
        MalformedMessage, MalformedSignature: The model cannot read the act; ask the contract.
        Whatever the reader of the words raises.
    """
    model = _MODELS.get(name)
    if model is None:
        return False
    model(values, signers, words, time)
    return True


def _publication(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    publication = read_publication(values)

    def standing(entry: bytes) -> Standing | None:
        record = words.record(entry)
        return None if record is None else Standing(record=record)

    signed = Signed(hash=_ANY_HASH, signers=signers, parts=(_ANY_HASH,) * len(publication.events))
    publish(_consortium(words), _Read(standing), publication, signed, time=time)


def _withholding(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act = acts.WithholdingAct(**values)
    old = words.withholding(act.recogniser, act.entry)
    consortium = _consortium(words, withholdings={} if old is None else {(act.recogniser, act.entry): old})
    withhold(consortium, act, Signed(hash=_ANY_HASH, signers=signers), time=time)


def _arrangement(name: str) -> _Model:
    def rehearse(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
        arrangement = read_step(name, values)
        if not isinstance(arrangement, acts.Conclusion):
            raise TypeError(name)
        pairs = {(one.recogniser, one.register) for one in arrangement.recognitions}
        arrange(_consortium(words, **_read_pairs(words, pairs)), arrangement, _signed(signers), time=time)

    return rehearse


def _lane_act(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act = read_step("LaneAct", values)
    if not isinstance(act, acts.LaneAct):
        raise TypeError("LaneAct")
    lane = words.lane(act.recogniser, act.register, act.lane)
    pair = (act.recogniser, act.register)
    consortium = _consortium(
        words, pairs={pair: words.pair(*pair)}, lanes={} if lane is None else {(*pair, act.lane): lane}
    )
    act_on_lane(consortium, act, _signed(signers), time=time)


def _alias_binding(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act = acts.AliasBinding(**values)
    word = words.word(Table.ALIAS, alias_key(act.recogniser, act.alias_hash))
    key = alias_entry_key(act.recogniser, act.alias_hash, act.binding, act.certificate_type)
    bound = words.word(Table.ALIAS_ENTRY, key).to_bytes(32, "big")
    entries = {(act.binding, act.certificate_type): bound} if any(bound) else {}
    old = Alias(serial=ALIAS["serial"].of(word), entries=entries)
    bind_alias(_consortium(words), old, act, _signed(signers), time=time)


_Model = Callable[[Mapping[str, Any], Iterable[bytes], WordView, int], None]

_MODELS: Final[Mapping[str, _Model]] = {
    "Publication": _publication,
    "Withholding": _withholding,
    "Conclusion": _arrangement("Conclusion"),
    "Amendment": _arrangement("Amendment"),
    "LaneAct": _lane_act,
    "AliasBinding": _alias_binding,
}
"""The rule of the customs model for each message."""


def _signed(signers: Iterable[bytes]) -> Signed:
    return Signed(hash=_ANY_HASH, signers=signers)


def _consortium(words: WordView, **more: Any) -> Consortium:
    """Make the consortium before an act: parties, keys and registers on look-up, and the other facts that the act depends on."""
    return Consortium(
        parties=_Read(words.party),
        keys=_Read(words.key),
        registers=_Read(words.register),
        validators=(),
        minimum_validators=0,
        replacement_delay=0,
        chain_id=0,
        succession=_read_succession(words.word(Table.SUCCESSION, 0)),
        **more,
    )


def _read_pairs(words: WordView, pairs: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """Read pairs with all their lanes."""
    found = {pair: words.pair(*pair) for pair in pairs}
    lanes = {(*pair, lane): words.lane(*pair, lane) for pair, word in found.items() for lane in range(word.lanes)}
    return {"pairs": found, "lanes": {place: lane for place, lane in lanes.items() if lane is not None}}


def _read_succession(word: int) -> acts.Succession | None:
    """Read the date from which another ledger supersedes this one, if one is named. These acts need nothing else of it."""
    if word == 0:
        return None
    nothing = dict.fromkeys(("consortium", "governance", "registers"), bytes(20))
    codes = dict.fromkeys(("consortium_code", "governance_code", "registers_code"), bytes(32))
    return acts.Succession(
        number=0, deadline=0, effective=SUCCESSION["effective"].of(word), chain=0, **nothing, **codes
    )
