"""A signed status list, and what the same attacks do to this ledger: an old answer replayed, and a signer who can be bought.

The list is a real one (`signed_lists`): what can be done to it can be done to any list that one issuer signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.lab import ListUnproven
from aeo_ledger.errors.verify import Stale
from aeo_ledger.evidence import Evidence
from aeo_ledger.lab.attacks_stage import Finding, Stage
from aeo_ledger.lab.own_network import OwnNetwork, about, open_network
from aeo_ledger.lab.signed_lists import SUSPENDED, VALID, sign_status_list, state_in, verify_list
from aeo_ledger.lab.streams import Streams
from aeo_ledger.signing import Signer
from aeo_ledger.verify import verify_certificate_histories, verify_recognition, verify_snapshot

PARTIES: Final = "BY,CN,KZ,EU=DE+PL"
RECOGNISED: Final = """
name = "CN-BY"
text = "a stand-in for the text"
[[recognition]]
recogniser = "CN"
register = "BY"
types = ["3"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2019-07-24
[[recognition]]
recogniser = "KZ"
register = "BY"
types = ["3"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2019-07-24
"""
"""China and Kazakhstan recognise Belarus's type 3."""
TYPE_3: Final = 2
HONEST, FALSE = Tin("BY200988541"), Tin("BY100220190")
"""A trader with a certificate, and one that does not deserve any."""
_STEP_S, _LONG_STEP_S = 60, 3_600
"""Seconds between two questions of an asker, on line and off line."""


def issue(state: int, signer: Signer, life_s: int) -> bytes:
    """Sign a status list with one certificate, at second 0."""
    return sign_status_list(np.array([state], dtype=np.uint8), signer, register="BY", made_at=0, ttl_s=life_s)


def believes(token: bytes, issuer: bytes, now: int) -> bool:
    """Tell whether a reader of a list gives benefits to its one certificate."""
    try:
        return state_in(verify_list(token, issuer, register="BY", now=now), 0) == VALID
    except ListUnproven:
        return False


def begin(network: OwnNetwork) -> None:
    """Conclude the arrangement, and grant the honest trader's certificate."""
    network.conclude(RECOGNISED, "CN", "KZ", "BY")
    network.grant("BY", [HONEST], TYPE_3)


def replay_from_cache(stage: Stage) -> Iterator[Finding]:
    """Keep an answer from before a suspension, and give it to askers for as long as they take it."""
    signer = Signer.generate(Streams(stage.seed).bytes_of("list"))
    old = issue(VALID, signer, stage.assumed.list_life_s)
    suspended = now = 1  # the worst moment for the asker: just after an issue
    while believes(old, signer.address, now):
        now += _STEP_S
    yield Finding(
        attack="stale cache",
        owns="a cache between the list and its readers",
        against="signed list",
        succeeds=now > suspended,
        gain="benefits of a suspended trader, for a copy of a file",
        lasts_s=now - suspended,
        shown_by="nothing: the list was genuine; a newer one shows the suspension, and not who kept it back",
    )
    with open_network(stage.folder / "network", PARTIES, seed=stage.seed) as network:
        begin(network)
        asked = about(HONEST, "CN")
        network.embedded.seal_pending()
        evidence, snapshot = network.evidence(asked), network.relay.snapshot()
        network.suspend("BY", [HONEST], TYPE_3)
        suspended = int(network.clock())
        lasts = _replay(network, evidence, stage.assumed.max_age_s)
        yield Finding(
            attack="stale cache",
            owns="a cache between the gateway and a border system",
            against="ledger, on line",
            succeeds=lasts > 0,
            gain="benefits of a suspended trader, for a copy of an answer",
            lasts_s=lasts,
            refused=Stale.__name__,
            shown_by="the block that the answer names, beside the block of the suspension",
        )
        network.clock.now = suspended
        while True:
            now = int(network.clock())
            try:
                post = verify_snapshot(snapshot, network.trust, now=now, max_age=stage.assumed.snapshot_age_s)
                if not post.decide(asked, now=now).decision.recognised:
                    break
            except Stale:
                break
            network.clock.advance(_LONG_STEP_S)
        lasts = int(network.clock()) - suspended
        yield Finding(
            attack="stale cache",
            owns="the link of a land post",
            against="ledger, off line",
            succeeds=lasts > 0,
            gain="benefits of a suspended trader, for an old snapshot",
            lasts_s=lasts,
            refused=Stale.__name__,
            shown_by="the snapshot's block, beside the block of the suspension",
        )


def _replay(network: OwnNetwork, evidence: Evidence, max_age: int) -> int:
    """Give an asker the same evidence until it refuses it; return the seconds."""
    began = int(network.clock())
    while True:
        now = int(network.clock())
        try:
            answer = verify_recognition(evidence, evidence.questions[0], network.trust, now=now, max_age=max_age)
        except Stale:
            return now - began
        if not answer.decision.recognised:
            return now - began
        network.clock.advance(_STEP_S)


def buy_signer(stage: Stage) -> Iterator[Finding]:
    """Pay who signs: a false status for one asker, the truth for all others."""
    signer = Signer.generate(Streams(stage.seed).bytes_of("list"))
    true, false = (issue(state, signer, stage.assumed.list_life_s) for state in (SUSPENDED, VALID))
    believed = [believes(one, signer.address, 1) for one in (false, true)]
    now = 1
    while believes(false, signer.address, now):
        now += _STEP_S
    yield Finding(
        attack="list signer bought",
        owns="the key of a list",
        against="signed list",
        succeeds=believed == [True, False],
        gain="a certificate that one asker sees and all others do not, for one signature",
        lasts_s=now - 1,
        shown_by="two askers who kept their lists and compare them: both are signed for the same time",
    )
    with open_network(stage.folder / "network", PARTIES, seed=stage.seed) as network:
        begin(network)
        network.grant("BY", [FALSE], TYPE_3)
        answers = [network.ask(about(FALSE, asker)).decision.recognised for asker in ("CN", "KZ")]
        if len(set(answers)) != 1:
            raise AssertionError("two askers of one block got different answers")
        entry = network.entry(FALSE, "BY", TYPE_3)
        history = verify_certificate_histories(
            network.history([entry]), [entry], network.trust, now=int(network.clock())
        )
        (event,) = history.events[entry]
        if event.record.kind is not EventKind.GRANT or event.signers != (network.signer("BY").address,):
            raise AssertionError("the history does not name the key that signed")
        yield Finding(
            attack="list signer bought",
            owns="an operator's key, with its owner's consent",
            against="ledger",
            succeeds=all(answers),
            gain="a certificate that all askers see alike, for one signature",
            lasts_s=None,
            shown_by="the history: this key, this block, for ever; no asker can be told anything else",
        )
