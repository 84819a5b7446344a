"""Signed history in the second verifier: what is proven, what is refused and by which name, and what was so at a time, as in Python."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.as_of import AsOf
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.customs.party import Party
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence.history import AliasChain, SignedHistory, decode_history, encode_history
from aeo_ledger.primitives.documents import Fields, text_form
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.layouts import PARTY, unpack
from aeo_ledger.protocol.tables import WITH_ANSWERS
from aeo_ledger.protocol.words import encode_party
from aeo_ledger.verify import TRUST_FORM
from conformance.conftest import Judge
from support.history_mutations import copy, mutate, whole
from support.random_pasts import play
from support.random_publications import draw_alias
from support.scribe import Scribe, pin, scribe
from support.world import sign

SEEDS = range(2)


def task(world: Scribe, histories: list[Any], facts: list[list[Any]] | None = None) -> dict[str, Any]:
    words = {
        str(contract): {
            to_hex(slot.to_bytes(32, "big")): str(word) for slot, word in world.evm.storage[contract].items()
        }
        for contract in WITH_ANSWERS
    }
    trust = TRUST_FORM.encode_json(pin(parties=(), prefixes={}))
    return {"task": "histories", "histories": histories, "words": words, "trust": trust, "facts": facts or []}


def written(history: SignedHistory) -> Any:
    return text_form(encode_history(history))


def plain(fact: Any) -> Any:
    """Write a fact with the fields of its word."""
    if fact is None:
        return None
    if isinstance(fact, Party):
        return {**unpack(PARTY, encode_party(fact)), "code": fact.code}
    if isinstance(fact, Alias):
        entries = [
            {"binding": binding, "type": kind, "register": int.from_bytes(entry[:2], "big"), "entry": to_hex(entry)}
            for (binding, kind), entry in sorted(fact.entries.items())
        ]
        return {"serial": fact.serial, "changed_at": fact.changed_at, "entries": entries}
    values = {name: getattr(fact, name) for name in type(fact).__dataclass_fields__}
    return {name: value if isinstance(value, str) else int(value) for name, value in values.items()}


def told(table: HistoryTable) -> dict[str, Any]:
    def states(timeline: Any) -> list[Any]:
        return [[time, plain(fact)] for time, fact in timeline]

    return {
        "parties": {str(number): states(history.states) for number, history in table.parties.items()},
        "pairs": {
            f"{recogniser} {register}": {
                "lanes": [states(lane) for lane in history.lanes],
                "withholdings": {to_hex(entry): states(made) for entry, made in history.withholdings.items()},
                "pair": plain(history.pair),
            }
            for (recogniser, register), history in table.pairs.items()
        },
        "standings": {to_hex(entry): [plain(one) for one in history.records] for entry, history in table.standings.items()},
        "aliases": {f"{number} {to_hex(hashed)}": states(history.states) for (number, hashed), history in table.aliases.items()},
    }  # fmt: skip


def judge_in_python(world: Scribe, document: Any) -> dict[str, Any]:
    try:
        history = decode_history(Fields(document, document="evidence"))
        return {"proven": told(world.verify(history)), "found": []}
    except (Malformed, Unproven) as error:
        return {"refused": type(error).__name__}


def compare(in_node: Judge, world: Scribe, documents: list[Any]) -> Counter[str]:
    """Judge documents in both programs; count the outcomes."""
    found: Any = in_node([task(world, documents)])[0]
    expected = [judge_in_python(world, document) for document in documents]
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        assert one == other, place
    return Counter(one.get("refused", "proven") for one in expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_altered_in_signed_history_is_refused_by_the_same_name_or_tells_the_same(
    seed: int, in_node: Judge
) -> None:
    world, _ = play(seed)
    chance, true = Random(seed), encode_history(whole(world))  # noqa: S311
    documents = [copy(true) for _ in range(60)]
    for document in documents[1:]:
        mutate(document, chance)
    outcomes = compare(in_node, world, [text_form(document) for document in documents])
    assert outcomes["proven"] < 12
    assert len(outcomes) > 5


def subjects(world: Scribe) -> list[tuple[Any, ...]]:
    """List what a decision looks up: how, and by which numbers."""
    consortium = world.consortium
    return [
        *(("party", number) for number in consortium.parties),
        *(("lane", *lane) for lane in consortium.lanes),
        *(("withholding", by, int.from_bytes(entry[:2], "big"), entry) for by, entry in consortium.withholdings),
        *(("record", entry) for entry in world.standings),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_at_a_time_as_known_at_another_are_the_same(seed: int, in_node: Judge) -> None:
    world, moments = play(seed)
    chance = Random(seed)  # noqa: S311
    begun, ended = moments[0][0] - 10, moments[-1][0] + 10
    looked_up: list[list[Any]] = []
    while len(looked_up) < 400:
        time, known = chance.randint(begun, ended), chance.choice((None, chance.randint(begun, ended)))
        looked_up.append([time, known, *chance.choice(subjects(world))])
    none = SignedHistory()
    facts: Any = text_form([[time, 2**32 if known is None else known, *rest] for time, known, *rest in looked_up])
    found: Any = in_node([task(world, [written(whole(world)), written(none)], facts)])[0]
    for history, outcome in zip((whole(world), none), found, strict=True):
        table = world.verify(history)
        expected = []
        for time, known, fact, *which in looked_up:
            dated = getattr(AsOf(world.view, table, time, known), fact)(*which)
            expected.append([dated.certain, plain(dated.fact)])
        assert outcome["found"] == expected
        assert {certain for certain, _ in expected} == ({True} if history is not none else {True, False})


def test_histories_of_aliases_too(in_node: Judge) -> None:
    world, chance = scribe(), Random(7)  # noqa: S311
    for _ in range(60):
        bound, names = draw_alias(chance, world)
        world.submit(bound, sign(world.message(bound), *dict.fromkeys(names)))
        if chance.random() < 0.3:
            world.wait(chance.randint(1, 9))
    acts = tuple(recorded for _, recorded in world.recorded)
    places: dict[tuple[Any, Any], list[int]] = {}
    for at, act in enumerate(acts):
        places.setdefault((act.values["recogniser"], act.values["alias_hash"]), []).append(at)
    chains = tuple(
        AliasChain(recogniser=recogniser, alias_hash=alias_hash, acts=tuple(own))
        for (recogniser, alias_hash), own in places.items()
    )
    assert max(len(chain.acts) for chain in chains) > 3
    true = encode_history(SignedHistory(acts=acts, aliases=chains))
    documents = [copy(true) for _ in range(60)]
    for document in documents[1:]:
        mutate(document, chance)
    outcomes = compare(in_node, world, [text_form(document) for document in documents])
    assert outcomes["proven"] >= 1
    assert len(outcomes) > 3
