"""Every error that this project raises crosses HTTP and arrives as what it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven, list_errors
from aeo_ledger.errors.customs import MalformedTin, RefusedByLedger
from aeo_ledger.errors.gateway import NotAllowed, NotIdentified
from aeo_ledger.gateway.problems import FAMILIES, family_of, from_problem, status_of, to_problem

_VALUES: dict[object, Any] = {
    "str": "text",
    "int": 7,
    "float": 1.5,
    "bytes": b"\x01\x02",
    "tuple[str, ...]": ("a", "b"),
}
LEAVES = [leaf for _, leaf in sorted(list_errors().items())]


def _names_below(kind: type[AeoLedgerError]) -> list[str]:
    return [leaf.__name__ for leaf in LEAVES if issubclass(leaf, kind)]


def _make(leaf: type[AeoLedgerError]) -> AeoLedgerError:
    return leaf(**{name: _VALUES[kind] for name, kind in leaf.facts_of.items()})


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_leaf_arrives_as_it_left(leaf: type[AeoLedgerError]) -> None:
    error = _make(leaf)
    problem = json.loads(json.dumps(to_problem(error)))
    back = from_problem(problem, problem["status"])
    assert type(back) is leaf
    assert to_problem(back) == to_problem(error)
    assert str(back) == str(error)
    assert problem["title"].endswith(".") or problem["title"]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_leaf_of_another_version_keeps_its_family_and_words(leaf: type[AeoLedgerError]) -> None:
    error = _make(leaf)
    problem = {**to_problem(error), "type": "urn:aeo-ledger:problem:of-a-later-version"}
    back = from_problem(problem, status_of(error))
    assert type(back) is family_of(error)
    assert str(back) == str(error)


@pytest.mark.parametrize("facts", [None, [], {}, {"code": "5", "name": "X", "reason": "Y"}, {"code": 5, "name": 5}])
def test_facts_that_do_not_fit_leave_family_and_words(facts: object) -> None:
    problem = {**to_problem(RefusedByLedger(code=1, name="N", reason="r")), "facts": facts}
    back = from_problem(problem, 409)
    assert type(back) is Refused
    assert str(back) == "r (code 1, N)"


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Malformed),
        (404, Malformed),
        (409, Refused),
        (422, Unproven),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
    ],
)
def test_what_is_no_problem_is_judged_by_its_status(status: int, family: type[AeoLedgerError]) -> None:
    back = from_problem({}, status)
    assert type(back) is family
    assert str(status) in str(back)


@pytest.mark.parametrize("name", ["os", "dataclass", "aeo-ledger-error", "malformed", "", "annotations"])
def test_no_name_that_a_stranger_sends_is_anything_but_an_error(name: str) -> None:
    back = from_problem({"type": f"urn:aeo-ledger:problem:{name}", "facts": {}, "detail": "d"}, 409)
    assert type(back) is Refused


def test_each_family_has_one_status_and_a_few_leaves_their_own() -> None:
    assert {Malformed: 400, Refused: 409, Unproven: 422, Unavailable: 503} == FAMILIES
    assert status_of(MalformedTin(found="x", reason="y")) == 400
    found = {leaf.__name__: status_of(_make(leaf)) for leaf in LEAVES}
    special = {name: status for name, status in found.items() if status not in FAMILIES.values()}
    assert special == {
        **dict.fromkeys(_names_below(NotIdentified), 401),
        **dict.fromkeys(_names_below(NotAllowed), 403),
        "NotEntitled": 403,
        "UnknownDocument": 404,
        "NoDocumentsServed": 404,
        "NoSuchRoute": 404,
        "CardNotHeld": 404,
        "NotInRegistry": 404,
        "NoRecordKept": 404,
        "BlockUnknown": 404,
        "WrongMethod": 405,
        "SlowRequest": 408,
        "CursorPast": 410,
        "OversizedBody": 413,
        "StrangeHost": 421,
        "ShareUsed": 429,
        "ConnectionsUsed": 429,
        "RateExceeded": 429,
        "CodesGuessed": 429,
        "GatewayFault": 500,
    }


def test_a_problem_names_the_place_of_what_is_wrong() -> None:
    error = MalformedTin(found="x", reason="y")
    error.place = "questions[3]"
    problem = to_problem(error)
    assert (problem["place"], problem["detail"]) == ("questions[3]", f"questions[3]: {error}")
    assert from_problem(problem, 400).place == "questions[3]"
    assert "place" not in to_problem(MalformedTin(found="x", reason="y"))


def test_a_problem_carries_advice_where_its_detail_has_none() -> None:
    assert to_problem(RefusedByLedger(code=1, name="N", reason="r"))["advice"] == RefusedByLedger.advises
    assert "advice" not in to_problem(MalformedTin(found="x", reason="r"))
