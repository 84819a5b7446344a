from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.evidence.history import (
    PairChain,
    PartyChain,
    RecordedAct,
    RecordedEvent,
    RecordedPublication,
    SignedHistory,
    StandingChain,
)
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from support.samples import SHORT

SIGNATURE = Signature(v=28, r=1, s=(1 << 255) - 1)
PUBLICATION = RecordedPublication(
    register=1,
    issuer=2,
    former=0,
    capacity=1,
    deadline=(1 << 64) - 1,
    events=(b"\1" * 32, b"\2" * 32),
    details=b"\3" * 32,
    signatures=(SIGNATURE, SIGNATURE),
    recorded_at=1_700_000_000,
)
RECOGNITION = {
    "recogniser": 1, "register": 2, "lane": 0, "amendment": 1, "types": 3, "roles": 4, "directions": 1, "benefits": 9,
    "in_force_from": 0, "until": (1 << 32) - 1,
}  # fmt: skip


def act(name: str, signed: bool = True, **values: Any) -> RecordedAct:
    return RecordedAct(name=name, values=values, signatures=(SIGNATURE,) if signed else (), recorded_at=7)


ACTS = (
    act("Founding", signed=False, party=1, word=(1 << 256) - 1, authority=b"\4" * 20),
    act("Completion", signed=False, party=1, key=b"\5" * 20),
    act(
        "Resolution", number=1, deadline=2, act=3, party=4, key=bytes(20), detail=bytes(32), amount=(1 << 64) - 1,
        grounds=b"\7" * 32,
    ),
    act(
        "PartyAct", party=1, serial=2, deadline=3, act=4, certificate_type=5, key=bytes(20), detail=1 << 255,
        effective=(1 << 32) - 1, grounds=bytes(32),
    ),
    act("Envelope", register=1, serial=2, deadline=3, recipient=4, epoch=5, sealed=b"sealed"),
    act("Conclusion", deadline=1, arrangement=bytes(32), text=bytes(32), signatories=6, recognitions=[RECOGNITION] * 2),
    act("Amendment", deadline=1, arrangement=bytes(32), text=bytes(32), signatories=6, recognitions=[]),
    act(
        "LaneAct", party=1, recogniser=2, register=3, lane=4, generation=255, number=5, deadline=6, act=1, until=0,
        grounds=bytes(32),
    ),
    act("Withholding", recogniser=1, serial=2, deadline=3, entry=bytes(32), withheld=True, grounds=bytes(32)),
    act("Freeze", party=1, lifts=2, deadline=3, grounds=bytes(32)),
    act("ReplacementAct", party=1, key=bytes(20), deadline=3, act=2, grounds=bytes(32)),
    act(
        "Succession", number=1, deadline=2, effective=3, chain=(1 << 64) - 1, consortium=bytes(20), governance=bytes(20),
        registers=bytes(20), consortium_code=bytes(32), governance_code=bytes(32), registers_code=bytes(32),
        grounds=bytes(32),
    ),
)  # fmt: skip
EVENT = RecordedEvent(publication=0, position=1, record=(1 << 256) - 1, document=b"\6" * 32)
HISTORY = SignedHistory(
    publications=(PUBLICATION,),
    acts=ACTS,
    standings=(StandingChain(entry=b"\7" * 32, events=(EVENT, EVENT)), StandingChain(entry=bytes(32), events=())),
    parties=(
        PartyChain(party=1, acts=(0, 1, 2, 3, 4, 9, 10)),
        PartyChain(party=9, acts=()),
        PartyChain(party=0, acts=(11,)),
    ),
    pairs=(PairChain(recogniser=1, register=2, acts=(5, 6, 7, 8)), PairChain(recogniser=2, register=1, acts=(5,))),
)
EVIDENCE = Evidence(questions=(SHORT,), header=b"\xf9header", nodes=(b"node",), history=HISTORY)


def test_both_forms_hold_the_same_history() -> None:
    assert (
        EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(EVIDENCE))
        == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(EVIDENCE))
        == EVIDENCE
    )
    assert EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(replace(EVIDENCE, history=None))).history is None
    assert "history" not in json.loads(EVIDENCE_FORM.encode_json(replace(EVIDENCE, history=None)))
    empty = replace(EVIDENCE, history=SignedHistory())
    assert EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(empty)) == empty


def test_every_message_that_a_history_holds_is_there() -> None:
    of_registers = {name for name, contract in CONTRACT_OF.items() if contract is Contract.REGISTERS}
    assert {act.name for act in ACTS} == {*CONTRACT_OF, "Founding", "Completion"} - of_registers


def test_numbers_that_json_readers_round_are_bytes() -> None:
    written = json.loads(EVIDENCE_FORM.encode_json(EVIDENCE))["history"]
    assert written["publications"][0]["deadline"] == "0x" + "ff" * 8
    assert written["acts"][0]["values"]["word"] == "0x" + "ff" * 32
    assert written["acts"][8]["values"]["withheld"] == 1
    assert written["standings"][0]["events"][0]["position"] == 1


