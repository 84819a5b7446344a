"""Recognition vectors about aliases: whom a recogniser's code means, proven; and what must not pass for a proof of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode, Status
from aeo_ledger.evidence import EVIDENCE_FORM, AliasQuestion, AnyQuestion, Evidence
from aeo_ledger.protocol.entries import hash_alias
from aeo_ledger.protocol.layouts import ALIAS, pack
from aeo_ledger.protocol.tables import Contract, Table, alias_entry_key, alias_key, word_slot
from conformance.golden_cases import USUAL, Build
from conformance.hostile_cases import leaf_of, refused, without
from conformance.make_vectors import Answers, Case, prove, recognising, sealed
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    ask_alias,
    entry_of,
    members_of,
    party,
    question,
)  # fmt: skip

MID = AliasCode(AliasKind.MID, "BYMINTRA12MIN")
LEI = AliasCode(AliasKind.LEI, "5493001KJTIIGC8Y1R12")
ASKED = ask_alias(MID, CN)
OTHER = Tin("BY100000000")
NAMED = {0: BY_TRADER}
ENTRY, SECOND_ENTRY = entry_of(BY_TRADER, BY, 2), entry_of(BY_TRADER, BY, 1)
THEN = ask_alias(MID, CN, on=NOW - 10 * DAY)
TRADER = {"trader": BY_TRADER.text}
NOBODY: Build = lambda a: a.no("no_trader_under_alias", registers=[], trader=None)  # noqa: E731
YES: Build = lambda a: a.yes(*USUAL, **TRADER)  # noqa: E731
ABOUT = "alias"
ALIAS_PLACE = alias_key(CN, hash_alias(CN, MID))


def bound(*entries: bytes, **altered: Any) -> CustomsFacts:
    """A world in which China means the trader, or these entries, by its code."""
    return recognising().bind(CN, MID, *(entries or (ENTRY,)), **altered)


def told(
    name: str, why: str, world: CustomsFacts, build: Build, asked: AnyQuestion = ASKED, named: Mapping[int, Tin] = NAMED
) -> Case:
    there = sealed(world)
    expected = build(Answers(there.header)).to_json()
    evidence = prove(there, asked, traders=named)
    return Case(name=name, about=ABOUT, why=why, evidence=evidence, asked=[asked], expected=expected)


def golden() -> Iterator[Case]:
    yield told("alias-yes", "the code is bound to the trader that the evidence names", bound(), YES)
    yield told("alias-two-types", "one binding, one entry for each type", bound(SECOND_ENTRY, ENTRY), YES)
    yield told(
        "alias-other-type", "bound under another type than the one that decides: it names the trader all the same",
        bound(SECOND_ENTRY), YES,
    )  # fmt: skip
    yield told(
        "alias-type-not-in-use",
        "bound under a type that the register does not use",
        bound(entry_of(BY_TRADER, BY, 9)),
        YES,
    )
    yield told(
        "alias-register-of-nobody", "bound in the register of a party that keeps none: its hash names the trader",
        bound(entry_of(BY_TRADER, PL, 0)), YES,
    )  # fmt: skip
    yield told(
        "alias-no", "the trader's certificate was revoked", recognising(status=Status.REVOKED).bind(CN, MID, ENTRY),
        lambda a: a.no("revoked", **TRADER),
    )  # fmt: skip
    yield told("alias-of-nobody", "the code was never bound", recognising(), NOBODY, named={})
    yield told(
        "alias-of-nobody-though-named", "a name for a code that is not bound changes nothing", recognising(), NOBODY
    )
    released = recognising().bind(CN, MID, serial=2)
    yield told("alias-released", "the only binding was cleared", released, NOBODY, named={})
    yield told(
        "alias-of-another-recogniser", "only Kazakhstan binds the code", recognising().bind(KZ, MID, ENTRY), NOBODY,
        named={},
    )  # fmt: skip
    yield told(
        "alias-of-another-kind", "the same hash is not that of the code as another kind", bound(), NOBODY,
        ask_alias(AliasCode(AliasKind.JP_14, "BYMINTRA1200AB"), CN), {},
    )  # fmt: skip
    by_union = recognising().recognise(EU, BY).bind(EU, MID, ENTRY)
    yield told("alias-of-a-union", "Poland has none, its union has one", by_union, YES, ask_alias(MID, PL))
    both = recognising().recognise(EU, BY).bind(EU, MID, entry_of(OTHER, BY, 2)).bind(PL, MID, ENTRY)
    yield told(
        "alias-own-before-union-s", "Poland's own binding counts before its union's", both, YES, ask_alias(MID, PL)
    )
    yield told(
        "alias-second-place", "the first binding was cleared, the second one is live", bound(binding=1, serial=3), YES
    )
    yield told("alias-past", "bound before the time asked about, and unchanged since", bound(), YES, THEN)
    late = bound(changed_at=NOW - 10 * DAY + 1)
    yield told("alias-past-not-yet", "serial 1, written a second later: then nobody was bound", late, NOBODY, THEN, {})
    yield told(
        "alias-past-from-then", "written in the very second", bound(changed_at=NOW - 10 * DAY, serial=7), YES, THEN
    )
    german = (
        CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=EU).bind(CN, LEI, entry_of(DE_TRADER, EU, 1))
    )
    yield told(
        "alias-in-a-union-s-register", "a LEI, bound in the register that the EU keeps for Germany", german,
        lambda a: a.yes(*USUAL, issuer="EU", registers=["EU"], trader=DE_TRADER.text), ask_alias(LEI, CN),
        {0: DE_TRADER},
    )  # fmt: skip
    yield _batch()


def _batch() -> Case:
    world = bound().bind(CN, LEI, entry_of(OTHER, BY, 2))
    asked: list[AnyQuestion] = [
        question(BY_TRADER, CN),
        ASKED,
        ask_alias(LEI, CN),
        ask_alias(AliasCode(AliasKind.DUNS, "123456789"), CN),
    ]
    there = sealed(world)
    answers = Answers(there.header).yes(*USUAL).yes(*USUAL, **TRADER).no("no_certificate", trader=OTHER.text)
    NOBODY(answers)
    return Case(
        name="alias-batch", about=ABOUT, why="a TIN and three codes, one of them bound to nobody", asked=asked,
        evidence=prove(there, *asked, traders={1: BY_TRADER, 2: OTHER}), expected=answers.to_json(),
    )  # fmt: skip


def hostile() -> Iterator[Case]:
    there = sealed(bound())
    honest = prove(there, ASKED, traders=NAMED)

    def lie(name: str, why: str, evidence: Evidence | str, error: str, asked: AliasQuestion = ASKED) -> Case:
        return refused(name, ABOUT, why, evidence, error, asked=[asked])

    def sealed_lie(name: str, why: str, world: CustomsFacts, error: str, asked: AliasQuestion = ASKED) -> Case:
        return lie(name, why, prove(sealed(world), asked, traders=NAMED), error, asked)

    yield lie(
        "alias-other-trader-named", "another trader is named than the one bound", replace(honest, traders={0: OTHER}),
        "AliasOfAnother",
    )  # fmt: skip
    yield lie("alias-nobody-named", "the trader is not named", replace(honest, traders={}), "TraderUnnamed")
    of_kz = sealed(recognising().bind(KZ, MID, ENTRY))
    yield lie(
        "alias-proven-for-another-recogniser", "Kazakhstan's binding of the code in the place of China's",
        replace(prove(of_kz, ask_alias(MID, KZ), traders=NAMED), questions=(ASKED,)), "MissingNode",
    )  # fmt: skip
    yield lie(
        "alias-another-asked", "the evidence was made for another code", honest, "OtherQuestion", ask_alias(LEI, CN)
    )
    yield lie(
        "alias-for-a-tin", "the evidence is about the trader, and says nothing of the code",
        prove(there, question(BY_TRADER, CN)), "OtherQuestion",
    )  # fmt: skip
    word, entry = (word_slot(Table.ALIAS, ALIAS_PLACE), _entry_slot(0, 2))
    for name, why, slot in (
        ("alias-word-left-out", "the word that counts the bindings is left out", word),
        ("alias-entry-left-out", "the entry that is bound is left out", entry),
    ):
        yield lie(name, why, without(honest, [leaf_of(there, Contract.REGISTERS, slot)]), "MissingNode")
    pair = sealed(bound(SECOND_ENTRY, ENTRY))
    left_out = leaf_of(pair, Contract.REGISTERS, _entry_slot(0, 1))
    yield lie(
        "alias-second-entry-left-out", "the entry under the trader's other type is left out",
        without(prove(pair, ASKED, traders=NAMED), [left_out]), "MissingNode",
    )  # fmt: skip
    two = bound().bind(CN, MID, entry_of(OTHER, BY, 2), binding=1)
    yield sealed_lie("alias-of-two-traders", "two bindings: which one is meant is a guess", two, "AmbiguousAlias")
    same = bound().bind(CN, MID, SECOND_ENTRY, binding=5)
    yield sealed_lie(
        "alias-of-one-trader-twice", "two bindings are two traders, whatever they hold", same, "AmbiguousAlias"
    )
    mixed = bound(ENTRY, entry_of(OTHER, BY, 1))
    yield sealed_lie("alias-binding-of-two-traders", "one binding with entries of two traders", mixed, "AmbiguousAlias")
    unions = recognising().bind(EU, MID, ENTRY).bind(EAEU, MID, entry_of(OTHER, BY, 2))
    unions.parties[PL] = party(PL, memberships=members_of(EU, EAEU))
    yield sealed_lie(
        "alias-of-two-unions", "a recogniser's two unions mean different traders", unions, "AmbiguousAlias",
        ask_alias(MID, PL),
    )  # fmt: skip
    keyed = bound()
    keyed.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    yield sealed_lie("alias-in-a-keyed-register", "the entry is an HMAC, which a TIN does not show", keyed, "KeyNeeded")
    changed = bound(changed_at=NOW - DAY, serial=2)
    yield sealed_lie("alias-past-changed-since", "bound anew since: who was meant then", changed, "HistoryNeeded", THEN)
    left = recognising()
    left.parties[PL] = party(PL, memberships=members_of(Membership(union=EU)), changed_at=NOW - DAY, changes=1)
    yield sealed_lie(
        "alias-past-unions-unknown", "whose member Poland was then is not known", left, "HistoryNeeded",
        ask_alias(MID, PL, on=NOW - 10 * DAY),
    )  # fmt: skip
    for name, why, word in (
        ("alias-bits-outside", "bits outside the fields of the word", 1 << 255),
        (
            "alias-place-without-entry",
            "a bound place whose entry is 0",
            pack(ALIAS, types_0=0b1100, serial=2, changed_at=1),
        ),
    ):
        yield lie(name, why, _forged(word), "UnreadableValue")
    wrong = sealed(bound(), forged={entry: int.from_bytes(SECOND_ENTRY, "big")})
    yield lie(
        "alias-entry-of-another-type", "the entry under type 2 is one of type 1", prove(wrong, ASKED, traders=NAMED),
        "UnreadableValue",
    )  # fmt: skip
    yield from _forms(honest)


def _entry_slot(binding: int, kind: int) -> int:
    return word_slot(Table.ALIAS_ENTRY, alias_entry_key(CN, hash_alias(CN, MID), binding, kind))


def _forged(word: int) -> Evidence:
    slot = word_slot(Table.ALIAS, ALIAS_PLACE)
    there = sealed(bound(), forged={slot: word})
    wanted = [(Contract.REGISTERS, slot), *((Contract.REGISTERS, _entry_slot(0, kind)) for kind in (2, 3))]
    honest = prove(there, ASKED, traders=NAMED)
    return replace(honest, nodes=tuple(dict.fromkeys((*honest.nodes, *there.nodes(wanted)))))


def _compact(evidence: Evidence) -> str:
    return json.dumps(json.loads(EVIDENCE_FORM.encode_json(evidence)), separators=(",", ":"))


def _forms(honest: Evidence) -> Iterator[Case]:
    """Say of whom an alias is in a form that no encoder writes."""
    written = _compact(honest)
    traders = f'"traders":[{{"question":0,"tin":"{BY_TRADER}"}}]'
    assert traders in written
    for name, why, altered, error in (
        ("alias-traders-empty", "a list of traders without any", '"traders":[]', "MalformedDocument"),
        ("alias-traders-twice", "two traders for one question", traders[:-1] + "," + traders[11:], "MalformedDocument"),
        (
            "alias-traders-beyond",
            "a trader for a question that is not there",
            traders.replace(":0", ":1"),
            "MalformedDocument",
        ),
        ("alias-traders-malformed", "a trader that is no TIN", traders.replace("BY2", "by2"), "MalformedTin"),
        (
            "alias-traders-more",
            "a trader with a key that is not known",
            traders[:-2] + ',"sure":1}]',
            "MalformedDocument",
        ),
    ):
        yield refused(name, ABOUT, why, written.replace(traders, altered), error, asked=[ASKED])
    for name, why, old, new, error in (
        ("alias-of-no-kind", "a kind that is not known", '"kind":"MID"', '"kind":"ABC"', "MalformedDocument"),
        ("alias-of-no-form", "a code that its kind does not give", MID.code, "CA" + MID.code[2:], "MalformedAlias"),
        ("alias-without-kind", "a code without its kind", '"kind":"MID",', "", "MalformedDocument"),
        ("alias-beside-a-tin", "a question about both", '"kind"', f'"tin":"{BY_TRADER}","kind"', "MalformedDocument"),
    ):
        assert old in written
        yield refused(name, ABOUT, why, written.replace(old, new), error, asked=[ASKED])
    plain = _compact(prove(sealed(bound()), question(BY_TRADER, CN)))
    yield refused(
        "alias-trader-of-a-tin", ABOUT, "a trader for a question that names its own",
        f"{plain[:-1]},{traders}}}", "MalformedDocument",
    )  # fmt: skip
