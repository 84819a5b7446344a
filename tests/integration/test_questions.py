"""Corridors, lists of registers, histories of traders, and the tags by which all answers tell whether they are of the newest block."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, Role
from aeo_ledger.errors import Unproven
from aeo_ledger.evidence import EVIDENCE_FORM
from aeo_ledger.gateway.cursor import Cursor, read_cursor
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.corridor import Corridor, read_route, sum_up_passage
from aeo_ledger.office.many import Answer, prove_each
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.listing import list_standings
from aeo_ledger.verify import verify_certificate_histories
from aeo_ledger.verify.facts import verify_facts
from support.network import Network, now, read_plain, register_text

TRADER, CERTIFIED = "BY511125808", "BY730439268"
CBOR = {"accept": "application/cbor"}
PAGE: dict[str, Any] = {"most": 50}


def _change(network: Network, tin: str, kind: EventKind) -> None:
    held = network.number("BY")
    change_status(
        network.office,
        network.entry(tin, "BY", 2),
        Change(kind=kind),
        register=held,
        issuer=held,
        signers=[network.signer("BY")],
    )


def _problem(network: Network, path: str, **asked: Any) -> tuple[int, str]:
    answer = network.http.get(path, params=asked)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def _decided(answer: Answer) -> Decision | Unproven:
    return answer if isinstance(answer, Unproven) else answer.decision


def _filters(cursor: str) -> bytes:
    """Read the hash of the filters in a cursor, to forge others."""
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[16:24]


# ---- corridors ----


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("BY,CN", {"unbroken": True, "breaks_at": [], "open_at": [], "reaches": ["BY", "CN"]}),
        ("BY,KZ,CN", {"unbroken": False, "breaks_at": ["KZ"], "open_at": [], "reaches": ["BY"]}),
        ("CN,TR", {"unbroken": None, "breaks_at": [], "open_at": ["TR"], "reaches": ["CN"]}),
        ("AZ,KZ,CN", {"unbroken": False, "breaks_at": ["KZ"], "open_at": ["AZ"], "reaches": []}),
        ("AZ,TR", {"unbroken": None, "breaks_at": [], "open_at": ["AZ", "TR"], "reaches": []}),
        ("BY,BE", {"unbroken": None, "breaks_at": [], "open_at": ["BE"], "reaches": ["BY"]}),
    ],
)
def test_a_corridor_tells_where_recognition_breaks_and_its_evidence_proves_it(
    recognising: Network, route: str, told: dict[str, Any]
) -> None:
    asked = {"tin": TRADER, "role": "carrier", "corridor": route.split(",")}
    answer = recognising.http.post("/v1/corridors", json=asked).json()
    assert {name: answer[name] for name in told} == told
    corridor = Corridor(tin=Tin(TRADER), role=Role.CARRIER, route=read_route(route))
    stages = corridor.stages(recognising.trust)
    assert [(stage["party"], stage["direction"], stage["standing"]) for stage in answer["stages"]] == [
        (stage.code, stage.direction.name.lower(), stage.standing.value) for stage in stages
    ]
    questions = [stage.question for stage in stages if stage.question is not None]
    if not questions:
        assert answer["evidence"] is None
        return
    evidence = EVIDENCE_FORM.decode_values(answer["evidence"])
    proven = prove_each(evidence, questions, recognising.trust, now=now(), max_age=300)
    passage = sum_up_passage(stages, lambda question: _decided(proven[question]))
    assert (passage.unbroken, list(passage.breaks_at)) == (told["unbroken"], told["breaks_at"])
    fetched = recognising.desk.corridor(corridor)
    assert fetched is not None
    assert fetched.questions == evidence.questions


def test_goods_leave_the_first_party_and_enter_the_last(recognising: Network) -> None:
    corridor = Corridor(tin=Tin(TRADER), role=Role.CARRIER, route=("CN", "KZ", "EU"))
    directions = [stage.direction for stage in corridor.stages(recognising.trust)]
    assert directions == [Direction.EXPORT, Direction.TRANSIT, Direction.IMPORT]
    body = {"tin": TRADER, "role": "carrier", "corridor": ["CN", "KZ"], "direction": "transit"}
    answer = recognising.http.post("/v1/corridors", json=body, headers=CBOR)
    told = cbor2.loads(answer.content)
    assert [stage["direction"] for stage in told["stages"]] == ["transit", "transit"]
    assert EVIDENCE_FORM.decode_cbor(told["evidence"]).questions[0].direction is Direction.TRANSIT


@pytest.mark.parametrize(
    "changed",
    [
        {"corridor": ["CN"]},
        {"corridor": ["CN", "CN"]},
        {"corridor": ["CN", "kz"]},
        {"corridor": [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(51)]},
        {"direction": "sideways"},
        {"role": "pirate"},
        {"on": "2020-01-01"},
    ],
)
def test_a_route_that_is_none_is_malformed(recognising: Network, changed: dict[str, Any]) -> None:
    asked = {"tin": TRADER, "role": "carrier", "corridor": ["CN", "KZ"], **changed}
    answer = recognising.http.post("/v1/corridors", json=asked)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:aeo-ledger:problem:malformed-text")


# ---- a register, page by page ----


def _pages(network: Network, **asked: Any) -> Iterator[dict[str, Any]]:
    while True:
        answer = network.http.get("/v1/registers/BY", params={**PAGE, **asked})
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if answer.json()["cursor"] is None:
            return
        asked["cursor"] = answer.json()["cursor"]


def test_a_register_is_listed_once_whole_and_as_of_one_block(recognising: Network) -> None:
    pages = list(_pages(recognising))
    entries = [one["entry"] for page in pages for one in page["certificates"]]
    assert len({page["block_hash"] for page in pages}) == 1
    assert [len(page["certificates"]) for page in pages] == [50] * 6 + [21]
    assert entries == sorted(set(entries))
    rows = read_plain(register_text("BY"), "BY")
    needed = {f"0x{recognising.entry(row.tin.text, 'BY', row.type_number).hex()}" for row in rows}
    assert set(entries) == needed
    assert TRADER not in str(pages), "a list names nobody"


@pytest.mark.parametrize(
    ("asked", "is_wanted"),
    [
        ({"type": "3"}, lambda one: one["type"] == "3"),
        ({"status": "suspended"}, lambda one: one["status"] == "suspended"),
        ({"type": "1", "status": "active"}, lambda one: (one["type"], one["status"]) == ("1", "active")),
        ({"status": "annulled"}, lambda _: False),
    ],
)
def test_filters_leave_out_what_is_not_wanted(recognising: Network, asked: dict[str, str], is_wanted: Any) -> None:
    everything = [one for page in _pages(recognising) for one in page["certificates"]]
    wanted = [one for page in _pages(recognising, **asked) for one in page["certificates"]]
    assert wanted == [one for one in everything if is_wanted(one)]


def test_what_changed_since_a_block_is_listed(recognising: Network) -> None:
    before = recognising.http.get("/healthz").json()["block"]
    assert [page["certificates"] for page in _pages(recognising, since=before)] == [[]]
    _change(recognising, CERTIFIED, EventKind.SUSPEND)
    (page,) = _pages(recognising, since=before)
    entry = recognising.entry(CERTIFIED, "BY", 2)
    assert [(one["entry"], one["event"], one["status"]) for one in page["certificates"]] == [
        (f"0x{entry.hex()}", "suspend", "suspended")
    ]
    _change(recognising, CERTIFIED, EventKind.REINSTATE)


def test_each_record_on_a_page_can_be_proven(recognising: Network) -> None:
    for headers in ({}, CBOR):
        answer = recognising.http.get("/v1/registers/BY", params={"most": 5, "evidence": "true"}, headers=headers)
        told = cbor2.loads(answer.content) if headers else answer.json()
        evidence = (EVIDENCE_FORM.decode_cbor if headers else EVIDENCE_FORM.decode_values)(told["evidence"])
        facts = verify_facts(evidence, recognising.trust, now=now())
        for one in told["certificates"]:
            record = facts.record(parse_hex(one["entry"], what="entry", length=32))
            assert record is not None
            assert (record.status.name.lower(), record.sequence) == (one["status"], one["sequence"])
        facts.pool.refuse_surplus()


def test_a_cursor_is_good_for_its_list_alone(recognising: Network) -> None:
    cursor = next(_pages(recognising, type="3", most=2))["cursor"]
    path, asked = "/v1/registers/BY", {"type": "3", "cursor": cursor}
    assert recognising.http.get(path, params={**asked, "most": 7}).status_code == 200
    strange = (400, "strange-cursor")
    assert _problem(recognising, path, type="1", cursor=cursor) == strange
    assert _problem(recognising, path, cursor=cursor) == strange
    assert _problem(recognising, path, **asked, status="active") == strange
    assert _problem(recognising, path, **asked, since=0) == strange
    assert _problem(recognising, "/v1/registers/KZ", cursor=cursor) == strange
    for text in ("", "x", "é", cursor + "A", cursor[:-1], cursor + "=", "A" * 75):
        assert _problem(recognising, path, type="3", cursor=text) == strange
    filters = _filters(cursor)
    read = read_cursor(cursor, filters)
    other = Cursor(block=read.block, block_hash=bytes(8), filters=filters, last=read.last)
    later = Cursor(block=read.block + 1_000, block_hash=read.block_hash, filters=filters, last=read.last)
    for forged in (other, later):
        assert _problem(recognising, path, type="3", cursor=str(forged)) == strange


def test_a_cursor_goes_on_at_its_block_while_that_is_kept(recognising: Network) -> None:
    first = next(_pages(recognising, type="3", most=60))
    _change(recognising, CERTIFIED, EventKind.SUSPEND)
    again = recognising.http.get("/v1/registers/BY", params={"type": "3", "most": 60, "cursor": first["cursor"]}).json()
    assert again["block"] == first["block"]
    rest = first["certificates"] + again["certificates"]
    assert {one["status"] for one in rest if one["entry"].endswith(recognising.entry(CERTIFIED, "BY", 2).hex())} <= {
        "active"
    }
    _change(recognising, CERTIFIED, EventKind.REINSTATE)
    for _ in range(4):
        _change(recognising, CERTIFIED, EventKind.SUSPEND)
        _change(recognising, CERTIFIED, EventKind.REINSTATE)
    past = _problem(recognising, "/v1/registers/BY", type="3", cursor=first["cursor"])
    assert past == (410, "cursor-past")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/registers/XX", {}),
        ("/v1/registers/DE", {}),
        ("/v1/registers/by", {}),
        ("/v1/registers/BY", {"type": "9"}),
        ("/v1/registers/BY", {"status": "expired"}),
        ("/v1/registers/BY", {"since": 1 << 40}),
        ("/v1/registers/BY", {"since": -1}),
        ("/v1/registers/BY", {"most": 0}),
        ("/v1/registers/BY", {"most": 1_001}),
        ("/v1/registers/BY", {"tin": TRADER}),
        (f"/v1/traders/{TRADER}/history", {"register": "DE"}),
        (f"/v1/traders/{TRADER}/history", {"type": "9"}),
        ("/v1/traders/DE123456/history", {}),
    ],
)
def test_what_no_register_has_is_malformed(recognising: Network, path: str, asked: dict[str, Any]) -> None:
    assert _problem(recognising, path, **asked) == (400, "malformed-text")


def test_a_page_looks_at_a_limited_number_of_standings(recognising: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.prover.listing._LOOKED_AT", 100)
    pages = list(_pages(recognising, status="suspended", most=1_000))
    assert len(pages) == 4
    assert sum(len(page["certificates"]) for page in pages) == 10


def test_entries_of_other_registers_are_not_listed(recognising: Network) -> None:
    ledger = recognising.running.ledger
    assert isinstance(ledger, IndexedLedger)
    state = ledger.index.advance()
    for number in range(8):
        page = list_standings(state, number, after=b"", most=1_000, is_wanted=lambda *_: True)
        assert [entry for entry, _ in page.records] == [e for e in sorted(state.entries) if register_of(e) == number]


# ---- a trader's history ----


def test_a_traders_history_is_what_its_evidence_proves(recognising: Network) -> None:
    _change(recognising, CERTIFIED, EventKind.SUSPEND)
    _change(recognising, CERTIFIED, EventKind.REINSTATE)
    answer = recognising.http.get(f"/v1/traders/{CERTIFIED}/history", params={"evidence": "true"}).json()
    entries = [parse_hex(one["entry"], what="entry", length=32) for one in answer["certificates"]]
    assert [type_of(entry) for entry in entries] == [0, 1, 2]
    evidence = EVIDENCE_FORM.decode_values(answer["evidence"])
    proven = verify_certificate_histories(evidence, entries, recognising.trust, now=now(), max_age=300)
    for one, entry in zip(answer["certificates"], entries, strict=True):
        assert [(event["event"], event["signers"]) for event in one["events"]] == [
            (event.record.kind.name.lower(), [f"0x{signer.hex()}" for signer in event.signers])  # type: ignore[union-attr]
            for event in proven.events[entry]
        ]
    assert [event["event"] for event in answer["certificates"][2]["events"]][-2:] == ["suspend", "reinstate"]
    only = recognising.http.get(f"/v1/traders/{CERTIFIED}/history", params={"type": "1", "register": "BY"}).json()
    assert ([one["events"] for one in only["certificates"]], only["evidence"]) == ([[]], None)


# ---- tags ----

TAGGED = [
    ("/v1/decisions", {"tin": TRADER, "recogniser": "CN", "direction": "import", "role": "carrier"}),
    ("/v1/decisions", {"tin": TRADER, "recogniser": "CN", "direction": "import", "role": "carrier", "history": "true"}),
    (f"/v1/traders/{TRADER}/recognitions", {"role": "carrier"}),
    (f"/v1/traders/{TRADER}/history", {}),
    ("/v1/recognitions", {"recogniser": "CN", "register": "BY", "direction": "import", "role": "carrier"}),
    ("/v1/registers/BY", {"most": "3"}),
    ("/v1/parties", {}),
    ("/v1/arrangements", {}),
    ("/v1/snapshot", {}),
]


@pytest.mark.parametrize(("path", "asked"), TAGGED)
def test_an_answer_that_is_of_the_newest_block_is_not_sent_again(
    recognising: Network, path: str, asked: dict[str, str]
) -> None:
    http = recognising.http
    first = http.get(path, params=asked)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for listed in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = http.get(path, params=asked, headers={"if-none-match": listed})
        if again.status_code == 200:  # a block came in between
            tag = again.headers["etag"]
            again = http.get(path, params=asked, headers={"if-none-match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
        assert again.headers["vary"] == "accept"
    for listed in ("", '"other"', tag[:-2] + '"', tag.strip('W/"')):
        assert http.get(path, params=asked, headers={"if-none-match": listed}).status_code == 200
    _change(recognising, CERTIFIED, EventKind.SUSPEND)
    newer = http.get(path, params=asked, headers={"if-none-match": tag})
    _change(recognising, CERTIFIED, EventKind.REINSTATE)
    assert newer.status_code == 200
    assert newer.headers["etag"] != tag


def test_the_two_forms_of_an_answer_have_two_tags(recognising: Network) -> None:
    path, asked = TAGGED[0]
    tags = {
        recognising.http.get(path, params=asked, headers=kind).headers["etag"].rpartition("-")[2] for kind in ({}, CBOR)
    }
    assert tags == {'json"', 'cbor"'}


def test_a_malformed_question_is_refused_whatever_its_sender_has(recognising: Network) -> None:
    path, asked = TAGGED[0]
    wrong = recognising.http.get(path, params={**asked, "tin": "by"}, headers={"if-none-match": "*"})
    assert wrong.status_code == 400
