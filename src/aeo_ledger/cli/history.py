"""`aeo-ledger history`: the whole life of a certificate, each event proven, and who signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway, RegisterOption, TinArgument, Trust, TypeOption
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, Role
from aeo_ledger.errors import MalformedText
from aeo_ledger.office.ask import read_evidence, read_trust, write_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.entries import derive_open_holder, make_entry
from aeo_ledger.verify import TrustBundle, TrustedParty
from aeo_ledger.verify.standings import ProvenEvent, ProvenStandings, verify_standings


@reporting
def history(
    tin: TinArgument,
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    evidence: Annotated[
        Path | None, typer.Option(help="Keep the evidence here: JSON, or CBOR if the name ends in .cbor.")
    ] = None,
    from_evidence: Annotated[
        Path | None, typer.Option(help="Check this evidence instead of asking a gateway; no network is reached.")
    ] = None,
    max_age: Annotated[str, typer.Option(help="Oldest evidence that you accept, as in 30s, 5m, 2h, 1d.")] = "5m",
    as_json: AsJson = False,
) -> None:
    """Show every signed event of a trader's certificates in one register, proven against your own trust bundle."""
    pinned, span, trader = read_trust(trust), parse_span(max_age), Tin(tin)
    party = _find_register(trader, register, pinned)
    names = {party.types.index(name): name for name in _find_types(certificate_type, party)}
    entries = {
        make_entry(party.number, number, derive_open_holder(party.number, number, trader)): name
        for number, name in names.items()
    }
    if from_evidence is not None:
        found = read_evidence(from_evidence)
    else:
        from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415 (checking must not reach a socket)

        with GatewayClient(gateway) as desk:
            found = desk.history(list(entries))
    if evidence is not None:
        write_evidence(evidence, found)
    proven = verify_standings(found, list(entries), pinned, now=now(), max_age=span)
    show(
        _describe(proven, entries, trader, party, pinned),
        as_json=as_json,
        lines=_tell(proven, entries, trader, party, pinned),
    )


def _find_register(tin: Tin, register: str | None, trust: TrustBundle) -> TrustedParty:
    number = trust.party_of_prefix(tin.prefix)
    party = trust.by_code.get(register) if register else None if number is None else trust.by_number[number]
    if party is None or not party.types:
        kept = ", ".join(party.code for party in trust.parties if party.types)
        raise MalformedText("--register", repr(register or tin.prefix), f"a party that keeps a register: {kept}")
    return party


def _find_types(name: str | None, party: TrustedParty) -> tuple[str, ...]:
    if name is None:
        return party.types
    if name not in party.types:
        raise MalformedText("--type", repr(name), f"one of {', '.join(party.types)}")
    return (name,)


def _describe(
    proven: ProvenStandings, entries: dict[bytes, str], tin: Tin, register: TrustedParty, trust: TrustBundle
) -> dict[str, Any]:
    header = proven.sealed.header
    return {
        "tin": tin.text,
        "register": register.code,
        "certificates": [
            {
                "type": name,
                "entry": to_hex(entry),
                "events": [_describe_event(event, trust) for event in proven.events[entry]],
            }
            for entry, name in entries.items()
        ],
        "block": header.number,
        "block_hash": to_hex(proven.sealed.hash),
        "block_time": header.timestamp,
        "chain_id": trust.chain_id,
    }


def _describe_event(event: ProvenEvent, trust: TrustBundle) -> dict[str, Any]:
    record = event.record
    return {
        "sequence": record.sequence,
        "event": record.kind.name.lower(),
        "status": record.status.name.lower(),
        "since": record.since,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "hold_until": record.hold_until,
        "roles": [role.name.lower() for role in Role if record.has_role(role)],
        "reason": _reason(event),
        "issuer": _code(record.issuer, trust),
        "recorded_at": record.recorded_at,
        "document": to_hex(event.document),
        "signed_as": Capacity(event.capacity).name.lower(),
        "signers": [to_hex(signer) for signer in event.signers],
    }


def _tell(
    proven: ProvenStandings, entries: dict[bytes, str], tin: Tin, register: TrustedParty, trust: TrustBundle
) -> list[str]:
    lines = []
    for entry, name in entries.items():
        events = proven.events[entry]
        count = f"{len(events)} event{'s' if len(events) > 1 else ''}" if events else "never had one, which is proven"
        lines.append(f"{tin} type {name} in the register of {register.code}: {count}")
        for event in events:
            lines += _tell_event(event, trust)
    header = proven.sealed.header
    lines.append(f"proven     as of block {header.number} of {show_moment(header.timestamp)}, complete and in order")
    return lines


def _tell_event(event: ProvenEvent, trust: TrustBundle) -> list[str]:
    record = event.record
    facts = [f"{record.status.name} since {show_moment(record.since)}"]
    if record.kind in {EventKind.GRANT, EventKind.AMEND, EventKind.RESTORE}:
        until = show_moment(record.valid_until) if record.valid_until else "open"
        roles = ", ".join(role.name.lower() for role in Role if record.has_role(role))
        facts += [f"valid {show_moment(record.valid_from)} until {until}", roles]
    facts += [f"hold until {show_moment(record.hold_until)}"] if record.hold_until else []
    facts += [f"reason {_reason(event)}"] if _reason(event) != "unstated" else []
    former = f", with {_code(event.former, trust)}" if event.former else ""
    signers = ", ".join(to_hex(signer) for signer in event.signers)
    return [
        f"  {record.sequence:>3}  {show_moment(record.recorded_at)}  {record.kind.name:<9}  {'; '.join(facts)}",
        f"       signed as {Capacity(event.capacity).name.lower()} of {_code(record.issuer, trust)}{former}: {signers}",
    ]


def _reason(event: ProvenEvent) -> str:
    reason = event.record.reason
    return reason.name.lower() if hasattr(reason, "name") else str(int(reason))


def _code(number: int, trust: TrustBundle) -> str:
    party = trust.by_number.get(number)
    return str(number) if party is None else party.code
