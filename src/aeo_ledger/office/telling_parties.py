"""Acts of parties and of the network in words: keys, thresholds, unions, resolutions, successions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.customs.governance import ON_VALIDATORS
from aeo_ledger.customs.vocabulary import (
    KeyRole,
    PartyActKind,
    PartyKind,
    PartyState,
    RegisterMode,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.office.telling_terms import Telling, text_of
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.act_file import ON_UNION
from aeo_ledger.protocol.layouts import PARTY, REGISTER, unpack
from aeo_ledger.protocol.words import CODE_BYTES


def tell_party_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show an act that a party decides alone."""
    kind, number, words = values["act"], values["party"], telling.words
    party, office, doing = telling.facts.party(number), telling.facts.office(number), words.name(kind, PartyActKind)
    lines = [
        words.say("{act}, an act of {party}", act=doing.upper(), party=telling.code(number)),
        words.say("to be signed by the authority of {party}: {act}", party=telling.party(number), act=doing),
    ]
    lines += _key(telling, values["key"])
    lines += _detail_of_party_act(telling, values)
    if kind in ON_UNION:
        time = telling.moment(values["effective"]) if values["effective"] else words.say("at once")
        lines.append(words.say("  effective: {time}", time=time))
    if party is not None:
        counts = (
            words.plural("{number} authority key", "{number} authority keys", party.authority_keys),
            words.say("of which {count} must sign", count=party.authority_threshold),
            words.plural("{number} operator", "{number} operators", office.operators),
            words.say("of which {count} must sign", count=party.threshold),
        )
        now = f"{counts[0]} {counts[1]}, {counts[2]} {counts[3]}"
        now = words.say("{state}, frozen", state=now) if party.frozen else now
        lines.append(words.say("  now: {state}; this is its act {number}", state=now, number=values["serial"]))
    return lines


def _key(telling: Telling, key: bytes) -> list[str]:
    """Name the key of an act, and whose it is; nothing if the act has none."""
    if not any(key):
        return []
    return [telling.words.say("  key: {key}, now {whose}", key=to_hex(key), whose=_serves(telling, key))]


def _detail_of_party_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    kind, detail, words = values["act"], values["detail"], telling.words
    if kind in ON_UNION:
        return [words.say("  with {party}", party=telling.party(detail))]
    if kind == PartyActKind.SET_REGISTER:
        word, old = unpack(REGISTER, detail & ((1 << 256) - 1)), telling.facts.register(values["party"])
        types = telling.types(values["party"], word["types"])
        before = telling.types(values["party"], old.types) if old else words.say("not opened")
        mode = words.name(word["mode"], RegisterMode)
        return [
            words.say("  register: {mode}, epoch {epoch}", mode=mode, epoch=word["epoch"]),
            telling.change(words.say("types in use"), before, types),
        ]
    if kind == PartyActKind.ROTATE_AUTHORITY:
        return [words.say("  replaces the key {key}", key=to_hex(detail.to_bytes(32, "big")[12:]))]
    if kind in {PartyActKind.SET_THRESHOLD, PartyActKind.SET_AUTHORITY_THRESHOLD}:
        return [words.say("  how many sign: {count}", count=detail)]
    if kind == PartyActKind.SET_KEY_CHECK:
        type_ = telling.types(values["party"], 1 << values["certificate_type"])
        return [
            words.say("  check value of the lookup key of type {type}: {value}", type=type_, value=f"{detail:#066x}")
        ]
    return [words.say("  hash: {hash}", hash=f"{detail:#066x}")] if detail else []


def _serves(telling: Telling, address: bytes) -> str:
    key, words = telling.facts.key(address), telling.words
    if key is None:
        return words.say("nobody's")
    serves = words.say("{role} of {party}", role=words.name(key.role, KeyRole), party=telling.code(key.party))
    return words.say("{held}, retired", held=serves) if key.retired_at else serves


