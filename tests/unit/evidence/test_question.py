from __future__ import annotations

from typing import Any

import pytest

from aeo_ledger.errors.customs import MalformedTin
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import AnyQuestion, decode_question, encode_question
from aeo_ledger.primitives.documents import Fields, Value
from support.samples import FULL, SHORT


def read(written: Value) -> AnyQuestion:
    return decode_question(Fields(written, document="question"))


def test_a_question_is_written_in_words_and_what_is_not_asked_is_left_out() -> None:
    assert encode_question(SHORT) == {
        "tin": "BY200988541",
        "recogniser": "CN",
        "direction": "import",
        "role": "exporter",
    }
    assert encode_question(FULL) | {"tin": "x"} == {
        "tin": "x",
        "recogniser": "EAEU",
        "direction": "transit",
        "role": "freight_forwarder",
        "type": "AEOS",
        "register": "EU",
        "on": 1_700_000_000,
        "known": 1_700_000_001,
    }
    assert (
        str(FULL) == "DE/1 for EAEU, transit as freight forwarder, type AEOS, register EU, on 2023-11-14 22:13:20Z, "
        "as known at 2023-11-14 22:13:21Z"
    )


def test_a_question_is_read_as_written() -> None:
    numbered = encode_question(SHORT) | {"type": 2}
    assert read(encode_question(SHORT)) == SHORT
    assert read(encode_question(FULL)) == FULL
    assert read(numbered).certificate_type == 2


@pytest.mark.parametrize(
    ("altered", "at"),
    [
        ({"direction": "IMPORT"}, "direction"),
        ({"direction": 0}, "direction"),
        ({"role": "trader"}, "role"),
        ({"role": ["exporter"]}, "role"),
        ({"recogniser": ""}, "recogniser"),
        ({"recogniser": "C" * 21}, "recogniser"),
        ({"recogniser": None}, "recogniser"),
        ({"type": 16}, "type"),
        ({"type": -1}, "type"),
        ({"type": True}, "type"),
        ({"type": ""}, "type"),
        ({"register": 7}, "register"),
        ({"on": -1}, "on"),
        ({"on": 1 << 32}, "on"),
        ({"on": "now"}, "on"),
        ({"on": False}, "on"),
        ({"known": -1}, "known"),
        ({"known": 1 << 32}, "known"),
        ({"tin": 5}, "tin"),
        ({"surplus": 1}, ""),
    ],
)
def test_a_question_of_another_form_is_refused(altered: dict[str, Any], at: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read(encode_question(SHORT) | altered)
    assert refusal.value.at == at


@pytest.mark.parametrize("key", ["tin", "recogniser", "direction", "role"])
def test_a_question_that_lacks_a_part_is_refused(key: str) -> None:
    written = encode_question(SHORT)
    del written[key]
    with pytest.raises(MalformedDocument) as refusal:
        read(written)
    assert refusal.value.reason == f"lacks {key}"


def test_a_question_with_a_malformed_tin_is_refused_with_its_own_error() -> None:
    with pytest.raises(MalformedTin):
        read(encode_question(SHORT) | {"tin": "by200988541"})
