"""One thing wrong at a time: ways to spoil an act or its signatures that are otherwise right."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, Final

from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from support.act_messages import Act, name_of, read, write
from support.evm import ADDRESSES, CHAIN_ID
from support.world import DAY, OUTSIDER, World, key, sign

SIGNATURE_FLAWS: Final = (
    "missing", "surplus", "stranger", "reversed", "doubled", "high s", "wrong v", "zero r", "other chain", "other contract",
)  # fmt: skip
ACT_FLAWS: Final = (
    "late", "far", "miscounted", "miscounted", "flipped before signing", "flipped after signing", "surplus member", "nothing in it",
)  # fmt: skip
COUNTERS: Final = ("number", "serial", "lifts", "generation", "lane", "amendment", "party", "sequence")
"""Members that count; a flaw is one off."""


def spoil(chance: Random, world: World, act: Act, names: list[str]) -> tuple[Act, list[Signature]]:
    """Sign an act rightly, or with one flaw in it or in its signatures."""
    flaw = chance.choice(("none",) * 90 + ACT_FLAWS * 2 + SIGNATURE_FLAWS)
    if flaw == "late":
        act = replace(act, deadline=world.now - 1)
    elif flaw == "far":
        act = replace(act, deadline=world.now + 367 * DAY)
    elif flaw in {"miscounted", "flipped before signing", "surplus member", "nothing in it"}:
        act = _spoil_act(chance, act, flaw)
    chain_id = CHAIN_ID + 1 if flaw == "other chain" else CHAIN_ID
    contract = next(ADDRESSES[c] for c in Contract if (c is CONTRACT_OF[name_of(act)]) != (flaw == "other contract"))
    names = _spoil_names(chance, flaw, names)
    signatures = sign(world.message(act, chain_id=chain_id, contract=contract), *names)
    signatures = _spoil_signatures(chance, flaw, signatures)
    if flaw == "flipped after signing":
        act = _spoil_act(chance, act, flaw)
    return act, signatures


def _spoil_names(chance: Random, flaw: str, names: list[str]) -> list[str]:
    if flaw == "surplus" and OUTSIDER not in names:
        return [*names, OUTSIDER]
    if not names or flaw not in {"missing", "stranger"}:
        return names
    without = chance.choice(names)
    left = [name for name in names if name != without]
    return [*left, OUTSIDER] if flaw == "stranger" else left


def _spoil_signatures(chance: Random, flaw: str, signatures: list[Signature]) -> list[Signature]:
    if flaw == "reversed":
        return signatures[::-1]
    if not signatures or flaw not in {"doubled", "high s", "wrong v", "zero r"}:
        return signatures
    place = chance.randint(0, len(signatures) - 1)
    one = signatures[place]
    spoilt = {
        "doubled": [one, one],
        "high s": [replace(one, s=ORDER - one.s, v=55 - one.v)],
        "wrong v": [replace(one, v=chance.choice((0, 1, 26, 29, 35, 2**256 - 1)))],
        "zero r": [replace(one, r=chance.choice((0, ORDER, 2**256 - 1)))],
    }
    return [*signatures[:place], *spoilt[flaw], *signatures[place + 1 :]][:16]


def _spoil_act(chance: Random, act: Act, flaw: str) -> Act:
    name, values = name_of(act), write(act)
    lists = [member for kind, member in MESSAGES[name] if kind.endswith("[]") and values[member]]
    if flaw == "surplus member" and lists:
        values[lists[0]] = [*values[lists[0]], chance.choice(values[lists[0]])]
    elif flaw == "nothing in it" and lists:
        values[lists[0]] = []
    elif flaw == "miscounted":
        _miscount(chance, values)
    else:
        _flip(chance, name, values)
    return read(name, values)


def _miscount(chance: Random, values: dict[str, Any]) -> None:
    """Put one counter one off, of the act or of a struct in a list of its."""
    structs = [values, *(struct for value in values.values() if isinstance(value, list) for struct in value)]
    places = [(struct, name) for struct in structs for name in COUNTERS if name in struct]
    if places:
        struct, name = chance.choice(places)
        struct[name] = max(0, struct[name] + chance.choice((1, -1)))


def _flip(chance: Random, name: str, values: dict[str, Any]) -> None:
    """Flip one bit of any member; most often, where there are some, of structs in lists."""
    lists = [part for part in MESSAGES[name] if part[0].endswith("[]")]
    kind, member = chance.choice([*MESSAGES[name], *lists * 8])
    value = values[member]
    if kind.endswith("[]"):
        if value:
            place = chance.randint(0, len(value) - 1)
            values[member] = [dict(struct) for struct in value]
            _flip(chance, kind[:-2], values[member][place])
    elif kind == "bool":
        values[member] = not value
    elif kind.startswith("uint"):
        values[member] = value ^ 1 << chance.randint(0, int(kind[4:]) - 1)
    elif value:
        bit = 1 << chance.randint(0, 8 * len(value) - 1)
        values[member] = (int.from_bytes(value, "big") ^ bit).to_bytes(len(value), "big")


def name_of_key(address: bytes) -> str:
    """Find whose key an address is; an outsider's if nobody's."""
    return _NAMES.get(address, OUTSIDER)


SPARES: Final = tuple(f"spare {number}" for number in range(96))
_NAMES: Final = {
    key(name).address: name
    for name in (
        *(f"{role} {party}" for role in ("authority", "node") for party in range(1, 7)),
        *(f"operator {party} {which}" for party in range(1, 7) for which in (0, 1)),
        *SPARES,
        OUTSIDER,
    )
}
