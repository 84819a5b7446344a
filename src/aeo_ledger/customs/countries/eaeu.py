"""The Eurasian Economic Union: its members keep their own registers and sign their own arrangements.

All members write their certificates' numbers alike, with the Cyrillic word for *type*: `BY/0119/ТИП3`. Their clerks type on Cyrillic keyboards.
"""  # noqa: RUF002

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.country import Country, UnionCustom

TYPES: Final = ("1", "2", "3")
"""Types of certificates, the same in every member's register."""

SCRIPTS: Final = ("CYRILLIC",)
"""Scripts of every member's keyboards: a number of digits alone cannot change its meaning with them, only its prefix is put right."""

CERTIFICATES: Final = {r"/?[0-9]{4}/?[TТ][IИ][PП][123]": "this is the number of a certificate, not of its holder"}  # noqa: RUF001
"""The form of certificates' numbers after the prefix; people also write `TIP` in Latin letters."""

COUNTRY = Country(code="EAEU", name="Eurasian Economic Union", zone="Europe/Moscow", union=UnionCustom())
