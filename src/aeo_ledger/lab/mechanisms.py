"""Status mechanisms side by side: lists of this run, really made, signed and verified; disputes; and who must be trusted for what."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.cascade import PUBLISHED_BYTES, PUBLISHED_REVOKED, PUBLISHED_VALID, build_cascade
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.signed_lists import (
    ENDED,
    SUSPENDED,
    VALID,
    States,
    is_invalid_in,
    keys_of,
    sign_cascade,
    sign_status_list,
    state_in,
    verify_list,
)
from aeo_ledger.lab.tables import Column, Kind, ResultTable
from aeo_ledger.lab.trace import ENDS, Trace, make_trace
from aeo_ledger.lab.world import World, make_world
from aeo_ledger.signing import Signer

_ASKED: Final = 40
"""Disputes that are tried, at most."""
_SCALED: Final = 100
"""The published filter is rebuilt with so many times fewer certificates, and the same share of revoked ones."""


def states_at(trace: Trace, world: World, register: str, at_s: float) -> States:
    """Return the state of each certificate of a register that was granted by a time, seconds since the beginning."""
    place = trace.registers.index(register)
    rows = np.flatnonzero((trace.register == place) & (trace.time <= at_s))
    granted = world.sizes[register] + int(np.sum(trace.kind[rows] == EventKind.GRANT))
    states = np.full(granted, VALID, dtype=np.uint8)
    for operator, kind in zip(trace.operator[rows].tolist(), trace.kind[rows].tolist(), strict=True):
        if kind == EventKind.SUSPEND:
            states[operator] = SUSPENDED
        elif kind == EventKind.REINSTATE:
            states[operator] = VALID
        elif kind in ENDS:
            states[operator] = ENDED
    return states


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Make and verify the lists, try the disputes."""
    scenario = bench.scenario
    world = make_world(scenario)
    trace = make_trace(scenario, world, bench.streams)
    ttl = int(scenario.parameters["list_period_s"])
    signers = {code: Signer.generate(bench.streams.bytes_of(f"lists/{code}")) for code in world.sizes}
    sizes, clock = [], []
    for register in world.sizes:
        states, signer = states_at(trace, world, register, trace.length_s), signers[register]
        keys = keys_of(register, len(states))
        made = scenario.begins + int(trace.length_s)
        token = sign_status_list(states, signer, register=register, made_at=made, ttl_s=ttl)
        short = sign_cascade(states, keys, signer, register=register, made_at=made, ttl_s=ttl)
        begun = time.perf_counter()
        listed = verify_list(token, signer.address, register=register, now=made)
        state_in(listed, 0)
        between = time.perf_counter()
        is_invalid_in(verify_list(short, signer.address, register=register, now=made), keys[:1])
        clock.append((register, 1e6 * (between - begun), 1e6 * (time.perf_counter() - between)))
        sizes.append((register, len(states), int(np.sum(states != VALID)), len(token), len(short)))
    return [
        ResultTable(
            name="lists",
            title="Signed lists of this run",
            says="The lists at the end of the run, made, signed and verified. They are what the two list channels send.",
            columns=[
                Column("register", "Whose."), Column("certificates", "Ever granted.", Kind.WHOLE),
                Column("not_valid", "Suspended or ended.", Kind.WHOLE), Column("status_list_bytes", "Token Status List.", Kind.WHOLE),
                Column("compressed_list_bytes", "Compressed as CRLite does.", Kind.WHOLE),
            ],
            rows=sizes,
        ),
        _compare_published(bench),
        _try_disputes(bench, trace, world, signers),
        ResultTable(
            name="trust",
            title="Who must be trusted for what",
            says="A description of each design, not a measurement; the attacks below try what is said here about the ledger and the lists.",
            columns=[
                Column("channel", "The channel."), Column("truth", "Who can lie about a status unnoticed."),
                Column("answers", "On whom an answer depends."), Column("privacy", "Who sees which trader is asked about."),
                Column("afterwards", "What shows afterwards who said what."),
            ],
            rows=_TRUST,
        ),
        ResultTable(
            name="lists_wall_clock",
            title="Verifying a list on this machine",
            says="One list, verified and read once. Whoever keeps a verified list reads it in less than a microsecond.",
            columns=[
                Column("register", "Whose."), Column("status_list_us", "Microseconds.", Kind.NUMBER),
                Column("compressed_list_us", "Microseconds.", Kind.NUMBER),
            ],
            rows=clock,
            wall_clock=True,
        ),
    ]  # fmt: skip


