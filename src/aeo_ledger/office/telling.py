"""Show an act in words to its signer: who, what, for whom, from, until, and what changes.

The words come from the act's own bytes and from facts proven to the signer, never from a text that came with the act. Every message
that can be signed has its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.vocabulary import Benefit, Direction, LaneActKind, LaneState, Role
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
from aeo_ledger.office.telling_terms import Telling, text_of
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import ALIAS
from aeo_ledger.protocol.tables import Table, alias_entry_key, alias_key, lane_key
from aeo_ledger.protocol.words import NAME_BYTES
from aeo_ledger.verify.claims import ClaimedState
from aeo_ledger.wording.words import ENGLISH, Words, later


def tell(
    act: SignedAct,
    facts: Facts,
    traders: Mapping[bytes, str] | None = None,
    remarks: Mapping[bytes, Sequence[str]] | None = None,
    words: Words = ENGLISH,
) -> list[str]:
    """Show an act in words, as lines: first what it is, then who signs it, then what it changes.

    Args:
        act: The act to be signed; its signatures are not read.
        facts: The words of `footing.slots_of(act)`, before the act.
        traders: The trader of each entry that the signer knows; see `Telling`.
        remarks: What the signer should look at, by entry.
        words: The signer's language.

    Raises:
        WrongPartyCode: another code is pinned for a party's number.
    """
    telling = Telling(facts=facts, traders=traders or {}, remarks=remarks or {}, words=words)
    lines = _TOLD[act.name](telling, act.values)
    grounds = act.values.get("grounds")
    if isinstance(grounds, bytes) and any(grounds):
        lines.append(words.say("  grounds: the decision whose salted hash is {hash}", hash=to_hex(grounds)))
    if "deadline" in act.values:
        deadline = telling.moment(int(act.values["deadline"]))  # type: ignore[arg-type]
        lines.append(words.say("  may be relayed until {deadline}", deadline=deadline))
    successor = facts.successor()
    if successor is not None and act.name != "Succession":
        lines.append(
            words.say(
                "  this ledger is superseded from {time} on by another, {successor}",
                time=telling.moment(successor[1]),
                successor=to_hex(successor[0]),
            )
        )
    return [*lines, _footing(telling)]


def tell_many(
    acts: Sequence[SignedAct],
    facts: Facts,
    stands: Stands,
    *,
    traders: Mapping[bytes, str],
    remarks: Mapping[bytes, Sequence[str]],
    show_all: bool = False,
    words: Words = ENGLISH,
) -> list[str]:
    """Show publications of one register that are signed together, as one act.

    Args:
        acts: Publications of one issuer; their signatures are not read.
        facts: The words of `footing.slots_of` except the standings, before the acts.
        stands: Looks up the present record of an entry.
        traders: The trader of each entry.
        remarks: What the signer should look at, by entry.
        show_all: Show each certificate, however many there are.
        words: The signer's language.
    """
    telling = Telling(facts=facts, traders=traders, remarks=remarks, words=words)
    lines = tell_publications(telling, [act.values for act in acts], stands, show_all=show_all)
    if not show_all and len(traders) > MOST_LISTED:
        lines.append(words.say("  to see each certificate: --show-all"))
    return [*lines, _footing(telling)]


def _footing(telling: Telling) -> str:
    facts, time = telling.facts, telling.moment(telling.facts.time)
    if isinstance(facts, ClaimedState):
        return telling.words.say(
            "  UNPROVEN: what stands now is a gateway's claim, as of block {block}, {time}",
            block=facts.header.number,
            time=time,
        )
    block = facts.sealed.header.number
    return telling.words.say("  what stands now is proven as of block {block}, {time}", block=block, time=time)


# ---- certificates ----


def _publication(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    return tell_publications(telling, [values])


def _withholding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    old = telling.facts.withholding(values["recogniser"], values["entry"])
    record, say = telling.facts.record(values["entry"]), telling.words.say
    state = {False: say("granted"), True: say("withheld")}
    trader, recogniser = telling.trader(values["entry"]), telling.party(values["recogniser"])
    return [
        say("WITHHOLD BENEFITS from {trader}", trader=trader)
        if values["withheld"]
        else say("GRANT BENEFITS again to {trader}", trader=trader),
        say("to be signed by the operators of {party}: benefits of one foreign operator", party=recogniser),
        telling.change(say("benefits"), state[old is not None and old.withheld], state[values["withheld"]]),
        say("  its certificate: {status}", status=telling.status(record)),
    ]


# ---- arrangements ----


def _arrangement(telling: Telling, values: Mapping[str, Any], *, amends: bool) -> list[str]:
    say = telling.words.say
    signing = ", ".join(telling.party(number) for number in numbers_in(values["signatories"]))
    name = text_of(values["arrangement"][:NAME_BYTES], "arrangement")
    lines = (
        [
            say("AMEND the arrangement {name}", name=name),
            say(
                "to be signed by the authorities of {parties}: an amendment of the arrangement {name}",
                parties=signing,
                name=name,
            ),
        ]
        if amends
        else [
            say("CONCLUDE the arrangement {name}", name=name),
            say("to be signed by the authorities of {parties}: the arrangement {name}", parties=signing, name=name),
        ]
    )
    lines.append(say("  its text: the one whose keccak256 is {hash}", hash=to_hex(values["text"])))
    for one in values["recognitions"]:
        lines += _recognition(telling, one, name)
    return lines + _tell_other_lanes(telling, values["recognitions"])


def _pair(telling: Telling, recogniser: int, register: int) -> str:
    return telling.words.say(
        "{recogniser} recognises the register of {register}",
        recogniser=telling.code(recogniser),
        register=telling.code(register),
    )


def _tell_other_lanes(telling: Telling, recognitions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Show the lanes of the pair that an act does not write: they stay in force, and each one counts."""
    written: dict[tuple[int, int], set[int]] = {}
    for one in recognitions:
        written.setdefault((one["recogniser"], one["register"]), set()).add(one["lane"])
    lines = []
    for (recogniser, register), own in written.items():
        numbers = [number for number in range(telling.facts.pair(recogniser, register).lanes) if number not in own]
        lanes = {number: telling.facts.lane(recogniser, register, number) for number in numbers}
        pair = _pair(telling, recogniser, register)
        found = [
            line
            for number, lane in lanes.items()
            if lane is not None and not 0 < lane.until <= telling.facts.time
            for line in _tell_standing_lane(telling, number, lane, recogniser, register)
        ]
        if found:
            heading = telling.words.say("  ALREADY ON THE LEDGER, and not changed by this: {pair}", pair=pair)
            lines += [heading, *found]
        else:
            lines.append(telling.words.say("  no other lane: {pair}", pair=pair))
    return lines


