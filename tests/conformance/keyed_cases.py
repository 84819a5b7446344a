"""Recognition vectors about keyed registers: what the right lookup keys prove, and what must not pass for a right key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import AnyQuestion
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKey, LookupKeys, derive_payload_key
from aeo_ledger.protocol.tables import Contract, Slot, Table, key_check_key, record_slot, slot_of
from aeo_ledger.verify import resolve_question
from conformance.golden_cases import USUAL, Build
from conformance.hostile_cases import refused
from conformance.make_vectors import TRUST, Answers, Case, prove, sealed
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DE_TRADER,
    EU,
    KZ,
    LOOKUP_SECRET,
    NOW,
    CustomsFacts,
    SealedWorld,
    ask_alias,
    entry_of,
    lane,
    lookup_keys,
    question,
)

TRADER, OTHER = Tin("KZ123456789012"), Tin("KZ123456789013")
CROWD = [Tin(f"KZ{number}") for number in range(100_000_000_000, 100_000_000_012)]
ASKED, ABSENT = question(TRADER, CN), question(OTHER, CN)
KEYS = lookup_keys(KZ, types=(1, 2))
MID = AliasCode(AliasKind.MID, "KZMINTRA12MIN")
ABOUT = "keyed"
IN_KZ: dict[str, Any] = {"issuer": "KZ", "registers": ("KZ",)}


def world() -> CustomsFacts:
    """China recognises types 1 and 2 of Kazakhstan's keyed register."""
    facts = CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(types=0b110)).recognise(CN, BY).grant(BY_TRADER, BY, 2)
    for tin in CROWD:
        facts.grant(tin, KZ, 2)
    return facts.grant(TRADER, KZ, 2)


def _case(
    name: str, why: str, facts: CustomsFacts, build: Build, *asked: AnyQuestion, keys: LookupKeys = KEYS, **how: Any
) -> Case:
    there, questions = sealed(facts), asked or (ASKED,)
    evidence = prove(there, *questions, keys=keys, **how)
    expected = build(Answers(there.header)).to_json()
    return Case(name=name, about=ABOUT, why=why, evidence=evidence, asked=questions, expected=expected, keys=keys)


def golden() -> Iterator[Case]:
    yield _case(
        "keyed-yes",
        "the entry is an HMAC of the TIN; the key is the register's",
        world(),
        lambda a: a.yes(*USUAL, **IN_KZ),
    )
    yield _case(
        "keyed-no-certificate", "absent in types 1 and 2; type 0 is not searched, since no lane covers it", world(),
        lambda a: a.no("no_certificate", "type_out_of_scope", registers=["KZ"]), ABSENT,
    )  # fmt: skip
    yield _case(
        "keyed-more-keys", "keys of other types and registers change nothing", world(),
        lambda a: a.yes(*USUAL, **IN_KZ), keys=LookupKeys([*lookup_keys(KZ), *lookup_keys(BY)]),
    )  # fmt: skip
    batch = (ASKED, question(BY_TRADER, CN), ABSENT)
    yield _case(
        "keyed-batch", "a keyed and an open register in one evidence", world(),
        lambda a: a.yes(*USUAL, **IN_KZ).yes(*USUAL).no("no_certificate", "type_out_of_scope", registers=["KZ"]), *batch,
    )  # fmt: skip
    union = CustomsFacts().keyed(EU, 0b11).recognise(CN, EU, lane(types=0b10)).grant(DE_TRADER, EU, 1)
    yield _case(
        "keyed-union", "a union's register can be keyed too", union,
        lambda a: a.yes(*USUAL, issuer="EU", registers=["EU"]), question(DE_TRADER, CN), keys=lookup_keys(EU),
    )  # fmt: skip
    yield _case(
        "keyed-withheld", "a withholding is from the keyed entry", world().withhold(CN, TRADER, KZ, 2),
        lambda a: a.no("type_out_of_scope", "benefits_withheld", registers=["KZ"]),
    )  # fmt: skip
    yield _case(
        "keyed-alias", "the bound entry follows from TIN and key", _bound(), lambda a: a.yes(*USUAL, **IN_KZ, trader=TRADER.text),
        ask_alias(MID, CN), traders={0: TRADER},
    )  # fmt: skip


def hostile() -> Iterator[Case]:
    there = sealed(world())
    for asked, name in ((ASKED, "keyed-wrong"), (ABSENT, "keyed-absent-by-wrong")):
        evidence = prove(there, asked, keys=KEYS)
        for end, why, keys in _wrong_keys():
            yield refused(f"{name}-{end}", ABOUT, why, evidence, "WrongLookupKey", asked=[asked], keys=keys)
    honest = prove(there, ASKED, keys=KEYS)
    for end, why, keys in (
        ("no-key", "the asker has no key", NO_KEYS),
        ("key-of-another-register", "the asker has the keys of another register alone", lookup_keys(BY)),
        ("key-of-one-type-lacks", "a lane covers type 1 too, and its key is not at hand", lookup_keys(KZ, types=(2,))),
    ):
        yield refused(f"keyed-{end}", ABOUT, why, honest, "KeyNeeded", asked=[ASKED], keys=keys)
    yield refused(
        "keyed-batch-no-key", ABOUT, "one of two questions needs a key", prove(there, ASKED, question(BY_TRADER, CN), keys=KEYS),
        "KeyNeeded", asked=[ASKED, question(BY_TRADER, CN)],
    )  # fmt: skip
    yield from _slots(there)
    yield from _ledgers()
    yield from _aliases()


