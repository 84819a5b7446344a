"""`aeo-ledger ask`: one question to a gateway or a snapshot, and an answer that is proven or refused."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli import output
from aeo_ledger.cli.asking import fetch_evidence, prove
from aeo_ledger.cli.asking_many import ManyAsked
from aeo_ledger.cli.everywhere import ask_all, ask_all_of_snapshot, read_view, tell_age
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AliasOption,
    AnyDirection,
    AnyRecogniser,
    AnyRole,
    AsJson,
    AsKnownOption,
    CorridorOption,
    Everywhere,
    FileOption,
    Gateway,
    KindOption,
    Lang,
    LookupKeysOption,
    NamesOption,
    OnOption,
    OptionalTin,
    OutOption,
    PasswordFile,
    RegisterOption,
    Timeout,
    Trust,
    TypeOption,
    choose_words,
    demand_option,
    open_keys,
    reach_gateway,
    read_trust_and_keys,
)
from aeo_ledger.cli.output import NOT_RECOGNISED, YES, reporting
from aeo_ledger.cli.screen import said
from aeo_ledger.cli.written import EVIDENCE, RECEIPT
from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.tin import Normalised, Tin, find_problems, find_remarks, normalise
from aeo_ledger.customs.vocabulary import Benefit, Reason, name_number
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, encode_question
from aeo_ledger.evidence.receipt import Receipt
from aeo_ledger.office.alias_file import read_names
from aeo_ledger.office.archive import make_receipt, write_receipt
from aeo_ledger.office.ask import in_words_of, read_any_question, tell_question
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import (
    ProvenDecision,
    TrustBundle,
    demand_absent,
    find_other_question,
    verify_snapshot,
)
from aeo_ledger.wording.words import Words


class Stale(StrEnum):
    """What to do with a snapshot that is too old."""

    REFUSE = "refuse"
    FLAG = "flag"


EVIDENCE_AGE = "5m"
SNAPSHOT_AGE = "1d"


@reporting
def ask(
    trust: Trust,
    tin: OptionalTin = None,
    role: AnyRole = None,
    recogniser: AnyRecogniser = None,
    direction: AnyDirection = None,
    alias: AliasOption = None,
    kind: KindOption = None,
    aliases: NamesOption = None,
    everywhere: Everywhere = False,
    corridor: CorridorOption = None,
    file: FileOption = None,
    out: OutOption = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    lookup_keys: LookupKeysOption = None,
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
    lang: Lang = None,
    as_json: AsJson = False,
) -> int:
    """Ask a gateway or a snapshot about a trader, and check the evidence against your own trust bundle.

    With --lookup-keys the gateway is not told the trader's number: it is asked for
    the words of the ledger that the decision reads, and the decision is made here.

    With --file about many at once: every line gets an answer or is named, and one
    evidence proves all. The exit code is 4 if a line stays unproven, else 2 if a
    line is malformed, else 1 if a line is a proven no.
    """
    words = choose_words(lang, as_json=as_json)
    _refuse_combinations(evidence=evidence, snapshot=snapshot, receipt=receipt, key=key)
    span = parse_span(max_age or (EVIDENCE_AGE if snapshot is None else SNAPSHOT_AGE))
    if file is not None or corridor is not None or out is not None:
        many = ManyAsked(
            file=file,
            corridor=corridor,
            tin=tin,
            circumstances=(recogniser, direction, role, certificate_type, register, on, as_known),
            accept_odd=accept_odd,
            with_history=not no_history,
            evidence=evidence,
            out=out,
            snapshot=snapshot,
            max_age=span,
            refuse_stale=stale is Stale.REFUSE,
            words=words,
            as_json=as_json,
        )
        many.refuse(alias=alias, kind=kind, aliases=aliases, receipt=receipt, everywhere=everywhere)
        pinned, keys = read_trust_and_keys(trust, lookup_keys, password_file)
        return many.answer(pinned, keys, partial(reach_gateway, gateway, timeout))
    role = demand_option("role", role, "ask")
    asked = None if tin is None else normalise(tin, accept_odd=accept_odd)
    if everywhere:
        _refuse_everywhere(
            alias=alias, kind=kind, type=certificate_type, register=register, on=on, as_known=as_known, receipt=receipt
        )
        output.refuse_two_outputs(evidence, as_json=as_json)
        pinned, keys = read_trust_and_keys(trust, lookup_keys, password_file)
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
            fresh = stale is Stale.REFUSE
            return ask_all_of_snapshot(
                view, pinned, snapshot, keys, max_age=span, refuse_stale=fresh, words=words, as_json=as_json
            )
        with reach_gateway(gateway, timeout, pinned) as desk:
            return ask_all(view, pinned, desk, keys, evidence=evidence, max_age=span, words=words, as_json=as_json)
    demanded = (demand_option("recogniser", recogniser, "ask"), demand_option("direction", direction, "ask"), role)
    circumstances = (*demanded, certificate_type, register, on, as_known)
    question = read_any_question(
        None if asked is None else asked.tin.text, alias, kind, *circumstances, accept_odd=accept_odd
    )
    named = _read_names(aliases).get(question.alias) if isinstance(question, AliasQuestion) else None
    if snapshot is not None:
        pinned, keys = read_trust_and_keys(trust, lookup_keys, password_file)
        return _ask_snapshot(snapshot, question, asked, named, pinned, keys, span, stale, words=words, as_json=as_json)
    output.refuse_two_outputs(evidence, as_json=as_json)
    pinned, keys = read_trust_and_keys(trust, lookup_keys, password_file)
    signer = next(iter(open_keys([] if key is None else [key], password_file)), None)
    past = (question.on is not None or question.known is not None) and not no_history
    with reach_gateway(gateway, timeout, pinned) as desk, in_words_of(question):
        fetch = partial(fetch_evidence, desk, pinned, keys, named, max_age=span, with_history=past)
        found, at, proven, absent = prove(fetch, question, pinned, keys or NO_KEYS, max_age=span, kept=evidence)
    made = make_receipt(found, proven, pinned, now=at, max_age=span, signer=signer)
    if receipt is not None:
        write_receipt(receipt, made)
    kept = None if receipt is None else made
    return conclude(proven, asked, pinned, absent, kept, words=words, as_json=as_json, beside=evidence)


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
    words: Words,
    as_json: bool,
    beside: Path | None = None,
) -> int:
    """Show a proven decision, and the hash of its receipt if there is one; return the exit code.

    `absent` is the other form of the TIN, if it is proven to have no certificate either.
    """
    document, lines = describe(proven, asked, absent), tell(proven, asked, trust, absent, words)
    if receipt is not None:
        document |= {"receipt": to_hex(receipt.hash())}
        lines.append(
            words.say(
                "  receipt    {hash}: whoever keeps this hash with its date can vouch for the time",
                hash=to_hex(receipt.hash()),
            )
        )
    output.show(document, as_json=as_json, lines=lines, proven=True, beside=beside)
    return YES if proven.decision.recognised else NOT_RECOGNISED


def _ask_snapshot(
    path: Path,
    question: AnyQuestion,
    asked: Normalised | None,
    named: Tin | None,
    trust: TrustBundle,
    keys: LookupKeys | None,
    max_age: int,
    stale: Stale,
    *,
    words: Words,
    as_json: bool,
) -> int:
    at = output.now()
    snapshot = verify_snapshot(read_snapshot(path), trust, now=at, max_age=max_age, refuse_stale=stale is Stale.REFUSE)
    with in_words_of(question):
        proven = snapshot.decide(question, now=at, named=named, keys=keys or NO_KEYS)
        other = find_other_question(proven)
        absent = None if other is None else demand_absent(snapshot.decide(other, now=at, keys=keys or NO_KEYS), proven)
    document = {**describe(proven, asked, absent), "age_s": snapshot.age_s(at), "stale": snapshot.is_stale(at)}
    lines = [*tell(proven, asked, trust, absent, words), f"  {tell_age(snapshot, at, max_age, words)}"]
    output.show(document, as_json=as_json, lines=lines, proven=True)
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


def tell(
    proven: ProvenDecision, asked: Normalised | None, trust: TrustBundle, absent: Tin | None, words: Words
) -> list[str]:
    """Write a proven decision for people: the verdict, then a line each for what it rests on."""
    verdict = words.say("RECOGNISED") if proven.decision.recognised else words.say("NOT RECOGNISED")
    return [f"{verdict}: {tell_why(proven, words)}", *tell_basis(proven, asked, trust, absent, words)]


def tell_why(proven: ProvenDecision, words: Words) -> str:
    """Name the benefits of a yes, or the reasons of a no."""
    decision = proven.decision
    named = [words.name(benefit, Benefit) for benefit in decision.benefits]
    return ", ".join(named or [words.name(reason, Reason) for reason in decision.reasons])


def tell_basis(
    proven: ProvenDecision, asked: Normalised | None, trust: TrustBundle, absent: Tin | None, words: Words
) -> list[str]:
    """Say what was asked and what the answer rests on."""
    decision, asker, say = proven.decision, proven.question.recogniser, words.say
    lines = [say("  question   {question}", question=tell_question(proven.question, words))]
    if asked is not None and asked.done:
        steps = ", ".join(words.phrase(step.value) for step in asked.done)
        lines.append(
            say(
                "  typed      {typed}, asked about {tin} ({steps})", typed=said(asked.typed), tin=asked.tin, steps=steps
            )
        )
    if isinstance(proven.question, AliasQuestion):
        nobody = say("proven: {recogniser} binds nobody to this code", recogniser=asker)
        lines.append(say("  trader     {trader}", trader=proven.trader or nobody))
    lines += [
        say("  look again at this number: {problem}", problem=words.phrase(problem)) for problem in _look_again(proven)
    ]
    lines += [say("  remark     {remark}", remark=words.phrase(remark)) for remark in _remark(proven, absent)]
    lines += [] if absent is None else [say("  asked too  {tin}: no certificate either", tin=absent)]
    if proven.issuer:
        lines.append(say("  issuer     {issuer}", issuer=proven.issuer))
    nowhere = (
        say("no register: there is no trader to search for")
        if proven.trader is None
        else say("no register: no pinned party has this prefix")
    )
    time = show_moment(decision.time, None if proven.question.on is None else asker, words)
    if decision.known is not None:
        known = show_moment(decision.known, asker, words)
        time = say("{time}, as known at {known}", time=time, known=known)
    return [
        *lines,
        say("  searched   {registers}", registers=", ".join(proven.registers) or nowhere),
        say("  decided    for {time}", time=time),
        say(
            "  proven     as of block {block} of {time}",
            block=proven.block_number,
            time=show_moment(proven.block_time, None, words),
        ),
        words.plural(
            "  sealed     by {found} of {number} validator",
            "  sealed     by {found} of {number} validators",
            len(trust.validators),
            found=len(proven.sealers),
        ),
    ]


def _remark(proven: ProvenDecision, absent: Tin | None) -> list[str]:
    """List what an asker should know of the trader's number, beside the other form that was asked about too."""
    return [] if proven.trader is None else list(find_remarks(proven.trader, other_asked=absent is not None))


def _look_again(proven: ProvenDecision) -> list[str]:
    """List what is odd about the trader's number."""
    return [] if proven.trader is None else list(find_problems(proven.trader))
