from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.party import Key, Membership, Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    KeyRole,
    LaneState,
    PartyKind,
    PartyState,
    RegisterMode,
    Status,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.protocol import MalformedWord
from aeo_ledger.protocol import words
from aeo_ledger.protocol.layouts import WORDS, Field, pack

NUMBERS: dict[str, dict[str, type[Any]]] = {
    "RECORD": {"status": Status},
    "PARTY": {
        "kind": PartyKind,
        "state": PartyState,
        **dict.fromkeys(("seat", "keeps_register", "opened", "frozen"), bool),
        **{f"ejected_{place}": bool for place in range(1, 5)},
    },
    "REPLACEMENT": {"objected": bool},
    "KEY": {"role": KeyRole},
    "LANE": {"state": LaneState},
    "WITHHOLDING": {"withheld": bool},
    "REGISTER": {"mode": RegisterMode},
}
"""Fields whose number has a meaning of its own."""

CASES: dict[str, tuple[type[Any], Callable[[Any], int], Callable[[int], Any]]] = {
    "RECORD": (Record, words.encode_record, words.decode_record),
    "PARTY": (Party, words.encode_party, words.decode_party),
    "OFFICE": (Office, words.encode_office, words.decode_office),
    "KEY": (Key, words.encode_key, words.decode_key),
    "REPLACEMENT": (Replacement, words.encode_replacement, words.decode_replacement),
    "PAIR": (Pair, words.encode_pair, words.decode_pair),
    "LANE": (Lane, words.encode_lane, words.decode_lane),
    "WITHHOLDING": (Withholding, words.encode_withholding, words.decode_withholding),
    "REGISTER": (Register, words.encode_register, words.decode_register),
}


def _members(kind: Any) -> list[Any]:
    """List the members of an enumeration."""
    return list(kind)


