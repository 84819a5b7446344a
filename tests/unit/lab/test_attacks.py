"""Attacks: each succeeds or is refused for its own reason, for as long as what is assumed lets it, and leaves the traces that it reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.lab.attacks import ATTACKS, COLUMNS, Attacked, run_attacks, tell_lasting
from aeo_ledger.lab.attacks_lists import begin, believes, issue, replay_from_cache
from aeo_ledger.lab.attacks_stage import ASSUMED, DAY_S, Finding, Stage
from aeo_ledger.lab.own_network import open_network, reopen_network
from aeo_ledger.lab.signed_lists import SUSPENDED, VALID
from aeo_ledger.signing import Signer

SEED = 11


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return run_attacks(tmp_path_factory.mktemp("attacks"), seed=SEED)


def of(attacked: Attacked, attack: str, against: str = "") -> list[Finding]:
    return [one for one in attacked.findings if attack in one.attack and against in one.against]


def test_each_attack_reports_and_has_been_timed(attacked: Attacked) -> None:
    assert list(attacked.seconds) == list(ATTACKS)
    assert min(attacked.seconds.values()) > 0
    assert [column.name for column in COLUMNS] == list(Finding.__dataclass_fields__)
    for finding in attacked.findings:
        assert bool(finding.succeeds) == (tell_lasting(finding) != "refused")
        assert finding.succeeds or finding.refused, finding


def test_a_file_that_nobody_signs_can_be_forged_until_the_next_one(attacked: Attacked) -> None:
    plain, signed = of(attacked, "forged monthly file")
    assert (plain.succeeds, plain.lasts_s) == (True, ASSUMED.month_s - ASSUMED.sent_s)
    assert (signed.succeeds, signed.lasts_s) == (False, 0)
    (held,) = of(attacked, "file held back")
    assert held.lasts_s == 2 * ASSUMED.month_s - ASSUMED.sent_s


def test_an_old_answer_lives_as_long_as_its_asker_lets_it_and_off_line_the_ledger_does_no_better_than_a_list(
    attacked: Attacked,
) -> None:
    a_list, on_line, off_line = of(attacked, "stale cache")
    assert on_line.lasts_s == ASSUMED.max_age_s
    assert off_line.lasts_s == a_list.lasts_s == DAY_S
    assert off_line.refused == on_line.refused == "Stale"


def test_how_long_it_lives_follows_from_what_is_assumed(tmp_path: Path) -> None:
    short = replace(ASSUMED, max_age_s=120, snapshot_age_s=2 * 3_600, list_life_s=3_600)
    found = list(replay_from_cache(Stage(folder=tmp_path, seed=SEED, assumed=short)))
    assert [one.lasts_s for one in found] == [3_600, 120, 7_200]


def test_a_bought_signer_tells_two_askers_different_things_on_a_list_and_the_same_on_the_ledger(
    attacked: Attacked,
) -> None:
    a_list, ledger = of(attacked, "list signer bought")
    assert a_list.succeeds
    assert ledger.succeeds
    assert "all askers see alike" in ledger.gain


def test_a_stolen_key_signs_until_the_freeze_and_all_that_it_signed_is_found_and_undone(attacked: Attacked) -> None:
    alone, of_two = of(attacked, "operator's key stolen")
    assert alone.succeeds
    assert alone.lasts_s is not None
    assert ASSUMED.noticed_s <= alone.lasts_s <= ASSUMED.noticed_s + 60
    assert (alone.refused, of_two.refused) == ("PARTY_FROZEN", "TOO_FEW_SIGNATURES")
    assert "all 200 of 200 are found" in alone.shown_by
    assert not of_two.succeeds


def test_a_gateway_without_a_validators_key_is_never_believed(attacked: Attacked) -> None:
    (finding,) = of(attacked, "lying gateway")
    assert not finding.succeeds
    lies = int(finding.gain.split()[1])
    assert lies > 400
    assert {"MissingNode", "StrangerSealed", "SurplusNodes", "TooFewSeals"} <= set(finding.refused.split(", "))


def test_two_thirds_of_the_validators_can_forge_and_fewer_cannot(attacked: Attacked) -> None:
    found = of(attacked, "a false state sealed by")
    assert [one.succeeds for one in found] == [False, False, True, True]
    assert [one.refused for one in found] == ["TooFewSeals", "TooFewSeals", "", ""]
    assert all("HistoryIncomplete" in one.shown_by for one in found[2:])


def test_f_and_one_more_can_fork_a_network_that_is_apart_and_their_seals_convict_them(attacked: Attacked) -> None:
    (fork,) = of(attacked, "a fork by f + 1")
    assert fork.succeeds
    assert "2 validators sealed both (EU, KZ)" in fork.shown_by
    (alone,) = of(attacked, "a fork by f validators")
    assert (alone.succeeds, alone.refused) == (False, "QuorumMissing")
    (silence,) = of(attacked, "silence")
    assert (silence.succeeds, silence.refused, silence.lasts_s) == (False, "QuorumMissing", None)


def test_the_same_seed_finds_the_same(attacked: Attacked, tmp_path: Path) -> None:
    again = run_attacks(tmp_path, seed=SEED, names=["lying gateway", "validators"])
    assert list(again.findings) == [
        one for one in attacked.findings if "gateway" in one.attack or "validators" in one.attack
    ]


def test_a_list_is_believed_only_with_its_signature_and_until_its_end() -> None:
    signer, other = (Signer.from_secret(bytes(31) + bytes([n])) for n in (1, 2))
    token = issue(VALID, signer, 100)
    assert believes(token, signer.address, 99)
    assert not believes(token, signer.address, 100)
    assert not believes(token, other.address, 1)
    assert not believes(issue(SUSPENDED, signer, 100), signer.address, 1)


def test_the_same_seed_makes_the_same_chain_and_another_seed_another(tmp_path: Path) -> None:
    heads = []
    for place, seed in enumerate((1, 1, 2)):
        with open_network(tmp_path / str(place), "BY,CN,KZ,EU=DE+PL", seed=seed) as network:
            begin(network)
            network.clock.advance(DAY_S)
            network.freshen()
            heads.append(network.embedded.header_rlp(network.embedded.head))
    assert heads[0] == heads[1] != heads[2]


def test_a_copy_goes_on_with_the_validators_that_it_has(tmp_path: Path) -> None:
    with open_network(tmp_path / "net", "BY,CN,KZ,EU=DE+PL", seed=1) as network:
        begin(network)
        network.copy(tmp_path / "copy/ledger.sqlite")
        with reopen_network(
            network.folder, network.clock, ledger=tmp_path / "copy/ledger.sqlite", without=["EU"]
        ) as copy:
            assert copy.embedded.seal_pending() == network.embedded.head + 1
