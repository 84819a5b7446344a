"""Find out whether an act is sealed: look in proven words for what it must have written. What a gateway says proves nothing.

Some words identify an act (a lane, a withholding with its serial): they are compared. For the other acts, the head of their history is
compared. The new head follows from the old head, the act's hash and the time of its block. A record says when it was recorded. For other
acts the time is unknown, so each second between the two states is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.consortium import extend_head
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import LaneActKind, LaneState
from aeo_ledger.office.footing import SUCCESSION_WORDS
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import ALIAS, SUCCESSION
from aeo_ledger.protocol.tables import Contract, Table, alias_entry_key, alias_key, lane_key
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import NAME_BYTES, decode_text, encode_record

_MOST_SECONDS: Final = 1 << 16
"""Most seconds that are tried as the time of a block: acts are sealed within minutes."""


def find_missing(act: SignedAct, before: Facts, after: Facts) -> str:
    """Say what an act must have written but did not; empty if nothing is missing.

    Args:
        act: The signed act.
        before: The words of `slots_of(act)` before it was relayed.
        after: The same words now.
    """
    values: Mapping[str, Any] = act.values
    if act.name == "Publication":
        events = group_events(values)
        waits = sum(
            not are_last(made, before.standing_head(entry), after.record(entry), after.standing_head(entry))
            for entry, made in events.items()
        )
        return f"the record of {waits} of {len(events)} certificates" if waits else ""
    look = _LEFT.get(act.name)
    missing = "" if look is None else look(values, after)
    if missing or act.name not in _BY_HEAD:
        return missing
    hashed = struct_hash(act.name, values)
    chained = all(
        _follows(old, hashed, turns, new, before.time, after.time)
        for old, new, turns in _BY_HEAD[act.name](values, before, after)
    )
    return "" if chained else "its place in the history"


def group_events(values: Mapping[str, Any]) -> dict[bytes, list[Mapping[str, Any]]]:
    """Group the events of a publication's values by entry (32 bytes), in their order; another act has none."""
    events: dict[bytes, list[Mapping[str, Any]]] = {}
    for event in values.get("events", ()):
        events.setdefault(event["entry"], []).append(event)
    return events


def are_last(events: Sequence[Mapping[str, Any]], before: bytes, record: Record | None, head: bytes) -> bool:
    """Say whether the last events of an entry are these, of one publication.

    The record alone does not say so: no record shows the document that its event commits to. The head binds it.

    Args:
        events: Values of status events of one entry, in their order.
        before: Head of the entry's history before them, 32 bytes.
        record: The entry's record now; None if there is none.
        head: Head of its history now, 32 bytes.
    """
    if record is None or encode_record(replace(record, recorded_at=0)) != events[-1]["record"]:
        return False
    for event in events:
        before = extend_head(before, struct_hash("StatusEvent", event), record.recorded_at)
    return before == head


def _follows(old: bytes, hashed: bytes, turns: int, new: bytes, since: int, until: int) -> bool:
    """Say whether `new` follows from `old` (heads of 32 bytes) by one event, hashed `turns` times, at a time from `since` to `until`."""
    for time in range(since, min(until, since + _MOST_SECONDS) + 1):
        head = old
        for _ in range(turns):
            head = extend_head(head, hashed, time)
        if head == new:
            return True
    return False


def _party_head(values: Mapping[str, Any], before: Facts, after: Facts) -> list[tuple[bytes, bytes, int]]:
    party = values["party"]
    return [(before.party_head(party), after.party_head(party), 1)]


def _register_head(values: Mapping[str, Any], before: Facts, after: Facts) -> list[tuple[bytes, bytes, int]]:
    return _party_head({"party": values["register"]}, before, after)


def _pair_heads(values: Mapping[str, Any], before: Facts, after: Facts) -> list[tuple[bytes, bytes, int]]:
    turns = Counter((one["recogniser"], one["register"]) for one in values["recognitions"])
    return [(before.pair_head(*pair), after.pair_head(*pair), count) for pair, count in turns.items()]


