"""`aeo-ledger trust`: show, pin and update what you trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from aeo_ledger.cli.acting import describe_facts
from aeo_ledger.cli.options import DEFAULT_GATEWAY, DEFAULT_TIMEOUT, AsJson, Gateway, Timeout, Trust, reach_gateway
from aeo_ledger.cli.output import ask_for, now, put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.cli.shared import Common, sharing
from aeo_ledger.cli.written import UPDATE
from aeo_ledger.errors.office import FingerprintMissing
from aeo_ledger.evidence.forks import Fork
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.carry_out import number_of
from aeo_ledger.office.trust import (
    expires_soon,
    name_in_bundle,
    pin_trust,
    read_update,
    repin_named,
    spell,
    update_trust,
    write_update,
)
from aeo_ledger.office.trust_store import is_store
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.primitives.spans import parse_span, show_span
from aeo_ledger.verify import TrustBundle, TrustedParty
from aeo_ledger.verify.handover import Change
from aeo_ledger.verify.trust import fingerprint

app = typer.Typer(help="The trust bundle that you pinned.", no_args_is_help=True)


_SHOWN_OF_A_NAME: Final = 60
"""Most characters of a party's name. With its code they fit on one line of any terminal, so no name begins a line."""


@app.callback()
def trust() -> None:
    """The trust bundle that you pinned."""


@app.command("show")
@reporting
def show_trust(trust: Trust, as_json: AsJson = False) -> None:
    """Show a trust bundle, its fingerprint, and when it expires."""
    pinned, at = read_trust(trust), now()
    show(_describe(pinned, at), as_json=as_json, lines=_tell(pinned, at))


