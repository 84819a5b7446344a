"""The main job on a network whose rules change while it runs: publication, evidence, snapshot and trust update, all proven."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind, Reason
from aeo_ledger.errors.verify import HeaderBreaksRule
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.forks import BERLIN, Fork, Forks
from aeo_ledger.network.reach import Running, reach_network, read_beginning
from aeo_ledger.network.run import open_embedded
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.signing import Password, Signer, open_key_file, open_key_store
from aeo_ledger.verify import TrustBundle, verify_recognition, verify_snapshot, verify_update
from support.fork_node import ForkNode
from support.network import CN_BY, PASSWORD, now
from support.relayed import BY, ENTRY, RELAY, grant_once
from support.rogue_node import rogue

QUESTION = read_question("BY511125808", "CN", "import", "carrier")
CN = 2


@dataclass(frozen=True, kw_only=True)
class Forked:
    folder: Path
    running: Running
    fork: Fork

    @property
    def trust(self) -> TrustBundle:
        return self.running.trust

    @property
    def office(self) -> ProvenDesk:
        return ProvenDesk(self.running.relay, self.trust, approve=without_asking)

    def signer(self, code: str, role: str) -> Signer:
        return open_key_file(self.folder / f"parties/{code}/{role}.json", Password(PASSWORD))


@pytest.fixture(scope="module", params=list(Fork), ids=lambda fork: fork.value)
def forked(request: pytest.FixtureRequest, founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forked]:
    """A network in which a first act was recorded under Berlin's rules, and later ones under a fork's."""
    home = tmp_path_factory.mktemp("forked")
    folder = Path(shutil.copytree(founded, home / "net"))
    count = list(Fork).index(request.param) + 1
    trust = replace(read_trust(folder / "trust.json"), forks=Forks((3, *[0] * (count - 1))))
    keys = open_key_store(folder / "validators.keys", Password(PASSWORD))
    sealers = [signer for label, signer in keys.items() if label != "relay"]
    with open_embedded(folder, Password(PASSWORD), marks=home / "machine") as (embedded, _):
        assert trust.forks is not None
        node = ForkNode(embedded.rpc.answer, sealers, trust.forks)
        beginning = read_beginning(folder / "genesis.json", trust)
        with rogue(node.answer) as served, reach_network([served.url], trust, RELAY, beginning=beginning) as running:
            made = Forked(folder=folder, running=running, fork=request.param)
            conclude(
                draft(CN_BY, made.office), [made.signer("CN", "authority"), made.signer("BY", "authority")],
                made.office, keep=lambda _: None,
            )  # fmt: skip
            running.relay.submit(grant_once(folder))
            change_status(
                made.office, ENTRY, Change(kind=EventKind.SUSPEND), register=BY, issuer=BY, signers=[made.signer("BY", "operator")],
            )  # fmt: skip
            yield made


def test_an_answer_is_proven_under_the_pinned_rules_and_under_no_others(forked: Forked) -> None:
    ledger, trust = forked.running.ledger, forked.trust
    evidence = prove(QUESTION, ledger, trust).evidence
    header = decode_header(evidence.header)
    assert header.number >= 3
    assert len(header.later_fields) == sum(len(one.fields) for one in Fork if one.key in _until(forked.fork))
    proven = verify_recognition(evidence, QUESTION, trust, now=now(), max_age=300)
    assert proven.decision.reasons == (Reason.SUSPENDED,)
    assert verify_recognition(evidence, QUESTION, replace(trust, forks=None), now=now(), max_age=300)
    with pytest.raises(HeaderBreaksRule):
        verify_recognition(evidence, QUESTION, replace(trust, forks=BERLIN), now=now(), max_age=300)


def _until(fork: Fork) -> list[str]:
    order = list(Fork)
    return [one.key for one in order[: order.index(fork) + 1]]


def test_trust_is_moved_over_the_change_of_rules(forked: Forked) -> None:
    ledger, trust = forked.running.ledger, forked.trust
    moved = verify_update(prove_update(ledger, 0), trust, now=now(), max_age=300).trust
    assert moved.checkpoint.number >= 3
    assert moved.forks == trust.forks
    early = ledger.as_of(2)
    assert verify_update(prove_update(early, 0), trust, now=now(), max_age=600).trust.checkpoint.number == 2
    with pytest.raises(HeaderBreaksRule):
        verify_update(prove_update(ledger, 0), replace(trust, forks=BERLIN), now=now(), max_age=300)


def test_a_snapshot_is_proven(forked: Forked) -> None:
    assert verify_snapshot(forked.running.relay.snapshot(), forked.trust, now=now(), max_age=300)
