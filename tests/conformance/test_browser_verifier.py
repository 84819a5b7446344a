"""The verifier for browsers beside Python's: snapshots, trust, documents, numbers. What one refuses the other refuses by the same name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin, find_other_form, find_problems
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence import EVIDENCE_FORM, SNAPSHOT_FORM, Question, Snapshot
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.evidence.question import encode_question
from aeo_ledger.evidence.snapshot import FORMAT
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Value
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKey
from aeo_ledger.verify import (
    TRUST_FORM,
    ProvenDecision,
    TrustBundle,
    find_other_question,
    verify_other_form,
    verify_recognition,
    verify_snapshot,
)
from aeo_ledger.verify.handover import verify_update
from aeo_ledger.verify.trust import fingerprint
from conformance.conftest import Judge
from conformance.vector_cases import report
from support.random_worlds import random_world
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DE_TRADER,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    SealedWorld,
    lookup_keys,
    question,
    trust,
)
from support.snapshots import CROWD, crowded, seal_snapshot, taken
from support.validator_chain import FIRST, START_BLOCK, history, pinned_at, update_of

VECTORS = Path(__file__).parent / "vectors"
TRUST = trust()


def name_refusal(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what is found, or the name of the refusal, which is no fault of the program."""
    try:
        return act()
    except (Malformed, Unproven) as error:
        return {"refused": type(error).__name__}


# ------------------------------------------------------------------ snapshots


def snapshot_task(snapshot: Snapshot | bytes, questions: list[Question], **altered: Any) -> dict[str, Any]:
    data = snapshot if isinstance(snapshot, bytes) else SNAPSHOT_FORM.encode_cbor(snapshot)
    asked = [encode_question(one) for one in questions]
    pinned = TRUST_FORM.encode_json(altered.pop("trust", TRUST))
    return {
        "task": "snapshot", "snapshot": to_hex(data), "trust": pinned, "questions": asked, "now": NOW, "max_age": 300,
        **altered,
    }  # fmt: skip


def judge_in_python(task: dict[str, Any], questions: list[Question]) -> dict[str, Any]:
    pinned = TRUST_FORM.decode_json(task["trust"])
    data = bytes.fromhex(task["snapshot"][2:])

    def act() -> dict[str, Any]:
        proven = verify_snapshot(SNAPSHOT_FORM.decode_cbor(data), pinned, now=task["now"], max_age=task["max_age"])
        return {"outcomes": [outcome(partial(proven.decide, one, now=task["now"])) for one in questions]}

    return name_refusal(act)


def outcome(decide: Callable[[], ProvenDecision]) -> dict[str, Any]:
    """Write an answer, or why there is none, as a page gets it."""
    found = name_refusal(lambda: report((decide(),)))
    if "refused" in found:
        nothing: dict[str, Any] = {"reasons": [], "benefits": [], "issuer": None, "registers": [], "block": None}
        return {"verdict": "not_checked", "code": found["refused"], **nothing}
    (answer,) = found["answers"]
    verdict = "recognised" if answer.pop("recognised") else "not_recognised"
    answer.pop("trader", None)
    return {"verdict": verdict, "code": next(iter(answer["reasons"]), None), **answer, "block": found["block"]}


def test_a_snapshot_answers_yes_and_no_as_in_python(in_javascript: Judge) -> None:
    questions = [question(tin, CN) for tin in (BY_TRADER, *CROWD[:3], Tin("BY101010101"), DE_TRADER)]
    questions += [question(BY_TRADER, PL), question(BY_TRADER, CN, on=NOW - 100), question(BY_TRADER, CN, on=NOW + 1)]
    task = snapshot_task(taken(), questions)
    (found,) = in_javascript([task])
    assert found == judge_in_python(task, questions)
    codes = [one["code"] for one in found["outcomes"]]
    assert {None, "no_certificate", "NotYetProvable"} <= {*codes}


def test_snapshots_of_random_worlds_answer_as_in_python(in_node: Judge) -> None:
    dice = Random(5)  # noqa: S311
    questions = [
        question(DE_TRADER, recogniser, certificate_type=kind) for recogniser in (PL, EU) for kind in (None, 1, "AEOC")
    ]
    tasks = [snapshot_task(seal_snapshot(random_world(dice)), questions) for _ in range(25)]
    found = in_node(tasks)
    assert found == [judge_in_python(task, questions) for task in tasks]
    verdicts = [one["verdict"] for each in found for one in each["outcomes"]]
    assert {"recognised", "not_recognised", "not_checked"} == {*verdicts}