def _wrong_keys() -> Iterator[tuple[str, str, LookupKeys]]:
    def each(secret_of: Callable[[int], bytes]) -> LookupKeys:
        return LookupKeys(LookupKey(register=KZ, certificate_type=kind, secret=secret_of(kind)) for kind in range(3))

    right = lookup_keys(KZ)
    yield "secret", "keys of another lookup secret: everybody would seem absent", lookup_keys(KZ, secret=bytes(32))
    yield "type", "each key is another type's", each(lambda kind: right.key(KZ, (kind + 1) % 3).secret)
    yield "register", "the keys of another register", each(lambda kind: lookup_keys(BY).key(BY, kind).secret)
    yield (
        "epoch",
        "payload keys in the place of lookup keys",
        each(lambda kind: derive_payload_key(LOOKUP_SECRET, KZ, kind, 0).secret),
    )
    yield (
        "check",
        "the check value itself, which anybody can read on the ledger",
        each(lambda kind: right.key(KZ, kind).check),
    )
    yield "root", "the lookup secret in the place of the keys that follow from it", each(lambda _: LOOKUP_SECRET)
    yield (
        "bit",
        "one bit is another",
        each(lambda kind: bytes([right.key(KZ, kind).secret[0] ^ 1]) + right.key(KZ, kind).secret[1:]),
    )


def _slots(there: SealedWorld) -> Iterator[Case]:
    """Evidence without a check value, with another's, or with the entry that an open register would have."""
    view = NotedWords(there.read)
    decide(resolve_question(ASKED, TRUST, NOW), view, entries_of(TRADER, KEYS.compared(view.key_check)))
    needed, honest = list(view.words), prove(there, ASKED, keys=KEYS)
    check = slot_of(Table.KEY_CHECK, key_check_key(KZ, 2))
    entry: Slot = (Contract.REGISTERS, record_slot(world().entry_of(TRADER, KZ, 2)))
    others: Slot = (Contract.REGISTERS, record_slot(world().entry_of(CROWD[0], KZ, 2)))
    as_open: Slot = (Contract.REGISTERS, record_slot(entry_of(TRADER, KZ, 2)))
    for name, why, lost, instead, error in (
        ("check-left-out", "the check value of type 2 is left out", check, None, "MissingNode"),
        ("check-of-another-type", "the check value of type 0 is proven in the place of type 2's", check,
         slot_of(Table.KEY_CHECK, key_check_key(KZ, 0)), "MissingNode"),
        ("entry-as-if-open", "the entry that the register would have if it were open is proven absent", entry, as_open, "MissingNode"),
        ("check-surplus", "the check value of a type that no answer needs", None, slot_of(Table.KEY_CHECK, key_check_key(KZ, 0)), "SurplusNodes"),
        ("entry-surplus", "the standing of another trader beside the right one", None, others, "SurplusNodes"),
    ):  # fmt: skip
        slots = [*(slot for slot in needed if slot != lost), *([] if instead is None else [instead])]
        evidence = replace(honest, nodes=there.nodes(slots))
        yield refused(f"keyed-{name}", ABOUT, why, evidence, error, asked=[ASKED], keys=KEYS)


def _ledgers() -> Iterator[Case]:
    """Ledgers whose check value is not that of the asker's key."""
    view = NotedWords(sealed(world()).read)
    decide(resolve_question(ASKED, TRUST, NOW), view, entries_of(TRADER, KEYS.compared(view.key_check)))
    for name, why, check in (
        ("check-absent", "the ledger has no check value of type 2: no key is right", None),
        ("check-is-another-types", "the ledger has type 1's check value for type 2", KEYS.key(KZ, 1).check),
        (
            "check-is-the-key",
            "the ledger has the key itself, which no contract can know, in the place of its check value",
            KEYS.key(KZ, 2).secret,
        ),
    ):
        facts = world()
        facts.checks = {place: value for place, value in facts.checks.items() if place != (KZ, 2)}
        facts.checks |= {} if check is None else {(KZ, 2): check}
        there = sealed(facts)
        evidence = replace(
            prove(sealed(world()), ASKED, keys=KEYS), header=there.header.encode(), nodes=there.nodes(view.words)
        )
        yield refused(f"keyed-{name}", ABOUT, why, evidence, "WrongLookupKey", asked=[ASKED], keys=KEYS)
    opened = CustomsFacts().recognise(CN, KZ, lane(types=0b110)).grant(TRADER, KZ, 2)
    evidence = prove(sealed(opened), ASKED)
    there = sealed(world())
    yield refused(
        "keyed-shown-as-open", ABOUT, "another ledger's evidence, on which the register is open",
        replace(evidence, header=there.header.encode()), "MissingNode", asked=[ASKED], keys=KEYS,
    )  # fmt: skip


def _bound(*entries: bytes) -> CustomsFacts:
    facts = world()
    return facts.bind(CN, MID, *(entries or (facts.entry_of(TRADER, KZ, 2),)))


def _aliases() -> Iterator[Case]:
    asked, named = ask_alias(MID, CN), {0: TRADER}
    honest = prove(sealed(_bound()), asked, traders=named, keys=KEYS)

    def lie(name: str, why: str, evidence: Any, error: str, keys: LookupKeys = KEYS) -> Case:
        return refused(f"keyed-alias-{name}", ABOUT, why, evidence, error, asked=[asked], keys=keys)

    yield lie("no-key", "a bound entry in a keyed register, and no key", honest, "KeyNeeded", NO_KEYS)
    yield lie(
        "wrong-key",
        "with a wrong key the entry would be another's",
        honest,
        "WrongLookupKey",
        lookup_keys(KZ, secret=bytes(32)),
    )
    yield lie("other-named", "another trader is named", replace(honest, traders={0: OTHER}), "AliasOfAnother")
    as_open = prove(sealed(_bound(entry_of(TRADER, KZ, 2))), asked, traders=named, keys=KEYS)
    yield lie("as-if-open", "the bound entry is the one that an open register would have", as_open, "AliasOfAnother")
