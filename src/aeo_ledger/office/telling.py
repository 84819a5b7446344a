"""Show an act in words to its signer: who, what, for whom, from, until, and what changes.

The words come from the act's own bytes and from facts proven to the signer, never from a text that came with the act. They
are English. Every message that can be signed has its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.vocabulary import Benefit, Direction, LaneActKind, Role
from aeo_ledger.office.footing import numbers_in
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.office.telling_events import MOST_LISTED, Stands, tell_publications
from aeo_ledger.office.telling_parties import (
    tell_envelope,
    tell_freeze,
    tell_party_act,
    tell_replacement_act,
    tell_resolution,
    tell_succession,
)
from aeo_ledger.office.telling_terms import Telling, bits, change, moment, named, text_of
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import ALIAS
from aeo_ledger.protocol.tables import Table, alias_entry_key, alias_key, lane_key
from aeo_ledger.protocol.words import NAME_BYTES
from aeo_ledger.verify.claims import ClaimedState


def tell(
    act: SignedAct,
    facts: Facts,
    traders: Mapping[bytes, str] | None = None,
    remarks: Mapping[bytes, str] | None = None,
) -> list[str]:
    """Show an act in words, as lines: first what it is, then who signs it, then what it changes.

    Args:
        act: The act to be signed; its signatures are not read.
        facts: The words of `footing.slots_of(act)`, before the act.
        traders: The trader of each entry that the signer knows; see `Telling`.
        remarks: What the signer should look at, by entry.

    Raises:
        WrongPartyCode: another code is pinned for a party's number.
    """
    telling = Telling(facts=facts, traders=traders or {}, remarks=remarks or {})
    lines = _TOLD[act.name](telling, act.values)
    grounds = act.values.get("grounds")
    if isinstance(grounds, bytes) and any(grounds):
        lines.append(f"  grounds: the decision whose salted hash is {to_hex(grounds)}")
    if "deadline" in act.values:
        lines.append(f"  may be relayed until {moment(int(act.values['deadline']))}")  # type: ignore[arg-type]
    successor = facts.successor()
    if successor is not None and act.name != "Succession":
        lines.append(f"  this ledger is superseded from {moment(successor[1])} on by another, {to_hex(successor[0])}")
    return [*lines, _footing(facts)]


def tell_many(
    acts: Sequence[SignedAct],
    facts: Facts,
    stands: Stands,
    *,
    traders: Mapping[bytes, str],
    remarks: Mapping[bytes, str],
    show_all: bool = False,
) -> list[str]:
    """Show publications of one register that are signed together, as one act.

    Args:
        acts: Publications of one issuer; their signatures are not read.
        facts: The words of `footing.slots_of` except the standings, before the acts.
        stands: Looks up the present record of an entry.
        traders: The trader of each entry.
        remarks: What the signer should look at, by entry.
        show_all: Show each certificate, however many there are.
    """
    telling = Telling(facts=facts, traders=traders, remarks=remarks)
    lines = tell_publications(telling, [act.values for act in acts], stands, show_all=show_all)
    if not show_all and len(traders) > MOST_LISTED:
        lines.append("  to see each certificate: --show-all")
    return [*lines, _footing(facts)]


def _footing(facts: Facts) -> str:
    if isinstance(facts, ClaimedState):
        return (
            f"  UNPROVEN: what stands now is a gateway's claim, as of block {facts.header.number}, {moment(facts.time)}"
        )
    return f"  what stands now is proven as of block {facts.sealed.header.number}, {moment(facts.time)}"


# ---- certificates ----


def _publication(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    return tell_publications(telling, [values])


def _withholding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    old = telling.facts.withholding(values["recogniser"], values["entry"])
    record = telling.facts.record(values["entry"])
    state = {False: "granted", True: "withheld"}
    doing = "WITHHOLD BENEFITS from" if values["withheld"] else "GRANT BENEFITS again to"
    return [
        f"{doing} {telling.trader(values['entry'])}",
        f"to be signed by the operators of {telling.party(values['recogniser'])}: benefits of one foreign operator",
        change("benefits", state[old is not None and old.withheld], state[values["withheld"]]),
        f"  its certificate: {record.status.name if record else 'none'}",
    ]


# ---- arrangements ----


def _arrangement(telling: Telling, values: Mapping[str, Any], *, amends: bool) -> list[str]:
    signing = ", ".join(telling.party(number) for number in numbers_in(values["signatories"]))
    name = text_of(values["arrangement"][:NAME_BYTES], "arrangement")
    lines = [
        f"{'AMEND' if amends else 'CONCLUDE'} the arrangement {name}",
        f"to be signed by the authorities of {signing}: {'an amendment of the' if amends else 'the'} arrangement {name}",
        f"  its text: the one whose keccak256 is {to_hex(values['text'])}",
    ]  # fmt: skip
    for one in values["recognitions"]:
        lines += _recognition(telling, one, name)
    return lines + _tell_other_lanes(telling, values["recognitions"])


def _tell_other_lanes(telling: Telling, recognitions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Show the lanes of the pair that an act does not write: they stay in force, and each one counts."""
    written: dict[tuple[int, int], set[int]] = {}
    for one in recognitions:
        written.setdefault((one["recogniser"], one["register"]), set()).add(one["lane"])
    lines = []
    for (recogniser, register), own in written.items():
        numbers = [number for number in range(telling.facts.pair(recogniser, register).lanes) if number not in own]
        lanes = {number: telling.facts.lane(recogniser, register, number) for number in numbers}
        pair = f"{telling.code(recogniser)} recognises the register of {telling.code(register)}"
        found = [
            line
            for number, lane in lanes.items()
            if lane is not None and not 0 < lane.until <= telling.facts.time
            for line in _tell_standing_lane(telling, number, lane, recogniser, register)
        ]
        if found:
            lines += [f"  ALREADY ON THE LEDGER, and not changed by this: {pair}", *found]
        else:
            lines.append(f"  no other lane: {pair}")
    return lines


