"""What a run on the real ledger took, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.tables import Column, Kind, ResultTable
from aeo_ledger.lab.trace import DAY_S, YEAR_DAYS, Trace
from aeo_ledger.primitives.hexadecimal import to_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One sealed block."""

    number: int
    at_s: int
    """Seconds after block 0."""
    acts: int
    gas: int
    size: int
    """Bytes, seals included."""
    phase: str
    """`arrangements`, `load`, `events` or `heartbeat`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One event that was sealed, and verified by one partner. Seconds count from the scenario's beginning."""

    event: int
    signed_s: float
    sealed_s: float
    partner: str
    evidence: int
    """Bytes of the evidence in CBOR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The ledger at the end."""

    chain_id: int
    head: int
    head_hash: bytes
    """keccak256 of the last header with its seals: one fingerprint of the whole run."""
    validators: int
    certificates: int
    """How many the bulk load granted."""
    snapshot_bytes: int
    stored_bytes: int
    """The ledger's file with tries of every block, SQLite's own pages included."""
    load_s: float
    replay_s: float
    verify_s: float


def tell_run(
    trace: Trace, seen: Sequence[Seen], blocks: Sequence[Block], past: Sequence[tuple[int, bool]], outcome: Outcome
) -> list[ResultTable]:
    """Describe a run. Past answers are (bytes of evidence, whether it proved what held)."""
    by_event = {one.event: one for one in seen}
    yearly = YEAR_DAYS * DAY_S / trace.length_s
    phases = {
        phase: [block for block in blocks if block.phase == phase] for phase in ("arrangements", "load", "events")
    }
    events = phases["events"]
    totals: list[tuple[str, float | str, str]] = [
        ("chain id", str(outcome.chain_id), ""),
        ("last block", outcome.head, ""),
        ("fingerprint of the last header", to_hex(outcome.head_hash), ""),
        ("validators", outcome.validators, ""),
        ("events sealed and verified", len(seen), ""),
        ("gas of an event, mean", round(sum(block.gas for block in events) / max(1, len(seen))), "gas"),
        (
            "gas of a certificate in the bulk load, mean",
            round(sum(block.gas for block in phases["load"]) / outcome.certificates),
            "gas",
        ),
        ("bytes of a block of events, mean", round(sum(block.size for block in events) / max(1, len(events))), "bytes"),
        ("bytes of an empty block", next(block.size for block in blocks if block.phase == "heartbeat"), "bytes"),
        ("blocks of a year's events", round(sum(block.size for block in events) * yearly), "bytes"),
        ("snapshot of the whole ledger", outcome.snapshot_bytes, "bytes"),
        ("evidence of one answer, mean", round(sum(one.evidence for one in seen) / max(1, len(seen))), "bytes"),
        ("past answers asked", len(past), ""),
        ("past answers proven by the signed history", sum(right for _, right in past), ""),
        ("evidence of a past answer, mean", round(sum(size for size, _ in past) / max(1, len(past))), "bytes"),
    ]
    return [
        ResultTable(
            name="ledger_totals",
            title="The real ledger at the end of the run",
            says="Everything was signed, sealed by all validators and verified. Another run of the same seed has the same fingerprint.",
            columns=[Column("what", "What was measured."), Column("value", "Its value."), Column("unit", "Its unit.")],
            rows=[(what, value if isinstance(value, str) else f"{value}", unit) for what, value, unit in totals],
        ),
        ResultTable(
            name="ledger_events",
            title="Events on the ledger",
            says="Each event of the trace, when it was signed and sealed, and the evidence by which one partner verified it.",
            columns=[
                Column("event", "Number in the trace.", Kind.WHOLE), Column("register", "Whose."), Column("kind", "What happened."),
                Column("decided_s", "Seconds since the beginning.", Kind.NUMBER), Column("signed_s", "The same.", Kind.NUMBER),
                Column("sealed_s", "The same: the block's time.", Kind.NUMBER), Column("partner", "Who verified it."),
                Column("evidence_bytes", "Bytes in CBOR.", Kind.WHOLE),
            ],
            rows=[
                (place, trace.registers[int(trace.register[place])], EventKind(int(trace.kind[place])).name, float(trace.time[place]),
                 by_event[place].signed_s, by_event[place].sealed_s, by_event[place].partner, by_event[place].evidence)
                for place in range(len(trace))
            ],
            in_report=False,
        ),
        ResultTable(
            name="ledger_blocks",
            title="Blocks of the ledger",
            says="Each sealed block. The simulated ledger sealed nothing while it was idle, but one empty block at the end.",
            columns=[
                Column("number", "Block number.", Kind.WHOLE), Column("at_s", "Seconds after block 0.", Kind.WHOLE),
                Column("acts", "Signed acts in it.", Kind.WHOLE), Column("gas", "Gas used.", Kind.WHOLE),
                Column("bytes", "With seals.", Kind.WHOLE), Column("phase", "What it was for."),
            ],
            rows=[(b.number, b.at_s, b.acts, b.gas, b.size, b.phase) for b in blocks],
            in_report=False,
        ),
        ResultTable(
            name="ledger_wall_clock",
            title="The ledger on this machine",
            says="Times of one process, which held every validator's key; a real network also waits for its machines.",
            columns=[Column("what", "What was measured."), Column("value", "Its value.", Kind.NUMBER), Column("unit", "Its unit.")],
            rows=[
                ("founding, arrangements and bulk load", outcome.load_s, "seconds"),
                ("events: signed, sealed, proven, verified", outcome.replay_s, "seconds"),
                ("one event, all of that", 1_000 * outcome.replay_s / max(1, len(seen)), "milliseconds"),
                ("one cold verification at a border, median of 11", 1_000 * outcome.verify_s, "milliseconds"),
                ("the ledger's file, with every state that ever was", float(outcome.stored_bytes), "bytes"),
            ],
            wall_clock=True,
        ),
    ]  # fmt: skip