def test_a_snapshot_of_a_keyed_register_needs_the_asker_s_key(in_javascript: Judge) -> None:
    trader = Tin("KZ940940000384")
    world = CustomsFacts().keyed(KZ).recognise(CN, KZ).grant(trader, KZ)
    asked, snapshot = question(trader, CN), seal_snapshot(world)
    held = (lookup_keys(KZ), NO_KEYS, lookup_keys(KZ, secret=bytes(32)))
    tasks = [snapshot_task(snapshot, [asked], keys=[write_key(key) for key in keys]) for keys in held]
    proven = verify_snapshot(snapshot, TRUST, now=NOW, max_age=300)
    expected = [outcome(partial(proven.decide, asked, now=NOW, keys=keys)) for keys in held]
    assert [one["code"] for one in expected] == [None, "KeyNeeded", "WrongLookupKey"]
    assert in_javascript(tasks) == [{"outcomes": [one]} for one in expected]


def write_key(key: LookupKey) -> dict[str, Any]:
    return {"register": key.register, "type": key.certificate_type, "key": to_hex(key.secret)}


def rows(data: bytes, width: int) -> list[bytes]:
    return [data[at : at + width] for at in range(0, len(data), width)]


def forged_snapshots() -> Iterator[tuple[str, Snapshot | bytes, dict[str, Any]]]:
    """Forge an honest snapshot in each way, or read it at a time or under a bundle for which it proves nothing."""
    honest = taken()
    standings = rows(honest.standings, 96)
    last = standings[-1]
    yield (
        "a word altered",
        replace(honest, standings=b"".join([*standings[:-1], last[:-1] + bytes([last[-1] ^ 1])])),
        {},
    )
    yield "a standing missing", replace(honest, standings=b"".join(standings[1:])), {}
    yield "a standing added", replace(honest, standings=honest.standings + b"\xff" * 96), {}
    yield "a word of the constitution missing", replace(honest, consortium=honest.consortium[64:]), {}
    yield "out of order", replace(honest, standings=b"".join(reversed(standings))), {}
    yield "twice", replace(honest, consortium=honest.consortium[:64] + honest.consortium), {}
    yield "cut short", replace(honest, standings=honest.standings[:-1]), {}
    yield "a word of zero", replace(honest, consortium=honest.consortium[:32] + bytes(32) + honest.consortium[64:]), {}
    yield "no words at all", replace(honest, consortium=b"", standings=b""), {}
    yield "a node more", replace(honest, nodes=(*honest.nodes, b"cargo" * 8)), {}
    yield "a node twice", replace(honest, nodes=(*honest.nodes, honest.nodes[0])), {}
    yield "a node less", replace(honest, nodes=honest.nodes[1:]), {}
    yield "two seals alone", seal_snapshot(crowded(), seals=2), {}
    yield "old", honest, {"now": NOW + 301}
    yield "from the future", honest, {"now": NOW - 6}
    yield "trust expired", honest, {"now": TRUST.expires_at, "max_age": 1 << 31}
    later = replace(TRUST.checkpoint, number=101)
    yield "below the checkpoint", honest, {"trust": replace(TRUST, checkpoint=later)}
    yield (
        "another block in the checkpoint's place",
        honest,
        {"trust": replace(TRUST, checkpoint=replace(later, number=100))},
    )
    yield "other code", honest, {"trust": replace(TRUST, registers_code_hash=bytes(32))}
    written: dict[str, Value] = {
        "format": FORMAT, "header": honest.header, "nodes": list(honest.nodes), "consortium": honest.consortium,
        "registers": honest.registers, "standings": honest.standings,
    }  # fmt: skip
    yield "as written", encode_cbor(written), {}
    yield "another format", encode_cbor({**written, "format": "aeo-ledger/snapshot/2"}), {}
    yield "a key more", encode_cbor({**written, "cargo": 1}), {}
    yield "text for bytes", encode_cbor({**written, "registers": "0x"}), {}
    yield "a number for bytes", encode_cbor({**written, "standings": 1 << 40}), {}
    yield "bytes behind it", SNAPSHOT_FORM.encode_cbor(honest) + b"\0", {}
    yield "a length that is not there", SNAPSHOT_FORM.encode_cbor(honest)[:-40], {}
    yield "nothing", b"", {}


