"""An act in words, for whoever is about to sign it: who, what, for whom, from, until, and what changes.

Made from the act's own bytes and from facts that are proven to the signer, never from a text that came with it. English;
every message that can be signed has its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Capacity,
    Direction,
    EventKind,
    LaneActKind,
    ReasonClass,
    Role,
)
from aeo_ledger.office.footing import numbers_in
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.office.telling_parties import (
    tell_envelope,
    tell_freeze,
    tell_party_act,
    tell_replacement_act,
    tell_resolution,
    tell_succession,
)
from aeo_ledger.office.telling_terms import Telling, bits, change, moment, named, open_or, text_of
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import ALIAS
from aeo_ledger.protocol.tables import Table, alias_entry_key, alias_key, lane_key
from aeo_ledger.protocol.words import NAME_BYTES, decode_record
from aeo_ledger.verify.claims import ClaimedState

_MOST_TOLD: Final = 5
"""Certificates of a publication that are told one by one; of more, how many of each kind."""


def tell(act: SignedAct, facts: Facts, traders: Mapping[bytes, str] | None = None) -> list[str]:
    """Tell an act in words, a line each.

    Args:
        act: What is about to be signed; its signatures say nothing here.
        facts: The words of `footing.slots_of`, before the act.
        traders: Whom entries are about, where the signer knows; see `Telling`.

    Raises:
        WrongPartyCode: a party's number is another's than the one pinned.
    """
    telling = Telling(facts=facts, traders=traders or {})
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


def tell_many(acts: Sequence[SignedAct], facts: Facts) -> list[str]:
    """Tell publications of one register that are signed together: how many certificates, and what of each kind."""
    telling, values = Telling(facts=facts), acts[0].values
    events: list[Any] = [event for act in acts for event in act.values["events"]]  # type: ignore[union-attr]
    return [*_head_of_publication(telling, values), *_count(events), _footing(facts)]


def _footing(facts: Facts) -> str:
    if isinstance(facts, ClaimedState):
        return (
            f"  UNPROVEN: what stands now is a gateway's claim, as of block {facts.header.number}, {moment(facts.time)}"
        )
    return f"  what stands now is proven as of block {facts.sealed.header.number}, {moment(facts.time)}"


# ---- publications ----


def _head_of_publication(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    capacities = {
        Capacity.OPERATORS: f"the operators of {telling.party(values['issuer'])}",
        Capacity.AUTHORITY: f"the authority of {telling.party(values['issuer'])}",
        Capacity.UNION: f"the authority of the union {telling.party(values['register'])}",
    }
    who = capacities.get(values["capacity"], f"the operators of {telling.party(values['issuer'])}")
    if values["former"]:
        who += f", with {telling.party(values['former'])} or the register's union"
    return [f"to be signed by {who}: a publication in the register of {telling.party(values['register'])}"]


def _publication(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    events = values["events"]
    lines = _head_of_publication(telling, values)
    if len({event["entry"] for event in events}) > _MOST_TOLD:
        return [*lines, *_count(events)]
    now = {event["entry"]: telling.facts.record(event["entry"]) for event in events}
    for event in events:
        new = decode_record(event["record"])
        if new is None:
            lines.append("  an event without a record")
            continue
        lines += _event(telling, event["entry"], now[event["entry"]], new)
        now[event["entry"]] = new
    return lines


def _event(telling: Telling, entry: bytes, old: Record | None, new: Record) -> list[str]:
    lines = [f"  {named(new.kind, EventKind).upper()}: {telling.trader(entry)}, event {new.sequence}"]
    if new.reason != ReasonClass.UNSTATED:
        lines.append(f"  reason: {named(new.reason, ReasonClass)}")
    parts: list[tuple[str, Callable[[Record], str], str]] = [
        ("status", lambda r: r.status.name, "no certificate"),
        ("status since", lambda r: moment(r.since), "-"),
        ("roles", lambda r: bits(r.roles, Role), "-"),
        ("valid from", lambda r: moment(r.valid_from), "-"),
        ("valid until", lambda r: open_or(r.valid_until), "-"),
        ("planned end, or bar, until", lambda r: moment(r.hold_until) if r.hold_until else "none", "none"),
        ("issuer", lambda r: telling.code(r.issuer), "-"),
    ]  # fmt: skip
    for what, show, nothing in parts:
        before, after = nothing if old is None else show(old), show(new)
        if old is None or before != after or what == "status":
            lines.append(change(what, before, after))
    return lines


def _count(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say how many certificates a publication is about, and how many acts of each kind."""
    records = [(event["entry"], decode_record(event["record"])) for event in events]
    kinds = Counter(named(record.kind, EventKind) if record else "no record" for _, record in records)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    return [f"  {len({entry for entry, _ in records}):,} certificates: {listed}"]


