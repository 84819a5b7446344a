"""A network of real validators as its members use it: a node, a relay, a desk and a question for each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from web3 import HTTPProvider

from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.reach import read_beginning
from aeo_ledger.office.ask import contracts_of, read_question
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, open_key_file
from aeo_ledger.verify import ProvenDecision, TrustBundle, verify_recognition
from support.engines import Nodes

ARRANGEMENT = """
name = "CN-BY"
text = "a stand-in"
[[recognition]]
recogniser = "CN"
register = "BY"
types = ["3"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2019-07-24
"""
TRADER = "BY730439268"


@dataclass
class Running:
    network: Path
    nodes: Nodes
    trust: TrustBundle

    def ledger(self, code: str) -> Ledger:
        beginning = read_beginning(self.network / "genesis.json", self.trust)
        return Ledger(HTTPProvider(self.nodes.all[code].url), contracts_of(self.trust), beginning=beginning)

    def relay(self, code: str, *, timeout_s: float = 60) -> Relay:
        home = self.network / "parties" / code
        signer = open_key_file(home / "relay.json", Password((home / "relay.password").read_text()))
        return Relay(self.ledger(code), signer, timeout_s=timeout_s)

    def office(self, code: str, *, timeout_s: float = 60) -> ProvenDesk:
        return ProvenDesk(self.relay(code, timeout_s=timeout_s), self.trust, approve=without_asking)

    def key(self, code: str, role: str) -> Path:
        return self.network / "parties" / code / f"{role}.json"

    def ask(self, code: str, tin: str = TRADER, *, max_age: int = 60, now: int | None = None) -> ProvenDecision:
        question = read_question(tin, "CN", "import", "exporter")
        evidence = prove(question, self.ledger(code), self.trust).evidence
        return verify_recognition(evidence, question, self.trust, now=now or int(time.time()), max_age=max_age)
