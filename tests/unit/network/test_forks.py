"""A network founded under later rules."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from aeo_ledger.audit import Auditor
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import BERLIN, Fork
from aeo_ledger.network.engine import parse_fork
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine
from aeo_ledger.office.ask import read_trust
from aeo_ledger.signing import Password


def _found(folder: Path, fork: str, engine: Engine | None = Engine.BESU) -> Path:
    found_network(
        folder, parse_parties("BY,CN"), Password("x"), now=1_790_000_000, randomness=secrets.token_bytes, work_factor=2,
        engine=engine, forks=parse_fork(fork, engine),
    )  # fmt: skip
    return folder


@pytest.mark.parametrize("fork", list(Fork), ids=lambda fork: fork.value)
def test_block_0_is_pinned_as_py_evm_makes_it(fork: Fork, tmp_path: Path) -> None:
    folder = _found(tmp_path / "net", fork.value)
    genesis, trust = json.loads((folder / "genesis.json").read_text()), read_trust(folder / "trust.json")
    assert Auditor(genesis, trust).head_hash == trust.genesis_hash
    begun = [one for one in Fork if one.key in genesis["config"]]
    assert begun[-1] is fork
    assert all(genesis["config"][one.key] == 0 for one in begun)
    assert (genesis["config"]["zeroBaseFee"], genesis["baseFeePerGas"]) == (True, "0x0")
    assert trust.forks is not None
    assert trust.forks.named() == {one.value: 0 for one in begun}


@pytest.mark.parametrize("engine", [None, *Engine])
def test_without_later_rules_none_are_pinned_as_allowed(engine: Engine | None, tmp_path: Path) -> None:
    folder = _found(tmp_path / "net", "berlin", engine)
    genesis = json.loads((folder / "genesis.json").read_text())
    assert read_trust(folder / "trust.json").forks == BERLIN
    assert not {"zeroBaseFee", *(fork.key for fork in Fork)} & genesis["config"].keys()
    assert "baseFeePerGas" not in genesis


@pytest.mark.parametrize(
    ("fork", "engine", "needed"),
    [
        ("osaka", Engine.BESU, "one of berlin, london, shanghai, cancun, prague"),
        ("Prague", Engine.BESU, "exactly prague"),
        ("london", Engine.QUORUM, "later rules need --engine besu"),
        ("london", None, "later rules need --engine besu"),
    ],
)
def test_rules_that_an_engine_does_not_have_are_refused(fork: str, engine: Engine | None, needed: str) -> None:
    with pytest.raises(MalformedText, match=needed):
        parse_fork(fork, engine)
