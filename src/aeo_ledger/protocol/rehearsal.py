"""Rehearse an act on the customs model, with the words of the block before: the contracts' rules and reasons, without an EVM.

A gateway rehearses a publication before it relays it, and a signer every act before it signs. Two rules are left to the contracts, as
they depend on what no word says: that a successor has another chain id, and how many blocks lie between two changes of validators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from aeo_ledger.customs import acts
from aeo_ledger.customs.acts import NOBODY, Signed
from aeo_ledger.customs.aliases import Alias, bind_alias
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.arrangement_rules import act_on_lane, arrange, withhold
from aeo_ledger.customs.autonomy import act_alone, freeze, send_envelope
from aeo_ledger.customs.consortium import NETWORK, Consortium, Validator
from aeo_ledger.customs.governance import ON_VALIDATORS, act_on_replacement, complete_replacement, resolve, supersede
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.publication import Standing, publish
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, RegisterMode, ReplacementActKind
from aeo_ledger.protocol.act_file import ON_UNION
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.layouts import ALIAS, GOVERNANCE, REGISTER, SUCCESSION, VALIDATOR, unpack
from aeo_ledger.protocol.readings import read_publication, read_step
from aeo_ledger.protocol.tables import Table, alias_entry_key, alias_key, key_check_key
from aeo_ledger.protocol.words import decode_replacement

K = TypeVar("K")
V = TypeVar("V")

_LATER: Final = 1 << 63
"""Stands for the block to come: long after the last change of validators."""

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


def rehearse_completion(party: int, words: WordView, *, time: int) -> None:
    """Refuse the completion of a replacement of a party's authority that the contracts would refuse, for the same reason.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    complete_replacement(_state(words, party), party, time=time)


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


