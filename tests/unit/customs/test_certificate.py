from __future__ import annotations

import pytest

from aeo_ledger.customs.certificate import list_type_names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("EU", ("AEOC", "AEOS")),
        *((code, ("1", "2", "3")) for code in ("AM", "BY", "KG", "KZ", "RU")),
        ("CN", ("ADVANCED",)),
        ("UY", ("AEO",)),
    ],
)
def test_types_are_numbered_by_their_place(code: str, names: tuple[str, ...]) -> None:
    assert list_type_names(code) == names
