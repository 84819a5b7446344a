"""Rehearse an act before it is signed, on the words proven to its signer; say what is found and what is needed.

An act that the ledger would refuse is refused here with the ledger's own code, before anything is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.lifecycle import LONGEST_BAR
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.customs.vocabulary import LIVING, Capacity, EventKind, Status
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import RefusedBeforehand
from aeo_ledger.office.naming import count
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.office.telling_terms import Telling
from aeo_ledger.office.who_signs import choose_sides, find_cosigner, find_parties
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.rehearsal import rehearse_act
from aeo_ledger.protocol.words import decode_record
from aeo_ledger.wording.words import ENGLISH, Words

Told: TypeAlias = tuple[str, str]
"""What is found and what is needed, in words."""


def rehearse(
    act: SignedAct,
    signers: Iterable[bytes],
    facts: Facts,
    *,
    time: int,
    record: Callable[[bytes], Record | None] | None = None,
) -> None:
    """Refuse an act that the ledger would refuse.

    Args:
        act: What is about to be signed.
        signers: The addresses that sign or have signed, 20 bytes each.
        facts: The words of `slots_of(act)`, and of the signers' keys.
        time: The expected time of the next block, UTC seconds.
        record: Looks up the records of entries that were proven apart; the facts may leave the entries out.

    Raises:
        RefusedBeforehand: a rule refuses it.
    """
    words = facts if record is None else _RecordsApart(facts, record)
    _judge(act.name, act.values, sorted(set(signers)), words, Telling(facts=facts), time)


def rehearse_as_agreed(act: SignedAct, signers: Iterable[bytes], facts: Facts, *, time: int) -> None:
    """Refuse an act that the ledger would refuse even when everybody who may sign it has signed.

    Args:
        act: What goes round for signatures.
        signers: Who has signed, 20 bytes each. A side that may sign in place of another does so once one of its keys has signed.
        facts: The words of `slots_of(act)` and `slots_of_sides(act, desk)`.
        time: The expected time of the next block, UTC seconds.

    Raises:
        RefusedBeforehand: a rule refuses it.
    """
    keys: dict[bytes, Key] = {}
    for side in choose_sides(act, signers, facts):
        for number, party in find_parties(side, facts, time=time).items():
            for which in range(side.keys_of(party)):
                address = number.to_bytes(9, "big") + bytes((side.role,)) + which.to_bytes(10, "big")
                keys[address] = Key(party=number, role=side.role, added_at=1, epoch=party.epoch)
    cosigner = find_cosigner(act)
    everybody = sorted({*keys, *([cosigner] if cosigner else [])})
    _judge(act.name, act.values, everybody, _AllSigned(facts, keys), Telling(facts=facts), time)


def tell_refusal(refused: RefusedBeforehand, words: Words) -> str:
    """Say why the ledger would refuse an act, in the reader's language. What is found and needed stays English."""
    reason, known = words.phrase(refused.reason), {"code": refused.code, "name": refused.name}
    if not refused.found:
        return words.say("{reason} (code {code}, {name})", reason=reason, **known)
    return words.say(
        "{reason}: found {found}, needed {needed} (code {code}, {name})",
        reason=reason,
        found=refused.found,
        needed=refused.needed,
        **known,
    )


class _RecordsApart(WordView):
    """Facts whose records were proven apart."""

    def __init__(self, facts: Facts, record: Callable[[bytes], Record | None]) -> None:
        super().__init__(facts.read)
        self._record = record

    def record(self, entry: bytes) -> Record | None:
        """Look up a record."""
        return self._record(entry)


class _AllSigned(WordView):
    """Facts with a substitute for each key that has yet to sign."""

    def __init__(self, facts: Facts, keys: Mapping[bytes, Key]) -> None:
        super().__init__(facts.read)
        self._keys = keys

    def key(self, address: bytes) -> Key | None:
        """Look up a substitute, or a key of the ledger."""
        return self._keys.get(address) or super().key(address)