def facts(name: str) -> st.SearchStrategy[Any]:
    """Draw any value of the customs model that the word can hold."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        member: st.integers(0, field.mask) for member, field in WORDS[name].items()
    }
    for member, kind in NUMBERS.get(name, {}).items():
        fields[member] = (
            st.booleans() if kind is bool else st.sampled_from(_members(kind)).filter(lambda n: n != Status.NONE)
        )
    if name == "RECORD":
        fields["kind"] = st.integers(1, 15)
    if name == "REPLACEMENT":
        fields["key"] = st.binary(min_size=20, max_size=20)
    if name == "PARTY":
        fields["code"] = st.from_regex(r"[A-Z]{2,6}", fullmatch=True)
        places = [{m: fields.pop(f"{m}_{place}") for m in ("union", "leaves", "ejected")} for place in (1, 2, 3, 4)]
        fields["memberships"] = st.tuples(*(st.builds(Membership, **place) for place in places))
    if name == "LANE":
        fields["arrangement"] = st.from_regex(r"[!-~]{1,10}", fullmatch=True)
    return st.fixed_dictionaries(fields).map(lambda values: CASES[name][0](**values))


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_a_fact_survives_its_word(name: str, data: st.DataObject) -> None:
    _, encode, decode = CASES[name]
    fact = data.draw(facts(name))
    word = encode(fact)
    assert 0 <= word < 1 << 256
    if word:
        assert decode(word) == fact


@pytest.mark.parametrize("name", CASES)
@given(word=st.integers(0, (1 << 256) - 1))
def test_any_other_word_is_the_same_fact_again_or_refused(name: str, word: int) -> None:
    _, encode, decode = CASES[name]
    try:
        fact = decode(word)
    except MalformedWord:
        return
    assert (0 if fact is None else encode(fact)) == word


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"PAIR", "OFFICE"}))
def test_a_word_of_0_is_none(name: str) -> None:
    assert CASES[name][2](0) is None


def test_a_pair_or_office_of_0_has_counts_of_0() -> None:
    assert words.decode_pair(0) == Pair()
    assert words.decode_office(0) == Office()


GOOD = {
    "RECORD": pack(WORDS["RECORD"], status=1, kind=1),
    "PARTY": pack(WORDS["PARTY"], code=int.from_bytes(b"BY\0\0\0\0", "big"), kind=1, state=1),
    "KEY": pack(WORDS["KEY"], role=1),
    "REPLACEMENT": pack(WORDS["REPLACEMENT"], key=1),
    "LANE": pack(WORDS["LANE"], state=1, arrangement=int.from_bytes(b"CN-BY".ljust(10, b"\0"), "big")),
    "WITHHOLDING": pack(WORDS["WITHHOLDING"], withheld=1),
    "REGISTER": pack(WORDS["REGISTER"], mode=1),
}

ODD = [(name, member) for name, members in NUMBERS.items() for member, kind in members.items() if kind is not bool]


def put(word: int, field: Field, value: int) -> int:
    return word & ~(field.mask << field.at) | value << field.at


@pytest.mark.parametrize(("name", "member"), ODD)
def test_a_number_without_meaning_is_refused(name: str, member: str) -> None:
    decode, field = CASES[name][2], WORDS[name][member]
    assert decode(GOOD[name]) is not None
    odd = next(number for number in (field.mask, 0) if number not in _members(NUMBERS[name][member]))
    with pytest.raises(MalformedWord) as caught:
        decode(put(GOOD[name], field, odd))
    assert caught.value.found == odd


def test_a_flag_of_more_bits_than_one_is_0_or_1() -> None:
    for odd in (2, 0xFF):
        with pytest.raises(MalformedWord):
            words.decode_withholding(put(GOOD["WITHHOLDING"], WORDS["WITHHOLDING"]["withheld"], odd))


@pytest.mark.parametrize("lacking", ["status", "kind"])
def test_a_record_without_status_or_kind_is_refused(lacking: str) -> None:
    with pytest.raises(MalformedWord, match="record's status and kind"):
        words.decode_record(put(GOOD["RECORD"], WORDS["RECORD"][lacking], 0))


@pytest.mark.parametrize(("member", "number"), [("reason", 200), ("kind", 11), ("kind", 15), ("roles", 1 << 15)])
def test_an_unknown_number_that_is_only_for_people_is_kept(member: str, number: int) -> None:
    record = words.decode_record(put(GOOD["RECORD"], WORDS["RECORD"][member], number))
    assert getattr(record, member) == number


def test_a_membership_of_a_party_stands_in_its_place_with_its_notice() -> None:
    word = put(GOOD["PARTY"], WORDS["PARTY"]["union_3"], 7)
    word = put(put(word, WORDS["PARTY"]["leaves_3"], 20_000), WORDS["PARTY"]["ejected_3"], 1)
    party = words.decode_party(word)
    assert party is not None
    assert party.memberships[2] == Membership(union=7, leaves=20_000, ejected=True)
    assert (party.unions_at(20_000 * 86_400 - 1), party.unions_at(20_000 * 86_400)) == ((7,), ())


@pytest.mark.parametrize("name", ["PARTY", "OFFICE", "KEY", "REPLACEMENT", "PAIR", "LANE", "WITHHOLDING", "REGISTER"])
def test_bits_outside_the_fields_are_refused(name: str) -> None:
    decode = CASES[name][2]
    last = list(WORDS[name].values())[-1]
    for bit in {last.at + last.bits, 255}:
        with pytest.raises(MalformedWord):
            decode(GOOD.get(name, 1) | 1 << bit)


@pytest.mark.parametrize("code", [b"", b"B\0Y", b"\0BY", "БY".encode(), b"B Y", b"\x7fBY"])
def test_a_text_that_is_not_padded_ascii_is_refused(code: bytes) -> None:
    number = int.from_bytes(code.ljust(6, b"\0"), "big")
    with pytest.raises(MalformedWord, match="party's code"):
        words.decode_party(put(GOOD["PARTY"], WORDS["PARTY"]["code"], number))


@pytest.mark.parametrize("text", ["", "ABCDEFG", "B Y", "БY", "B\0"])
def test_a_text_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(MalformedText, match="party code"):
        words.encode_text(text, words.CODE_BYTES, what="party code")