@app.command("pin")
@reporting
def pin(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Trust bundle that came out of band.")],
    out: Annotated[
        Path,
        typer.Option(
            help="Place of your trust: a folder, which keeps every bundle with its time, or a single .json file.",
            envvar="AEO_LEDGER_TRUST",
        ),
    ],
    expected: Annotated[
        str | None,
        typer.Option(
            "--fingerprint", help="Fingerprint as told by voice. Default: you are asked. Any other bundle is refused."
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Trust this bundle instead of the pinned one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pin a trust bundle that came out of band. The person who gave it to you tells you its fingerprint by voice."""
    read_trust(file)  # before anybody types 64 digits
    given = expected or ask_for("fingerprint of the bundle, as you were told it by voice: ")
    if given is None:
        raise FingerprintMissing
    digits = "".join(given.split()).lower().removeprefix("0x")
    told = parse_hex(f"0x{digits}", what="fingerprint", length=32)
    pinned, at = pin_trust(file, out, now=now(), replace=replace, expected=told), now()
    lines = [f"pinned in {named(out)}", *_tell(pinned, at)]
    show(_describe(pinned, at) | {"out": str(out)}, as_json=as_json, lines=lines)


@app.command("update")
@reporting
def update(
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    proof: Annotated[
        Path | None, typer.Option("--from", help="Read the proofs from this file instead of asking a gateway.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Write the proofs here for others: JSON, or CBOR if the name ends in .cbor; - is standard output."
        ),
        UPDATE,
    ] = None,
    max_age: Annotated[str, typer.Option(help="Oldest newest block that you accept, as in 30s, 5m, 2h, 1d.")] = "5m",
    as_json: AsJson = False,
) -> None:
    """Move the pinned bundle forward by proof, through every change of the validators."""

    def fetch(since: int) -> TrustUpdate:
        found = read_update(proof) if proof is not None else _ask(gateway, timeout, read_trust(trust), since)
        if keep is not None:
            write_update(keep, found, put)
        return found

    refuse_two_outputs(keep, as_json=as_json)
    at = now()
    former, proven = update_trust(trust, fetch, now=at, max_age=parse_span(max_age))
    before, after = former.checkpoint.number, proven.trust.checkpoint.number
    lines = [
        f"trust moved from block {before} to block {after}" if after > before else f"nothing new since block {before}"
    ]
    lines += [_tell_change(change) for change in proven.changes]
    if after > before and not is_store(trust):
        lines.append(f"the bundle of block {before} is gone: only a trust store keeps what it can prove (`trust pin`)")
    document = _describe(proven.trust, at) | {"moved_from": before, "changes": [_write(c) for c in proven.changes]}
    show(document, as_json=as_json, lines=[*lines, *_tell(proven.trust, at)], proven=True, beside=keep)


@app.command("name")
@reporting
@sharing({"trust", "gateway", "timeout", "as_json"})
def name(
    party: Annotated[str, typer.Argument(metavar="CODE", help="Code of a party that the bundle does not name.")],
    common: Common,
) -> None:
    """Name a party that was admitted, or got a register, since the bundle was made. Its number and code are proven; the rest is this program's."""
    from aeo_ledger.office.parties import find_listed  # noqa: PLC0415 (few commands need it)

    with common.open_desk() as desk:
        found, facts = find_listed(desk, party)
    pinned, at = desk.trust, now()
    named_in = name_in_bundle(pinned, found.number, found.party)
    repin_named(common.trust, pinned, named_in, now=at)
    code = found.party.code
    lines = [
        f"{code} is named already, as party {found.number}"
        if named_in == pinned
        else f"{code} is named now, as party {found.number}: proven as of block {number_of(facts)}"
    ]
    document = _describe(named_in, at) | {"number": found.number, "named": named_in != pinned} | describe_facts(facts)
    show(document, as_json=common.as_json, lines=[*lines, *_tell(named_in, at)], proven=True)


def _ask(gateway: list[str], timeout: float, pinned: TrustBundle, since: int) -> TrustUpdate:
    with reach_gateway(gateway, timeout, pinned) as client:
        return client.trust_update(since)


def _describe(trust: TrustBundle, at: int) -> dict[str, Any]:
    """Write a bundle for machines."""
    return {
        "fingerprint": to_hex(fingerprint(trust)),
        "chain_id": trust.chain_id,
        "genesis": to_hex(trust.genesis_hash),
        "consortium": to_hex(trust.consortium),
        "governance": to_hex(trust.governance),
        "registers": to_hex(trust.registers),
        "checkpoint": {
            "number": trust.checkpoint.number,
            "hash": to_hex(trust.checkpoint.hash),
            "time": trust.checkpoint.time,
        },
        "validators": [to_hex(address) for address in trust.validators.addresses],
        "quorum": trust.validators.quorum,
        "parties": {party.code: party.name for party in trust.parties},
        "certificates": {party.code: to_hex(party.certificate) for party in trust.parties if party.certificate},
        "forks": None if trust.forks is None else trust.forks.named(),
        "expires_at": trust.expires_at,
        "expired": at >= trust.expires_at,
        "expires_soon": expires_soon(trust, now=at),
    }


def _tell(trust: TrustBundle, at: int) -> list[str]:
    """Write a bundle for people."""
    checkpoint, left = trust.checkpoint, trust.expires_at - at
    lines = [
        f"ledger       chain {trust.chain_id}, block 0 is {to_hex(trust.genesis_hash)}",
        f"contracts    {', '.join(f'{contract} {to_hex(address)}' for contract, address in contracts_of(trust).items())}",
        f"checkpoint   block {checkpoint.number} of {show_moment(checkpoint.time)}, {to_hex(checkpoint.hash)}",
        f"validators   {len(trust.validators)}, of which {trust.validators.quorum} must seal a block",
        *(f"  {to_hex(address)}" for address in trust.validators.addresses),
        f"parties      {len(trust.parties)}, named in the bundle",
        *(line for party in trust.parties for line in _tell_party(party)),
        f"rules        {_rules(trust)}",
        f"expires      {show_moment(trust.expires_at)}, {_span(left)}",
        f"fingerprint  {spell(fingerprint(trust))}",
    ]
    if left <= 0:
        lines.append("EXPIRED: it proves nothing now; get a new bundle out of band and run `trust pin`")
    elif expires_soon(trust, now=at):
        lines.append("EXPIRES SOON: run `trust update`; after it has expired, no update helps")
    return lines


def _tell_party(party: TrustedParty) -> list[str]:
    lines = [f"  {party.code:<6} {said(party.name, _SHOWN_OF_A_NAME)}"]
    return [*lines, f"         X.509 certificate {to_hex(party.certificate)}"] if party.certificate else lines


def _rules(trust: TrustBundle) -> str:
    """Tell when rules later than Berlin's begin."""
    if trust.forks is None:
        return "not pinned: a header may have fields of any later rules"
    begins = zip(Fork, trust.forks.begins, strict=False)
    later = [
        f"{fork.value} from {show_moment(at) if fork.is_timed and at else f'block {at}'} on" for fork, at in begins
    ]
    return ", ".join(["Berlin's", *later])


def _span(seconds: int) -> str:
    return f"{show_span(abs(seconds))} {'left' if seconds > 0 else 'ago'}"


def _tell_change(change: Change) -> str:
    seats = [f"seats validator {to_hex(change.seated)}"] if change.seated else []
    seats += [f"unseats validator {to_hex(change.unseated)}"] if change.unseated else []
    return f"  block {change.number} of {show_moment(change.time)} {', '.join(seats)}"


def _write(change: Change) -> dict[str, Any]:
    return {
        "block": change.number,
        "time": change.time,
        "seated": to_hex(change.seated) if change.seated else None,
        "unseated": to_hex(change.unseated) if change.unseated else None,
    }
