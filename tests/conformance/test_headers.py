from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.evidence import MalformedHeader
from aeo_ledger.errors.verify import HeaderBreaksRule, RepeatedSeal, StrangerSealed, TooFewSeals, UnreadableSeal
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.primitives import rlp
from aeo_ledger.verify import SealedHeader, ValidatorSet, verify_header
from conformance.recorded import NETWORKS, load, raw

SEALED_BY_THE_SET_BEFORE = ("goquorum-contract-4", 10)
"""GoQuorum let the old set seal a block of the new one; a verifier that holds the new set must refuse it."""

HEADERS = [pytest.param(name, at, id=f"{name}-{at}") for name in NETWORKS for at in range(len(load(name)["headers"]))]
SEALED = [param for param in HEADERS if param.values[1] != 0 and param.values != SEALED_BY_THE_SET_BEFORE]


def recorded(name: str, at: int) -> tuple[dict[str, Any], Header]:
    record = load(name)["headers"][at]
    return record, decode_header(raw(record["rlp"]))


def verify_recorded(name: str, header: Header) -> SealedHeader:
    before = load(name)["headers"][header.number - 1]
    validators = ValidatorSet(tuple(map(raw, before["validators_after"])))
    return verify_header(header, validators, lists_validators=load(name)["mode"] == "block-header")


@pytest.mark.parametrize(("name", "at"), HEADERS)
def test_a_header_is_read_and_named_as_the_engine_named_it(name: str, at: int) -> None:
    record, header = recorded(name, at)
    assert header.number == record["number"] == at
    assert header.round == record["round"]
    assert header.hash() == raw(record["hash"])
    assert header.encode() == raw(record["rlp"])
    if at:
        assert header.parent_hash == raw(load(name)["headers"][at - 1]["hash"])


@pytest.mark.parametrize(("name", "at"), SEALED)
def test_a_block_is_proven_by_the_set_after_the_block_before(name: str, at: int) -> None:
    record, header = recorded(name, at)
    proven = verify_recorded(name, header)
    assert proven.header is header
    assert proven.hash == raw(record["hash"])
    assert proven.sealers == tuple(map(raw, record["sealers"]))


def test_the_block_sealed_by_the_set_before_is_refused() -> None:
    name, at = SEALED_BY_THE_SET_BEFORE
    with pytest.raises(TooFewSeals) as refusal:
        verify_recorded(name, recorded(name, at)[1])
    assert (refusal.value.found, refusal.value.needed, refusal.value.validators) == (3, 4, 5)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trusted_set_proves_a_genesis(name: str) -> None:
    record, header = recorded(name, 0)
    listed = load(name)["mode"] == "block-header"
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_header(header, ValidatorSet(tuple(map(raw, record["validators_after"]))), lists_validators=listed)
    assert refusal.value.field == "coinbase"


@pytest.mark.parametrize("at", range(1, 34))
def test_headers_that_list_their_validators_need_the_mode_said(at: int) -> None:
    name = "goquorum-block-header-4"
    validators = ValidatorSet(tuple(map(raw, load(name)["headers"][at - 1]["validators_after"])))
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_header(recorded(name, at)[1], validators)
    assert refusal.value.field == "listed_validators"


@pytest.mark.parametrize("variant", load("besu-contract-4")["variants"], ids=lambda variant: str(variant["number"]))
def test_other_seals_on_the_same_block_prove_the_same_hash(variant: dict[str, Any]) -> None:
    record, header = recorded("besu-contract-4", variant["number"])
    fields = rlp.decode(raw(record["rlp"]))
    assert isinstance(fields, list)
    assert len(set(variant["extra_data"])) > 1
    for extra_data in variant["extra_data"]:
        other = decode_header(rlp.encode([*fields[:12], raw(extra_data), *fields[13:]]))
        assert replace(other, seals=header.seals) == header or other.round != header.round
        assert verify_recorded("besu-contract-4", other).hash == raw(record["hash"])


VERDICTS: dict[str, type[AeoLedgerError] | None] = {
    "base": None,
    "seals_reversed": None,
    "seals_all4": None,
    "seals_2": TooFewSeals,
    "seals_dup_2distinct": RepeatedSeal,
    "seals_2val_1stranger": StrangerSealed,
    "seal_v27": UnreadableSeal,
    "round3_sealed_over_3": None,
    "round3_sealed_over_0": StrangerSealed,
    "miner_stranger": HeaderBreaksRule,
    "contract_vals_listed": HeaderBreaksRule,
    "vanity_31": None,
    "extra_6th_item_after_sealing": MalformedHeader,
    "mixhash_zero": HeaderBreaksRule,
}
"""None: proven. What only execution shows is not among the cases, so no verdict here is milder than an engine's."""


@pytest.mark.parametrize("case", load("seal-cases")["cases"], ids=lambda case: case["name"])
def test_an_altered_header_meets_the_verdict_of_the_stricter_engine(case: dict[str, Any]) -> None:
    validators = ValidatorSet(tuple(map(raw, case["validators"])))
    refusal = VERDICTS[case["name"]]
    assert (refusal is None) == (case["besu"] == case["goquorum"] == "accepted")
    if refusal is None:
        header = decode_header(raw(case["rlp"]))
        assert len(verify_header(header, validators).sealers) == len(header.seals)
    else:
        with pytest.raises(refusal):
            verify_header(decode_header(raw(case["rlp"])), validators)


def test_every_case_has_a_verdict() -> None:
    assert [case["name"] for case in load("seal-cases")["cases"]] == list(VERDICTS)