def _withholding(values: Mapping[str, Any], after: Facts) -> str:
    found = after.withholding(values["recogniser"], values["entry"])
    left = found is not None and (found.serial, found.withheld) == (values["serial"], values["withheld"])
    return "" if left else f"withholding {values['serial']}"


def _conclusion(values: Mapping[str, Any], after: Facts) -> str:
    texts = (
        after.word(Table.TEXT, lane_key(one["recogniser"], one["register"], one["lane"]))
        for one in values["recognitions"]
    )
    return _lanes(values, after) or ("" if {*texts} == {int.from_bytes(values["text"], "big")} else "its text")


def _lanes(values: Mapping[str, Any], after: Facts) -> str:
    name = decode_text(int.from_bytes(values["arrangement"][:NAME_BYTES], "big"), NAME_BYTES, what="arrangement")
    for one in values["recognitions"]:
        lane = after.lane(one["recogniser"], one["register"], one["lane"])
        counted = after.pair(one["recogniser"], one["register"]).amendments >= one["amendment"]
        if lane is None or not counted or not _as_signed(lane, name, one):
            return f"lane {one['lane']} as signed, amendment {one['amendment']}"
    return ""


def _as_signed(lane: Lane, name: str, one: Mapping[str, Any]) -> bool:
    scope = ("types", "roles", "directions", "benefits", "in_force_from", "until")
    return lane.arrangement == name and all(getattr(lane, part) == one[part] for part in scope)


def _lane_act(values: Mapping[str, Any], after: Facts) -> str:
    lane = after.lane(values["recogniser"], values["register"], values["lane"])
    pair = after.pair(values["recogniser"], values["register"])
    if values["act"] == LaneActKind.END:
        left = lane is not None and (lane.until, lane.generation) == (values["until"], values["generation"])
    else:
        state = LaneState.SUSPENDED if values["act"] == LaneActKind.SUSPEND else LaneState.OPEN
        left = lane is not None and (pair.lane_acts, lane.state) == (values["number"], state)
    return "" if left else f"lane {values['lane']} as signed"


def _succession(values: Mapping[str, Any], after: Facts) -> str:
    first = after.word(Table.SUCCESSION, 0)
    named = {
        "effective": SUCCESSION["effective"].of(first),
        "consortium": SUCCESSION["consortium"].of(first).to_bytes(20, "big"),
    }
    members = ("chain", "governance", "registers", *(f"{contract.value}_code" for contract in Contract))
    for key, member in zip(SUCCESSION_WORDS[1:], members, strict=True):
        word, signed = after.word(Table.SUCCESSION, key), values[member]
        named[member] = word.to_bytes(len(signed), "big") if isinstance(signed, bytes) else word
    return "" if all(values[member] == found for member, found in named.items()) else "the successor named"


def _alias_binding(values: Mapping[str, Any], after: Facts) -> str:
    recogniser, alias = values["recogniser"], values["alias_hash"]
    serial = ALIAS["serial"].of(after.word(Table.ALIAS, alias_key(recogniser, alias)))
    key = alias_entry_key(recogniser, alias, values["binding"], values["certificate_type"])
    bound = after.word(Table.ALIAS_ENTRY, key).to_bytes(32, "big")
    left = serial >= values["serial"] and bound == values["entry"]  # other acts on the alias may follow at once
    return "" if left else f"binding {values['binding']} of the alias"


_LEFT: Final[Mapping[str, Callable[[Mapping[str, Any], Facts], str]]] = {
    "Withholding": _withholding,
    "Conclusion": _conclusion,
    "Amendment": _lanes,
    "LaneAct": _lane_act,
    "Succession": _succession,
    "AliasBinding": _alias_binding,
}
"""Checks by message: what the message must have written."""

_BY_HEAD: Final[Mapping[str, Callable[[Mapping[str, Any], Facts, Facts], list[tuple[bytes, bytes, int]]]]] = {
    "Amendment": _pair_heads,
    "PartyAct": _party_head,
    "Resolution": _party_head,
    "ReplacementAct": _party_head,
    "Freeze": _party_head,
    "Envelope": _register_head,
}
"""Messages that no word identifies: the heads of their histories before and after, and how many events each adds."""