def test_a_forged_snapshot_is_refused_by_the_name_that_python_gives(in_javascript: Judge) -> None:
    asked = [question(BY_TRADER, CN)]
    cases = [(name, snapshot_task(snapshot, asked, **altered)) for name, snapshot, altered in forged_snapshots()]
    expected = {name: judge_in_python(task, asked) for name, task in cases}
    found = in_javascript([task for _, task in cases])
    assert dict(zip(expected, found, strict=True)) == expected
    assert [name for name, one in expected.items() if "refused" not in one] == ["as written"]


# ------------------------------------------------------------------ one question, as a page asks it


def page_task(evidence: Any, asked: Question, **options: Any) -> dict[str, Any]:
    return {
        "task": "page", "evidence": evidence, "trust": TRUST_FORM.encode_json(TRUST), "question": encode_question(asked),
        "options": {"now": NOW, "maxAge": 300, **options},
    }  # fmt: skip


def test_a_trader_of_northern_ireland_is_absent_only_if_it_is_under_both_numbers(in_node: Judge) -> None:
    irish = question(Tin("XI123456789000"), CN)
    british = replace(irish, tin=Tin("GB123456789000"))
    world = CustomsFacts().recognise(CN, EU)
    pinned = replace(TRUST, prefixes={"XI": EU})
    there = SealedWorld(world)
    alone, both = there.prove(irish, trust=pinned), there.prove(irish, british, trust=pinned)
    tasks = [page_task(EVIDENCE_FORM.encode_json(one), irish) for one in (alone, both)]
    found = in_node([{**task, "trust": TRUST_FORM.encode_json(pinned)} for task in tasks])
    assert [(one["verdict"], one["code"]) for one in found] == [
        ("not_checked", "OtherFormUnasked"),
        ("not_recognised", "no_certificate"),
    ]
    proven = verify_recognition(alone, irish, pinned, now=NOW)
    assert find_other_question(proven) == british
    with pytest.raises(Unproven, match="GB123456789000"):
        verify_other_form(alone, proven, pinned, keys=NO_KEYS)


# ------------------------------------------------------------------ trust


def test_fingerprints_are_those_of_the_command_line(in_javascript: Judge) -> None:
    bundles = [
        TRUST,
        replace(TRUST, chain_id=(1 << 64) - 1, prefixes={"XI": EU, "EL": BY}),
        replace(
            TRUST, parties=(replace(TRUST.parties[0], name='Беларусь "\u2028', certificate=b"\7" * 32),), prefixes={}
        ),
        pinned_at(START_BLOCK, FIRST),
    ]
    found = in_javascript([{"task": "trust", "text": TRUST_FORM.encode_json(one)} for one in bundles])
    assert [one["fingerprint"] for one in found] == [to_hex(fingerprint(one)) for one in bundles]


def altered_bundles() -> Iterator[str]:
    written: dict[str, Any] = json.loads(TRUST_FORM.encode_json(TRUST))
    party = written["parties"][0]
    changes: tuple[Mapping[str, Any], ...] = (
        {"format": "aeo-ledger/trust/2"}, {"validators": []}, {"validators": written["validators"][:1] * 2}, {"cargo": 1},
        {"validators": ["0x00"]}, {"period_s": -1}, {"period_s": 1 << 64}, {"period_s": "1"}, {"parties": [party, party]},
        {"parties": [{**party, "number": 0}]}, {"parties": [{**party, "code": "by"}]}, {"prefixes": {"xi": 1}},
        {"parties": [{**party, "types": ["A", "A"]}]}, {"prefixes": {"BY": 1}}, {"prefixes": {"XI": 99}}, {"prefixes": []},
        {"forks": {"shanghai": 1}}, {"forks": {"london": 0, "shanghai": 5, "cancun": 4}}, {"forks": None}, {"contracts": {}},
        {"checkpoint": {"number": 1, "hash": "0x", "time": 1}}, {"predecessors": [{}]}, {"chain": {"id": 1.5, "genesis": "0x"}},
    )  # fmt: skip
    yield from (json.dumps({**written, **change}) for change in changes)
    yield json.dumps({key: value for key, value in written.items() if key != "parties"})
    yield "[]"


