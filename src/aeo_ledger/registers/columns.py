"""The plain columns: what every form of a register's file comes down to, and what a document holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COLUMNS: Final[Mapping[str, str]] = {
    "tin": "two letters, then the national number",
    "certificate_number": "as on the certificate",
    "certificate_type": "its name in the register",
    "roles": "names of roles with | between them",
    "status": "ACTIVE, SUSPENDED, REVOKED, WITHDRAWN or ANNULLED",
    "status_since": "the first day of the status",
    "decided": "the day of the decision to grant; empty if it is not known",
    "effective_from": "the first day of validity",
    "effective_until": "the first day on which it is no longer valid; empty if it has no end",
    "name": "kept in the document, never in clear on the ledger",
    "address": "kept in the document, never in clear on the ledger",
}
"""The plain columns, and what they contain. A day is written 2019-07-24 and begins at midnight in the party's time zone."""

CONSENT: Final = "consent"
"""A column that a file may have beside the plain ones: may the document go, sealed, to those who recognise the certificate?"""

AGREED, NOT_AGREED = "yes", "no"
"""What this column may contain. A file that lacks it, and an empty cell, mean no."""

NEEDED: Final = (
    "tin",
    "certificate_number",
    "certificate_type",
    "roles",
    "status",
    "status_since",
    "effective_from",
)
"""Columns without which a row is no certificate. A file may lack the others, which are then empty."""

OF_LEDGER: Final[Mapping[str, str]] = {
    "holder": "pseudonym of the trader in this register under this type, 29 bytes",
    "sequence": "number of the last status event",
    "recorded": "when the last status event was recorded, UTC",
    "hold_until": "planned end of a suspension, or end of the bar on a new grant",
    "review": "day of the next review",
}
"""Columns that the export of a register has beside the plain ones. Only the ledger says what they say: they are never read."""

DAYS: Final = ("status_since", "decided", "effective_from", "effective_until")
"""Columns that hold a day or a moment, or nothing."""
