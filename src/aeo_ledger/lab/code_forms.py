"""The forms in which declarations write a trader's code, and who reads which.

What this project's reader makes of each is found by asking it. A reader is no property of a ledger: every channel could have this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.spelling import find_spelling
from aeo_ledger.lab.tables import Column, Kind, ResultTable

_TIN: Final = "BY200988541"
"""A TIN with a right check digit; it is nobody's."""


@dataclass(frozen=True, slots=True)
class CodeForm:
    """One form."""

    name: str
    example: str
    """What is written for `BY200988541`."""

    @property
    def is_exact(self) -> bool:
        """Whether an exact comparison finds the trader."""
        return self.example == _TIN

    @property
    def is_read(self) -> bool:
        """Whether this project's reader finds the trader, knowing the register's country."""
        found = find_spelling(self.example, "BY")
        return found is not None and found.text == _TIN


FORMS: Final = (
    CodeForm("as registered", _TIN),
    CodeForm("small letters", "by200988541"),
    CodeForm("in groups", "BY 200 988 541"),
    CodeForm("with hyphens", "BY-200-988-541"),
    CodeForm("AEO before it", "AEOBY200988541"),
    CodeForm("a Cyrillic letter", "\u0412Y200988541"),
    CodeForm("without the country", "200988541"),
    CodeForm("the certificate's number instead", "BY/0119/\u0422\u0418\u041f3"),
    CodeForm("a digit lost", "BY20098854"),
    CodeForm("two digits exchanged", "BY200988514"),
)
"""The first is right. Which of the others occurs is assumed to be equally likely."""


def tell_forms() -> ResultTable:
    """Describe the forms and who reads them."""
    return ResultTable(
        name="code_forms",
        title="Forms of a code",
        says="China's customs demand an exact match (announcement 131 of 2018). The reader is this project's; any channel could use it.",
        columns=[
            Column("form", "How the code is written."), Column("example", "For BY200988541."),
            Column("exact_comparison", "Found by an exact comparison.", Kind.FLAG), Column("reader", "Found by the reader.", Kind.FLAG),
        ],
        rows=[(form.name, form.example, form.is_exact, form.is_read) for form in FORMS],
    )  # fmt: skip