def test_a_malformed_bundle_is_refused(in_node: Judge) -> None:
    texts = list(altered_bundles())
    for text in texts:
        with pytest.raises(Malformed):
            TRUST_FORM.decode_json(text)
    found = in_node([{"task": "trust", "text": text} for text in texts])
    assert found == [{"refused": "MalformedDocument"}] * len(texts)


def update_cases() -> Iterator[tuple[TrustUpdate, TrustBundle, int]]:
    """Update over a whole change of the validators; with each step left out, alone, altered, and at other times."""
    steps, _ = history()
    pinned = pinned_at(START_BLOCK, FIRST)
    end = steps[-1].header.timestamp
    yield update_of(*steps), pinned, end
    yield update_of(), pinned, pinned.checkpoint.time
    for at, one in enumerate(steps):
        yield update_of(*steps[:at], *steps[at + 1 :]), pinned, end
        yield update_of(one), pinned, one.header.timestamp
        yield update_of(*steps[: at + 1]), pinned, one.header.timestamp
    yield update_of(*reversed(steps)), pinned, end
    yield update_of(steps[0], steps[0]), pinned, end
    yield update_of(START_BLOCK), pinned, end
    yield update_of(*steps), pinned, pinned.expires_at
    yield update_of(*steps), pinned, end + 301
    yield update_of(*steps), pinned, end - 6
    yield update_of(*steps), replace(pinned, governance_code_hash=bytes(32)), end
    yield update_of(*steps), replace(pinned, checkpoint=replace(pinned.checkpoint, hash=bytes(32))), end
    whole = update_of(*steps)
    yield replace(whole, nodes=whole.nodes[1:]), pinned, end
    yield replace(whole, nodes=(*whole.nodes, b"cargo" * 8)), pinned, end


def test_trust_moves_through_changes_of_the_validators_as_in_python(in_javascript: Judge) -> None:
    cases = list(update_cases())

    def in_python(update: TrustUpdate, pinned: TrustBundle, now: int) -> dict[str, Any]:
        proven = verify_update(update, pinned, now=now)
        return {"trust": TRUST_FORM.encode_json(proven.trust), "changes": len(proven.changes)}

    expected = [name_refusal(partial(in_python, *case)) for case in cases]
    tasks = [
        {"task": "update", "update": to_hex(UPDATE_FORM.encode_cbor(update)), "trust": TRUST_FORM.encode_json(pinned), "now": now, "max_age": 300}
        for update, pinned, now in cases
    ]  # fmt: skip
    assert in_javascript(tasks) == expected
    assert sum("refused" in one for one in expected) > len(expected) // 2
    assert expected[0]["changes"] == 8


# ------------------------------------------------------------------ documents

TEXTS = (
    '{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 2}', '{"__proto__": 1, "__proto__": 2}', "NaN", "Infinity", "-Infinity", "1e3", "1.0", "01", "- 1",
    "+1", "1 2", "[1,]", "{,}", '{"a"}', "{'a': 1}", "[" * 17 + "]" * 17, '{"a":' * 17 + "1" + "}" * 17, '"\\ud800"', '"\\x"', '"\t"', "1" * 81,
    "", " ", "nul", "true false", "[1 2]", '["a"', '"a', "/* */ 1", "\u00a01", "\ufeff\ufeff1",
)  # fmt: skip
"""What a lenient reader of JSON accepts, and Python's does not."""
READ = (
    ('{"__proto__": {"recognised": true}}', '{"__proto__":{"recognised":true}}'), ("[" * 16 + "]" * 16, "[" * 16 + "]" * 16), ("-0", "0"),
    (str(2**53), f'"{2**53}n"'), (str(-(2**70)), f'"{-(2**70)}n"'), ('"\\ud83d\\ude00\\u0000"', '"\U0001f600\\u0000"'), ("\ufeff [ ] ", "[]"),
    ('{"constructor": null, "toString": [true, false]}', '{"constructor":null,"toString":[true,false]}'),
)  # fmt: skip


