"""`aeo-ledger history`: all events of a certificate, each proven, and who signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Lang,
    LookupKeysOption,
    PasswordFile,
    RegisterOption,
    Timeout,
    TinArgument,
    Trust,
    TypeOption,
    choose_words,
    open_lookup_keys_if_given,
    reach_gateway,
)
from aeo_ledger.cli.output import now, put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import EVIDENCE
from aeo_ledger.customs.status_events import SCOPING
from aeo_ledger.customs.tin import Tin, find_problems, read_tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, ReasonClass, RegisterMode, Role, Status
from aeo_ledger.office.ask import read_evidence, read_trust, write_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.histories import describe_event, find_register, find_types, name_party
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.lookup_keys import NO_KEYS
from aeo_ledger.verify import TrustBundle, TrustedParty
from aeo_ledger.verify.certificate_history import ProvenCertificateHistories, ProvenEvent, verify_trader_histories
from aeo_ledger.wording.words import Words


@reporting
def history(
    tin: TinArgument,
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    accept_odd: AcceptOdd = False,
    evidence: Annotated[
        Path | None,
        typer.Option(help="Write the evidence here: JSON, or CBOR if the name ends in .cbor; - is standard output."),
        EVIDENCE,
    ] = None,
    from_evidence: Annotated[
        Path | None, typer.Option(help="Check this evidence instead of asking a gateway; the network is not used.")
    ] = None,
    max_age: Annotated[str, typer.Option(help="Oldest evidence that you accept, as in 30s, 5m, 2h, 1d.")] = "5m",
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Show every signed event of a trader's certificates in one register, proven against your own trust bundle."""
    refuse_two_outputs(evidence, as_json=as_json)
    pinned, span, trader = read_trust(trust), parse_span(max_age), read_tin(tin, accept_odd=accept_odd)
    party = find_register(trader, register, pinned)
    keys = open_lookup_keys_if_given(lookup_keys, password_file, pinned.chains) or NO_KEYS
    held = {key.certificate_type for key in keys if key.register == party.number}
    names = find_types(certificate_type, party)
    asked = {number: name for number, name in names.items() if certificate_type or not held or number in held}
    mode = RegisterMode.KEYED if held else RegisterMode.OPEN  # as the asker supposes; the evidence proves it
    entry_of = entries_of(trader, keys.key)
    entries = {entry_of(party.number, mode, number): name for number, name in asked.items()}
    if from_evidence is not None:
        found = read_evidence(from_evidence)
    else:
        with reach_gateway(gateway, timeout, pinned) as desk:
            found = desk.history(list(entries))
    if evidence is not None:
        write_evidence(evidence, found, put)
    proven = verify_trader_histories(
        found, trader, party.number, list(asked), pinned, now=now(), max_age=span, keys=keys
    )
    keyless = [name for number, name in names.items() if number not in asked]
    words = choose_words(lang, as_json=as_json)
    told = [
        words.say(
            "{tin} type {type} in the register of {register}: its lookup key is not here",
            tin=trader, type=named(name), register=party.code,
        )
        for name in keyless
    ]  # fmt: skip
    show(
        {**_describe(proven, entries, trader, party, pinned), "could_not_be_asked": keyless},
        as_json=as_json,
        lines=[*told, *_tell(proven, entries, trader, party, pinned, words)],
        proven=True,
        beside=evidence,
    )


def _describe(
    proven: ProvenCertificateHistories, entries: dict[bytes, str], tin: Tin, register: TrustedParty, trust: TrustBundle
) -> dict[str, Any]:
    header = proven.sealed.header
    return {
        "tin": tin.text,
        "problems": list(find_problems(tin)),
        "register": register.code,
        "certificates": [
            {
                "type": name,
                "entry": to_hex(entry),
                "events": [describe_event(event, trust) for event in proven.events[entry]],
            }
            for entry, name in entries.items()
        ],
        "block": header.number,
        "block_hash": to_hex(proven.sealed.hash),
        "block_time": header.timestamp,
        "chain_id": trust.chain_id,
    }


def _tell(
    proven: ProvenCertificateHistories,
    entries: dict[bytes, str],
    tin: Tin,
    register: TrustedParty,
    trust: TrustBundle,
    words: Words,
) -> list[str]:
    lines = []
    for entry, name in entries.items():
        events = proven.events[entry]
        found = (
            words.plural("{number} event", "{number} events", len(events))
            if events
            else words.say("proven: there never was an event")
        )
        lines.append(
            words.say(
                "{tin} type {type} in the register of {register}: {found}",
                tin=tin,
                type=named(name),
                register=register.code,
                found=found,
            )
        )
        for event in events:
            lines += _tell_event(event, trust, words)
    lines += tell_problems(tin, find_problems(tin), words)
    header = proven.sealed.header
    time = show_moment(header.timestamp, None, words)
    lines.append(
        words.say("proven     as of block {block} of {time}, complete and in order", block=header.number, time=time)
    )
    return lines


def _tell_event(event: ProvenEvent, trust: TrustBundle, words: Words) -> list[str]:
    record, say = event.record, words.say
    issuer = name_party(record.issuer, trust)

    def moment(seconds: int) -> str:
        return show_moment(seconds, issuer, words)

    facts = [say("{status} since {time}", status=words.name(record.status, Status).upper(), time=moment(record.since))]
    if record.kind in SCOPING:
        until = moment(record.valid_until) if record.valid_until else words.term("end", "open")
        facts += [
            say("valid {begins} until {ends}", begins=moment(record.valid_from), ends=until),
            words.names(record.roles, Role),
        ]
    facts += [say("hold until {time}", time=moment(record.hold_until))] if record.hold_until else []
    facts += [say("reason {reason}", reason=words.name(record.reason, ReasonClass))] if record.reason else []
    of = (
        say("{issuer}, with {former}", issuer=issuer, former=name_party(event.former, trust))
        if event.former
        else issuer
    )
    return [
        say(
            "  {sequence:>3}  {time}  {act:<9}  {facts}",
            sequence=record.sequence,
            time=show_moment(record.recorded_at, None, words),
            act=words.name(record.kind, EventKind).upper(),
            facts="; ".join(facts),
        ),
        say(
            "       signed as {capacity} of {issuer}: {signers}",
            capacity=words.name(event.capacity, Capacity),
            issuer=of,
            signers=", ".join(to_hex(signer) for signer in event.signers),
        ),
    ]
