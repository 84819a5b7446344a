"""The schemas against all that is written here: they take every document of the vectors, and refuse none that a reader takes."""

from __future__ import annotations

import copy
import json
import re
import secrets
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pycddl import Schema, ValidationError

from aeo_ledger import schemas
from aeo_ledger.errors import AeoLedgerError, Malformed
from aeo_ledger.errors import name_of as name_of_error
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import CHAIN_FORM, EVIDENCE_FORM, RECEIPT_FORM, SNAPSHOT_FORM, UPDATE_FORM, Evidence
from aeo_ledger.evidence.card import CARD_FORM
from aeo_ledger.evidence.history import _MEMBERS, PartyChain, RecordedAct, SignedHistory
from aeo_ledger.evidence.identity import STATEMENT_FORM
from aeo_ledger.evidence.news import NEWS_FORM
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.places import PLACES, encode_places, read_inventory
from aeo_ledger.protocol.act_file import ActFile, read_out
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.protocol.inventory import THIS_EDITION, Inventory
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.registers.open_sheet import read_sheet
from aeo_ledger.registers.plan import PLAN_FORM
from aeo_ledger.registers.profile import parse_profile
from aeo_ledger.registers.propose_profile import propose_profile
from aeo_ledger.registers.sample import read_sample
from aeo_ledger.registers.shipped import PROFILES, read_shipped
from aeo_ledger.schemas.documents import RECORDED
from aeo_ledger.signing import Password
from aeo_ledger.verify import TRUST_FORM
from conformance.make_vectors import VECTORS, recognising
from support.evm import ADDRESSES
from support.header_chains import chain_of, follow
from support.identities import card_of, state
from support.messages import example_of
from support.news import ITEMS
from support.registers import full_plan
from support.samples import NO, SIGNED, YES
from support.sealed_world import SealedWorld
from support.snapshots import seal_snapshot
from support.told_world import asked_of, prove_with_history
from support.validator_chain import history as changes_of_validators
from support.validator_chain import update_of

FOLDER = Path(schemas.__file__).parent
READ: dict[str, Callable[[str], object]] = {
    "recognition-evidence": EVIDENCE_FORM.decode_json,
    "history-evidence": EVIDENCE_FORM.decode_json,
    "state-evidence": EVIDENCE_FORM.decode_json,
    "trust": TRUST_FORM.decode_json,
    "trust-update": UPDATE_FORM.decode_json,
    "header-chain": CHAIN_FORM.decode_json,
    "receipt": RECEIPT_FORM.decode_json,
    "card": CARD_FORM.decode_json,
    "identity-statement": STATEMENT_FORM.decode_json,
    "news": NEWS_FORM.decode_json,
    "register-plan": PLAN_FORM.decode_json,
    "act": lambda text: SignedAct.from_json(json.loads(text)),
    "act-file": lambda text: ActFile.from_json(json.loads(text)),
}
"""Who reads each format's JSON."""


