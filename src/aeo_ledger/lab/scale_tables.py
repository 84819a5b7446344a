"""Scale as tables of a report: what was measured, what the model makes of it, and where each design breaks first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.scale import FILLED, Grown, Growth, Peopled, grow, people
from aeo_ledger.lab.scale_load import LEVELS, find_breaks, read_parameters, strain
from aeo_ledger.lab.scale_throughput import Loaded, load
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable

SIZES: Final = (1_000, 10_000, 100_000)
PUBLISHED: Final = 1_000
PARTIES: Final = (4, 10, 30, 100)
LOADS: Final = (
    (5.0, (0, 0, 0, 0)),
    (50.0, (0, 0, 0, 0)),
    (200.0, (0, 0)),
    (700.0, (0, 0)),
    (20.0, (0, 0, 1, 1, 0)),
    (20.0, (0, 0, 2, 2, 0)),
)
"""Acts a second, and how many of four validators are silent in each second."""
_WHOLE, _NUMBER, _FLAG = Kind.WHOLE, Kind.NUMBER, Kind.FLAG


def make_tables(bench: Bench) -> list[ResultTable]:
    """Measure at the report's sizes."""
    folder, seed = bench.empty_folder("scale"), bench.scenario.seed
    return measure(folder, SIZES, PARTIES, published=PUBLISHED, seed=seed, progress=bench.progress)


def measure(
    folder: Path, sizes: Sequence[int], parties: Sequence[int], *, published: int, seed: int, progress: object = None
) -> list[ResultTable]:
    """Measure at some sizes; the arguments are those of `grow` and `people`."""
    tell = progress if callable(progress) else (lambda _text: None)
    grown = grow(folder, sizes, published=published, seed=seed, progress=tell)
    peopled = people(folder, parties, seed=seed, progress=tell)
    loaded = []
    for place, (rate, schedule) in enumerate(LOADS):
        tell(f"{rate:g} acts a second")
        loaded.append(load(folder / f"load-{place}", rate, schedule, seed=seed, drain_s=2))
    return [
        _tabulate_growth(grown),
        *tabulate_model(grown),
        _tabulate_parties(peopled),
        _tabulate_throughput(loaded),
        *_tabulate_load(grown),
        _tabulate_times(grown, peopled),
    ]


def _tabulate_growth(grown: Sequence[Grown]) -> ResultTable:
    return ResultTable(
        name="scale-standings",
        title="Growth with the number of standings",
        says="The real ledger. Where the standings were put into the state, they are the words that publications would have written.",
        columns=[
            Column("standings", "How many.", _WHOLE),
            Column("how", "How they came there."),
            Column("proof_bytes", "One answer with its proof (CBOR), on average.", _NUMBER),
            Column("nodes", "Trie nodes in it, on average.", _NUMBER),
            Column("snapshot_bytes", "Everything in one file.", _WHOLE),
            Column("gas_each", "Gas of a grant in a batch of 100; empty if nothing was published.", _WHOLE),
        ],
        rows=[
            (one.standings, one.how, round(one.proof_bytes, 1), round(one.nodes, 2), one.snapshot_bytes, one.gas_each)
            for one in grown
        ],
    )


def tabulate_model(grown: Sequence[Grown]) -> Iterator[ResultTable]:
    """Tabulate the model, if there are three sizes: two to fit it, and one to test it."""
    if len(grown) < 3:
        return
    fitted, last = grown[:-1], grown[-1]
    line = Growth.fit([one.standings for one in fitted], [one.proof_bytes for one in fitted])
    each = fmean(one.snapshot_bytes / one.standings for one in fitted)
    rows = [
        (
            size, size <= last.standings, round(line.at(size)), round(last.proof_bytes) if size == last.standings else None,
            round(each * size),
        )
        for size in (last.standings, *(level.operators for level in LEVELS if level.operators > last.standings))
    ]  # fmt: skip
    yield ResultTable(
        name="scale-model",
        title="The model, and what it says beyond the measurements",
        says="A proof has a + b log16(n) bytes, fitted by least squares to all sizes but the largest, which tests it; a snapshot is "
        "proportional to n. Everything beyond the largest size is extrapolated.",
        columns=[
            Column("standings", "How many.", _WHOLE),
            Column("measured", "Whether this size was measured.", _FLAG),
            Column("proof_bytes_model", "What the model says.", _WHOLE),
            Column("proof_bytes_measured", "What was measured.", _WHOLE),
            Column("snapshot_bytes_model", "What the model says.", _WHOLE),
        ],
        rows=rows,
    )


