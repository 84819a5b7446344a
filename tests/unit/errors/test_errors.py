"""The error tree: names that other programs read, facts and messages."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from aeo_ledger.errors import AeoLedgerError, Malformed, Refused, Unavailable, Unproven, list_errors, name_of
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.verify import StrangerSealed, TooFewSeals, UnknownParty

NAMES = (Path(__file__).parent / "wire_names.txt").read_text().split()
TELLING = (Path(__file__).parent / "telling_messages.txt").read_text().split()
"""Leaves whose messages tell what to do."""
LEAVES = list(list_errors().values())
FAMILIES = (Malformed, Refused, Unproven, Unavailable)
AT = 1_795_658_321
TIMES = re.compile(r"_at$|time$|^(now|effective|last)$")
"""Names of facts that are UTC seconds."""
OF_A_COMMAND = {"aeo_ledger.errors.cli", "aeo_ledger.errors.network", "aeo_ledger.errors.signing"}
"""Rooms whose errors are shown by a command alone."""
NEVER_ON_A_PAGE = {
    "fingerprint-missing", "gateway-slow", "gateway-unreachable", "older-trust", "other-chain-pinned", "pin-kept", "receipt-unwitnessed",
    "strange-host",
}  # fmt: skip
"""Leaves of other rooms whose messages name an option: they arise on the asker's own machine, or keep a page from being opened."""
SAMPLES = {"str": "x", "int": 1, "float": 1.5, "bytes": b"\x01", "tuple[str, ...]": ("x",)}
SEALS = TooFewSeals(found=2, needed=3, validators=4)


def test_names_on_the_wire_are_kept_and_none_is_used_twice() -> None:
    """A name is added to the file with its error. None is removed or changed: other programs read it."""
    assert sorted(leaf.wire for leaf in LEAVES) == NAMES


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_each_leaf_is_of_one_family_and_says_something(leaf: type[AeoLedgerError]) -> None:
    assert sum(issubclass(leaf, family) for family in FAMILIES) == 1
    assert leaf.says or leaf.__str__ is not AeoLedgerError.__str__
    assert set(leaf.facts_of.values()) <= {"str", "int", "float", "bytes", "tuple[str, ...]"}


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_time_is_never_shown_as_the_digits_of_its_seconds(leaf: type[AeoLedgerError]) -> None:
    facts = {
        name: AT if kind == "int" and TIMES.search(name) else SAMPLES[kind] for name, kind in leaf.facts_of.items()
    }
    assert str(AT) not in str(leaf(**facts))


def test_a_message_that_a_page_may_show_names_no_option_of_a_command() -> None:
    """An option stands in the advice: a page shows the message, and says in its own form what can be done there."""
    named = {leaf.wire for leaf in LEAVES if re.search(r"--[a-z]", leaf.says) and leaf.__module__ not in OF_A_COMMAND}
    assert named == NEVER_ON_A_PAGE


def test_facts_are_given_in_order_or_by_name_and_no_others() -> None:
    assert str(TooFewSeals(2, 3, 4)) == str(SEALS) == "2 of 4 validators sealed, 3 needed"
    assert SEALS.facts() == {"found": 2, "needed": 3, "validators": 4}
    assert name_of(SEALS) == "TooFewSeals"
    for given, named in (((2, 3), {}), ((2, 3, 4, 5), {}), ((2, 3, 4), {"found": 2}), ((2, 3, 4), {"other": 2})):
        with pytest.raises(TypeError, match="TooFewSeals has the facts found, needed, validators"):
            TooFewSeals(*given, **named)
    with pytest.raises(TypeError, match="Malformed has no facts, found found"):
        Malformed(found=2)


def test_a_template_shows_bytes_times_and_lists_as_people_read_them() -> None:
    assert str(StrangerSealed(sealer=b"\x0a" * 20)).startswith("sealed by 0x0a0a0a0a0a0a0a0a0a0a")
    assert "since 1970-01-01 00:00:00Z" in str(HistoryNeeded(time=0, what="it"))
    assert str(UnknownParty(code="by", known=("BY", "CN"))) == "no party 'by' is pinned, only BY, CN: write BY"


def test_an_error_travels_between_processes_whole() -> None:
    SEALS.place = "questions[3]"
    back = pickle.loads(pickle.dumps(SEALS))  # noqa: S301
    assert (type(back), back.facts(), back.place, str(back)) == (TooFewSeals, SEALS.facts(), "questions[3]", str(SEALS))


def test_what_is_no_leaf_says_what_it_was_given() -> None:
    error = Unavailable("the gateway answered with status 599")
    assert (str(error), name_of(error), error.facts()) == ("the gateway answered with status 599", "Unavailable", {})


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_each_leaf_tells_what_to_do(leaf: type[AeoLedgerError]) -> None:
    """By its advice, or in its message: then it is added to the file by whoever read that message."""
    assert bool(leaf.advises) != (leaf.wire in TELLING), leaf.says
    assert not leaf.advises.endswith(".")
    assert len(leaf.advises) <= 150
