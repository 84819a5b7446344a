"""The base install, which a border system embeds: it verifies without web3, an EVM or a web framework, and stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.evidence.card import CARD_FORM
from aeo_ledger.office.ask import read_question, write_evidence
from aeo_ledger.office.trust import spell
from aeo_ledger.verify.trust import fingerprint
from support.identities import card_of, state
from support.network import Network

LARGEST = 40_000_000
"""Bytes of everything installed, DESIGN section 7."""
ROOT = Path(__file__).parents[2]
QUESTION = ("--recogniser", "CN", "--direction", "import", "--role", "carrier")
_MEASURE = """
import json, sys, sysconfig
from importlib.metadata import distributions
from pathlib import Path
site = Path(sysconfig.get_paths()["purelib"])
ours = [d for d in distributions(path=[str(site)]) if d.name.lower() not in {"pip", "setuptools", "wheel"}]
files = {site / f for d in ours for f in d.files or () if (site / f).is_file()}
print(json.dumps({"size": sum(f.stat().st_size for f in files), "names": sorted(d.name.lower() for d in ours)}))
"""


@dataclass(frozen=True, kw_only=True)
class Base:
    """A virtual environment with only the base dependencies."""

    python: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "AEO_LEDGER"))}
        return subprocess.run(
            [str(self.python), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=self.python.parent,
        )

    def json(self, code: str) -> Any:
        result = self.run("-c", code)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    folder = tmp_path_factory.mktemp("base") / "venv"
    venv.create(folder, with_pip=True)
    base = Base(python=folder / "bin/python")
    pip = subprocess.run(
        [str(base.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if pip.returncode and ("No matching distribution" in pip.stderr or "Connection" in pip.stderr):
        pytest.skip(f"no package index is reachable: {pip.stderr.splitlines()[-1]}")
    assert pip.returncode == 0, pip.stderr
    return base


def test_it_is_small_and_holds_no_ledger(base: Base) -> None:
    found = base.json(_MEASURE)
    assert {"aeo-ledger", "coincurve", "safe-pysha3", "typer"} <= set(found["names"])
    assert not {"web3", "py-evm", "eth-tester", "eth-account", "fastapi", "uvicorn", "pydantic"} & set(found["names"])
    assert 1_000_000 < found["size"] < LARGEST, f"{found['size']:,} bytes"


def test_the_verifier_takes_nothing_that_speaks(base: Base) -> None:
    taken = base.json("import json, sys, aeo_ledger.verify; print(json.dumps(sorted(sys.modules)))")
    assert "aeo_ledger.verify" in taken
    assert not {"web3", "eth", "httpx", "socket", "ssl", "sqlite3", "typer", "rich"} & set(taken)


def test_it_verifies_and_refuses(base: Base, recognising: Network, tmp_path: Path) -> None:
    tin, file, trust = "BY511125808", tmp_path / "e.json", str(recognising.folder / "trust.json")
    write_evidence(file, recognising.desk.evidence(read_question(tin, "CN", "import", "carrier")))
    command = ["-m", "aeo_ledger.cli.main", "verify", str(file)]
    yes = base.run(*command, tin, *QUESTION, "--trust", trust, "--json")
    assert yes.returncode == 0, yes.stderr
    assert json.loads(yes.stdout)["recognised"] is True
    no = base.run(*command, "BY999999999", *QUESTION, "--trust", trust, "--json")
    assert (no.returncode, json.loads(no.stdout)["error"]) == (4, "OtherQuestion")


def test_the_client_asks_a_gateway(base: Base, recognising: Network) -> None:
    trust = str(recognising.folder / "trust.json")
    rest = [*QUESTION, "--trust", trust, "--gateway", recognising.url]
    assert base.run("-m", "aeo_ledger.cli.main", "ask", "BY511125808", *rest).returncode == 0
    assert base.run("-m", "aeo_ledger.cli.main", "ask", "BY192900384", *rest).returncode == 1


def test_it_keeps_a_receipt_and_proves_by_it(base: Base, recognising: Network, tmp_path: Path) -> None:
    store, evidence, receipt = (str(tmp_path / name) for name in ("trust", "e.cbor", "r.json"))
    command = ["-m", "aeo_ledger.cli.main"]
    told = spell(fingerprint(recognising.trust))
    bundle = str(recognising.folder / "trust.json")
    pinned = base.run(*command, "trust", "pin", bundle, "--out", store, "--fingerprint", told)
    assert pinned.returncode == 0, pinned.stderr
    rest = ["BY511125808", *QUESTION, "--trust", store, "--json"]
    kept = ["--evidence", evidence, "--receipt", receipt, "--gateway", recognising.url]
    asked = base.run(*command, "ask", *rest, *kept)
    assert asked.returncode == 0, asked.stderr
    anchor = json.loads(asked.stdout)["receipt"]
    found = base.run(*command, "verify", evidence, *rest, "--archived", "--receipt", receipt, "--anchor", anchor)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["archived"]["receipt"] == anchor


def test_it_makes_and_opens_a_key_file(base: Base, tmp_path: Path) -> None:
    """And names the extra for a file whose key derivation only another library takes."""
    file, password = tmp_path / "k.json", tmp_path / "p.txt"
    password.write_text("testpassword")
    password.chmod(0o600)
    key = ["-m", "aeo_ledger.cli.main", "key"]
    told = ["--password-file", str(password)]
    made = base.run(*key, "new", str(file), *told)
    assert made.returncode == 0, made.stderr
    assert base.run(*key, "show", str(file), *told).stdout.startswith("0x")
    odd = tmp_path / "odd.json"
    odd.write_bytes((ROOT / "tests/cases/keys/50-scrypt-r1-p8.json").read_bytes())
    odd.chmod(0o600)
    refused = base.run(*key, "confirm", str(odd), "--address", "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b", *told)
    assert (refused.returncode, "needs the extra [ledger] (Crypto is missing)" in refused.stderr) == (5, True)


def test_what_needs_an_extra_says_so(base: Base, tmp_path: Path) -> None:
    for command, extra in (
        (["network", "init", str(tmp_path / "net"), "--parties", "BY,CN"], "ledger"),
        (["gateway", str(tmp_path)], "gateway"),
        (["chain", "export", str(tmp_path), "--out", str(tmp_path / "out")], "ledger"),
        (["book", "take", str(tmp_path / "old.documents.jsonl"), "--party", "BY"], "office"),
        (["book", "show", "BY511125808", "--party", "BY"], "office"),
    ):
        result = base.run("-m", "aeo_ledger.cli.main", *command)
        assert result.returncode == 5
        assert f"in this project's own folder run pip install '.[{extra}]'" in result.stderr


def test_the_command_is_installed(base: Base) -> None:
    told = subprocess.run(
        [str(base.python.parent / "aeo-ledger"), "--help"], capture_output=True, text=True, check=True
    )
    assert "4 unproven" in told.stdout
    assert Path(sys.executable).parent != base.python.parent


def test_it_reads_cards_and_names_the_extra_for_certificates(base: Base, recognising: Network, tmp_path: Path) -> None:
    card = tmp_path / "by.card.json"
    card.write_bytes(CARD_FORM.encode_file(card_of(state())))
    command = ["-m", "aeo_ledger.cli.main", "party", "card"]
    checked = base.run(*command, "check", str(card))
    assert (checked.returncode, "both sides have signed the statement" in checked.stdout) == (0, True), checked.stderr
    rest = [str(card), "--trust", str(recognising.folder / "trust.json"), "--gateway", recognising.url]
    refused = base.run(*command, "bind", *rest)
    assert (refused.returncode, "needs the extra [ledger] (cryptography is missing)" in refused.stderr) == (5, True)