def _tell_standing_lane(telling: Telling, number: int, lane: Lane, recogniser: int, register: int) -> list[str]:
    begins = telling.moment(lane.in_force_from, recogniser) if lane.in_force_from else "signed, and not in force"
    until = telling.open_or(lane.until, recogniser)
    scope = (
        ("types", telling.types(register, lane.types)),
        ("roles", bits(lane.roles, Role)),
        ("directions", bits(lane.directions, Direction)),
        ("benefits", bits(lane.benefits, Benefit)),
    )
    return [
        f"    lane {number}: arrangement {lane.arrangement}, {lane.state.name.lower()}, in force from: {begins}, until: {until}",
        f"      {'; '.join(f'{what}: {listed}' for what, listed in scope)}",
    ]


def _recognition(telling: Telling, one: Mapping[str, Any], name: str) -> list[str]:
    recogniser, register = one["recogniser"], one["register"]
    old = telling.facts.lane(recogniser, register, one["lane"])
    lines = [f"  {telling.party(recogniser)} recognises the register of {telling.party(register)}, lane {one['lane']}:"]
    if old is not None:
        until = f", ended {telling.moment(old.until, recogniser)}" if 0 < old.until <= telling.facts.time else ""
        lines.append(f"    replaces {old.arrangement}, {old.state.name.lower()}{until}")
    old_text = telling.facts.word(Table.TEXT, lane_key(recogniser, register, one["lane"]))
    if old is not None and old.arrangement == name:
        lines.append(f"    text until now: {to_hex(old_text.to_bytes(32, 'big'))}")
    rows: list[tuple[str, Callable[[Any], str]]] = [
        ("types", lambda mask: telling.types(register, mask)),
        ("roles", lambda mask: bits(mask, Role)),
        ("directions", lambda mask: bits(mask, Direction)),
        ("benefits", lambda mask: bits(mask, Benefit)),
        ("in_force_from", lambda time: telling.moment(time, recogniser) if time else "signed, and not in force"),
        ("until", lambda time: telling.open_or(time, recogniser)),
    ]
    for part, show in rows:
        before = "-" if old is None else show(getattr(old, part))
        shown = show(one[part]) if old is None else change("", before, show(one[part])).strip(" :")
        lines.append(f"    {part.replace('_', ' ')}: {shown}")
    return lines


def _lane_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    recogniser, register = values["recogniser"], values["register"]
    old: Lane | None = telling.facts.lane(recogniser, register, values["lane"])
    pair = f"{telling.code(recogniser)} recognises the register of {telling.code(register)}"
    doing = f"{named(values['act'], LaneActKind)} lane {values['lane']} of: {pair}"
    lines = [
        f"{named(values['act'], LaneActKind).upper()} lane {values['lane']} of: {pair}",
        f"to be signed by the authority of {telling.party(values['party'])}: {doing}",
        f"  arrangement: {old.arrangement if old else 'none'}; state now: {old.state.name.lower() if old else 'no lane'}",
    ]
    if values["act"] == LaneActKind.END:
        before = telling.open_or(old.until, recogniser) if old else "-"
        lines.append(change("until", before, telling.open_or(values["until"], recogniser)))
    return lines


def _alias_binding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    recogniser, alias, number = values["recogniser"], values["alias_hash"], values["certificate_type"]
    key = alias_entry_key(recogniser, alias, values["binding"], number)
    bound = telling.facts.word(Table.ALIAS_ENTRY, key).to_bytes(32, "big")
    word = telling.facts.word(Table.ALIAS, alias_key(recogniser, alias))
    live = [binding for binding in range(8) if ALIAS[f"types_{binding}"].of(word)]
    old, new = (telling.trader(entry) if any(entry) else "nobody" for entry in (bound, values["entry"]))
    named = telling.traders.get(alias, f"of hash {to_hex(alias)}")
    return [
        f"BIND an alias of {telling.code(recogniser)}"
        if any(values["entry"])
        else f"CLEAR an alias of {telling.code(recogniser)}",
        f"to be signed by the operators of {telling.party(recogniser)}: what its alias {named} means",
        change(f"binding {values['binding']}", old, new),
        f"  bindings that are live now: {', '.join(map(str, live)) or 'none'}; more than one makes the alias ambiguous",
    ]


_TOLD: Final[Mapping[str, Callable[[Telling, Mapping[str, Any]], list[str]]]] = {
    "Publication": _publication,
    "Withholding": _withholding,
    "Conclusion": lambda telling, values: _arrangement(telling, values, amends=False),
    "Amendment": lambda telling, values: _arrangement(telling, values, amends=True),
    "LaneAct": _lane_act,
    "PartyAct": tell_party_act,
    "Resolution": tell_resolution,
    "ReplacementAct": tell_replacement_act,
    "Freeze": tell_freeze,
    "Envelope": tell_envelope,
    "Succession": tell_succession,
    "AliasBinding": _alias_binding,
}
"""How each kind of signed message is shown."""
