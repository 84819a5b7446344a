"""`aeo-ledger ask`: one question to a gateway or a snapshot, and an answer that is proven or refused."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli import output
from aeo_ledger.cli.everywhere import ask_all, ask_all_of_snapshot, read_view
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AliasOption,
    AnyDirection,
    AnyRecogniser,
    AsJson,
    AsKnownOption,
    Everywhere,
    Gateway,
    KindOption,
    NamesOption,
    OnOption,
    OptionalTin,
    PasswordFile,
    RegisterOption,
    RoleOption,
    Timeout,
    Trust,
    TypeOption,
    open_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import NOT_RECOGNISED, YES, reporting
from aeo_ledger.cli.screen import said
from aeo_ledger.cli.written import EVIDENCE, RECEIPT
from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.tin import Normalised, Tin, find_problems, find_remarks, normalise
from aeo_ledger.customs.vocabulary import Benefit, name_number
from aeo_ledger.errors.cli import WrongUsage
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, encode_question
from aeo_ledger.evidence.receipt import Receipt
from aeo_ledger.office.alias_file import read_names
from aeo_ledger.office.archive import make_receipt, write_receipt
from aeo_ledger.office.ask import in_words_of, read_any_question, read_trust, tell_question, write_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span, show_span
from aeo_ledger.verify import (
    ProvenDecision,
    TrustBundle,
    demand_absent,
    find_other_question,
    verify_other_form,
    verify_recognition,
    verify_snapshot,
)


class Stale(StrEnum):
    """What to do with a snapshot that is too old."""

    REFUSE = "refuse"
    FLAG = "flag"


_NOWHERE = {
    False: "no register: no pinned party has this prefix",
    True: "no register: there is no trader to search for",
}
EVIDENCE_AGE = "5m"
SNAPSHOT_AGE = "1d"


@reporting
def ask(
    role: RoleOption,
    trust: Trust,
    tin: OptionalTin = None,
    recogniser: AnyRecogniser = None,
    direction: AnyDirection = None,
    alias: AliasOption = None,
    kind: KindOption = None,
    aliases: NamesOption = None,
    everywhere: Everywhere = False,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    on: OnOption = None,
    as_known: AsKnownOption = None,
    accept_odd: AcceptOdd = False,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Do not fetch the signed history that a past time may need.")
    ] = False,
    evidence: Annotated[
        Path | None,
        typer.Option(help="Write the evidence here: JSON, or CBOR if the name ends in .cbor; - is standard output."),
        EVIDENCE,
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="Ask this snapshot instead of a gateway; the network is not used.")
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(help="Oldest answer that you accept, as in 30s, 5m, 2h. Default: 5m, and 1d for a snapshot."),
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(
            help="With --evidence: write here what you asked, the verdict, the evidence's hash, your bundle and the time."
        ),
        RECEIPT,
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="With --receipt: sign the receipt with this encrypted key file.", dir_okay=False)
    ] = None,
    password_file: PasswordFile = None,
    stale: Annotated[
        Stale, typer.Option(help="If a snapshot is too old: refuse it, or answer and say so.")
    ] = Stale.REFUSE,
    as_json: AsJson = False,
) -> int:
    """Ask a gateway or a snapshot about a trader, and check the evidence against your own trust bundle."""
    _refuse_combinations(evidence=evidence, snapshot=snapshot, receipt=receipt, key=key)
    asked = None if tin is None else normalise(tin, accept_odd=accept_odd)
    if everywhere:
        _refuse_everywhere(
            alias=alias, kind=kind, type=certificate_type, register=register, on=on, as_known=as_known, receipt=receipt
        )
        output.refuse_two_outputs(evidence, as_json=as_json)
        pinned = read_trust(trust)
        view = read_view(
            None if asked is None else asked.tin.text,
            role,
            pinned,
            direction=direction,
            recogniser=recogniser,
            aliases=aliases or (),
            accept_odd=accept_odd,
        )
        if snapshot is not None:
            span, refuse = parse_span(max_age or SNAPSHOT_AGE), stale is Stale.REFUSE
            return ask_all_of_snapshot(view, pinned, snapshot, max_age=span, refuse_stale=refuse, as_json=as_json)
        span = parse_span(max_age or EVIDENCE_AGE)
        with reach_gateway(gateway, timeout, pinned) as desk:
            return ask_all(view, pinned, desk.recognitions, evidence=evidence, max_age=span, as_json=as_json)
    for name, given in (("--recogniser", recogniser), ("--direction", direction)):
        if given is None:
            raise WrongUsage(detail=f"Missing option '{name}'.", command="aeo-ledger ask")
    circumstances = (recogniser, direction, role, certificate_type, register, on, as_known)
    question = read_any_question(
        None if asked is None else asked.tin.text, alias, kind, *circumstances, accept_odd=accept_odd
    )
    named = _read_names(aliases).get(question.alias) if isinstance(question, AliasQuestion) else None
    if snapshot is not None:
        span = parse_span(max_age or SNAPSHOT_AGE)
        return _ask_snapshot(snapshot, question, asked, named, read_trust(trust), span, stale, as_json=as_json)
    output.refuse_two_outputs(evidence, as_json=as_json)
    pinned, span = read_trust(trust), parse_span(max_age or EVIDENCE_AGE)
    signer = next(iter(open_keys([] if key is None else [key], password_file)), None)
    with reach_gateway(gateway, timeout, pinned) as desk, in_words_of(question):
        past = question.on is not None or question.known is not None
        found, at = desk.evidence(question, with_history=past and not no_history, named=named), output.now()
        try:
            proven = verify_recognition(found, question, pinned, now=at, max_age=span)
            other = find_other_question(proven)
            if other is not None:
                found, at = desk.evidence_of_many((question, other)), output.now()
                proven = verify_recognition(found, question, pinned, now=at, max_age=span)
            absent = verify_other_form(found, proven, pinned)
        finally:  # what came is kept, also if it proves nothing
            if evidence is not None:
                write_evidence(evidence, found, output.put)
    made = make_receipt(found, proven, pinned, now=at, max_age=span, signer=signer)
    if receipt is None:
        return conclude(proven, asked, pinned, absent, as_json=as_json, beside=evidence)
    write_receipt(receipt, made)
    return conclude(proven, asked, pinned, absent, made, as_json=as_json, beside=evidence)


def _refuse_combinations(
    *, evidence: Path | None, snapshot: Path | None, receipt: Path | None, key: Path | None
) -> None:
    """Refuse options that would have no effect, instead of ignoring them."""
    if snapshot is not None:
        for name, given in (("--evidence", evidence), ("--receipt", receipt)):
            if given is not None:
                raise MalformedText(name, str(given), "no such option with --snapshot, which is the evidence itself")
    if receipt is not None and evidence is None:
        raise MalformedText("--receipt", str(receipt), "--evidence too: without it a receipt proves nothing")
    if key is not None and receipt is None:
        raise MalformedText("--key", str(key), "--receipt too, because the key signs the receipt")


def _refuse_everywhere(**given: object) -> None:
    """Refuse options that are not for all recognisers, instead of ignoring them."""
    for name, value in given.items():
        if value is not None:
            raise MalformedText(f"--{name.replace('_', '-')}", str(value), "no such option with --everywhere")


def _read_names(aliases: list[str] | None) -> dict[AliasCode, Tin]:
    if aliases is not None and len(aliases) > 1:
        raise MalformedText("--aliases", f"{len(aliases)} files", "one, or --everywhere")
    return read_names(Path(aliases[0]) if aliases else None)


def conclude(
    proven: ProvenDecision,
    asked: Normalised | None,
    trust: TrustBundle,
    absent: Tin | None,
    receipt: Receipt | None = None,
    *,
    as_json: bool,
    beside: Path | None = None,
) -> int:
    """Show a proven decision, and the hash of its receipt if there is one; return the exit code.

    `absent` is the other form of the TIN, if it is proven to have no certificate either.
    """
    document, lines = describe(proven, asked, absent), tell(proven, asked, trust, absent)
    if receipt is not None:
        document |= {"receipt": to_hex(receipt.hash())}
        lines.append(
            f"  receipt    {to_hex(receipt.hash())}: whoever keeps this hash with its date can vouch for the time"
        )
    output.show(document, as_json=as_json, lines=lines, proven=True, beside=beside)
    return YES if proven.decision.recognised else NOT_RECOGNISED


def _ask_snapshot(
    path: Path,
    question: AnyQuestion,
    asked: Normalised | None,
    named: Tin | None,
    trust: TrustBundle,
    max_age: int,
    stale: Stale,
    *,
    as_json: bool,
) -> int:
    at = output.now()
    snapshot = verify_snapshot(read_snapshot(path), trust, now=at, max_age=max_age, refuse_stale=stale is Stale.REFUSE)
    with in_words_of(question):
        proven = snapshot.decide(question, now=at, named=named)
        other = find_other_question(proven)
        absent = None if other is None else demand_absent(snapshot.decide(other, now=at), proven)
    age = f"  snapshot   {show_span(snapshot.age_s(at))} old"
    if snapshot.is_stale(at):
        age += f", MORE THAN THE {show_span(max_age)} THAT YOU ACCEPT: it does not contain what happened since"
    document = {**describe(proven, asked, absent), "age_s": snapshot.age_s(at), "stale": snapshot.is_stale(at)}
    output.show(document, as_json=as_json, lines=[*tell(proven, asked, trust, absent), age], proven=True)
    return YES if proven.decision.recognised else NOT_RECOGNISED


def describe(proven: ProvenDecision, asked: Normalised | None, absent: Tin | None) -> dict[str, Any]:
    """Write a proven decision for machines."""
    decision, standing = proven.decision, proven.decision.standing
    return {
        "recognised": decision.recognised,
        "reasons": [reason.name.lower() for reason in decision.reasons],
        "benefits": [name_number(benefit, Benefit) for benefit in decision.benefits],
        "question": encode_question(proven.question),
        "typed": asked and asked.typed,
        "done": [] if asked is None else [step.name.lower() for step in asked.done],
        "trader": None if proven.trader is None else proven.trader.text,
        "problems": _look_again(proven),
        "remarks": [] if proven.trader is None else _remark(proven, absent),
        "also_absent": None if absent is None else absent.text,
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


def tell(proven: ProvenDecision, asked: Normalised | None, trust: TrustBundle, absent: Tin | None) -> list[str]:
    """Write a proven decision for people."""
    decision, asker = proven.decision, proven.question.recogniser
    benefits = [name_number(benefit, Benefit) for benefit in decision.benefits]
    names = [name.replace("_", " ") for name in benefits or [reason.name.lower() for reason in decision.reasons]]
    verdict = "RECOGNISED" if decision.recognised else "NOT RECOGNISED"
    lines = [f"{verdict}: {', '.join(names)}", f"  question   {tell_question(proven.question)}"]
    if asked is not None and asked.done:
        lines.append(
            f"  typed      {said(asked.typed)}, asked about {asked.tin} ({', '.join(step.value for step in asked.done)})"
        )
    if isinstance(proven.question, AliasQuestion):
        lines.append(f"  trader     {proven.trader or f'proven: {asker} binds nobody to this code'}")
    lines += [f"  look again at this number: {problem}" for problem in _look_again(proven)]
    lines += [f"  remark     {remark}" for remark in _remark(proven, absent)]
    lines += [] if absent is None else [f"  asked too  {absent}: no certificate either"]
    if proven.issuer:
        lines.append(f"  issuer     {proven.issuer}")
    lines += [
        f"  searched   {', '.join(proven.registers) or _NOWHERE[proven.trader is None]}",
        f"  decided    for {show_moment(decision.time, None if proven.question.on is None else asker)}"
        + (f", as known at {show_moment(decision.known, asker)}" if decision.known is not None else ""),
        f"  proven     as of block {proven.block_number} of {show_moment(proven.block_time)}",
        f"  sealed     by {len(proven.sealers)} of {len(trust.validators)} validators",
    ]
    return lines


def _remark(proven: ProvenDecision, absent: Tin | None) -> list[str]:
    """List what an asker should know of the trader's number, beside the other form that was asked about too."""
    return [] if proven.trader is None else list(find_remarks(proven.trader, other_asked=absent is not None))


def _look_again(proven: ProvenDecision) -> list[str]:
    """List what is odd about the trader's number."""
    return [] if proven.trader is None else list(find_problems(proven.trader))
