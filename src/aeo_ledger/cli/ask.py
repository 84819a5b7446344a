"""`aeo-ledger ask` and `aeo-ledger verify`: one question, on line or off line, and an answer that is proven or refused."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli import output
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    AsJson,
    AsKnownOption,
    DirectionOption,
    Gateway,
    OnOption,
    Recogniser,
    RegisterOption,
    RoleOption,
    TinArgument,
    Trust,
    TypeOption,
)
from aeo_ledger.cli.output import NOT_RECOGNISED, YES, reporting
from aeo_ledger.errors import MalformedText
from aeo_ledger.evidence import Evidence, Question, encode_question
from aeo_ledger.office.ask import read_evidence, read_question, read_trust, write_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span, show_span
from aeo_ledger.verify import ProvenDecision, TrustBundle, verify_recognition, verify_snapshot


class Stale(StrEnum):
    """What to do with a snapshot that is too old."""

    REFUSE = "refuse"
    FLAG = "flag"


MaxAge = Annotated[str, typer.Option(help="Oldest evidence that you accept, as in 30s, 5m, 2h, 1d.")]

EVIDENCE_AGE = "5m"
SNAPSHOT_AGE = "1d"


@reporting
def ask(
    tin: TinArgument,
    recogniser: Recogniser,
    direction: DirectionOption,
    role: RoleOption,
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    on: OnOption = None,
    as_known: AsKnownOption = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Do without the signed history that a past time may need.")
    ] = False,
    evidence: Annotated[
        Path | None, typer.Option(help="Keep the evidence here: JSON, or CBOR if the name ends in .cbor.")
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="Ask this snapshot instead of a gateway; no network is reached.")
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(help="Oldest answer that you accept, as in 30s, 5m, 2h; unless said, 5m, and 1d of a snapshot."),
    ] = None,
    stale: Annotated[
        Stale, typer.Option(help="A snapshot that is too old: refuse it, or answer and say so.")
    ] = Stale.REFUSE,
    as_json: AsJson = False,
) -> int:
    """Ask a gateway or a snapshot about a trader, and check what it shows against your own trust bundle."""
    if snapshot is not None:
        if evidence is not None:
            raise MalformedText("--evidence", str(evidence), "none with --snapshot, which is the evidence itself")
        question = read_question(tin, recogniser, direction, role, certificate_type, register, on, as_known)
        span = parse_span(max_age or SNAPSHOT_AGE)
        return _ask_snapshot(snapshot, question, read_trust(trust), span, stale, as_json=as_json)
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415 (`verify` must not reach a socket)

    question = read_question(tin, recogniser, direction, role, certificate_type, register, on, as_known)
    pinned, span = read_trust(trust), parse_span(max_age or EVIDENCE_AGE)
    with GatewayClient(gateway) as desk:
        past = question.on is not None or question.known is not None
        found = desk.evidence(question, with_history=past and not no_history)
    if evidence is not None:
        write_evidence(evidence, found)
    return _conclude(found, question, pinned, span, as_json=as_json)


@reporting
def verify(
    evidence: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="Evidence file, JSON or CBOR.")],
    tin: TinArgument,
    recogniser: Recogniser,
    direction: DirectionOption,
    role: RoleOption,
    trust: Trust,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    on: OnOption = None,
    as_known: AsKnownOption = None,
    max_age: MaxAge = EVIDENCE_AGE,
    as_json: AsJson = False,
) -> int:
    """Check evidence against your own question and trust bundle, off line."""
    question = read_question(tin, recogniser, direction, role, certificate_type, register, on, as_known)
    return _conclude(read_evidence(evidence), question, read_trust(trust), parse_span(max_age), as_json=as_json)


def _conclude(evidence: Evidence, question: Question, trust: TrustBundle, max_age: int, *, as_json: bool) -> int:
    proven = verify_recognition(evidence, question, trust, now=output.now(), max_age=max_age)
    output.show(describe(proven), as_json=as_json, lines=tell(proven, trust))
    return YES if proven.decision.recognised else NOT_RECOGNISED


def _ask_snapshot(
    path: Path, question: Question, trust: TrustBundle, max_age: int, stale: Stale, *, as_json: bool
) -> int:
    at = output.now()
    snapshot = verify_snapshot(read_snapshot(path), trust, now=at, max_age=max_age, refuse_stale=stale is Stale.REFUSE)
    proven = snapshot.decide(question, now=at)
    age = f"  snapshot   {show_span(snapshot.age_s(at))} old"
    if snapshot.is_stale(at):
        age += f", MORE THAN THE {show_span(max_age)} THAT YOU ACCEPT: what happened since is not in it"
    document = {**describe(proven), "age_s": snapshot.age_s(at), "stale": snapshot.is_stale(at)}
    output.show(document, as_json=as_json, lines=[*tell(proven, trust), age])
    return YES if proven.decision.recognised else NOT_RECOGNISED


def describe(proven: ProvenDecision) -> dict[str, Any]:
    """Write a proven decision for machines."""
    decision, standing = proven.decision, proven.decision.standing
    return {
        "recognised": decision.recognised,
        "reasons": [reason.name.lower() for reason in decision.reasons],
        "benefits": [benefit.name.lower() for benefit in decision.benefits],
        "question": encode_question(proven.question),
        "issuer": proven.issuer,
        "issuer_state": standing.issuer_state.name.lower() if standing and standing.issuer_state else None,
        "registers": list(proven.registers),
        "decided_for": decision.time,
        "as_known": decision.known,
        "block": proven.block_number,
        "block_hash": to_hex(proven.block_hash),
        "block_time": proven.block_time,
        "sealers": [to_hex(sealer) for sealer in proven.sealers],
        "chain_id": proven.chain_id,
    }


def tell(proven: ProvenDecision, trust: TrustBundle) -> list[str]:
    """Write a proven decision for people."""
    decision = proven.decision
    names = [word.name.lower().replace("_", " ") for word in decision.benefits or decision.reasons]
    verdict = "RECOGNISED" if decision.recognised else "NOT RECOGNISED"
    lines = [f"{verdict}: {', '.join(names)}", f"  question   {proven.question}"]
    if proven.issuer:
        lines.append(f"  issuer     {proven.issuer}")
    lines += [
        f"  searched   {', '.join(proven.registers) or 'no register: nobody here answers for this prefix'}",
        f"  decided    for {show_moment(decision.time)}"
        + (f", as known at {show_moment(decision.known)}" if decision.known is not None else ""),
        f"  proven     as of block {proven.block_number} of {show_moment(proven.block_time)}",
        f"  sealed     by {len(proven.sealers)} of {len(trust.validators)} validators",
    ]
    return lines
