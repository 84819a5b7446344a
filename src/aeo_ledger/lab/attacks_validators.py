"""Validators who work together: what f, f + 1 and more of them can make a border system believe, and what they can stop.

Four validators seal, so one may fail (f = 1) and three must seal. The programs use the validators' own keys: they seal blocks of words that
nobody signed, seal two chains while the network is apart, and are silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aeo_ledger.errors import Unproven
from aeo_ledger.errors.chain import QuorumMissing
from aeo_ledger.errors.verify import Stale
from aeo_ledger.evidence import Evidence, Question, decode_header
from aeo_ledger.lab.attacks_lists import FALSE, HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.attacks_stage import Finding, Stage
from aeo_ledger.lab.forged import Forged, forge_standing
from aeo_ledger.lab.own_network import OwnNetwork, about, open_network, reopen_network
from aeo_ledger.verify import ProvenDecision, verify_certificate_histories, verify_header, verify_recognition

_COLLUDING: Final = ("EU", "KZ", "CN", "BY")
"""Whose validators work together, the first k of them."""


def seal_together(stage: Stage) -> Iterator[Finding]:
    """Forge a state with k of four validators; fork with f + 1 of them while the network is apart; be silent with f + 1."""
    folder = stage.folder / "network"
    with open_network(folder, PARTIES, seed=stage.seed) as network:
        begin(network)
        network.embedded.seal_pending()
        yield from (_forge(network, count) for count in range(1, len(_COLLUDING) + 1))
        copies = [stage.folder / name / "ledger.sqlite" for name in ("one", "other", "silent", "few")]
        for copy in copies:
            network.copy(copy)
        yield _fork(network, copies[0], copies[1])
        yield _fork_with_one(network, copies[3])
        yield _be_silent(network, copies[2], stage.assumed.max_age_s)


def _forge(network: OwnNetwork, count: int) -> Finding:
    """Seal a certificate that no operator signed with `count` validators."""
    asked = about(FALSE, "CN")
    sealers = [network.validators[code] for code in _COLLUDING[:count]]
    network.clock.advance(1)
    forged = forge_standing(network, asked, network.entry(FALSE, "BY", TYPE_3), sealers)
    refused = _refusal(network, forged.evidence, asked)
    succeeds = refused == ""
    return Finding(
        attack=f"a false state sealed by {count} of {len(_COLLUDING)} validators",
        owns=f"the keys of {count} of {len(_COLLUDING)} validators",
        against="ledger",
        succeeds=succeeds,
        gain="any status, for any trader, for one block's seals" if succeeds else "nothing",
        lasts_s=None if succeeds else 0,
        refused=refused,
        shown_by=f"whoever asks for the history ({_refusal_of_history(network, forged)}: no act leads to the word); an audit, which "
        "executes the block again; the seals name who did it"
        if succeeds
        else "the refusal",
    )


def _refusal_of_history(network: OwnNetwork, forged: Forged) -> str:
    """Name what refuses the forged certificate to an asker who wants its signed acts: there are none."""
    try:
        verify_certificate_histories(forged.history, [forged.entry], network.trust, now=int(network.clock()))
    except Unproven as error:
        return type(error).__name__
    raise AssertionError("a certificate without any signed act has a history")


def _fork(network: OwnNetwork, one: Path, other: Path) -> Finding:
    """Let two validators seal two chains, each with another honest one that cannot hear the rest: one chain has a suspension."""
    asked, clock = about(HONEST, "CN"), network.clock
    began = clock.now
    with reopen_network(network.folder, clock, ledger=one, without=["CN"]) as here:
        here.suspend("BY", [HONEST], TYPE_3)
        told_here = here.ask(asked)
        first = here.evidence(asked)
    clock.now = began
    with reopen_network(network.folder, clock, ledger=other, without=["BY"]) as there:
        while there.embedded.head < told_here.block_number:
            there.embedded.seal_pending()
        told_there = _ask_at(there, asked)
        second = there.evidence(asked)
    twice = _find_twice(first, second, network)
    succeeds = not told_here.decision.recognised and told_there.decision.recognised
    return Finding(
        attack="a fork by f + 1 validators while the network is apart",
        owns="2 of 4 validators' keys, and the network between the other two",
        against="ledger",
        succeeds=succeeds,
        gain="a suspension that one half of the askers does not see, for as long as the halves cannot hear each other",
        lasts_s=None,
        shown_by=f"the two headers of one height: {len(twice)} validators sealed both ({', '.join(twice)})",
    )


def _ask_at(network: OwnNetwork, asked: Question) -> ProvenDecision:
    """Ask at the newest block, without another one."""
    evidence = network.evidence(asked)
    return verify_recognition(evidence, asked, network.trust, now=int(network.clock()), max_age=300)


def _find_twice(first: Evidence, second: Evidence, network: OwnNetwork) -> list[str]:
    """Name the validators who sealed two blocks of one height: a proof that anybody can check, with the two headers alone."""
    sealed = [verify_header(decode_header(one.header), network.trust.validators) for one in (first, second)]
    if sealed[0].header.number != sealed[1].header.number or sealed[0].hash == sealed[1].hash:
        raise AssertionError("these are not two blocks of one height")
    both = set(sealed[0].sealers) & set(sealed[1].sealers)
    return sorted(code for code, signer in network.validators.items() if signer.address in both)


def _fork_with_one(network: OwnNetwork, copy: Path) -> Finding:
    """Try the same with one validator and one honest one."""
    with reopen_network(network.folder, network.clock, ledger=copy, without=["CN", "KZ"]) as apart:
        refused = _refusal_to_seal(apart)
    return Finding(
        attack="a fork by f validators while the network is apart",
        owns="1 of 4 validators' keys, and the network between the others",
        against="ledger",
        succeeds=refused == "",
        gain="nothing: two seal, three must",
        lasts_s=0,
        refused=refused,
        shown_by="the half that is too small seals no block",
    )


def _be_silent(network: OwnNetwork, copy: Path, max_age: int) -> Finding:
    """Let f + 1 validators be silent: nothing is sealed, and what was sealed grows old."""
    asked, clock = about(HONEST, "CN"), network.clock
    with reopen_network(network.folder, clock, ledger=copy, without=["EU", "KZ"]) as halted:
        refused = _refusal_to_seal(halted)
        began, evidence = int(clock()), halted.evidence(asked)
        while not (stale := _refusal(halted, evidence, asked, max_age)):
            clock.advance(1)
    if (refused, stale) != (QuorumMissing.__name__, Stale.__name__):
        raise AssertionError(f"{refused}, {stale}")
    return Finding(
        attack="silence of f + 1 validators",
        owns="2 of 4 validators' keys",
        against="ledger",
        succeeds=False,
        gain=f"a stop: no act is sealed, and after {int(clock()) - began} s no answer is proven any more; none is false",
        lasts_s=None,
        refused=refused,
        shown_by="the height, which does not move; askers are told that nothing is proven",
    )


def _refusal_to_seal(network: OwnNetwork) -> str:
    """Name why no block can be sealed; empty if one was."""
    try:
        network.embedded.seal_pending()
    except QuorumMissing as error:
        return type(error).__name__
    return ""


def _refusal(network: OwnNetwork, evidence: Evidence, asked: Question, max_age: int = 300) -> str:
    """Name what refuses evidence of a yes; empty if it is believed."""
    try:
        answer = verify_recognition(evidence, asked, network.trust, now=int(network.clock()), max_age=max_age)
    except Unproven as error:
        return type(error).__name__
    return "" if answer.decision.recognised else "NotRecognised"
