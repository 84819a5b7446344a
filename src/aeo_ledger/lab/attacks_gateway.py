"""A gateway that lies: it owns its answers, and no validator's key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Final

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Question
from aeo_ledger.lab.attacks_lists import FALSE, HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.attacks_stage import Finding, Stage
from aeo_ledger.lab.forged import forge_standing
from aeo_ledger.lab.own_network import OwnNetwork, about, open_network
from aeo_ledger.verify import verify_recognition

_FLIPS: Final = 500
"""Bits of an answer that are flipped, one at a time."""


def lie(stage: Stage) -> Iterator[Finding]:
    """Alter, invent, cut and swap answers, and see whether a border system with its own bundle and question believes one."""
    with open_network(stage.folder / "network", PARTIES, seed=stage.seed) as network:
        begin(network)
        network.embedded.seal_pending()
        false, honest = about(FALSE, "CN"), about(HONEST, "CN")
        truth, yes = network.evidence(false), network.evidence(honest)
        refusals: Counter[str] = Counter()
        tried = believed = 0
        for lied in _lies(network, false, truth, yes, Random(stage.seed)):  # noqa: S311 (choices that a seed repeats)
            tried += 1
            refused = _refusal(network, lied, false)
            believed += refused is None
            refusals.update([refused] if refused else [])
        if _refusal(network, yes, honest) is not None:
            raise AssertionError("a true answer is refused too")
        yield Finding(
            attack="lying gateway",
            owns="a gateway, and no validator's key",
            against="ledger",
            succeeds=believed > 0,
            gain=f"nothing: {tried} lies, {believed} believed; it can refuse to answer, and be old (see the stale cache)",
            lasts_s=0,
            refused=", ".join(sorted(refusals)),
            shown_by="the refusal: each lie is refused before it is believed",
        )


def _lies(network: OwnNetwork, asked: Question, truth: Evidence, yes: Evidence, dice: Random) -> Iterator[Evidence]:
    """Yield false answers to a question whose true answer is no."""
    yield replace(yes, questions=truth.questions)  # another trader's yes
    yield forge_standing(network, asked, network.entry(FALSE, "BY", TYPE_3), ()).evidence  # words that nobody sealed
    for place in range(len(truth.nodes)):  # what would say no, left out
        yield replace(truth, nodes=truth.nodes[:place] + truth.nodes[place + 1 :])
    yield replace(truth, nodes=(*truth.nodes, b"\xc0"))  # something more
    whole = EVIDENCE_FORM.encode_cbor(yes)
    at = 0
    while at < _FLIPS:
        bit = dice.randrange(len(whole) * 8)
        damaged = bytearray(whole)
        damaged[bit >> 3] ^= 1 << (bit & 7)
        at += 1
        try:
            decoded = EVIDENCE_FORM.decode_cbor(bytes(damaged))
        except AeoLedgerError:
            continue  # it cannot even be read
        if decoded != yes:
            yield replace(decoded, questions=truth.questions)


def _refusal(network: OwnNetwork, evidence: Evidence, question: Question) -> str | None:
    """Name the error that refuses an answer; None if the border system believes it."""
    try:
        answer = verify_recognition(evidence, question, network.trust, now=int(network.clock()), max_age=300)
    except AeoLedgerError as error:  # unproven, or malformed: no answer either way
        return type(error).__name__
    return None if answer.decision.recognised or question == about(HONEST, "CN") else "TrueAnswer"
