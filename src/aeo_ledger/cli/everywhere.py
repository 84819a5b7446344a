"""`aeo-ledger ask TIN --everywhere`: a trader's own view of all recognisers, proven by one evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeo_ledger.cli import output
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.customs.alias_codes import AliasCode, name_kind
from aeo_ledger.customs.tin import Tin, find_other_form, find_problems, find_remarks, read_tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Reason, Role, name_number
from aeo_ledger.errors import Unproven, name_of
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AliasQuestion, Header, decode_header
from aeo_ledger.office.alias_file import read_alias_file
from aeo_ledger.office.ask import write_evidence
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.everywhere import (
    Line,
    View,
    find_recognisers,
    name_arrangements,
    read_directions,
    since_of,
    sum_up,
)
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import show_span
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import ProvenDecision, ProvenSnapshot, TrustBundle, verify_each, verify_snapshot
from aeo_ledger.verify.recognition import LEFT_OPEN
from aeo_ledger.wording.words import ENGLISH, Words, later

if TYPE_CHECKING:  # loads the client of HTTP, which a snapshot does not need
    from aeo_ledger.gateway.client import GatewayClient

_KINDS = (later("recognised"), later("not recognised"), later("could not be asked"))
"""The verdicts."""
_WIDTH = 80
_INDENT = " " * 12


def _read_aliases(named: Sequence[str], tin: Tin) -> tuple[tuple[str, AliasCode], ...]:
    """Read which codes mean a trader, from files of recognisers, each written as CODE=FILE.

    Raises:
        MalformedText: a file comes without the code of its recogniser.
        UnreadableFile, OversizedFile, AliasRowRefused: a file cannot be read.
    """
    found: dict[tuple[str, AliasCode], None] = {}
    for text in named:
        code, given, path = text.partition("=")
        if not given or not path:
            raise MalformedText("--aliases", text, "with --everywhere: CODE=FILE, the recogniser and its file")
        rows = read_alias_file(Path(path), accept_odd=True)
        found |= {(code, row.alias): None for row in rows if row.tin == tin}
    return tuple(found)


def ask_all(
    view: View,
    trust: TrustBundle,
    desk: GatewayClient,
    keys: LookupKeys | None,
    *,
    evidence: Path | None,
    max_age: int,
    words: Words,
    as_json: bool,
) -> int:
    """Fetch and check one evidence for all recognisers, show the view, and return the exit code.

    With `keys`, the gateway is asked for words and not for the trader.
    """
    questions = view.questions()
    if keys is not None:
        named = {place: view.tin for place, question in enumerate(questions) if isinstance(question, AliasQuestion)}
        found = gather_evidence(questions, desk, trust, keys=keys, clock=output.now, max_age=max_age, named=named)
    else:
        found = desk.recognitions(view)
    if evidence is not None:
        write_evidence(evidence, found, output.put)
    answers = verify_each(found, questions, trust, now=output.now(), max_age=max_age, keys=keys or NO_KEYS)
    header = decode_header(found.header)
    return _conclude(view, answers, header, trust, words=words, as_json=as_json, beside=evidence)


def ask_all_of_snapshot(
    view: View,
    trust: TrustBundle,
    path: Path,
    keys: LookupKeys | None,
    *,
    max_age: int,
    refuse_stale: bool,
    words: Words,
    as_json: bool,
) -> int:
    """Ask a snapshot about all recognisers, show the view, and return the exit code."""
    at = output.now()
    snapshot = verify_snapshot(read_snapshot(path), trust, now=at, max_age=max_age, refuse_stale=refuse_stale)
    answers: list[ProvenDecision | Unproven] = []
    for question in view.questions():
        try:
            answers.append(snapshot.decide(question, now=at, named=view.tin, keys=keys or NO_KEYS))
        except LEFT_OPEN as error:
            answers.append(error)
    age, header = tell_age(snapshot, at, max_age, words), snapshot.sealed.header
    return _conclude(view, answers, header, trust, words=words, as_json=as_json, note=age)


def tell_age(snapshot: ProvenSnapshot, at: int, max_age: int, words: Words) -> str:
    """Say how old a snapshot is at a time, and whether that is older than the reader accepts (seconds)."""
    age = show_span(snapshot.age_s(at))
    if not snapshot.is_stale(at):
        return words.say("snapshot   {age} old", age=age)
    return words.say(
        "snapshot   {age} old, MORE THAN THE {most} THAT YOU ACCEPT: it does not contain what happened since",
        age=age,
        most=show_span(max_age),
    )


def _conclude(
    view: View,
    answers: Sequence[ProvenDecision | Unproven],
    header: Header,
    trust: TrustBundle,
    *,
    words: Words,
    as_json: bool,
    beside: Path | None = None,
    note: str = "",
) -> int:
    """Show the view and return the exit code: 0 if somebody recognises the trader, 1 if it is proven that nobody does, else 4.

    A trader whose other form, `GB` for `XI`, is not asked about is never answered by a proven no.
    """
    lines = sum_up(view, answers)
    aliases = list(zip(view.aliases, answers[len(view.recognisers) * len(view.directions) :], strict=True))
    yes, no, unasked = (
        list(dict.fromkeys(line.recogniser for line in lines if _verdict(line) == kind)) for kind in _KINDS
    )
    no = [code for code in no if code not in {*yes, *unasked}]
    document = {
        "tin": view.tin.text,
        "problems": list(find_problems(view.tin)),
        "remarks": list(find_remarks(view.tin)),
        "role": view.role.name.lower(),
        "recognised_by": yes,
        "not_recognised_by": no,
        "could_not_be_asked": unasked,
        "recognitions": [_describe(line) for line in lines],
        "aliases": [_describe_alias(code, alias, answer) for (code, alias), answer in aliases],
        "block": header.number,
        "block_hash": to_hex(header.hash()),
        "block_time": header.timestamp,
        "chain_id": trust.chain_id,
    }
    told = [
        words.say(
            "{tin} as {role}: recognised by {parties}",
            tin=view.tin,
            role=words.name(view.role, Role),
            parties=", ".join(yes) or words.term("recognised by", "nobody"),
        )
    ]
    if unasked:
        told.append(
            words.say("  could not be asked, which is neither yes nor no: {parties}", parties=", ".join(unasked))
        )
    for line in lines:
        bound = [str(alias) for (code, alias), answer in aliases if code == line.recogniser and _is_bound(answer)]
        told += _tell(line, bound, words)
    told += [
        words.say(
            "  {alias} is not proven to mean this trader to {recogniser}: {why}",
            alias=alias,
            recogniser=code,
            why=_why(answer, words),
        )
        for (code, alias), answer in aliases
        if not _is_bound(answer)
    ]
    told += [words.say("remark     {remark}", remark=words.phrase(remark)) for remark in find_remarks(view.tin)]
    told += tell_problems(view.tin, find_problems(view.tin), words)
    proven_at = show_moment(header.timestamp, None, words)
    told.append(words.say("proven     as of block {block} of {time}", block=header.number, time=proven_at))
    told += [note] if note else []
    output.show(document, as_json=as_json, lines=told, proven=True, beside=beside)
    if yes:
        return output.YES
    return output.EXIT_CODES[Unproven] if unasked or find_other_form(view.tin) else output.NOT_RECOGNISED


def _verdict(line: Line) -> str:
    if isinstance(line.answer, Unproven):
        return _KINDS[2]
    return _KINDS[0] if line.answer.decision.recognised else _KINDS[1]


def _is_bound(answer: ProvenDecision | Unproven) -> bool:
    return isinstance(answer, ProvenDecision) and answer.trader is not None


def _why(answer: ProvenDecision | Unproven, words: Words = ENGLISH) -> str:
    return str(answer) if isinstance(answer, Unproven) else words.say("it binds nobody to it")


def _describe(line: Line) -> dict[str, Any]:
    answer = line.answer
    found: dict[str, Any] = {
        "recogniser": line.recogniser,
        "directions": [direction.name.lower() for direction in line.directions],
    }
    if isinstance(answer, Unproven):
        return {**found, "recognised": None, "error": name_of(answer), "detail": str(answer)}
    decision = answer.decision
    return {
        **found,
        "recognised": decision.recognised,
        "arrangements": list(name_arrangements(answer)),
        "since": since_of(decision),
        "benefits": [name_number(benefit, Benefit) for benefit in decision.benefits],
        "reasons": [reason.name.lower() for reason in decision.reasons],
        "issuer": answer.issuer,
        "registers": list(answer.registers),
    }


def _describe_alias(code: str, alias: AliasCode, answer: ProvenDecision | Unproven) -> dict[str, Any]:
    return {
        "recogniser": code,
        "kind": name_kind(alias.kind),
        "alias": alias.code,
        "bound": None if isinstance(answer, Unproven) else answer.trader is not None,
        "detail": None if _is_bound(answer) else _why(answer),
    }


def _tell(line: Line, aliases: Sequence[str], words: Words) -> list[str]:
    """Write one answer at most 80 characters wide: recogniser and verdict, then what there is to say of it."""
    answer = line.answer
    directions = ", ".join(words.name(direction, Direction) for direction in line.directions)
    head = f"  {line.recogniser:<8}  {words.phrase(_verdict(line))}: {directions}"
    if isinstance(answer, Unproven):
        return [head, *_wrap("", str(answer))]
    decision = answer.decision
    if not decision.recognised:
        return [head, *_wrap("", ", ".join(words.name(reason, Reason) for reason in decision.reasons))]
    says = words.say(
        "under {arrangements} since {time}",
        arrangements=", ".join(name_arrangements(answer)),
        time=show_moment(since_of(decision) or 0, line.recogniser, words),
    )
    benefits = ", ".join(words.name(benefit, Benefit) for benefit in decision.benefits) or words.term("list", "none")
    told = [head, *_wrap("", says), *_wrap(words.say("benefits: "), benefits)]
    return told + (_wrap(words.say("alias: "), ", ".join(aliases)) if aliases else [])


def _wrap(what: str, text: str) -> list[str]:
    return textwrap.wrap(what + text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + " " * len(what))


def read_view(
    tin: str | None,
    role: str,
    trust: TrustBundle,
    *,
    direction: str | None,
    recogniser: str | None,
    aliases: Sequence[str],
    accept_odd: bool,
) -> View:
    """Read the question to all recognisers, or to the one named; without a direction it is about all three.

    Raises:
        MalformedTin, MalformedText: a part of it cannot be read.
        UnreadableFile, OversizedFile, AliasRowRefused: a file of aliases cannot be read.
    """
    if tin is None:
        raise MalformedText("--everywhere", "no TIN", "one")
    trader = read_tin(tin, accept_odd=accept_odd)
    return View(
        tin=trader,
        role=Role[choose(role, [one.name.lower() for one in Role], what="role").upper()],
        directions=read_directions([] if direction is None else [direction]),
        recognisers=find_recognisers(trader, trust) if recogniser is None else (recogniser,),
        aliases=_read_aliases(aliases, trader),
    )
