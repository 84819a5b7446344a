"""Codes that stand for foreign traders in a recogniser's own declarations: which kinds there are, and the form of each.

A code has one form, as a TIN has. It is hashed byte by byte, so nothing is trimmed or upper-cased: a wrong guess would find
another trader. Where the text shows what it should be, the refusal says what to write.

A kind is one row of `ALIAS_KINDS`. Its number enters the hash on the ledger, and is never reused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from aeo_ledger.customs.country import by_stdnum
from aeo_ledger.errors.customs import MalformedAlias
from aeo_ledger.primitives.choices import choose

MAX_ALIAS: Final = 20
"""Most characters of a code."""
_SHOWN: Final = 40


class AliasKind(IntEnum):
    """Who made a code, and for what."""

    MID = 1
    """Manufacturer identification code of the United States."""
    JP_12 = 2
    """Code that Japan's customs gives to a foreign AEO."""
    JP_14 = 3
    """Code that Japan's customs gives to its own AEO for use abroad."""
    AEOCN = 4
    """Code under which China tells its AEOs to partners."""
    AEOSG = 5
    """Code under which Singapore tells its AEOs to partners."""
    LEI = 6
    """Legal entity identifier."""
    GLN = 7
    """Global location number."""
    DUNS = 8
    """Number in the data universal numbering system of Dun & Bradstreet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRule:
    """The form of a kind's codes."""

    form: str
    """Pattern of every code of this kind, in the common subset of Python and ECMAScript."""
    needed: str
    """The form in words."""
    is_valid: Callable[[str], bool] | None = None
    """Judges a code of this form by its check digits. None if it has none."""
    doubt: str = "its check digit is wrong"
    """What is wrong with a code that is not valid, in words."""


ALIAS_KINDS: Final[Mapping[AliasKind, AliasRule]] = {
    # 19 CFR part 102, appendix: country, six of the name, four of the address, three of the city. Canada has province codes.
    AliasKind.MID: AliasRule(
        form="(?!CA)[A-Z]{2}[A-Z0-9]{1,6}[0-9]{0,4}[A-Z]{1,3}",
        needed="country (a province of Canada is XA to XY), up to 6 of the name, up to 4 digits of the address, up to 3 letters of the city",
    ),
    # Italian customs' note on the arrangement of the EU with Japan; Malaysia's notice on the one with Japan.
    AliasKind.JP_12: AliasRule(form="[A-Z0-9]{12}", needed="12 capitals and digits"),
    AliasKind.JP_14: AliasRule(form="[A-Z0-9]{14}", needed="14 capitals and digits"),
    # General Administration of Customs of China, announcement 101/2019.
    AliasKind.AEOCN: AliasRule(form="AEOCN[0-9]{10}", needed="AEOCN and 10 digits"),
    # Singapore Customs, "MRA for AEOs and how declarants use AEO codes".
    AliasKind.AEOSG: AliasRule(form="AEOSG[A-Z0-9]{12}", needed="AEOSG and 12 capitals and digits"),
    # ISO 17442: check digits of ISO 7064, MOD 97-10.
    AliasKind.LEI: AliasRule(
        form="[A-Z0-9]{18}[0-9]{2}",
        needed="18 capitals and digits, and 2 check digits",
        is_valid=by_stdnum("lei"),
        doubt="its check digits are wrong",
    ),
    # GS1 General Specifications, section 7.9: check digit modulo 10.
    AliasKind.GLN: AliasRule(form="[0-9]{13}", needed="13 digits", is_valid=by_stdnum("ean")),
    # Dun & Bradstreet: nine digits; since 2006 they are given without a check digit.
    AliasKind.DUNS: AliasRule(form="[0-9]{9}", needed="9 digits"),
}
"""The rule of each kind, with its source."""

KIND_NAMES: Final[Mapping[str, AliasKind]] = {kind.name.replace("_", "-"): kind for kind in AliasKind}
"""Kinds by the names that people use: `MID`, `JP-12`."""


def name_kind(kind: AliasKind) -> str:
    """Write a kind as people do."""
    return kind.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class AliasCode:
    """A code of one kind, in its one form.

    Raises:
        MalformedAlias: The text does not have the form of its kind.
    """

    kind: AliasKind
    code: str

    def __post_init__(self) -> None:
        """Refuse a text that is not exactly a code of this kind."""
        rule = ALIAS_KINDS[self.kind]
        if not re.fullmatch(rule.form, self.code):
            meant = _bare(self.code)
            advice = f"write {meant}" if re.fullmatch(rule.form, meant) else f"needed {rule.needed}"
            raise MalformedAlias(found=self.code[:_SHOWN], reason=f"it is no {name_kind(self.kind)}", advice=advice)

    def __str__(self) -> str:
        """Write kind and code."""
        return f"{name_kind(self.kind)} {self.code}"


def read_alias(text: str, kind: str | None = None) -> AliasCode:
    """Read a code that somebody entered.

    Args:
        text: The code.
        kind: Name of its kind; without it the code's form must leave no doubt.

    Raises:
        MalformedText: There is no such kind.
        MalformedAlias: The code does not have the form of its kind, its check digits are wrong, or it might be of several kinds.
    """
    if kind is not None:
        return _demand_valid(AliasCode(KIND_NAMES[choose(kind, KIND_NAMES, what="kind")], text))
    fitting = [kind for kind, rule in ALIAS_KINDS.items() if re.fullmatch(rule.form, text)]
    if len(fitting) != 1:
        names = ", ".join(map(name_kind, fitting or ALIAS_KINDS))
        reason = f"it might be one of {names}" if fitting else "it has the form of no kind"
        advice = "name its kind" if fitting else f"write it in capitals without spaces; the kinds are {names}"
        raise MalformedAlias(found=text[:_SHOWN], reason=reason, advice=advice)
    return _demand_valid(AliasCode(fitting[0], text))


def _demand_valid(alias: AliasCode) -> AliasCode:
    rule = ALIAS_KINDS[alias.kind]
    if rule.is_valid is not None and not rule.is_valid(alias.code):
        raise MalformedAlias(
            found=alias.code, reason=f"a {name_kind(alias.kind)}: {rule.doubt}", advice="look again at the code"
        )
    return alias


def _bare(text: str) -> str:
    """Write a code in capitals, without the separators that people write."""
    return re.sub(r"[\s./_-]", "", text).upper() if text.isascii() else text