_Show: TypeAlias = Callable[[Telling, Any, int, int], str]
"""Writes a part of a lane's terms, for a recogniser and a register by number."""

_TERMS: Final[Mapping[str, tuple[str, _Show]]] = {
    "types": (later("types"), lambda telling, mask, _, register: telling.types(register, mask)),
    "roles": (later("roles"), lambda telling, mask, _, __: telling.words.names(mask, Role)),
    "directions": (later("directions"), lambda telling, mask, _, __: telling.words.names(mask, Direction)),
    "benefits": (later("benefits"), lambda telling, mask, _, __: telling.words.names(mask, Benefit)),
    "in_force_from": (
        later("in force from"),
        lambda telling, time, recogniser, _: (
            telling.moment(time, recogniser) if time else telling.words.say("signed, and not in force")
        ),
    ),
    "until": (later("until"), lambda telling, time, recogniser, _: telling.open_or(time, recogniser)),
}
"""The terms of a lane: how each is called, and how it is written."""


def _tell_standing_lane(telling: Telling, number: int, lane: Lane, recogniser: int, register: int) -> list[str]:
    shown = {
        term: f"{telling.words.phrase(called)}: {show(telling, getattr(lane, term), recogniser, register)}"
        for term, (called, show) in _TERMS.items()
    }
    state = telling.words.name(lane.state, LaneState)
    head = telling.words.say(
        "    lane {number}: arrangement {name}, {state}", number=number, name=lane.arrangement, state=state
    )
    return [
        ", ".join([head, shown.pop("in_force_from"), shown.pop("until")]),
        f"      {'; '.join(shown.values())}",
    ]