def tell_resolution(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show a resolution, which two thirds of the seats decide."""
    kind, number, words = values["act"], values["party"], telling.words
    party, doing = telling.facts.party(number) if number else None, words.name(kind, ResolutionAct)
    subject = telling.party(number) if number else words.say("the network")
    lines = [
        words.say("{act}, a resolution about {subject}", act=doing.upper(), subject=subject),
        words.say("to be signed by two thirds of the seats: {act}, about {subject}", act=doing, subject=subject),
    ]
    if kind == ResolutionAct.ADMIT:
        lines += _candidate(telling, values["detail"])
    elif any(values["detail"]):
        leaving = values["detail"][12:]
        lines.append(
            words.say("  replaces the node {key}, now {whose}", key=to_hex(leaving), whose=_serves(telling, leaving))
        )
    lines += _key(telling, values["key"])
    if values["amount"]:
        lines.append(words.say("  until: {time}", time=telling.moment(values["amount"])))
    if party is not None:
        lines.append(
            words.say(
                "  now: {state}, {seat}, {register}",
                state=words.name(party.state_at(telling.facts.time), PartyState),
                seat=words.say("holds a seat") if party.seat else words.say("holds no seat"),
                register=words.say("holds a register") if party.keeps_register else words.say("holds no register"),
            )
        )
    about = words.say("the validators") if kind in ON_VALIDATORS else subject
    lines.append(words.say("  this is resolution {number} on {subject}", number=values["number"], subject=about))
    successor = telling.facts.successor()
    if kind == ResolutionAct.CANCEL_SUCCESSION and successor is not None:
        lines.append(
            words.say(
                "  named until now: {successor} from {time} on",
                successor=to_hex(successor[0]),
                time=telling.moment(successor[1]),
            )
        )
    return lines


def _candidate(telling: Telling, detail: bytes) -> list[str]:
    word, words = unpack(PARTY, int.from_bytes(detail, "big") & ((1 << 256) - 1)), telling.words
    rights = {
        (True, True): words.say("with a seat and a register"),
        (True, False): words.say("with a seat"),
        (False, True): words.say("with a register"),
        (False, False): words.say("with neither seat nor register"),
    }
    return [
        words.say(
            "  a new party: code {code}, {kind}, {rights}",
            code=text_of(word["code"].to_bytes(CODE_BYTES, "big"), "code"),
            kind=words.name(word["kind"], PartyKind),
            rights=rights[bool(word["seat"]), bool(word["keeps_register"])],
        )
    ]


def tell_replacement_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show an objection to the replacement of an authority."""
    words, party = telling.words, telling.party(values["party"])
    doing = words.name(values["act"], ReplacementActKind)
    who = (
        words.say("the authority of {party}", party=party)
        if values["act"] == ReplacementActKind.OBJECT
        else words.say("a third of the other seats, for {party}", party=party)
    )
    return [
        words.say(
            "{act}: the replacement of the authority of {party}",
            act=doing.upper(),
            party=telling.code(values["party"]),
        ),
        words.say("to be signed by {who}: {act}: the replacement of its authority", who=who, act=doing),
        words.say("  the new key, still pending: {key}", key=to_hex(values["key"])),
    ]


def tell_freeze(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show a freeze of a party's publications."""
    party, words = telling.facts.party(values["party"]), telling.words
    state = {True: words.say("frozen"), False: words.term("publications", "open")}
    return [
        words.say("FREEZE the publications of {party}", party=telling.code(values["party"])),
        words.say(
            "to be signed by one operator of {party}: freeze its publications, all but restricting ones",
            party=telling.party(values["party"]),
        ),
        telling.change(words.say("publications"), state[party is not None and party.frozen], state[True]),
    ]


def tell_envelope(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Tell keys that are sent to a recipient."""
    say = telling.words.say
    return [
        say(
            "SEND KEYS of the register of {register} to {recipient}",
            register=telling.code(values["register"]),
            recipient=telling.code(values["recipient"]),
        ),
        say(
            "to be signed by the operators of {register}: keys of its register for {recipient}",
            register=telling.party(values["register"]),
            recipient=telling.party(values["recipient"]),
        ),
        telling.words.plural(
            "  epoch {epoch}, {number} byte that only the recipient can open; envelope {serial}",
            "  epoch {epoch}, {number} bytes that only the recipient can open; envelope {serial}",
            len(values["sealed"]),
            epoch=values["epoch"],
            serial=values["serial"],
        ),
    ]


def tell_succession(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    """Show which ledger supersedes this one."""
    old, words = telling.facts.successor(), telling.words
    names = ("consortium", "governance", "registers")
    named = to_hex(old[0]) if old else words.term("successor", "none")
    return [
        words.say("SUPERSEDE this ledger by another"),
        words.say("to be signed by two thirds of the seats: another ledger supersedes this one"),
        telling.change(words.say("successor"), named, to_hex(values["consortium"])),
        words.say(
            "  chain {chain}, from {time} on; until then it can be cancelled",
            chain=values["chain"],
            time=telling.moment(values["effective"]),
        ),
        *(
            words.say(
                "  {contract}: {address}, code {code}",
                contract=name,
                address=to_hex(values[name]),
                code=to_hex(values[f"{name}_code"]),
            )
            for name in names
        ),
    ]