def _judge(
    name: str, values: Mapping[str, Any], signers: Sequence[bytes], words: WordView, telling: Telling, time: int
) -> None:
    try:
        rehearse_act(name, values, signers, words, time=time)
    except Malformed:
        return  # the model cannot read it; the ledger will decide
    except RefusedByLedger as refusal:
        case = _Case(name=name, values=values, signers=signers, words=words, telling=telling, time=time)
        tell = _TOLD.get(Refusal(refusal.code))
        found, needed = ("", "") if tell is None else tell(case)
        raise RefusedBeforehand(
            code=refusal.code, name=refusal.name, reason=refusal.reason, found=found, needed=needed
        ) from refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A refused act, and the state on which it was rehearsed."""

    name: str
    values: Mapping[str, Any]
    signers: Sequence[bytes]
    words: WordView
    telling: Telling
    time: int

    def event(self) -> tuple[bytes, Record | None, Record]:
        """Find the first refused event: its entry, the present record, and the new record."""
        events = self.values["events"]
        last = next(place for place in range(1, len(events) + 1) if self._refuses(events[:place]))
        entry = events[last - 1]["entry"]
        before = [event["record"] for event in events[: last - 1] if event["entry"] == entry]
        old = decode_record(before[-1]) if before else self.words.record(entry)
        new = decode_record(events[last - 1]["record"])
        if new is None:
            raise ValueError("an event without a record")
        return entry, old, new

    def moment(self, seconds: int) -> str:
        """Write a time in UTC, and by the calendar of the issuer or recogniser."""
        party = self.values.get("issuer") or self.values.get("recogniser")
        return self.telling.moment(seconds, party)

    def _refuses(self, events: Sequence[Any]) -> bool:
        try:
            rehearse_act(self.name, {**self.values, "events": events}, self.signers, self.words, time=self.time)
        except RefusedByLedger:
            return True
        return False


def _status(case: _Case, record: Record | None) -> str:
    return "no certificate" if record is None else f"{record.status.name} since {case.moment(record.since)}"


def _transition(case: _Case) -> Told:
    _, old, new = case.event()
    leaves = STATUS_EVENTS[EventKind(new.kind)].leaves
    needed = " or ".join(status.name for status in sorted(leaves))
    if new.kind == EventKind.GRANT:
        needed = f"no certificate, or one that is {needed}"
    return _status(case, old), f"{needed} to {ENGLISH.name(new.kind, EventKind)}"


def _since(case: _Case) -> Told:
    _, old, new = case.event()
    found = f"since {case.moment(new.since)}"
    if new.since > case.time:
        return found, f"a beginning not after now, {case.moment(case.time)}"
    if old is not None and new.since < old.since:
        return found, f"a beginning not before {case.moment(old.since)}, when it became {old.status.name}"
    return found, "the first day of validity"


def _validity(case: _Case) -> Told:
    _, old, new = case.event()
    until = case.moment(new.valid_until) if new.valid_until else "open"
    found = f"valid from {case.moment(new.valid_from)} until {until}"
    if new.valid_until and new.valid_until <= new.valid_from:
        return found, "an end after the beginning"
    return found, f"the present beginning, {case.moment(old.valid_from)}" if old else "a beginning"


def _hold(case: _Case) -> Told:
    _, old, new = case.event()
    found = f"until {case.moment(new.hold_until)}" if new.hold_until else "none"
    if new.status is Status.SUSPENDED:
        return f"planned end {found}", f"one after {case.moment(new.since)}, when the suspension begins"
    longest = f"at most five years from now, until {case.moment(case.time + LONGEST_BAR)}"
    if old is not None and old.status not in LIVING and new.hold_until < old.hold_until:
        longest = f"not before the present one, {case.moment(old.hold_until)}"
    return f"bar {found}", f"one that is {longest}"


def _barred(case: _Case) -> Told:
    _, old, new = case.event()
    bar = old.hold_until if old else 0
    return f"a grant from {case.moment(new.valid_from)}", f"one from {case.moment(bar)} on, when the bar ends"


def _roles(_: _Case) -> Told:
    return "no role, or an unknown one", "at least one known role"


def _type(case: _Case) -> Told:
    entry, _, _ = case.event()
    number = case.values["register"]
    opened = case.words.register(number)
    used = case.telling.types(number, opened.types) if opened else "none"
    return f"type {case.telling.types(number, 1 << type_of(entry))}", f"a type in use: {used}"


def _issuer(case: _Case) -> Told:
    _, old, _ = case.event()
    found = case.telling.code(case.values["issuer"])
    return found, f"{case.telling.code(old.issuer)}, which issued it" if old else "the issuer itself"


def _signatures(case: _Case) -> Told:
    values = case.values
    by_authority = case.name in {"LaneAct", "PartyAct"} or values.get("capacity") in {
        Capacity.AUTHORITY,
        Capacity.UNION,
    }
    number = next((values[member] for member in ("party", "issuer", "recogniser") if values.get(member)), 0)
    if values.get("capacity") == Capacity.UNION:
        number = values["register"]
    party = case.words.party(number) if number else None
    if party is None:
        return count(len(case.signers), "signature"), "more"
    least = party.authority_threshold if by_authority else party.threshold
    kind = "authority key" if by_authority else "operator"
    return count(len(case.signers), "signature"), f"{count(least, kind)} of {case.telling.code(number)}"


def _party_state(case: _Case) -> Told:
    number = case.values.get("issuer") or case.values.get("recogniser") or case.values.get("party") or 0
    party = case.words.party(number) if number else None
    if party is None:
        return "", ""
    state = party.state_at(case.time).name.lower()
    return f"{case.telling.code(number)}, {state}{', frozen' if party.frozen else ''}", "an act that only restricts"


def _withholding(case: _Case) -> Told:
    state = {False: "granted", True: "withheld"}
    wanted = bool(case.values["withheld"])
    return f"benefits {state[wanted]}", f"benefits {state[not wanted]}"


def _scope(case: _Case) -> Told:
    for one in case.values["recognitions"]:
        begins, until = one["in_force_from"], one["until"]
        if until and until <= begins:
            times = [case.telling.moment(time, one["recogniser"]) for time in (begins, until)]
            return f"in force from {times[0]} until {times[1]}", "an end after the beginning"
    return "a recognition without types, roles or directions", "at least one of each"


def _lane_state(case: _Case) -> Told:
    lane = case.words.lane(case.values["recogniser"], case.values["register"], case.values["lane"])
    state = lane.state.name.lower() if lane else "no lane"
    return state, "suspended" if state == "open" else "open"


def _too_late(case: _Case) -> Told:
    return f"a deadline of {case.moment(case.values['deadline'])}", f"one after now, {case.moment(case.time)}"


def _number(case: _Case) -> Told:
    member = "number" if "number" in case.values else "serial"
    return f"{member} {case.values[member]}, which another act has taken or which is not the next", "a new draft"


_TOLD: Final[Mapping[Refusal, Callable[[_Case], Told]]] = {
    Refusal.TOO_LATE: _too_late,
    Refusal.WRONG_NUMBER: _number,
    Refusal.WRONG_SERIAL: _number,
    Refusal.TOO_FEW_SIGNATURES: _signatures,
    Refusal.PARTY_SUSPENDED: _party_state,
    Refusal.PARTY_FROZEN: _party_state,
    Refusal.WRONG_SCOPE: _scope,
    Refusal.WRONG_LANE_STATE: _lane_state,
    Refusal.WRONG_WITHHOLDING: _withholding,
    Refusal.TYPE_NOT_IN_USE: _type,
    Refusal.WRONG_ISSUER: _issuer,
    Refusal.WRONG_TRANSITION: _transition,
    Refusal.WRONG_SINCE: _since,
    Refusal.WRONG_VALIDITY: _validity,
    Refusal.WRONG_HOLD: _hold,
    Refusal.BARRED: _barred,
    Refusal.WRONG_ROLES: _roles,
}
"""What is found and what is needed, for reasons that do not say it themselves."""