def _compare_published(bench: Bench) -> ResultTable:
    revoked, valid = PUBLISHED_REVOKED // _SCALED, PUBLISHED_VALID // _SCALED
    keys = bench.streams.of("published filter").integers(0, 1 << 64, size=(revoked + valid, 2), dtype=np.uint64)
    built = build_cascade(keys[:revoked], keys[revoked:])
    rows = [
        ("Mozilla, 2020-07-15", PUBLISHED_REVOKED, PUBLISHED_VALID, 8 * PUBLISHED_BYTES / PUBLISHED_REVOKED, 27),
        ("here, the same shares", revoked, valid, 8 * len(built.encode()) / revoked, len(built.layers)),
    ]
    return ResultTable(
        name="compressed_against_published",
        title="The compressed list against the published one",
        says="Bits of the file for each revoked certificate: what browsers got, and what is built here. Source: package crlite-status.",
        columns=[
            Column("filter", "Which."), Column("revoked", "Certificates.", Kind.WHOLE), Column("valid", "Certificates.", Kind.WHOLE),
            Column("bits_per_revoked", "Bits of the file.", Kind.NUMBER), Column("layers", "Bloom filters.", Kind.WHOLE),
        ],
        rows=rows,
    )  # fmt: skip


def _try_disputes(bench: Bench, trace: Trace, world: World, signers: dict[str, Signer]) -> ResultTable:
    """Try to prove to a third party what held just before each of some suspensions."""
    asked = np.flatnonzero(trace.kind == EventKind.SUSPEND)[:_ASKED].tolist()
    proven = list(_prove_from_lists(bench, trace, world, signers, asked))
    past = {str(row["what"]): str(row["value"]) for row in bench.tables["ledger_totals"].records()}
    by_ledger = (int(past["past answers asked"]), int(past["past answers proven by the signed history"]))
    nothing = (len(asked), 0)
    rows = [
        *((name, *nothing, "nothing is signed: a copy proves nothing to a third party")
          for name in ("monthly mail", "weekly file", "daily exchange", "web service", "central database")),
        ("status list", len(asked), sum(first for first, _ in proven), "only if every list was kept, one each period"),
        ("compressed list", len(asked), sum(second for _, second in proven), "only if every list was kept; it does not say why"),
        ("ledger", *by_ledger, "from the blocks, which every node keeps"),
    ]  # fmt: skip
    return ResultTable(
        name="disputes",
        title="Disputes decidable from evidence",
        says="A trader says: just before I was suspended I was active. Can a third party decide it from what is signed?",
        columns=[
            Column("channel", "The channel."), Column("asked", "Disputes tried.", Kind.WHOLE), Column("decided", "Proven.", Kind.WHOLE),
            Column("how", "From what."),
        ],
        rows=rows,
    )  # fmt: skip


def _prove_from_lists(
    bench: Bench, trace: Trace, world: World, signers: dict[str, Signer], asked: Sequence[int]
) -> Iterator[tuple[bool, bool]]:
    ttl = int(bench.scenario.parameters["list_period_s"])
    for event in asked:
        register, operator = trace.registers[int(trace.register[event])], int(trace.operator[event])
        before = float(trace.time[event]) - 1
        states, made = states_at(trace, world, register, before), bench.scenario.begins + int(before)
        keys, signer = keys_of(register, len(states)), signers[register]
        kept = sign_status_list(states, signer, register=register, made_at=made, ttl_s=ttl)
        short = sign_cascade(states, keys, signer, register=register, made_at=made, ttl_s=ttl)
        listed = verify_list(kept, signer.address, register=register, now=made)
        compressed = verify_list(short, signer.address, register=register, now=made)
        yield state_in(listed, operator) == VALID, not is_invalid_in(compressed, keys[operator : operator + 1])


_TRUST: Final = (
    ("monthly mail", "the sender, and whoever owns a mailbox on the way", "the people who write and type", "nobody",
     "mails, as far as kept; unsigned"),
    ("weekly file", "the sender, and whoever owns the server", "the jobs of both sides", "nobody", "files, as far as kept; unsigned"),
    ("daily exchange", "the sender, and whoever owns the line's ends", "the jobs of both sides", "nobody", "files, as far as kept; unsigned"),
    ("web service", "the issuer, to each partner differently", "the issuer's server", "the issuer: each question", "logs of both sides; unsigned"),
    ("central database", "the operator, and each issuer", "the operator's server", "the operator: each question of everybody",
     "the operator's logs"),
    ("status list", "the issuer, to each partner differently", "the issuer's server, then the last list until it expires",
     "nobody: whole lists are fetched", "each list that somebody kept"),
    ("compressed list", "the issuer, to each partner differently", "the issuer's server, then the last list until it expires",
     "nobody: whole lists are fetched", "each list that somebody kept"),
    ("ledger", "two thirds of the validators together; the issuer about its own facts, to everybody alike",
     "any one gateway or snapshot; two thirds of the validators for news", "the gateway that is asked; nobody with a snapshot",
     "every act, signed and in order, for ever"),
)  # fmt: skip
