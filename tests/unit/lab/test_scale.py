"""Scale: what is put into a state is what publications write, growth is measured, and each design breaks where its numbers say."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.lab.attacks_lists import PARTIES, RECOGNISED, TYPE_3
from aeo_ledger.lab.filled import fill, trader
from aeo_ledger.lab.own_network import about, open_network
from aeo_ledger.lab.scale import FILLED, PUBLISHED, Grown, Growth, grow, list_codes, people
from aeo_ledger.lab.scale_load import DESIGNS, LEVELS, find_breaks, read_parameters, strain
from aeo_ledger.lab.scale_tables import tabulate_model
from aeo_ledger.lab.scale_throughput import load
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.prove import prove
from aeo_ledger.verify import verify_recognition

SEED = 5


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> list[Grown]:
    return grow(tmp_path_factory.mktemp("grown"), [100, 400, 1_600, 6_400], published=100, seed=SEED)


def test_a_filled_state_has_the_storage_root_of_the_publications_that_would_have_made_it(tmp_path: Path) -> None:
    roots = []
    for acts in (True, False):
        with open_network(tmp_path / str(acts), PARTIES, seed=SEED) as network:
            network.conclude(RECOGNISED, "CN", "KZ", "BY")
            network.clock.advance(10)
            if acts:
                network.grant("BY", [trader(number) for number in range(40)], TYPE_3)
                state = network.ledger.index.advance()
            else:
                ledger = fill(network, 40, type_number=TYPE_3)
                state = ledger.state
                asked, now = about(trader(7), "CN"), int(network.clock())
                evidence = prove(asked, ledger, network.trust).evidence
                assert verify_recognition(evidence, asked, network.trust, now=now).decision.recognised
                stranger = about(trader(40), "CN")
                evidence = prove(stranger, ledger, network.trust).evidence
                assert not verify_recognition(evidence, stranger, network.trust, now=now).decision.recognised
            roots.append((state.tries[Contract.REGISTERS].root, state.entries))
    assert roots[0] == roots[1]


def test_a_proof_grows_with_the_logarithm_and_the_model_foretells_the_largest(grown: list[Grown]) -> None:
    assert [one.how for one in grown] == [PUBLISHED, FILLED, FILLED, FILLED]
    sizes = [one.proof_bytes for one in grown]
    assert sizes == sorted(sizes)
    assert sizes[-1] < 1.3 * sizes[0]  # 64 times the standings
    line = Growth.fit([one.standings for one in grown[:-1]], sizes[:-1])
    assert line.at(grown[-1].standings) == pytest.approx(sizes[-1], rel=0.05)
    assert all(one.seconds["look_up"] > 0 and one.seconds["verify"] > 0 for one in grown)
    assert all((one.gas_each is None) == (one.how == FILLED) == (one.ledger_bytes is None) for one in grown)
    assert grown[0].gas_each is not None
    assert grown[0].gas_each < 51_000  # the design's figure


def test_a_snapshot_grows_in_proportion(grown: list[Grown]) -> None:
    each = (grown[-1].snapshot_bytes - grown[-2].snapshot_bytes) / (grown[-1].standings - grown[-2].standings)
    assert each == 96


def test_two_sizes_fit_the_model_and_a_third_tests_it(grown: list[Grown]) -> None:
    [model] = tabulate_model(grown[:3])
    assert model.rows[0][:2] == (1_600, True)
    assert model.rows[0][2] == pytest.approx(grown[2].proof_bytes, rel=0.05)
    assert list(tabulate_model(grown[:2])) == []


def test_a_line_is_found_again() -> None:
    sizes = [10, 1_000, 50_000]
    line = Growth.fit(sizes, [3 + 2 * math.log(size, 16) for size in sizes])
    assert line.a == pytest.approx(3)
    assert line.b == pytest.approx(2)


def test_headers_grow_with_the_validators(tmp_path: Path) -> None:
    four, ten = people(tmp_path, [4, 10], seed=SEED)
    assert (four.quorum, ten.quorum) == (3, 7)
    assert ten.header_bytes - four.header_bytes == 6 * 67  # a seal and its length
    assert ten.state_words > four.state_words


def test_there_are_codes_for_a_hundred_parties() -> None:
    codes = list_codes(100)
    assert len(set(codes)) == len(codes) == 100
    assert codes[:3] == ["BY", "CN", "KZ"]
    assert "XI" not in codes


# ---- throughput


def test_a_load_below_the_ceiling_is_sealed_within_a_second(tmp_path: Path) -> None:
    found = load(tmp_path / "net", 12, [0, 0, 0], seed=SEED)
    assert found.waiting == 0
    assert found.sealed == pytest.approx(36, abs=18)
    assert 0 < found.median_s < found.p99_s <= 1
    assert found == load(tmp_path / "again", 12, [0, 0, 0], seed=SEED)


def test_a_silent_validator_of_four_changes_nothing_and_two_stop_the_chain_until_they_are_back(tmp_path: Path) -> None:
    well, one, two = (load(tmp_path / name, 8, schedule, seed=SEED) for name, schedule in {
        "well": [0, 0, 0, 0], "one": [0, 1, 1, 0], "two": [0, 2, 2, 0],
    }.items())  # fmt: skip
    assert replace(one, schedule=well.schedule) == well
    assert (two.sealed, two.waiting) == (well.sealed, 0)  # late, and none is lost
    assert two.blocks == well.blocks - 2
    assert two.p99_s > well.p99_s + 1
    stopped = load(tmp_path / "stopped", 8, [0, 2, 2], seed=SEED)
    assert stopped.waiting > 0


def test_a_block_takes_what_its_gas_allows(tmp_path: Path) -> None:
    found = load(tmp_path / "net", 40, [0, 0], seed=SEED, gas=3_000_000)
    assert found.sealed == 2 * 60_000_000 // 3_000_000 == 40
    assert found.waiting > 0
    assert found.p99_s > 1


# ---- the arithmetic of load


def test_every_design_is_judged_at_every_level_and_its_first_break_is_the_first_that_does_not_hold() -> None:
    strains = list(strain(read_parameters()))
    assert len(strains) == len(LEVELS) * sum(map(len, DESIGNS.values()))
    names = [level.name for level in LEVELS]
    for found in find_breaks(strains):
        for level in names:
            holds = all(one.holds for one in strains if (one.design, one.level) == (found.design, level))
            broken = found.breaks_at and names.index(level) >= names.index(found.breaks_at)
            assert holds != bool(broken)
        assert (found.used > 1) == bool(found.breaks_at)


def test_a_demand_follows_its_parameters_and_what_spreads_never_breaks() -> None:
    usual = {(one.design, one.level, one.resource): one for one in strain(read_parameters())}
    dear = {(one.design, one.level, one.resource): one for one in strain(read_parameters({"gas_per_event": 100_000}))}
    gas = ("ledger, on line", "internet", "gas of the chain in a burst")
    assert dear[gas].used == pytest.approx(2 * usual[gas].used)
    assert usual[gas].used == pytest.approx((10_000 + 10**7 * 0.62 / (365.25 * 86_400)) * 50_000 / 60_000_000)
    assert not usual[gas].holds
    assert usual[gas].copies is None
    gateways = usual["ledger, on line", "internet", "processors of gateways"]
    assert (gateways.holds, gateways.copies) == (True, 3)
    with pytest.raises(KeyError):
        read_parameters({"luck": 1})