def _tabulate_parties(peopled: Sequence[Peopled]) -> ResultTable:
    return ResultTable(
        name="scale-parties",
        title="Growth with the number of parties",
        says="Each party has a seat and a validator, and each block has the seals of all of them.",
        columns=[
            Column("parties", "How many.", _WHOLE),
            Column("quorum", "Seals that a block needs.", _WHOLE),
            Column("header_bytes", "A header with all seals.", _WHOLE),
            Column("proof_bytes", "One answer with its proof.", _WHOLE),
            Column("state_words", "Words of the constitution.", _WHOLE),
        ],
        rows=[(one.parties, one.quorum, one.header_bytes, one.proof_bytes, one.state_words) for one in peopled],
    )


def _tabulate_throughput(loaded: Sequence[Loaded]) -> ResultTable:
    return ResultTable(
        name="scale-throughput",
        title="Throughput against latency, with failures",
        says="Single signed grants at some rate; a block a second on the simulated clock. Two more seconds follow the arrivals. "
        "Two silent validators of four stop the chain; acts wait, and none is lost.",
        columns=[
            Column("offered", "Acts a second that arrive.", _NUMBER),
            Column("silent", "Silent validators of four, second by second."),
            Column("sealed", "Acts sealed within the run.", _WHOLE),
            Column("waiting", "Acts that wait at its end.", _WHOLE),
            Column("throughput", "Sealed acts a second over the whole run.", _NUMBER),
            Column("median_s", "From arrival to block.", _NUMBER),
            Column("p99_s", "The same, of the slowest hundredth.", _NUMBER),
        ],
        rows=[
            (
                one.offered,
                one.schedule,
                one.sealed,
                one.waiting,
                round(one.throughput, 1),
                round(one.median_s, 3),
                round(one.p99_s, 3),
            )
            for one in loaded
        ],
    )


def _tabulate_load(grown: Sequence[Grown]) -> list[ResultTable]:
    gas = [one.gas_each for one in grown if one.gas_each is not None]
    measured = {"gas_per_event": float(gas[-1])} if gas else {}
    measured |= {"standing_b": grown[-1].snapshot_bytes / grown[-1].standings, "proof_b": grown[-1].proof_bytes}
    strains = list(strain(read_parameters(measured)))
    return [
        ResultTable(
            name="scale-breaks",
            title="Where each design breaks first",
            says="From the table below: the last level at which no single resource is asked for more than there is.",
            columns=[
                Column("design", "The design."),
                Column("holds_to", "The last level that it holds."),
                Column("breaks_at", "The first level that it does not hold; empty if it holds all."),
                Column("first", "The single resource that is used most there."),
                Column("used", "Of its capacity.", _NUMBER),
            ],
            rows=[
                (one.design, one.holds_to, one.breaks_at, one.first, round(one.used, 4)) for one in find_breaks(strains)
            ],
        ),
        ResultTable(
            name="scale-load",
            title="Demand and capacity, from today to the internet",
            says="Arithmetic with parameters that are measured or assumed (data/load.csv). Levels: "
            + "; ".join(
                f"{one.name}: {one.operators:,} operators, {one.questions_s:g} questions/s, {one.posts:,} posts, a burst of {one.burst_s:g} events/s"
                for one in LEVELS
            )
            + ".",
            columns=[
                Column("design", "The design."),
                Column("level", "The load."),
                Column("resource", "What is needed."),
                Column("unit", "Its unit."),
                Column("demand", "How much of it.", _NUMBER),
                Column("capacity", "How much one has.", _NUMBER),
                Column("spreads", "Whether more can be had by buying more of the same.", _FLAG),
                Column("copies", "How many are needed of what spreads.", _WHOLE),
                Column("holds", "Whether there is enough.", _FLAG),
            ],
            rows=[
                (
                    one.design,
                    one.level,
                    one.resource,
                    one.unit,
                    float(f"{one.demand:.4g}"),
                    float(f"{one.capacity:.4g}"),
                    one.spreads,
                    one.copies,
                    one.holds,
                )
                for one in strains
            ],
        ),
    ]


def _tabulate_times(grown: Sequence[Grown], peopled: Sequence[Peopled]) -> ResultTable:
    rows: list[tuple[Cell, ...]] = [
        (
            f"{one.standings:,} standings{'' if one.how == FILLED else ', published'}",
            what,
            float(f"{seconds:.4g}"),
            one.ledger_bytes,
        )
        for one in grown
        for what, seconds in one.seconds.items()
    ]
    rows += [
        (f"{one.parties} parties", what, float(f"{seconds:.4g}"), None)
        for one in peopled
        for what, seconds in one.seconds.items()
    ]
    return ResultTable(
        name="scale-times",
        title="Times at these sizes on this machine",
        says="fill: standings made. look_up: one word read in the index. prove, verify: one answer. seal: a block with 100 grants, or with one "
        "in the rows of parties. found: the network made, keys included. The file's size depends on how the database packs it.",
        columns=[
            Column("size", "Of what."),
            Column("what", "What was timed."),
            Column("seconds", "Seconds of this machine.", _NUMBER),
            Column("ledger_bytes", "Bytes of the embedded ledger's file.", _WHOLE),
        ],
        rows=rows,
        wall_clock=True,
    )
