"""The verifier against the recognition vectors, each of which says by hand what it must find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven, list_errors
from aeo_ledger.evidence import EVIDENCE_FORM
from conformance.make_vectors import VECTORS, find_differences
from conformance.vector_cases import load, report, verify

pytestmark = pytest.mark.usefixtures("each_node_reader")
GOLDEN, HOSTILE = (sorted((VECTORS / kind).glob("*.json")) for kind in ("golden", "hostile"))
REFUSALS = """
    AbsentAccount AliasOfAnother AmbiguousAlias BelowCheckpoint FromTheFuture HeaderBreaksRule HistoryNeeded
    KeyNeeded MalformedAlias MalformedDocument MalformedHeader MalformedTin MissingNode NotTheCheckpoint
    NothingRecorded NotYetProvable OtherQuestion OversizedPool RepeatedNode RepeatedSeal Stale StrangerSealed
    Superseded SurplusNodes TooFewSeals TraderUnnamed TrustExpired UnknownCertificateType UnknownParty
    UnreadableNode UnreadableSeal UnreadableValue WrongCode WrongLookupKey WrongPartyCode
"""
"""All that the verifier says of evidence."""


def refused(case: dict[str, Any]) -> type[AeoLedgerError]:
    """Look up the error that a case expects, by its name on the wire."""
    named = {leaf.__name__: leaf for leaf in list_errors().values()}
    error = named[case["expected"]["refused"]]
    assert issubclass(error, Malformed | Unproven)
    return error


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: str(path.stem))
@pytest.mark.parametrize("as_cbor", [False, True], ids=["json", "cbor"])
def test_honest_evidence_proves_exactly_the_expected_answer(path: Path, as_cbor: bool) -> None:
    case = load(path)
    assert report(verify(case, as_cbor=as_cbor)) == case["expected"]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: str(path.stem))
def test_hostile_evidence_is_refused_by_its_own_error(path: Path) -> None:
    case = load(path)
    with pytest.raises(refused(case)) as refusal:
        verify(case)
    assert type(refusal.value) is refused(case)
    assert len(str(refusal.value)) < 1_000


@pytest.mark.parametrize(
    "path", [path for path in HOSTILE if "evidence" in load(path)], ids=lambda path: str(path.stem)
)
def test_hostile_evidence_is_refused_as_cbor_too(path: Path) -> None:
    case = load(path)
    with pytest.raises(refused(case)):
        verify(case, as_cbor=True)


def test_every_reason_and_every_error_of_the_verifier_has_its_vector() -> None:
    reasons = {reason for path in GOLDEN for one in load(path)["expected"]["answers"] for reason in one["reasons"]}
    assert len(reasons) == 17
    refusals = {load(path)["expected"]["refused"] for path in HOSTILE}
    assert refusals == set(REFUSALS.split())


def test_the_committed_vectors_are_those_that_the_generator_writes() -> None:
    assert find_differences() == []


def test_evidence_turned_to_text_and_back_is_the_same() -> None:
    for path in GOLDEN:
        evidence = EVIDENCE_FORM.decode_json(json.dumps(load(path)["evidence"]))
        assert (
            EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(evidence))
            == evidence
            == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
        )
