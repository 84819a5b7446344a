"""Tunisia: matricule fiscal, 7 digits and a control letter; with two letters and 3 digits for the establishment."""

from __future__ import annotations

from aeo_ledger.customs.country import Country, TinRule, by_stdnum

COUNTRY = Country(
    code="TN",
    name="Tunisia",
    zone="Africa/Tunis",
    tin=TinRule(
        form="[0-9]{7}[A-Z](?:[A-Z]{2}[0-9]{3})?",
        needed="a Tunisian matricule has 7 digits and a letter, or 2 letters and 3 digits more",
        is_valid=by_stdnum("tn.mf"),
        doubt="a letter of the matricule is not given out",
    ),
)
