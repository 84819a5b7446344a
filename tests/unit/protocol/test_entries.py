from __future__ import annotations

import pytest
from sha3 import keccak_256

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.protocol.entries import derive_open_holder, entries_of, hash_alias, is_entry_of
from aeo_ledger.protocol.lookup_keys import LookupKeys, derive_keyed_holder, derive_lookup_key

TRADER = Tin("BY200988541")


def test_an_open_holder_is_the_hash_of_register_type_and_tin() -> None:
    assert derive_open_holder(3, 2, TRADER) == keccak_256(b"\x00\x03\x02BY200988541").digest()[:29]
    assert derive_open_holder(0x1234, 15, TRADER) == keccak_256(b"\x12\x34\x0fBY200988541").digest()[:29]


def test_a_trader_has_another_holder_in_each_register_and_type() -> None:
    places = [(register, kind) for register in (1, 2, 256) for kind in range(4)]
    assert len({derive_open_holder(*place, TRADER) for place in places}) == len(places)


@pytest.mark.parametrize("place", [(3, 2), (0x1234, 15)])
def test_an_entry_of_an_open_register_is_the_traders_whose_tin_it_follows_from(place: tuple[int, int]) -> None:
    register, kind = place
    entry = make_entry(register, kind, derive_open_holder(register, kind, TRADER))
    assert is_entry_of(entry, TRADER)
    assert not is_entry_of(entry, Tin("BY200988542"))
    for forged in (make_entry(register + 1, kind, entry[3:]), make_entry(register, kind - 1, entry[3:]), bytes(32)):
        assert not is_entry_of(forged, TRADER)
    for at in range(32):
        assert not is_entry_of(entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :], TRADER)


def test_a_decision_finds_entries_in_open_registers_and_needs_a_key_in_keyed_ones() -> None:
    entry_of = entries_of(TRADER)
    assert entry_of(3, RegisterMode.OPEN, 2) == make_entry(3, 2, derive_open_holder(3, 2, TRADER))
    with pytest.raises(KeyNeeded) as refusal:
        entry_of(3, RegisterMode.KEYED, 2)
    assert (refusal.value.register, refusal.value.certificate_type) == (3, 2)


def test_an_entry_in_a_keyed_register_follows_from_tin_and_key() -> None:
    key = derive_lookup_key(bytes(32), 3, 2)
    entry_of = entries_of(TRADER, LookupKeys([key]).key)
    assert entry_of(3, RegisterMode.KEYED, 2) == make_entry(3, 2, derive_keyed_holder(key, TRADER))
    assert entry_of(3, RegisterMode.OPEN, 2) == make_entry(3, 2, derive_open_holder(3, 2, TRADER))
    with pytest.raises(KeyNeeded):
        entry_of(3, RegisterMode.KEYED, 1)


def test_an_alias_has_another_hash_with_each_recogniser_and_as_each_kind() -> None:
    mid = AliasCode(AliasKind.MID, "BYMINTRA12MIN")
    assert hash_alias(4, mid) == keccak_256(b"\x00\x04\x01BYMINTRA12MIN").digest()
    assert hash_alias(0x1234, AliasCode(AliasKind.DUNS, "123456789")) == keccak_256(b"\x12\x34\x08123456789").digest()
    codes = [AliasCode(kind, "AB12CD34EF56") for kind in (AliasKind.JP_12,)] + [mid]
    assert len({hash_alias(recogniser, code) for recogniser in (1, 2, 256) for code in codes}) == 6
