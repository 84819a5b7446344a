"""Lookup and payload keys: pinned values, what each is bound to, what never shows, and a wrong key that proves nothing."""

from __future__ import annotations

import hmac
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.protocol import KeyNeeded, MalformedSecret, WrongLookupKey
from aeo_ledger.protocol.lookup_keys import (
    NO_KEYS,
    LookupKey,
    LookupKeys,
    PayloadKey,
    derive_keyed_holder,
    derive_lookup_key,
    derive_payload_key,
)

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "vectors" / "lookup-keys.json").read_text()
)["cases"]
SECRET = bytes(range(32))
TRADER = Tin("KZ123456789012")
KEY = derive_lookup_key(SECRET, 3, 2)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['register']}-{case['type']}-{case['tin']}")
def test_keys_and_what_follows_from_them_are_pinned(case: dict[str, Any]) -> None:
    secret = bytes.fromhex(case["secret"][2:])
    key = derive_lookup_key(secret, case["register"], case["type"])
    assert "0x" + key.secret.hex() == case["lookup_key"]
    assert "0x" + key.check.hex() == case["check_value"]
    assert "0x" + derive_keyed_holder(key, Tin(case["tin"])).hex() == case["holder"]
    payload = derive_payload_key(secret, case["register"], case["type"], case["epoch"])
    assert "0x" + payload.secret.hex() == case["payload_key"]


def test_a_holder_is_an_hmac_of_the_tin() -> None:
    assert derive_keyed_holder(KEY, TRADER) == hmac.digest(KEY.secret, b"KZ123456789012", "sha256")[:29]


def test_each_purpose_register_type_and_epoch_has_its_own_key() -> None:
    places = [(register, kind) for register in (1, 2, 11, 12) for kind in (1, 2, 11, 12)]
    lookups = [derive_lookup_key(SECRET, *place) for place in places]
    payloads = [derive_payload_key(SECRET, *place, epoch) for place in places for epoch in (0, 1, 11)]
    derived = [key.secret for key in lookups] + [key.check for key in lookups] + [key.secret for key in payloads]
    assert len({*derived, SECRET}) == len(derived) + 1


def test_a_check_value_is_bound_to_register_and_type() -> None:
    assert len({KEY.check, replace(KEY, register=4).check, replace(KEY, certificate_type=1).check}) == 3


def test_a_trader_has_another_holder_under_each_key() -> None:
    keys = [derive_lookup_key(SECRET, register, kind) for register in (1, 2) for kind in (0, 1)]
    assert len({derive_keyed_holder(key, TRADER) for key in keys}) == len(keys)
    assert derive_keyed_holder(KEY, TRADER) != derive_keyed_holder(KEY, Tin("KZ123456789013"))


def test_no_key_shows_when_something_is_printed() -> None:
    payload = derive_payload_key(SECRET, 3, 2, 5)
    shown = f"{KEY} {KEY!r} {payload} {payload!r} {LookupKeys([KEY])!r} {[KEY, payload]}"
    for secret in (SECRET, KEY.secret, payload.secret):
        assert secret.hex() not in shown
        assert str(secret)[2:-1] not in shown
    assert repr(LookupKeys([KEY])) == "LookupKeys([LookupKey(register=3, certificate_type=2)])"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_of_another_length_is_refused_and_does_not_show(length: int) -> None:
    wrong = b"\xab" * length
    for make in (
        lambda: derive_lookup_key(wrong, 3, 2),
        lambda: derive_payload_key(wrong, 3, 2, 5),
        lambda: LookupKey(register=3, certificate_type=2, secret=wrong),
        lambda: PayloadKey(register=3, certificate_type=2, epoch=5, secret=wrong),
    ):
        with pytest.raises(MalformedSecret) as refusal:
            make()
        assert (refusal.value.found, refusal.value.needed) == (length, 32)
        assert "abab" not in str(refusal.value)


def test_keys_are_found_by_register_and_type() -> None:
    keys = LookupKeys([KEY, derive_lookup_key(SECRET, 3, 0)])
    assert keys.key(3, 2) is KEY
    assert [key.certificate_type for key in keys] == [0, 2]
    with pytest.raises(KeyNeeded) as refusal:
        keys.key(3, 1)
    assert (refusal.value.register, refusal.value.certificate_type) == (3, 1)


def test_sets_of_keys_are_values() -> None:
    other = derive_lookup_key(bytes(32), 3, 2)
    one, two = LookupKeys([KEY]), LookupKeys([other])
    assert one == LookupKeys([other, KEY]) == pickle.loads(pickle.dumps(one))  # noqa: S301
    assert hash(one) == hash(LookupKeys([KEY]))
    assert one != two
    assert one != [KEY]
    assert (len(one), len(NO_KEYS)) == (1, 0)


def test_a_key_is_given_only_if_the_ledger_has_its_check_value() -> None:
    ledger = {(3, 2): KEY.check}
    key_of = LookupKeys([KEY]).compared(lambda *place: ledger.get(place, bytes(32)))
    assert key_of(3, 2) is KEY
    with pytest.raises(KeyNeeded):
        key_of(3, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        derive_lookup_key(bytes(32), 3, 2),
        LookupKey(register=3, certificate_type=2, secret=derive_lookup_key(SECRET, 3, 1).secret),
        LookupKey(register=3, certificate_type=2, secret=derive_lookup_key(SECRET, 4, 2).secret),
        LookupKey(register=3, certificate_type=2, secret=derive_payload_key(SECRET, 3, 2, 0).secret),
        LookupKey(register=3, certificate_type=2, secret=SECRET),
    ],
    ids=["another secret's", "another type's", "another register's", "a payload key", "the secret itself"],
)
def test_a_wrong_key_proves_nothing(wrong: LookupKey) -> None:
    key_of = LookupKeys([wrong]).compared(lambda *_place: KEY.check)
    with pytest.raises(WrongLookupKey) as refusal:
        key_of(3, 2)
    assert (refusal.value.register, refusal.value.certificate_type) == (3, 2)
    assert wrong.secret.hex() not in str(refusal.value)


def test_a_ledger_without_a_check_value_has_no_right_key() -> None:
    with pytest.raises(WrongLookupKey):
        LookupKeys([KEY]).compared(lambda *_place: bytes(32))(3, 2)
