"""`aeo-ledger verify`: check evidence off line, as of now, or as of its receipt. The answer claims no more than is proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli import output
from aeo_ledger.cli.ask import EVIDENCE_AGE, conclude, describe, tell_basis, tell_why
from aeo_ledger.cli.asking_file import ask_file
from aeo_ledger.cli.options import (
    AcceptOdd,
    AliasOption,
    AnyDirection,
    AnyRecogniser,
    AnyRole,
    AsJson,
    AsKnownOption,
    FileOption,
    KindOption,
    Lang,
    LookupKeysOption,
    OnOption,
    OptionalTin,
    OutOption,
    PasswordFile,
    RegisterOption,
    Trust,
    TypeOption,
    choose_words,
    demand_option,
    open_lookup_keys_if_given,
)
from aeo_ledger.cli.output import NOT_RECOGNISED, YES, reporting
from aeo_ledger.cli.proving_many import by_evidence
from aeo_ledger.customs.tin import Normalised, Tin, normalise
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.office.archive import read_chain, read_kept, read_receipt
from aeo_ledger.office.ask import in_words_of, read_any_question, read_evidence, read_trust
from aeo_ledger.office.calendar import parse_moment, show_moment
from aeo_ledger.office.question_file import read_question_file
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import verify_other_form, verify_recognition
from aeo_ledger.verify.archive import ArchivedDecision, verify_archived, verify_committed, verify_receipted
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S
from aeo_ledger.verify.trust import fingerprint
from aeo_ledger.wording.words import Words, later

ArchivedOption = Annotated[
    bool,
    typer.Option(
        "--archived", help="Prove what the evidence proved when it was received, with the bundle that was pinned then."
    ),
]
ReceivedOption = Annotated[
    str | None,
    typer.Option(
        "--received",
        help="With --archived, if no receipt says it: when it was received, a moment with its offset, or a day "
        "(midnight in the recogniser's time zone).",
    ),
]
ReceiptOption = Annotated[
    Path | None,
    typer.Option("--receipt", help="With --archived: the receipt that says when it was received; it is checked too."),
]
SignerOption = Annotated[
    str | None, typer.Option("--signer", help="With --receipt: address of the key that must have signed it.")
]
AnchorOption = Annotated[
    str | None, typer.Option("--anchor", help="With --receipt: its hash, which somebody else kept with a date.")
]
ChainOption = Annotated[
    Path | None,
    typer.Option("--chain", help="With --archived: headers up to a checkpoint pinned later, from `trust chain`."),
]

MaxAge = Annotated[
    str | None,
    typer.Option(
        help="Oldest evidence that you accept, as in 30s, 5m, 2h, 1d. Default: 5m; with --receipt, the age in the receipt."
    ),
]

SAYS = later("this says what the evidence proved at that time with that bundle; it does not say that it is so today")
OPEN = later(
    "no later pinned checkpoint is shown to follow this block: somebody with the keys of the validators of that time "
    "could have forged this evidence later"
)


@reporting
def verify(
    evidence: Annotated[
        Path, typer.Argument(metavar="EVIDENCE", help="Evidence file, JSON or CBOR; - is standard input.")
    ],
    trust: Trust,
    tin: OptionalTin = None,
    recogniser: AnyRecogniser = None,
    direction: AnyDirection = None,
    role: AnyRole = None,
    file: FileOption = None,
    out: OutOption = None,
    alias: AliasOption = None,
    kind: KindOption = None,
    certificate_type: TypeOption = None,
    register: RegisterOption = None,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    on: OnOption = None,
    as_known: AsKnownOption = None,
    max_age: MaxAge = None,
    accept_odd: AcceptOdd = False,
    archived: ArchivedOption = False,
    received: ReceivedOption = None,
    receipt: ReceiptOption = None,
    signer: SignerOption = None,
    anchor: AnchorOption = None,
    chain: ChainOption = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> int:
    """Check evidence against your own question and trust bundle, off line.

    With --file, against the questions of a file, as `ask --file` asked them.

    With --archived, years later: what it proved when it was received, with the
    bundle that your trust store says was pinned then, and no more.

    Beware of old keys. Whoever gets the keys of a quorum of former validators can
    seal a header today with a date of that time, above the old checkpoint and
    below a newer one, and so forge evidence. A later checkpoint that you pinned
    exposes this: give --chain. So does a receipt whose hash somebody else kept
    with a date: give --anchor. A receipt by itself is only its signer's claim:
    give --signer. An unsigned receipt counts only with --anchor, or if you give
    --received and --max-age yourself.
    """
    words = choose_words(lang, as_json=as_json)
    kept = _Kept(received=received, receipt=receipt, signer=signer, anchor=anchor, chain=chain)
    circumstances = (recogniser, direction, role, certificate_type, register, on, as_known)
    open_held = partial(open_lookup_keys_if_given, lookup_keys, password_file)
    if out is not None and file is None:
        raise MalformedText("--out", str(out), "--file too, whose answers it lists")
    if file is not None:
        for name, given in (("TIN", tin), ("--alias", alias), ("--kind", kind), ("--archived", archived or None)):
            if given is not None:
                raise MalformedText(name, str(given), "no such option with --file")
        kept.refuse_without_archived()
        pinned, span = read_trust(trust), parse_span(max_age or EVIDENCE_AGE)
        lines = read_question_file(output.source(file), circumstances, pinned, accept_odd=accept_odd)
        keys = open_held(pinned.chains) or NO_KEYS
        prove = by_evidence(output.source(evidence), pinned, keys, max_age=span)
        return ask_file(lines, prove, out=out, words=words, as_json=as_json)
    for name, given in (("recogniser", recogniser), ("direction", direction), ("role", role)):
        demand_option(name, given, "verify")
    asked = None if tin is None else normalise(tin, accept_odd=accept_odd)
    question = read_any_question(
        None if asked is None else asked.tin.text, alias, kind, *circumstances, accept_odd=accept_odd
    )
    if archived:
        with in_words_of(question):
            found = read_evidence(output.source(evidence))
            return _conclude_archived(
                found, question, asked, trust, open_held, kept, max_age, words=words, as_json=as_json
            )
    kept.refuse_without_archived()
    pinned, span = read_trust(trust), parse_span(max_age or EVIDENCE_AGE)
    keys = open_held(pinned.chains) or NO_KEYS
    found = read_evidence(output.source(evidence))
    with in_words_of(question):
        proven = verify_recognition(found, question, pinned, now=output.now(), max_age=span, keys=keys)
        absent = verify_other_form(found, proven, pinned, keys=keys)
    return conclude(proven, asked, pinned, absent, words=words, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was kept with the evidence, by the names of the options."""

    received: str | None
    receipt: Path | None
    signer: str | None
    anchor: str | None
    chain: Path | None

    def refuse_without_archived(self) -> None:
        """Refuse options that have no effect without --archived, instead of ignoring them.

        Raises:
            MalformedText: such an option is given.
        """
        for name in ("received", "receipt", "signer", "anchor", "chain"):
            if getattr(self, name) is not None:
                raise MalformedText(f"--{name}", str(getattr(self, name)), "--archived too")

    def refuse_half(self) -> None:
        """Refuse options that do not give exactly one time of receipt.

        Raises:
            MalformedText: there is no time of receipt, or an option for a receipt without the receipt.
        """
        if self.received is None and self.receipt is None:
            found = "neither --received nor --receipt"
            raise MalformedText("--archived", found, "one of them, to say when the evidence was received")
        for name in ("signer", "anchor"):
            if self.receipt is None and getattr(self, name) is not None:
                raise MalformedText(f"--{name}", getattr(self, name), "--receipt too")