def _recognition(telling: Telling, one: Mapping[str, Any], name: str) -> list[str]:
    recogniser, register, say = one["recogniser"], one["register"], telling.words.say
    old = telling.facts.lane(recogniser, register, one["lane"])
    lines = [
        say(
            "  {recogniser} recognises the register of {register}, lane {lane}:",
            recogniser=telling.party(recogniser),
            register=telling.party(register),
            lane=one["lane"],
        )
    ]
    if old is not None:
        state = telling.words.name(old.state, LaneState)
        if 0 < old.until <= telling.facts.time:
            state = say("{state}, ended {time}", state=state, time=telling.moment(old.until, recogniser))
        lines.append(say("    replaces {arrangement}, {state}", arrangement=old.arrangement, state=state))
    old_text = telling.facts.word(Table.TEXT, lane_key(recogniser, register, one["lane"]))
    if old is not None and old.arrangement == name:
        lines.append(say("    text until now: {hash}", hash=to_hex(old_text.to_bytes(32, "big"))))
    for term, (called, show) in _TERMS.items():
        shown = show(telling, one[term], recogniser, register)
        if old is not None:
            shown = telling.turned(show(telling, getattr(old, term), recogniser, register), shown)
        lines.append(f"    {telling.words.phrase(called)}: {shown}")
    return lines


def _lane_act(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    recogniser, register, words = values["recogniser"], values["register"], telling.words
    old: Lane | None = telling.facts.lane(recogniser, register, values["lane"])
    doing, pair = words.name(values["act"], LaneActKind), _pair(telling, recogniser, register)
    lines = [
        words.say("{act} lane {lane} of: {pair}", act=doing.upper(), lane=values["lane"], pair=pair),
        words.say(
            "to be signed by the authority of {party}: {act} lane {lane} of: {pair}",
            party=telling.party(values["party"]),
            act=doing,
            lane=values["lane"],
            pair=pair,
        ),
        words.say(
            "  arrangement: {name}; state now: {state}",
            name=old.arrangement if old else words.term("arrangement", "none"),
            state=words.name(old.state, LaneState) if old else words.say("no lane"),
        ),
    ]
    if values["act"] == LaneActKind.END:
        before = telling.open_or(old.until, recogniser) if old else "-"
        lines.append(telling.change(words.say("until"), before, telling.open_or(values["until"], recogniser)))
    return lines


def _alias_binding(telling: Telling, values: Mapping[str, Any]) -> list[str]:
    recogniser, alias, number = values["recogniser"], values["alias_hash"], values["certificate_type"]
    key, say = alias_entry_key(recogniser, alias, values["binding"], number), telling.words.say
    bound = telling.facts.word(Table.ALIAS_ENTRY, key).to_bytes(32, "big")
    word = telling.facts.word(Table.ALIAS, alias_key(recogniser, alias))
    live = [binding for binding in range(8) if ALIAS[f"types_{binding}"].of(word)]
    old, new = (telling.trader(entry) if any(entry) else say("nobody") for entry in (bound, values["entry"]))
    code = telling.code(recogniser)
    return [
        say("BIND an alias of {party}", party=code)
        if any(values["entry"])
        else say("CLEAR an alias of {party}", party=code),
        say(
            "to be signed by the operators of {party}: what its alias {alias} means",
            party=telling.party(recogniser),
            alias=telling.traders.get(alias) or say("of hash {hash}", hash=to_hex(alias)),
        ),
        telling.change(say("binding {number}", number=values["binding"]), old, new),
        say(
            "  bindings that are live now: {bindings}; more than one makes the alias ambiguous",
            bindings=", ".join(map(str, live)) or telling.words.term("list", "none"),
        ),
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
