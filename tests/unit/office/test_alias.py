"""Which binding of an alias an officer's act goes to, and what is refused before anything is signed."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.office import AliasTaken
from aeo_ledger.office.alias import _choose_binding
from aeo_ledger.office.alias_file import AliasRow
from aeo_ledger.protocol.lookup_keys import NO_KEYS
from support.sealed_world import BY, BY_TRADER, EU, entry_of

ROW = AliasRow(alias=AliasCode(AliasKind.DUNS, "123456789"), tin=BY_TRADER, where="line 7")
OTHERS = [Tin(f"BY{number}") for number in range(100_000_000, 100_000_008)]


def test_a_trader_keeps_its_binding_whatever_types_and_registers_it_has_there() -> None:
    entries = {(0, 2): entry_of(OTHERS[0], BY, 2), (5, 1): entry_of(BY_TRADER, EU, 1)}
    assert _choose_binding(Alias(entries=entries), ROW, NO_KEYS, also=False) == 5


def test_a_new_trader_gets_the_first_free_binding_if_nobody_else_is_bound_or_if_both_are_meant() -> None:
    assert _choose_binding(Alias(entries={}), ROW, NO_KEYS, also=False) == 0
    taken = Alias(entries={(0, 2): entry_of(OTHERS[0], BY, 2), (2, 2): entry_of(OTHERS[1], BY, 2)})
    assert _choose_binding(taken, ROW, NO_KEYS, also=True) == 1
    with pytest.raises(AliasTaken, match=r"^line 7: DUNS 123456789: another trader is bound"):
        _choose_binding(taken, ROW, NO_KEYS, also=False)


def test_an_alias_has_no_room_for_a_ninth_trader() -> None:
    full = Alias(entries={(at, 2): entry_of(tin, BY, 2) for at, tin in enumerate(OTHERS)})
    with pytest.raises(AliasTaken, match="8 traders are bound to it"):
        _choose_binding(full, ROW, NO_KEYS, also=True)