@cache
def json_schema(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def cddl(name: str) -> Schema:
    return Schema((FOLDER / f"{name}.cddl").read_text(encoding="utf-8"))


def fits(name: str, document: object) -> bool:
    return bool(json_schema(name).is_valid(document))


def fits_cbor(name: str, data: bytes) -> bool:
    try:
        cddl(name).validate_cbor(data)
    except ValidationError:
        return False
    return True


def name_of(evidence: Evidence) -> str:
    form: str = json.loads(EVIDENCE_FORM.encode_json(evidence))["format"]
    return form.split("/")[1]


# ---- all that is written


def test_the_schemas_are_those_that_the_descriptions_write() -> None:
    there = {
        path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.suffix in {".json", ".cddl"}
    }
    assert there == schemas.write_all()


def test_every_format_that_the_package_names_has_a_schema() -> None:
    named: set[str] = set()
    for path in FOLDER.parent.rglob("*.py"):
        named |= set(re.findall(r'FORMAT: Final = "aeo-ledger/([a-z-]+)/1"', path.read_text(encoding="utf-8")))
    own_files = {"trust-store", "signer", "news-place", "lab-run"}
    """What a machine keeps for itself and mails to nobody."""
    assert named - own_files == schemas.DOCUMENTS.keys() - {"arrangement-draft"}


def test_a_history_holds_the_messages_that_the_schema_knows() -> None:
    assert {*RECORDED, "Completion"} == _MEMBERS.keys()


def evidence() -> Iterator[Evidence]:
    """Yield evidence of each format, with every kind of act in its history."""
    for path in sorted((VECTORS / "golden").glob("*.json")):
        yield EVIDENCE_FORM.decode_json(json.dumps(json.loads(path.read_text(encoding="utf-8"))["evidence"]))
    told = prove_with_history(asked_of(2.5))
    assert told.history is not None
    yield told
    signature = Signature.parse(b"\1" * 64 + b"\x1b")
    acts = tuple(
        RecordedAct(name=name, values=_example(name), signatures=(signature,), recorded_at=7) for name in _MEMBERS
    )
    every = SignedHistory(acts=acts, parties=(PartyChain(party=3, acts=tuple(range(len(acts)))),))
    yield Evidence(questions=(), header=told.header, nodes=told.nodes, history=told.history)
    yield Evidence(questions=(), header=told.header, nodes=told.nodes, history=every)
    yield Evidence(questions=(), header=told.header, nodes=told.nodes)


def test_all_evidence_fits_in_both_forms() -> None:
    found = set()
    for one in evidence():
        name = name_of(one)
        assert (
            EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(one))
            == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(one))
            == one
        )
        assert fits(name, json.loads(EVIDENCE_FORM.encode_json(one))), one
        cddl(name).validate_cbor(EVIDENCE_FORM.encode_cbor(one))
        found.add(name)
    assert found == {"recognition-evidence", "history-evidence", "state-evidence"}


def test_the_vectors_trust_fits_and_so_does_every_bundle_with_what_a_case_replaces() -> None:
    pinned = json.loads((VECTORS / "trust.json").read_text(encoding="utf-8"))
    for path in [*(VECTORS / "golden").glob("*.json"), *(VECTORS / "hostile").glob("*.json")]:
        document = {**pinned, **json.loads(path.read_text(encoding="utf-8"))["trust"]}
        assert fits("trust", document)
        assert fits("trust", json.loads(TRUST_FORM.encode_json(TRUST_FORM.decode_json(json.dumps(document)))))


def test_a_snapshot_fits() -> None:
    data = SNAPSHOT_FORM.encode_cbor(seal_snapshot(recognising()))
    cddl("snapshot").validate_cbor(data)
    assert SNAPSHOT_FORM.decode_cbor(data)


def test_a_trust_update_fits_in_both_forms() -> None:
    update = update_of(*changes_of_validators()[0])
    assert fits("trust-update", json.loads(UPDATE_FORM.encode_json(update)))
    cddl("trust-update").validate_cbor(UPDATE_FORM.encode_cbor(update))


def test_a_header_chain_fits_in_both_forms() -> None:
    chain = chain_of(follow(SealedWorld(recognising()).header, 5, acts=(2,)))
    assert fits("header-chain", json.loads(CHAIN_FORM.encode_json(chain)))
    cddl("header-chain").validate_cbor(CHAIN_FORM.encode_cbor(chain))