def test_json_is_read_strictly_and_changes_no_object_but_its_own(in_javascript: Judge) -> None:
    for text in TEXTS:
        with pytest.raises(Malformed):
            EVIDENCE_FORM.decode_json(text)
    found = in_javascript([{"task": "document", "text": text} for text in (*TEXTS, *(text for text, _ in READ))])
    assert found[: len(TEXTS)] == [{"refused": "MalformedDocument"}] * len(TEXTS)
    assert found[len(TEXTS) :] == [{"value": value} for _, value in READ]


CBOR = (
    "", "a0a0", "a16161", "a2616101616102", "a2616201616101", "a1016161", "1817", "190017", "1a00000017", "1b0000000000000017", "5f41ff", "9fff",
    "bfff", "f5", "f6", "fb3ff0000000000000", "20", "c074323031332d30332d32315432303a30343a30305a", "5bffffffffffffffff00", "9a7fffffff", "61ff",
    "81" * 17 + "00", "6241", "1c",
)  # fmt: skip
"""RFC 8949: items that are repeated, out of order, not in their shortest form, indefinite, of other kinds, cut short, or too deep."""


def test_cbor_is_read_in_its_one_encoding(in_javascript: Judge) -> None:
    for data in CBOR:
        with pytest.raises(Malformed):
            SNAPSHOT_FORM.decode_cbor(bytes.fromhex(data))
    read = {
        "1bffffffffffffffff": f'"{2**64 - 1}n"',
        "a1695f5f70726f746f5f5f01": '{"__proto__":1}',
        "8201420203": '[1,"0x0203"]',
    }
    found = in_javascript([{"task": "document", "data": f"0x{data}"} for data in (*CBOR, *read)])
    assert found == [{"refused": "MalformedDocument"}] * len(CBOR) + [{"value": value} for value in read.values()]


# ------------------------------------------------------------------ numbers of traders, keys, hashes and the curve


UNSURE = {"MAB-930714-8T4", "AEOPK1234C", "CNA010203AB1"}
"""What Python reads only because a check digit is right that the browser does not know: it asks for the prefix."""


def test_what_people_type_is_read_as_in_python(in_javascript: Judge) -> None:
    vectors = json.loads((VECTORS / "tin" / "normalise.json").read_bytes())
    found = in_javascript([{"task": "tin", "typed": one["typed"], "country": one["country"]} for one in vectors])
    for vector, one in zip(vectors, found, strict=True):
        if vector["typed"] in UNSURE:
            assert one.keys() == {"refused"}
        elif "refused" in vector:
            assert one == {"refused": vector["refused"]}
        else:
            other = find_other_form(Tin(vector["tin"]))
            assert one == {"tin": vector["tin"], "done": vector["done"], "other": other and other.text}


def test_check_digits_are_those_of_python(in_node: Judge) -> None:
    dice = Random(3)  # noqa: S311
    digits = {"BY": 9, "KZ": 12, "RU": 10}
    tins = [f"{code}{dice.randrange(10**length):0{length}}" for code, length in digits.items() for _ in range(2_000)]
    letters = "ABCEHKMOPT"
    tins += [f"BY{dice.choice('ABCEHKM')}{dice.choice(letters)}{dice.randrange(10**7):07}" for _ in range(2_000)]
    (found,) = in_node([{"task": "check", "tins": tins}])
    assert found["valid"] == [not find_problems(Tin(tin)) for tin in tins]
    assert sum(found["valid"]) > 300
    assert in_node([{"task": "check", "tins": ["MXMAB9307148T4"]}]) == [{"valid": [None]}]


def test_keys_of_keyed_registers_are_those_of_the_vectors(in_javascript: Judge) -> None:
    recorded = json.loads((VECTORS / "lookup-keys.json").read_text())["cases"]
    names = ("lookup_key", "check_value", "holder")
    found = in_javascript([{"task": "keys", **case} for case in recorded])
    assert found == [{name: case[name] for name in names} for case in recorded]


def test_signatures_by_ethers_recover_to_their_signer(in_javascript: Judge) -> None:
    recorded = json.loads((VECTORS / "digests.json").read_text())
    tasks = []
    for case in recorded["cases"]:
        signature = case["signature"]
        tasks.append(
            {
                "task": "recover",
                "digest": case["digest"],
                "signature": f"{signature[:-2]}{int(signature[-2:], 16) - 27:02x}",
            }
        )
    found = in_javascript(tasks)
    assert [one["address"] for one in found] == [recorded["signer"]] * len(tasks)
