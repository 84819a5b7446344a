"""A sentence that remembers how it was made."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from aeo_ledger.customs.phrase import Phrase

BRANCH = Phrase("this is a branch of {company}", company="VN0100112437")


def test_a_phrase_is_a_plain_text_for_machines() -> None:
    assert BRANCH == "this is a branch of VN0100112437"
    assert json.dumps([BRANCH]) == '["this is a branch of VN0100112437"]'
    assert {"this is a branch of VN0100112437": 1}[BRANCH] == 1


@pytest.mark.parametrize("copied", [pickle.loads(pickle.dumps(BRANCH)), copy.deepcopy(BRANCH)])  # noqa: S301
def test_a_copy_remembers_too(copied: Phrase) -> None:
    assert (copied, copied.template, copied.facts) == (BRANCH, BRANCH.template, {"company": "VN0100112437"})


def test_a_fact_is_not_read_as_a_template_and_none_may_be_missing() -> None:
    assert Phrase("this is {what}", what="{company}") == "this is {company}"
    with pytest.raises(KeyError, match="company"):
        Phrase("this is a branch of {company}")
