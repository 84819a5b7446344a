"""Where the answers to many questions come from: a gateway, kept evidence, or a snapshot. Each is proven here, or left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aeo_ledger.cli import output
from aeo_ledger.cli.everywhere import tell_age
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.verify import OtherQuestion
from aeo_ledger.evidence import AnyQuestion, Evidence, Header, decode_header
from aeo_ledger.office.ask import read_evidence, write_evidence
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.corridor import Corridor
from aeo_ledger.office.many import Answer, decide_each, list_needed, prove_each
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import TrustBundle, verify_snapshot
from aeo_ledger.wording.words import Words

if TYPE_CHECKING:  # a snapshot is asked without the client of HTTP
    from aeo_ledger.gateway.client import GatewayClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is proven about some questions."""

    answers: Mapping[AnyQuestion, Answer] = field(default_factory=dict)
    told: Mapping[AnyQuestion, AeoLedgerError] = field(default_factory=dict)
    """Why some cannot be put, as a gateway says."""
    header: Header | None = None
    """The block that proves it; None if nothing does."""
    kept: Path | None = None
    """Where the evidence was written."""
    note: str = ""
    """What else to know, such as the age of a snapshot."""


Prove: TypeAlias = Callable[[Sequence[AnyQuestion]], Found]
"""Proves the answers to questions."""
Fetch: TypeAlias = Callable[[Sequence[AnyQuestion]], tuple[Evidence | None, Mapping[int, AeoLedgerError]]]
"""Fetches one evidence for questions; and why some cannot be put, by their places."""


def fetch_manifest(
    desk: GatewayClient, needed: Sequence[AnyQuestion], *, with_history: bool
) -> tuple[Evidence | None, Mapping[int, AeoLedgerError]]:
    """Fetch one evidence from a gateway, with the signed history that past times need."""
    past = any(question.on is not None or question.known is not None for question in needed)
    found = desk.ask_many(needed, with_history=past and with_history)
    return found.evidence, found.problems


def fetch_corridor(
    corridor: Corridor, desk: GatewayClient, _: Sequence[AnyQuestion]
) -> tuple[Evidence | None, Mapping[int, AeoLedgerError]]:
    """Fetch one evidence for a route from a gateway."""
    return desk.corridor(corridor), {}


def gather_manifest(
    desk: GatewayClient,
    needed: Sequence[AnyQuestion],
    *,
    trust: TrustBundle,
    keys: LookupKeys,
    max_age: int,
    with_history: bool,
) -> tuple[Evidence | None, Mapping[int, AeoLedgerError]]:
    """Gather one evidence from the words that a gateway is asked for; it is not told about whom they are."""
    found = gather_evidence(
        needed, desk, trust, keys=keys, clock=output.now, max_age=max_age, with_history=with_history
    )
    return found, {}


def by_fetching(
    fetch: Fetch, trust: TrustBundle, keys: LookupKeys = NO_KEYS, *, evidence: Path | None, max_age: int
) -> Prove:
    """Prove answers from evidence that somebody else makes, and keep the evidence also if it proves nothing."""

    def prove(asked: Sequence[AnyQuestion]) -> Found:
        needed = list_needed(asked)
        found, problems = fetch(needed)
        told = {needed[place]: problem for place, problem in problems.items()}
        if found is None:
            return Found(answers={question: OtherQuestion(asked=str(question)) for question in asked}, told=told)
        if evidence is not None:
            write_evidence(evidence, found, output.put)
        answers = prove_each(found, asked, trust, now=output.now(), max_age=max_age, keys=keys)
        return Found(answers=answers, told=told, header=decode_header(found.header), kept=evidence)

    return prove


def by_snapshot(
    path: Path, trust: TrustBundle, keys: LookupKeys, *, max_age: int, refuse_stale: bool, words: Words
) -> Prove:
    """Prove answers from a snapshot."""

    def prove(asked: Sequence[AnyQuestion]) -> Found:
        at = output.now()
        snapshot = verify_snapshot(read_snapshot(path), trust, now=at, max_age=max_age, refuse_stale=refuse_stale)
        note = tell_age(snapshot, at, max_age, words)
        return Found(answers=decide_each(snapshot, asked, now=at, keys=keys), header=snapshot.sealed.header, note=note)

    return prove


def by_evidence(path: Path, trust: TrustBundle, keys: LookupKeys, *, max_age: int) -> Prove:
    """Prove answers from kept evidence."""

    def prove(asked: Sequence[AnyQuestion]) -> Found:
        found = read_evidence(path)
        answers = prove_each(found, asked, trust, now=output.now(), max_age=max_age, keys=keys)
        return Found(answers=answers, header=decode_header(found.header))

    return prove


def tell_block(header: Header, words: Words) -> str:
    """Say which block proves the answers."""
    time = show_moment(header.timestamp, None, words)
    return words.say("proven     as of block {block} of {time}", block=header.number, time=time)