def _withholding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    old = telling.facts.withholding(values["recogniser"], values["entry"])
    record = telling.facts.record(values["entry"])
    state = {False: "granted", True: "withheld"}
    return [
        f"to be signed by the operators of {telling.party(values['recogniser'])}: benefits of one foreign operator",
        f"  for {telling.trader(values['entry'])}",
        change("benefits", state[old is not None and old.withheld], state[values["withheld"]]),
        f"  its certificate: {record.status.name if record else 'none'}",
    ]


# ---- arrangements ----


def _arrangement(telling: Telling, values: Mapping[str, Any], *, amends: bool) -> list[str]:
    signing = ", ".join(telling.party(number) for number in numbers_in(values["signatories"]))
    name = text_of(values["arrangement"][:NAME_BYTES], "arrangement")
    lines = [
        f"to be signed by the authorities of {signing}: {'an amendment of' if amends else ''} the arrangement {name}".replace("  ", " "),
        f"  its text: the one whose keccak256 is {to_hex(values['text'])}",
    ]  # fmt: skip
    for one in values["recognitions"]:
        lines += _recognition(telling, one, name)
    return lines


def _recognition(telling: Telling, one: Mapping[str, Any], name: str) -> list[str]:
    recogniser, register = one["recogniser"], one["register"]
    old = telling.facts.lane(recogniser, register, one["lane"])
    lines = [f"  {telling.party(recogniser)} recognises the register of {telling.party(register)}, lane {one['lane']}:"]
    if old is not None:
        until = f", ended {moment(old.until)}" if 0 < old.until <= telling.facts.time else ""
        lines.append(f"    takes the place of {old.arrangement}, {old.state.name.lower()}{until}")
    old_text = telling.facts.word(Table.TEXT, lane_key(recogniser, register, one["lane"]))
    if old is not None and old.arrangement == name:
        lines.append(f"    until now under the text {to_hex(old_text.to_bytes(32, 'big'))}")
    rows: list[tuple[str, Callable[[Any], str]]] = [
        ("types", lambda mask: telling.types(register, mask)),
        ("roles", lambda mask: bits(mask, Role)),
        ("directions", lambda mask: bits(mask, Direction)),
        ("benefits", lambda mask: bits(mask, Benefit)),
        ("in_force_from", lambda time: moment(time) if time else "signed, and not in force"),
        ("until", open_or),
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
        f"to be signed by the authority of {telling.party(values['party'])}: {doing}",
        f"  arrangement: {old.arrangement if old else 'none'}; state now: {old.state.name.lower() if old else 'no lane'}",
    ]
    if values["act"] == LaneActKind.END:
        lines.append(change("until", open_or(old.until) if old else "-", open_or(values["until"])))
    return lines


def _alias_binding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    recogniser, alias, number = values["recogniser"], values["alias_hash"], values["certificate_type"]
    key = alias_entry_key(recogniser, alias, values["binding"], number)
    bound = telling.facts.word(Table.ALIAS_ENTRY, key).to_bytes(32, "big")
    word = telling.facts.word(Table.ALIAS, alias_key(recogniser, alias))
    live = [binding for binding in range(8) if ALIAS[f"types_{binding}"].of(word)]
    old, new = (telling.trader(entry) if any(entry) else "nobody" for entry in (bound, values["entry"]))
    return [
        f"to be signed by the operators of {telling.party(recogniser)}: what its alias of hash {to_hex(alias)} means",
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
"""Every message that is signed."""
