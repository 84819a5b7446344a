"""The safety valve: a truncated file must not revoke a country.

One file seldom ends or changes more than a small part of a register. A plan that does is refused, unless the officer names the number. An
office sets other limits for a party in its book. New certificates do not count, so a first import is free, and one that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import TooManyChanges, UnsoundPlan
from aeo_ledger.registers.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    percent: int
    """Of the living certificates. At least one certificate is always allowed."""
    what: str


LIMITS: Final[Mapping[str, _Limit]] = {
    "ends": _Limit(percent=2, what="end"),
    "changes": _Limit(percent=30, what="change"),
}
"""What is limited, by the name that `--allow` and `book set` use."""


def read_allowed(texts: list[str]) -> dict[str, int]:
    """Read what an officer allows, each as `ends=12`.

    Raises:
        MalformedText: it has another form.
    """
    allowed = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in LIMITS or not number.isascii() or not number.isdigit() or len(number) > 7:
            raise MalformedText("--allow", repr(text)[:40], " or ".join(f"{name}=NUMBER" for name in LIMITS))
        allowed[name] = int(number)
    return allowed


def allow(plan: Plan, allowed: Mapping[str, int], percents: Mapping[str, int]) -> Plan:
    """Write into a plan how much more than usual it does, if that is allowed: whoever signs it sees the number.

    Args:
        plan: A new plan.
        allowed: Numbers that the officer allows, by name.
        percents: Other limits than the usual ones for this party, in percent of the living certificates, by name.

    Raises:
        TooManyChanges: it does more.
    """
    found = count_limited(plan)
    _refuse_more(found, plan.living, allowed, percents)
    return replace(
        plan, allowed={name: number for name, number in found.items() if number > find_limit(plan.living, name)}
    )


def require_allowed(plan: Plan, living: int) -> None:
    """Refuse a plan that somebody else may have written, if it does more than usual and more than it says that it was allowed.

    Args:
        plan: The plan. What it says about living certificates is not believed.
        living: Living certificates of its issuer in the register before it, proven.

    Raises:
        TooManyChanges: it does more.
        UnsoundPlan: it says that another number was allowed than the one of its changes.
    """
    found = count_limited(plan)
    for name, number in plan.allowed.items():
        if number != found[name]:
            what = LIMITS[name].what
            raise UnsoundPlan(
                where="what was allowed",
                reason=f"{number:,} would {what} by its own words, {found[name]:,} by its events",
            )
    _refuse_more(found, living, plan.allowed, {})


def count_limited(plan: Plan) -> dict[str, int]:
    """Count what the limits are about, by name."""
    return {
        "ends": sum(change.ends for change in plan.changes),
        "changes": sum(change.before != 0 for change in plan.changes),
    }


def find_limit(living: int, name: str, percents: Mapping[str, int] = MappingProxyType({})) -> int:
    """Find how many certificates of so many living ones a plan may end or change; at least one."""
    return max(1, living * percents.get(name, LIMITS[name].percent) // 100)


def _refuse_more(
    found: Mapping[str, int], living: int, allowed: Mapping[str, int], percents: Mapping[str, int]
) -> None:
    for name, number in found.items():
        limit = find_limit(living, name, percents)
        if number > max(limit, allowed.get(name, 0)):
            what = LIMITS[name].what
            raise TooManyChanges(name=name, what=what, found=number, certificates=living, limit=limit)