def _conclude_archived(
    evidence: Evidence,
    question: AnyQuestion,
    asked: Normalised | None,
    trust: Path,
    open_held: Callable[[Sequence[int]], LookupKeys | None],
    kept: _Kept,
    max_age: str | None,
    *,
    words: Words,
    as_json: bool,
) -> int:
    """Prove what evidence proved when it was received, show it, and return the exit code of that answer."""
    kept.refuse_half()
    pinned, now = read_kept(trust), output.now()
    keys = open_held([chain for one in pinned for chain in one.trust.chains]) or NO_KEYS
    span = None if max_age is None else parse_span(max_age)
    received_at = None if kept.received is None else parse_moment(kept.received, question.recogniser, what="--received")
    if kept.receipt is not None:
        archived = verify_receipted(
            read_receipt(kept.receipt),
            evidence,
            question,
            pinned,
            now=now,
            received_at=received_at,
            max_age=span,
            signer=None if kept.signer is None else parse_hex(kept.signer, what="--signer", length=20),
            anchor=None if kept.anchor is None else parse_hex(kept.anchor, what="--anchor", length=32),
            keys=keys,
        )
    else:
        assert received_at is not None  # noqa: S101 (for the type checker: one of the two is given)
        archived = verify_archived(
            evidence, question, pinned, received_at=received_at, now=now, max_age=span or DEFAULT_MAX_AGE_S, keys=keys
        )
    if kept.chain is not None:
        archived = verify_committed(archived, read_chain(kept.chain), pinned)
    absent = verify_other_form(evidence, archived.answer, archived.pinned.trust, keys=keys)
    lines = _tell(archived, asked, absent, words, anchored=kept.anchor is not None)
    output.show(_describe(archived, asked, absent), as_json=as_json, lines=lines)
    return YES if archived.answer.decision.recognised else NOT_RECOGNISED


