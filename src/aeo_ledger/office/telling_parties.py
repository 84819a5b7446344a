"""Acts of parties and of the network in words: keys, thresholds, unions, resolutions, successions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.customs.governance import ON_VALIDATORS
from aeo_ledger.customs.vocabulary import PartyActKind, PartyKind, RegisterMode, ReplacementActKind, ResolutionAct
from aeo_ledger.office.naming import count
from aeo_ledger.office.telling_terms import Telling, change, moment, named, text_of
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.act_file import ON_UNION
from aeo_ledger.protocol.layouts import PARTY, REGISTER, unpack
from aeo_ledger.protocol.words import CODE_BYTES


def tell_party_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show an act that a party decides alone."""
    kind, number = values["act"], values["party"]
    party, office = telling.facts.party(number), telling.facts.office(number)
    lines = [
        f"{named(kind, PartyActKind).upper()}, an act of {telling.code(number)}",
        f"to be signed by the authority of {telling.party(number)}: {named(kind, PartyActKind)}",
    ]
    if any(values["key"]):
        lines.append(f"  key: {to_hex(values['key'])}, now {_serves(telling, values['key'])}")
    lines += _detail_of_party_act(telling, values)
    if kind in ON_UNION:
        lines.append(f"  effective: {moment(values['effective']) if values['effective'] else 'at once'}")
    if party is not None:
        lines.append(
            f"  now: {count(party.authority_keys, 'authority key')} of which {party.authority_threshold} must sign, "
            f"{count(office.operators, 'operator')} of which {party.threshold} must sign"
            f"{', frozen' if party.frozen else ''}; this is its act {values['serial']}"
        )
    return lines


def _detail_of_party_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    kind, detail = values["act"], values["detail"]
    if kind in ON_UNION:
        return [f"  with {telling.party(detail)}"]
    if kind == PartyActKind.SET_REGISTER:
        word, old = unpack(REGISTER, detail & ((1 << 256) - 1)), telling.facts.register(values["party"])
        types = telling.types(values["party"], word["types"])
        before = telling.types(values["party"], old.types) if old else "not opened"
        return [
            f"  register: {named(word['mode'], RegisterMode)}, epoch {word['epoch']}",
            change("types in use", before, types),
        ]
    if kind == PartyActKind.ROTATE_AUTHORITY:
        return [f"  replaces the key {to_hex(detail.to_bytes(32, 'big')[12:])}"]
    if kind in {PartyActKind.SET_THRESHOLD, PartyActKind.SET_AUTHORITY_THRESHOLD}:
        return [f"  how many sign: {detail}"]
    if kind == PartyActKind.SET_KEY_CHECK:
        number = values["certificate_type"]
        return [
            f"  check value of the lookup key of type {telling.types(values['party'], 1 << number)}: {detail:#066x}"
        ]
    return [f"  hash: {detail:#066x}"] if detail else []


def _serves(telling: Telling, address: bytes) -> str:
    key = telling.facts.key(address)
    if key is None:
        return "nobody's"
    return f"{key.role.name.lower()} of {telling.code(key.party)}{', retired' if key.retired_at else ''}"


def tell_resolution(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show a resolution, which two thirds of the seats decide."""
    kind, number = values["act"], values["party"]
    party = telling.facts.party(number) if number else None
    subject = telling.party(number) if number else "the network"
    lines = [
        f"{named(kind, ResolutionAct).upper()}, a resolution about {subject}",
        f"to be signed by two thirds of the seats: {named(kind, ResolutionAct)}, about {subject}",
    ]
    if kind == ResolutionAct.ADMIT:
        lines += _candidate(values["detail"])
    elif any(values["detail"]):
        leaving = values["detail"][12:]
        lines.append(f"  replaces the node {to_hex(leaving)}, now {_serves(telling, leaving)}")
    if any(values["key"]):
        lines.append(f"  key: {to_hex(values['key'])}, now {_serves(telling, values['key'])}")
    if values["amount"]:
        lines.append(f"  until: {moment(values['amount'])}")
    if party is not None:
        seat, register = (("holds" if held else "holds no") for held in (party.seat, party.keeps_register))
        state = party.state_at(telling.facts.time).name.lower()
        lines.append(f"  now: {state}, {seat} seat, {register} register")
    about = "the validators" if kind in ON_VALIDATORS else subject
    lines.append(f"  this is resolution {values['number']} on {about}")
    successor = telling.facts.successor()
    if kind == ResolutionAct.CANCEL_SUCCESSION and successor is not None:
        lines.append(f"  named until now: {to_hex(successor[0])} from {moment(successor[1])} on")
    return lines


def _candidate(detail: bytes) -> list[str]:
    word = unpack(PARTY, int.from_bytes(detail, "big") & ((1 << 256) - 1))
    code = text_of(word["code"].to_bytes(CODE_BYTES, "big"), "code")
    rights = [name for name, given in (("a seat", word["seat"]), ("a register", word["keeps_register"])) if given]
    return [
        f"  a new party: code {code}, {named(word['kind'], PartyKind)}, with {' and '.join(rights) or 'neither seat nor register'}"
    ]


def tell_replacement_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show an objection to the replacement of an authority."""
    who = "the authority of" if values["act"] == ReplacementActKind.OBJECT else "a third of the other seats, for"
    doing = named(values["act"], ReplacementActKind)
    return [
        f"{doing.upper()}: the replacement of the authority of {telling.code(values['party'])}",
        f"to be signed by {who} {telling.party(values['party'])}: {doing}: the replacement of its authority",
        f"  the new key, still pending: {to_hex(values['key'])}",
    ]


def tell_freeze(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show a freeze of a party's publications."""
    party = telling.facts.party(values["party"])
    frozen = {True: "frozen", False: "open"}
    return [
        f"FREEZE the publications of {telling.code(values['party'])}",
        f"to be signed by one operator of {telling.party(values['party'])}: freeze its publications, all but restricting ones",
        change("publications", frozen[party is not None and party.frozen], "frozen"),
    ]


def tell_envelope(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Tell keys that are sent to a recipient."""
    return [
        f"SEND KEYS of the register of {telling.code(values['register'])} to {telling.code(values['recipient'])}",
        f"to be signed by the operators of {telling.party(values['register'])}: keys of its register for {telling.party(values['recipient'])}",
        f"  epoch {values['epoch']}, {len(values['sealed'])} bytes that only the recipient can open; envelope {values['serial']}",
    ]


def tell_succession(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show which ledger supersedes this one."""
    old = telling.facts.successor()
    names = ("consortium", "governance", "registers")
    return [
        "SUPERSEDE this ledger by another",
        "to be signed by two thirds of the seats: another ledger supersedes this one",
        change("successor", to_hex(old[0]) if old else "none", to_hex(values["consortium"])),
        f"  chain {values['chain']}, from {moment(values['effective'])} on; until then it can be cancelled",
        *(f"  {name}: {to_hex(values[name])}, code {to_hex(values[f'{name}_code'])}" for name in names),
    ]
