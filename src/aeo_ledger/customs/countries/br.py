"""Brazil: CNPJ, 12 characters for company and branch, and two check digits."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum
from aeo_ledger.customs.phrase import Phrase

COUNTRY = Country(
    code="BR",
    name="Brazil",
    zone="America/Sao_Paulo",
    tin=TinRule(
        form="[A-Z0-9]{12}[0-9]{2}",
        needed="a Brazilian CNPJ has 12 capitals and digits, and 2 digits",
        remark=lambda identifier: (
            None
            if identifier[8:12] == "0001"
            else Phrase("this is branch {branch} of its company", branch=identifier[8:12])
        ),
        is_valid=by_stdnum("br.cnpj"),
        doubt="the CNPJ's check digits are wrong",
    ),
)
