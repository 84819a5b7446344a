"""The world of a scenario: parties, their registers, and who recognises whose register on the day on which it begins.

A lane is one ordered pair (recogniser, register). An arrangement that is signed and not in force gives none. Where no date of force was
found, it is assumed: the signature and the median lag of those arrangements whose lag is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations

from aeo_ledger.errors.lab import MalformedScenario
from aeo_ledger.lab.data_files import read_data
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.tables import Column, Kind, ResultTable

_MONTH_S = 30.44 * 86_400


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """One ordered pair, and the arrangement under which it stands."""

    recogniser: str
    register: str
    arrangement: str
    """Its name, at most ten characters."""
    hypothetical: bool = False
    imports_only: bool = False
    """Whether it covers imports of the recogniser alone, as some published arrangements do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Parties and registers of a scenario, in alphabetical order."""

    parties: tuple[str, ...]
    sizes: dict[str, int]
    """Certificates at the beginning, by register."""
    lanes: tuple[Lane, ...]
    members: dict[str, tuple[str, ...]]
    """Members of each party that is a union."""

    def recognisers(self, register: str) -> tuple[str, ...]:
        """List who recognises a register, each once."""
        return tuple(sorted({lane.recogniser for lane in self.lanes if lane.register == register}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An arrangement of the data, with its stage on a day."""

    name: str
    parties: tuple[str, str]
    signed: str
    in_force: str
    stage: str
    """`in force`, `in force (assumed)`, `signed`, or `not in force yet` if no date of signature was found."""
    imports_only: bool


def list_dated(at: int, lag_months: float) -> list[Dated]:
    """List the arrangements that were signed or in force at a time, UTC seconds."""
    found = []
    for row in read_data("arrangements"):
        signed, force = _first_second(row["signed"]), _first_second(row["in_force"])
        if force is None and signed is None:
            stage = "in force (assumed)"  # both dates are unknown, and sources speak of it as applied
        elif force is not None and force <= at:
            stage = "in force"
        elif row["kind"] != "bilateral" or force is not None:
            stage = "not in force yet" if signed is None else "signed" if signed <= at else ""
        else:
            assert signed is not None  # noqa: S101 (the first branch)
            stage = "in force (assumed)" if signed + lag_months * _MONTH_S <= at else "signed" if signed <= at else ""
        if stage:
            pair = (row["party_a"], row["party_b"])
            found.append(
                Dated(
                    name="-".join(pair)[:10],
                    parties=pair,
                    signed=row["signed"],
                    in_force=row["in_force"],
                    stage=stage,
                    imports_only=row["directions"] == "import",
                )
            )
    return found


def make_world(scenario: Scenario) -> World:
    """Make the world of a scenario.

    Raises:
        MalformedScenario: It names a register that nobody recognises, or nobody recognises anybody.
    """
    parameters = scenario.parameters
    lanes = {(lane.recogniser, lane.register): lane for lane in _list_lanes(scenario)}
    parties = tuple(sorted({party for pair in lanes for party in pair}))
    if not lanes:
        raise MalformedScenario(
            key="parties", found=", ".join(scenario.parties), needed="two that recognise each other"
        )
    published = {row["party"]: int(row["certificates"]) for row in read_data("registers")}
    registers = sorted({register for _, register in lanes})
    known = published | dict(scenario.sizes)
    sizes = {register: known.get(register, int(parameters["register_default"])) for register in registers}
    strange = next((shock.register for shock in scenario.shocks if shock.register not in sizes), None)
    if strange is not None:
        raise MalformedScenario(key="shock.register", found=strange, needed="a register that somebody recognises")
    unions = {
        row["union"]: tuple(row["members"].split()) for row in read_data("unions") if row["signs_for_members"] == "yes"
    }
    return World(
        parties=parties,
        sizes=sizes,
        lanes=tuple(sorted(lanes.values())),
        members={party: unions[party] for party in parties if party in unions},
    )


def _list_lanes(scenario: Scenario) -> Iterator[Lane]:
    """List the lanes; of two for one pair the last one counts, so what is in force comes after what is supposed."""
    for one in scenario.supposed:
        yield Lane(one.recogniser, one.register, f"H-{one.recogniser}-{one.register}"[:10], hypothetical=True)
    for recogniser, register in permutations(scenario.multilateral, 2):
        yield Lane(recogniser, register, "H-MULTI", hypothetical=True)
    for lane in _list_in_force(scenario):
        if not scenario.parties or {lane.recogniser, lane.register} <= set(scenario.parties):
            yield lane