def _describe(archived: ArchivedDecision, asked: Normalised | None, absent: Tin | None) -> dict[str, Any]:
    """Write the archived decision for machines."""
    receipt, committed, pinned = archived.receipt, archived.committed, archived.pinned
    return {
        **describe(archived.answer, asked, absent),
        "archived": {
            "says": SAYS,
            "received_at": archived.received_at,
            "trust": to_hex(fingerprint(pinned.trust)),
            "pinned_at": pinned.pinned_at,
            "expired_at": pinned.trust.expires_at,
            "receipt": None if receipt is None else to_hex(receipt.hash()),
            "signer": to_hex(receipt.signer) if receipt is not None and receipt.signer else None,
            "committed_by": None if committed is None else committed.trust.checkpoint.number,
            "committed_at": None if committed is None else committed.pinned_at,
        },
    }


def _tell(
    archived: ArchivedDecision, asked: Normalised | None, absent: Tin | None, words: Words, *, anchored: bool
) -> list[str]:
    """Write the archived decision for people."""
    answer, receipt, pinned, say = archived.answer, archived.receipt, archived.pinned, words.say
    why = tell_why(answer, words)
    return [
        say("RECOGNISED WHEN RECEIVED: {why}", why=why)
        if answer.decision.recognised
        else say("NOT RECOGNISED WHEN RECEIVED: {why}", why=why),
        *tell_basis(answer, asked, pinned.trust, absent, words),
        say(
            "  received   {time}, {said}",
            time=show_moment(archived.received_at, answer.question.recogniser, words),
            said=_tell_said(archived, words),
        ),
        say(
            "  trust      {fingerprint}, {pinned}",
            fingerprint=to_hex(fingerprint(pinned.trust)),
            pinned=say("which was pinned then, as you say")
            if pinned.pinned_at is None
            else say("pinned {time}", time=show_moment(pinned.pinned_at, None, words)),
        ),
        *([] if receipt is None else [_tell_receipt(receipt.hash(), words, anchored=anchored)]),
        *_tell_place(archived, words, anchored=anchored),
        words.phrase(SAYS),
    ]


def _tell_said(archived: ArchivedDecision, words: Words) -> str:
    """Tell who says when the evidence was received."""
    if archived.receipt is None:
        return words.say("as you say")
    if archived.receipt.signer:
        return words.say("as its receipt says, signed by {signer}", signer=to_hex(archived.receipt.signer))
    return words.say("as its receipt says, which nobody signed")


def _tell_receipt(hashed: bytes, words: Words, *, anchored: bool) -> str:
    if anchored:
        return words.say("  receipt    {hash}, the same as kept elsewhere", hash=to_hex(hashed))
    return words.say("  receipt    {hash}", hash=to_hex(hashed))


def _tell_place(archived: ArchivedDecision, words: Words, *, anchored: bool) -> list[str]:
    """Tell which later checkpoint follows the block, or what follows from there being none."""
    committed, say = archived.committed, words.say
    if committed is None:
        return [] if anchored else [say("  open       {why}", why=words.phrase(OPEN))]
    number = committed.trust.checkpoint.number
    return [
        say(
            "  on chain   {where}, {when}: no key that was lost later can have forged this evidence",
            where=say("it is block {block}", block=number)
            if number == archived.answer.block_number
            else say("below block {block}", block=number),
            when=say("the checkpoint given")
            if committed.pinned_at is None
            else say("pinned {time}", time=show_moment(committed.pinned_at, None, words)),
        )
    ]
