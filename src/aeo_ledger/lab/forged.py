"""A certificate that no act granted, under a block that some validators seal: what only they can make.

Everything below the header fits: storage, accounts, state root. Only the seals decide whether anybody believes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, Role, Status
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.evidence.history import SignedHistory, StandingChain
from aeo_ledger.lab.filled import seal_standings, write_grant
from aeo_ledger.lab.own_network import OwnNetwork
from aeo_ledger.protocol.tables import Contract, Table, record_slot, slot_of
from aeo_ledger.prover.prove import fetch_nodes, prove
from aeo_ledger.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """Evidence under a forged block."""

    entry: bytes
    """The standing that nobody granted, 32 bytes."""
    evidence: Evidence
    """It proves the answer to the question."""
    history: Evidence
    """It shows the standing's words, and no act behind them: there is none."""


def forge_standing(network: OwnNetwork, question: Question, entry: bytes, sealers: Sequence[Signer]) -> Forged:
    """Write an active standing for an entry into the newest state, and answer a question from it.

    Args:
        network: The network whose state is copied.
        question: What the evidence answers.
        entry: Of the standing, 32 bytes.
        sealers: The validators that seal the forged block.
    """
    now = int(network.clock())
    record = Record(
        status=Status.ACTIVE, kind=EventKind.GRANT, issuer=register_of(entry), roles=1 << Role.EXPORTER, sequence=1, since=now - 10,
        valid_from=now - 10,
    )  # fmt: skip
    ledger = seal_standings(network, {entry: write_grant(entry, record, now - 10)}, sealers)
    slot = record_slot(entry)
    read = [
        (Contract.REGISTERS, slot), (Contract.REGISTERS, slot + 1),
        slot_of(Table.SUCCESSION, 0), slot_of(Table.REGISTER, register_of(entry)),
    ]  # fmt: skip
    nodes = fetch_nodes(ledger, read, ledger.head())
    none = SignedHistory(standings=(StandingChain(entry=entry, events=()),))
    return Forged(
        entry=entry,
        evidence=prove(question, ledger, network.trust).evidence,
        history=Evidence(questions=(), header=ledger.state.header, nodes=nodes, history=none),
    )