def test_the_places_of_a_founded_network_fit(tmp_path: Path) -> None:
    found_network(
        tmp_path / "net",
        parse_parties("BY,CN"),
        Password("found"),
        now=9,
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    document = json.loads((tmp_path / "net" / PLACES).read_text(encoding="utf-8"))
    assert document["words"]
    assert fits("places", document)
    assert fits("places", json.loads(encode_places(Inventory(words={}, standings={b"\1" * 32: (7, 8)}))))
    words = document["words"]
    for part, spoilt in (
        ("format", {**document, "format": "aeo-ledger/places/2"}),
        ("standings", {**document, "standings": "0x01"}),
        ("found 'unknown'", {**document, "words": {**words, "unknown": "0x"}}),
        ("words.party", {**document, "words": {**words, "party": words["party"][:-2]}}),
    ):
        assert not fits("places", spoilt)
        (tmp_path / PLACES).write_text(json.dumps(spoilt), encoding="utf-8")
        with pytest.raises(MalformedDocument, match=part):
            read_inventory(tmp_path / PLACES, {contract: {} for contract in Contract}, THIS_EDITION, ADDRESSES)


@pytest.mark.parametrize("receipt", [YES, NO, SIGNED])
def test_a_receipt_fits(receipt: Any) -> None:
    assert fits("receipt", json.loads(RECEIPT_FORM.encode_json(receipt)))


@pytest.mark.parametrize("statement", [None, state(), state(signers=())])
def test_a_card_and_its_statement_fit_in_both_forms(statement: Any) -> None:
    card = card_of(statement)
    assert fits("card", json.loads(CARD_FORM.encode_json(card)))
    assert fits_cbor("card", CARD_FORM.encode_cbor(card))
    assert not fits_cbor("card", CARD_FORM.encode_cbor(replace(card, names={"en": ""})))
    if statement is not None:
        assert fits("identity-statement", json.loads(STATEMENT_FORM.encode_json(statement)))
        assert fits_cbor("identity-statement", STATEMENT_FORM.encode_cbor(statement))


def test_a_plan_fits_in_both_forms() -> None:
    plan = full_plan()
    assert fits("register-plan", json.loads(PLAN_FORM.encode_json(plan)))
    assert fits_cbor("register-plan", PLAN_FORM.encode_cbor(plan))


@pytest.mark.parametrize("name", sorted(CONTRACT_OF))
def test_every_act_fits(name: str) -> None:
    act = SignedAct.from_json(_act(name))
    assert fits("act", act.to_json())
    file = ActFile(chain=7, act=act, reads=read_out(act, str), signed=(), missing=("authority: BY",))
    assert fits("act-file", file.to_json())
    assert ActFile.from_json(json.loads(json.dumps(file.to_json()))) == file


def test_the_drafts_of_the_cases_and_of_the_readme_fit() -> None:
    cases = Path(__file__).parents[1] / "cases" / "docs"
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    files = [*cases.glob("draft-[bc]*.toml"), cases / "DRAFT.TOML"]
    drafts = [path.read_text(encoding="utf-8-sig") for path in files]
    drafts += re.findall(r"\.toml <<'END'\n(.*?)^END$", readme, re.DOTALL | re.MULTILINE)
    assert len(drafts) == 5
    for draft in drafts:
        document = json.loads(json.dumps(tomllib.loads(re.sub(r"\r\n?", "\n", draft)), default=str))
        assert fits("arrangement-draft", document), draft
        assert not fits("arrangement-draft", {**document, "text_hash": "0x" + "11" * 32})
        assert not fits("arrangement-draft", {**document, "surplus": 1})


def test_the_profiles_that_come_with_the_package_fit_and_so_does_a_proposed_one() -> None:
    proposed = propose_profile(read_sheet(read_sample("BY"), encoding=None), "own")
    for text in (*(read_shipped(name).decode() for name in PROFILES), proposed):
        assert parse_profile(text.encode())
        assert fits("register-profile", tomllib.loads(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("profile/1", "profile/2"),
        ("about", "surplus"),
        ('"plain"', '"Plain"'),
        ('["yyyy-mm-dd"]', "[]"),
        ('"refuse"', '"drop"'),
        ("dates", 'delimiter = "\'"\ndates'),
        ("dates", 'tin_prefix = "QQ"\ndates'),
        ('"roles" = "roles"', '"roles" = "rolls"'),
        ('"roles" = "roles"', '"roles" = "roles"\n" " = "keep"'),
        ("[columns]", '[words.name]\n"a" = "b"\n[columns]'),
        ("[columns]", '[words.status]\n"on" = "on"\n[columns]'),
    ],
)
def test_what_the_schema_refuses_is_no_profile(old: str, new: str) -> None:
    text = read_shipped("plain").decode().replace(old, new, 1)
    assert not fits("register-profile", tomllib.loads(text))
    with pytest.raises(MalformedDocument):
        parse_profile(text.encode())


# ---- and what is refused


def test_what_a_schema_refuses_of_the_hostile_vectors_a_reader_refuses_too() -> None:
    """It is no stricter than the readers; and it sees those attacks that are of the form alone."""
    refused = set()
    for path in sorted((VECTORS / "hostile").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if "evidence_cbor" in case:
            data = bytes.fromhex(case["evidence_cbor"][2:])
            if not fits_cbor("recognition-evidence", data):
                with pytest.raises(Malformed):
                    EVIDENCE_FORM.decode_cbor(data)
                refused.add(path.stem)
            continue
        text = case.get("evidence_text") or json.dumps(case.get("evidence"))
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if not fits("recognition-evidence", document):
            with pytest.raises(Malformed) as refusal:
                EVIDENCE_FORM.decode_json(text)
            assert name_of_error(refusal.value) == case["expected"]["refused"]
            refused.add(path.stem)
    assert len(refused) >= 30, refused


def samples() -> Iterator[tuple[str, Any]]:
    """Yield a document of each format that has JSON."""
    for one in (*list(evidence())[:1], *list(evidence())[-4:]):
        yield name_of(one), json.loads(EVIDENCE_FORM.encode_json(one))
    yield "trust", json.loads((VECTORS / "trust.json").read_text(encoding="utf-8"))
    yield "trust-update", json.loads(UPDATE_FORM.encode_json(update_of(changes_of_validators()[0][0])))
    yield "header-chain", json.loads(CHAIN_FORM.encode_json(chain_of(follow(SealedWorld(recognising()).header, 2))))
    yield "receipt", json.loads(RECEIPT_FORM.encode_json(SIGNED))
    yield "card", json.loads(CARD_FORM.encode_json(card_of(state())))
    yield "identity-statement", json.loads(STATEMENT_FORM.encode_json(state()))
    for item in ITEMS:
        yield "news", json.loads(NEWS_FORM.encode_json(item))
    yield "register-plan", json.loads(PLAN_FORM.encode_json(full_plan()))
    for name in CONTRACT_OF:
        yield "act", _act(name)
        lines = {"reads": ["message: a message"], "signed": [], "missing": ["authority: BY"]}
        yield "act-file", {"format": "aeo-ledger/act-file/1", "chain": "7", **lines, "act": _act(name)}


def test_a_key_too_few_a_key_too_many_and_another_type_are_refused_by_schema_and_reader_alike() -> None:
    count = 0
    for name, document in samples():
        READ[name](json.dumps(document))
        for spoilt in _spoil(document):
            refused = not fits(name, spoilt)
            try:
                READ[name](json.dumps(spoilt))
            except (AeoLedgerError, KeyError, TypeError):
                count += refused
            else:
                assert not refused, (name, spoilt)
    assert count > 300


def _spoil(document: Any) -> Iterator[Any]:
    """Spoil one thing: at each object, and of each list at the first item."""
    for path, found in list(_walk(document, ())):
        for change in _changes(found):
            spoilt = copy.deepcopy(document)
            where = spoilt
            for step in path[:-1]:
                where = where[step]
            if path:
                where[path[-1]] = change
            else:
                spoilt = change
            yield spoilt


def _walk(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _walk(member, (*path, key))
    elif isinstance(value, list) and value:
        yield from _walk(value[0], (*path, 0))


def _changes(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield {**value, "surplus": 1}
        for key in value:
            yield {other: member for other, member in value.items() if other != key}
    elif isinstance(value, str):
        yield from ("", 7)
    elif isinstance(value, bool):
        yield 2
    elif isinstance(value, int):
        yield from (-1, 1 << 300)
    yield None


def _example(name: str) -> Any:
    return {"party": 3, "key": b"\2" * 20} if name == "Completion" else example_of(name)


def _act(name: str) -> Any:
    signature = Signature.parse(b"\1" * 64 + b"\x1b")
    return SignedAct(name=name, values=example_of(name), signatures=(signature,)).to_json()