def test_histories_by_themselves_are_evidence_that_answers_no_question() -> None:
    alone = replace(EVIDENCE, questions=())
    assert (
        EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(alone))
        == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(alone))
        == alone
    )
    written = json.loads(EVIDENCE_FORM.encode_json(alone))
    assert written["format"] == "aeo-ledger/history-evidence/1"
    for altered in (
        written | {"questions": json.loads(EVIDENCE_FORM.encode_json(EVIDENCE))["questions"]},
        written | {"format": "aeo-ledger/recognition-evidence/1"},
        {key: part for key, part in written.items() if key != "history"},
    ):
        with pytest.raises(MalformedDocument):
            EVIDENCE_FORM.decode_json(json.dumps(altered))


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    def alter(history: Any) -> None:
        for key in path[:-1]:
            history = history[key]
        history[path[-1]] = value

    return alter


def drop(*path: Any) -> Callable[[Any], None]:
    def alter(history: Any) -> None:
        for key in path[:-1]:
            history = history[key]
        del history[path[-1]]

    return alter


@pytest.mark.parametrize(
    ("alter", "at"),
    [
        (drop("acts"), "history"),
        (put("more", value=[]), "history"),
        (put("acts", value={}), "history.acts"),
        (put("publications", 0, "former", value=1 << 16), "history.publications[0].former"),
        (put("publications", 0, "capacity", value=256), "history.publications[0].capacity"),
        (put("publications", 0, "deadline", value=5), "history.publications[0].deadline"),
        (put("publications", 0, "deadline", value="0x05"), "history.publications[0].deadline"),
        (put("publications", 0, "events", 1, value="0x05"), "history.publications[0].events[1]"),
        (put("publications", 0, "events", value=["0x" + "00" * 32] * 101), "history.publications[0].events"),
        (put("publications", 0, "details", value="0x"), "history.publications[0].details"),
        (put("publications", 0, "signatures", 0, value="0x" + "00" * 64), "history.publications[0].signatures[0]"),
        (put("publications", 0, "signatures", 0, value="0x" + "00" * 65), "history.publications[0].signatures"),
        (put("publications", 0, "recorded_at", value=1 << 32), "history.publications[0].recorded_at"),
        (put("acts", 0, "message", value="Publication"), "history.acts[0].message"),
        (put("acts", 0, "message", value="Completion"), "history.acts[0].values"),
        (put("acts", 0, "values", "word", value="0x" + "00" * 33), "history.acts[0].values.word"),
        (put("acts", 0, "values", "authority", value="0x" + "00" * 19), "history.acts[0].values.authority"),
        (put("acts", 2, "values", "act", value=256), "history.acts[2].values.act"),
        (drop("acts", 3, "values", "detail"), "history.acts[3].values"),
        (put("acts", 5, "values", "recognitions", 0, "lane", value=-1), "history.acts[5].values.recognitions[0].lane"),
        (put("acts", 5, "values", "recognitions", value=[{}] * 33), "history.acts[5].values.recognitions"),
        (put("acts", 8, "values", "withheld", value=2), "history.acts[8].values.withheld"),
        (put("acts", 8, "values", "withheld", value=True), "history.acts[8].values.withheld"),
        (put("standings", 0, "entry", value="0x00"), "history.standings[0].entry"),
        (put("standings", 0, "events", 0, "publication", value=1), "history.standings[0].events[0].publication"),
        (put("standings", 0, "events", 0, "position", value=100), "history.standings[0].events[0].position"),
        (put("standings", 0, "events", 0, "record", value="0x01"), "history.standings[0].events[0].record"),
        (put("standings", 0, "events", value=[]), "history.publications"),
        (put("standings", 1, "entry", value="0x" + "07" * 32), "history.standings"),
        (put("acts", 2, "signatures", value=["0x" + "00" * 64 + "1b"] * 513), "history.acts[2].signatures"),
        (put("parties", 0, "acts", value=[0, 1, 2, 3, 12]), "history.parties[0].acts"),
        (put("parties", 0, "acts", value=[0, 1, 2, 3]), "history.acts"),
        (put("parties", 1, "party", value=1), "history.parties"),
        (put("pairs", 0, "acts", value=[True]), "history.pairs[0].acts"),
        (put("pairs", 1, value={"recogniser": 1, "register": 2, "acts": []}), "history.pairs"),
        (drop("pairs", 0, "register"), "history.pairs[0]"),
    ],
)
def test_a_history_of_another_form_is_refused(alter: Callable[[Any], None], at: str) -> None:
    document = json.loads(EVIDENCE_FORM.encode_json(EVIDENCE))
    alter(document["history"])
    with pytest.raises(MalformedDocument) as refusal:
        EVIDENCE_FORM.decode_json(json.dumps(document))
    assert refusal.value.at == at


def test_text_where_cbor_has_bytes_is_refused() -> None:
    value = cbor2.loads(EVIDENCE_FORM.encode_cbor(EVIDENCE))
    value["history"]["standings"][0]["entry"] = "0x" + "07" * 32
    with pytest.raises(MalformedDocument) as refusal:
        EVIDENCE_FORM.decode_cbor(cbor2.dumps(value, canonical=True))
    assert refusal.value.at == "history.standings[0].entry"