def _party_act(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act = read_step("PartyAct", values)
    if not isinstance(act, acts.PartyAct):
        raise TypeError("PartyAct")
    if act.act == PartyActKind.SET_REGISTER:
        act = replace(act, detail=_read_register(act.detail))
    named = [act.detail] if act.act in ON_UNION and isinstance(act.detail, int) else []
    former = [_address(act.detail)] if act.act == PartyActKind.ROTATE_AUTHORITY else []
    checks: dict[tuple[int, int], int] = {}
    if isinstance(act.detail, Register):
        read = ((act.party, kind) for kind in act.detail.types_in_use())
        checks = {place: found for place in read if (found := words.word(Table.KEY_CHECK, key_check_key(*place)))}
    known = tuple(signers)
    state = _state(words, act.party, signers=known, named=(act.key, *former), parties=named, key_checks=checks)
    act_alone(state, act, _signed(known), time=time)


def _read_register(detail: Register | int) -> Register | int:
    """Read a register's word as a party signs it; any other word stays a number, which the rules refuse."""
    if not isinstance(detail, int):
        return detail
    word = unpack(REGISTER, detail & ((1 << 256) - 1))
    if detail >> REGISTER["changed_at"].at or word["mode"] not in list(RegisterMode):
        return detail
    return Register(mode=RegisterMode(word["mode"]), types=word["types"], epoch=word["epoch"])


def _address(detail: object) -> bytes:
    """Read the key that a rotation retires, 20 bytes."""
    return detail.to_bytes(32, "big")[12:] if isinstance(detail, int) else NOBODY


def _freeze(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act, known = acts.Freeze(**values), tuple(signers)
    freeze(_state(words, act.party, signers=known), act, _signed(known), time=time)


def _envelope(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act, known = acts.Envelope(**values), tuple(signers)
    send_envelope(_state(words, act.register, signers=known, parties=[act.recipient]), act, _signed(known), time=time)


def _resolution(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act, known = read_step("Resolution", values), tuple(signers)
    if not isinstance(act, acts.Resolution):
        raise TypeError("Resolution")
    leaving = act.detail[12:] if isinstance(act.detail, bytes) else NOBODY
    validators: tuple[Validator, ...] = ()
    if act.act in ON_VALIDATORS:
        seated = (words.word(Table.VALIDATOR, place) for place in range(1, words.word(Table.VALIDATOR, 0) + 1))
        fields = [unpack(VALIDATOR, word) for word in seated]
        validators = tuple(Validator(node=f["node"].to_bytes(20, "big"), party=f["party"]) for f in fields)
    named = (act.key, leaving)
    state = _state(words, act.party, signers=known, named=named, parties=_every_party(words), validators=validators)
    resolve(state, act, _signed(known), time=time, block=_LATER)


def _succession(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    known = tuple(signers)
    state = _state(words, NETWORK, signers=known, parties=_every_party(words))
    supersede(state, acts.Succession(**values), _signed(known), time=time)


def _replacement_act(values: Mapping[str, Any], signers: Iterable[bytes], words: WordView, time: int) -> None:
    act, known = read_step("ReplacementAct", values), tuple(signers)
    if not isinstance(act, acts.ReplacementAct):
        raise TypeError("ReplacementAct")
    stops = act.act == ReplacementActKind.STOP
    state = _state(words, act.party, signers=known, parties=_every_party(words) if stops else ())
    act_on_replacement(state, act, _signed(known), time=time)


_Model = Callable[[Mapping[str, Any], Iterable[bytes], WordView, int], None]

_MODELS: Final[Mapping[str, _Model]] = {
    "Publication": _publication,
    "Withholding": _withholding,
    "Conclusion": _arrangement("Conclusion"),
    "Amendment": _arrangement("Amendment"),
    "LaneAct": _lane_act,
    "AliasBinding": _alias_binding,
    "PartyAct": _party_act,
    "Freeze": _freeze,
    "Envelope": _envelope,
    "Resolution": _resolution,
    "Succession": _succession,
    "ReplacementAct": _replacement_act,
}
"""The rule of the customs model for each message."""


def _signed(signers: Iterable[bytes]) -> Signed:
    return Signed(hash=_ANY_HASH, signers=signers)


def _every_party(words: WordView) -> range:
    return range(1, GOVERNANCE["parties"].of(words.word(Table.GOVERNANCE, 0)) + 1)


def _state(
    words: WordView,
    own: int,
    *,
    signers: Iterable[bytes] = (),
    named: Iterable[bytes] = (),
    parties: Iterable[int] = (),
    **more: Any,
) -> Consortium:
    """Make the consortium before an act that changes parties or keys: all that it depends on, read and listed.

    Args:
        words: Words of the block before the act.
        own: The party in whose history the act is recorded, by number; 0 for the network.
        signers: Addresses that sign.
        named: Addresses that the act names: a new key that signs too is of no party yet, or should be.
        parties: Other parties that the act depends on, by number.
        more: Other facts.
    """
    named = {address for address in named if address != NOBODY}
    serving = {address: key for address in (*signers, *named) if (key := words.key(address)) is not None}
    signing = (key.party for address, key in serving.items() if address not in named)
    numbers = dict.fromkeys((own, *parties, *signing))
    governance = words.word(Table.GOVERNANCE, 0)
    pending = decode_replacement(words.word(Table.REPLACEMENT, own)) if own else None
    if pending is not None:  # its key waits, and only its end would change that
        serving[pending.key] = Key(party=own, role=KeyRole.AUTHORITY)
    register = words.register(own) if own else None
    facts: dict[str, Any] = {
        "parties": {number: party for number in numbers if number and (party := words.party(number)) is not None},
        "keys": serving,
        "registers": {} if register is None else {own: register},
        "offices": {own: words.office(own)} if own else {},
        "replacements": {} if pending is None else {own: pending},
        "validators": (),
        "minimum_validators": GOVERNANCE["minimum_validators"].of(governance),
        "replacement_delay": GOVERNANCE["replacement_delay"].of(governance),
        "network_resolutions": GOVERNANCE["network_resolutions"].of(governance),
        "validator_resolutions": GOVERNANCE["validator_resolutions"].of(governance),
        "chain_id": 0,
        "succession": _read_succession(words.word(Table.SUCCESSION, 0)),
    }
    return Consortium(**{**facts, **more})


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
