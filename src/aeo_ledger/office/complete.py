"""Complete the replacement of a party's authority when it is ready. Anybody may, so nobody signs."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.consortium import extend_head
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import NoReplacement, RefusedBeforehand
from aeo_ledger.office.carry_out import await_proof, hand_over
from aeo_ledger.office.footing import slots_of_keys, slots_of_parties
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.telling_terms import moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.rehearsal import rehearse_completion
from aeo_ledger.protocol.tables import Slot, Table, slot_of
from aeo_ledger.protocol.words import decode_replacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A replacement that is complete."""

    told: tuple[str, ...]
    before: Facts
    after: Facts
    """The words that show it."""
    sealed: Sealed | None
    """In which block the gateway says that it is; None if the gateway did not answer."""


def complete_replacement(desk: ProvenDesk, party: int) -> Completed:
    """Complete the replacement of the authority of a party, by its number.

    Raises:
        NoReplacement: None is pending.
        RefusedBeforehand: It is not ready, or has lapsed.
        NotConfirmed: It was not approved.
        RefusedByLedger, NotProvenDone, Unproven, Unavailable: As `carry_out` does.
    """
    tables = (Table.OFFICE, Table.REPLACEMENT, Table.REGISTER, Table.PARTY_HEAD)
    fixed: list[Slot] = [
        slot_of(Table.GOVERNANCE, 0),
        slot_of(Table.SUCCESSION, 0),
        *slots_of_parties([party]),
        *(slot_of(table, party) for table in tables),
    ]
    before = desk.facts(fixed)
    pending, old = decode_replacement(before.word(Table.REPLACEMENT, party)), before.party(party)
    if pending is None or old is None:
        raise NoReplacement(party=old.code if old else f"party {party}")
    time = max(before.time, desk.now())
    try:
        rehearse_completion(party, before, time=time)
    except RefusedByLedger as refusal:
        found, needed = f"now {moment(time, old.code)}", f"a time from {moment(pending.ready_at, old.code)} on"
        until = f", before {moment(pending.lapses_at, old.code)}"
        raise RefusedBeforehand(
            code=refusal.code,
            name=refusal.name,
            reason=refusal.reason,
            found=found,
            needed=needed + until,
            undone="sent",
        ) from refusal
    say = desk.words.say
    told = (
        say("COMPLETE the replacement of the authority of {party}", party=old.code),
        say("  the new key, from now on the only one of {party}: {key}", party=old.code, key=to_hex(pending.key)),
        say("  nobody signs; all earlier keys of its authority and its operators stop counting"),
    )
    desk.approve(told)
    sealed, doubt = hand_over(desk, lambda: desk.relay.complete_replacement(party))

    def look(after: Facts) -> str:
        key = after.key(pending.key)
        added = 0 if key is None else key.added_at
        head = extend_head(before.party_head(party), pending.key.rjust(32, b"\0"), added)
        return "" if added and after.party_head(party) == head else "the completed replacement"

    slots = [*fixed, *slots_of_keys([pending.key])]
    after = await_proof(desk, slots, look, "Completion", sealed, doubt)
    return Completed(told=told, before=before, after=after, sealed=sealed)