def _list_in_force(scenario: Scenario) -> Iterator[Lane]:
    """List the lanes that are in force, by groups and by arrangements."""
    members = {row["union"]: row["members"].split() for row in read_data("unions")}
    joined: dict[str, dict[str, float]] = {}
    for row in read_data("groups"):
        began = _first_second(row["in_force"])
        assert began is not None  # noqa: S101 (each row of the data has a date)
        for member in row["members"].split() or members[row["group"]]:
            joined.setdefault(row["group"], {})[member] = began
    for group, dates in joined.items():
        for one, other in permutations(sorted(dates), 2):
            if max(dates[one], dates[other]) <= scenario.begins:
                yield Lane(one, other, group[:10])
    for dated in list_dated(scenario.begins, scenario.parameters["signing_lag_months"]):
        if dated.stage.startswith("in force"):
            for recogniser, register in permutations(dated.parties, 2):
                yield Lane(recogniser, register, dated.name, imports_only=dated.imports_only)


def _first_second(text: str) -> int | None:
    """Read a date of the data, which may lack its day: its first second, UTC. `before 2017-12` is that date; empty is None."""
    digits = text.removeprefix("before ")
    if not digits:
        return None
    year, month, day = (*map(int, digits.split("-")), 1, 1)[:3]
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Describe the world of a run: its parameters, registers, lanes and arrangements."""
    scenario = bench.scenario
    world = make_world(scenario)
    cited = {row["party"]: (row["as_of"], row["source"]) for row in read_data("registers")}
    registers = [
        (code, size, *(("", "the scenario") if code in scenario.sizes else cited.get(code, ("", "assumed: register_default"))),
         len(world.recognisers(code)))
        for code, size in world.sizes.items()
    ]  # fmt: skip
    parameters = [
        (row["name"], scenario.parameters[row["name"]], row["unit"], row["says"],
         "the scenario" if row["name"] in scenario.changed else row["source"])
        for row in read_data("parameters")
    ]  # fmt: skip
    stages = [
        (one.name, one.signed, one.in_force, one.stage)
        for one in list_dated(scenario.begins, scenario.parameters["signing_lag_months"])
        if not scenario.parties or set(one.parties) & set(scenario.parties)
    ]
    return [
        ResultTable(
            name="parameters",
            title="Parameters",
            says="Every parameter of the run, with its source. *Assumed* means that no published figure was found.",
            columns=[
                Column("name", "Name in a scenario."), Column("value", "Value of this run.", Kind.NUMBER), Column("unit", "Its unit."),
                Column("says", "What it is."), Column("source", "Where it is from."),
            ],
            rows=parameters,
        ),
        ResultTable(
            name="registers",
            title="Registers",
            says="Certificates at the beginning of the run.",
            columns=[
                Column("register", "Code of its party."), Column("certificates", "How many.", Kind.WHOLE), Column("as_of", "Date of the figure."),
                Column("source", "Where it is from."), Column("recognisers", "How many parties recognise it.", Kind.WHOLE),
            ],
            rows=registers,
        ),
        ResultTable(
            name="arrangements",
            title="Arrangements on the first day",
            says="Published arrangements that concern a party of this scenario, and their stage: signed is not in force.",
            columns=[
                Column("arrangement", "Its parties."), Column("signed", "Date found."), Column("in_force", "Date found."),
                Column("stage", "Stage on the first day."),
            ],
            rows=stages,
            in_report=len(stages) <= 80,
        ),
        ResultTable(
            name="lanes",
            title="Lanes",
            says="Who recognises whose register. A hypothetical lane stands on no public arrangement.",
            columns=[
                Column("recogniser", "Who recognises."), Column("register", "Whose register."), Column("arrangement", "Under which name."),
                Column("hypothetical", "Whether the scenario supposes it.", Kind.FLAG),
            ],
            rows=[(lane.recogniser, lane.register, lane.arrangement, lane.hypothetical) for lane in world.lanes],
            in_report=len(world.lanes) <= 60,
        ),
    ]  # fmt: skip
