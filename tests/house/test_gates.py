"""Each import contract goes red for the fault that it is for: one is planted in a copy of the sources at a time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = "Layers"
PLANTED = [
    ("signing/signer.py", "aeo_ledger.verify.trie", {LAYERS}),
    ("customs/tin.py", "aeo_ledger.evidence.question", {LAYERS, "No circles"}),
    ("verify/validators.py", "aeo_ledger.verify.trust", {"No circles"}),
    ("evidence/question.py", "time", {"The core reaches no"}),
    ("evidence/question.py", "aeo_ledger.wording.catalogues", {"The core reaches no"}),
    ("customs/tin.py", "aeo_ledger.wording.words", {LAYERS, "No circles"}),
    ("chain/clock.py", "aeo_ledger.verify.trie", {"Prover and verifier"}),
    ("rpc/claims.py", "eth.abc", {"Only chain and audit know"}),
    ("rpc/claims.py", "eth_tester", {"Only chain knows"}),
    ("audit/report.py", "aeo_ledger.chain.clock", {LAYERS, "Audit shares nothing"}),
    ("verify/trie.py", "Crypto.Cipher", {"Nothing that verifies"}),
    ("office/naming.py", "web3", {"Who signs or asks"}),
]


def _broken(folder: Path) -> set[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout
    assert "kept" in told, told
    return set(re.findall(r"^(.+) BROKEN", told, re.MULTILINE))


@pytest.mark.parametrize(("module", "imported", "expected"), PLANTED, ids=lambda value: str(value).split("'")[0])
def test_a_planted_import_breaks_its_contract(tmp_path: Path, module: str, imported: str, expected: set[str]) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "src" / "aeo_ledger" / module
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")
    broken = _broken(tmp_path)
    assert {next(name for name in expected if contract.startswith(name)) for contract in broken} == expected


def test_each_contract_has_a_fault_of_its_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]
    planted = {name for _, _, names in PLANTED for name in names}
    assert [name for name in contracts if not any(name.startswith(start) for start in planted)] == []
