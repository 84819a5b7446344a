"""`aeo-ledger audit` over a chain of real acts: from a file, from a node, and with one block altered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.cli.main import app
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.run import write_blocks
from aeo_ledger.office.withhold import withhold
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password, open_key_store
from support.audited import alter, fields, split
from support.network import CN_BY, PASSWORD, now, opened, register_text, served

TIN = "BY511125808"
ROWS = 20


@dataclass(frozen=True, kw_only=True)
class Exported:
    folder: Path
    blocks: Path

    @property
    def options(self) -> list[str]:
        return ["--genesis", str(self.folder / "genesis.json"), "--trust", str(self.folder / "trust.json"), "--json"]


@pytest.fixture(scope="module")
def exported(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """An arrangement, a part of Belarus's register, one suspended, one withheld; and the file of blocks."""
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("audit") / "net")
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_("".join(register_text("BY").splitlines(keepends=True)[: ROWS + 1]), "BY")
        number, entry = network.number("BY"), network.entry(TIN, "BY", 2)
        change_status(
            network.desk,
            entry,
            Change(kind=EventKind.SUSPEND),
            register=number,
            issuer=number,
            signers=[network.signer("BY")],
            trust=network.trust,
            now=now(),
        )
        withhold(
            network.desk,
            entry,
            withheld=True,
            recogniser=network.number("CN"),
            signers=[network.signer("CN")],
            trust=network.trust,
            now=now(),
        )
    with EmbeddedLedger.open(folder / "ledger.sqlite") as ledger:
        write_blocks(ledger, folder / "blocks.rlp")
    return Exported(folder=folder, blocks=folder / "blocks.rlp")


def _audit(*arguments: str) -> tuple[int, dict[str, Any]]:
    found = CliRunner().invoke(app, ["audit", *arguments])
    return found.exit_code, json.loads(found.stdout)


@contextmanager
def _node(folder: Path) -> Iterator[str]:
    with EmbeddedLedger.open(folder / "ledger.sqlite") as ledger, served(create_node(ledger.rpc.answer)) as url:
        yield url


def test_a_file_of_blocks_is_audited_and_every_act_is_its_partys(exported: Exported) -> None:
    code, report = _audit("--blocks", str(exported.blocks), *exported.options)
    assert (code, report["wrong"], report["pinned"], report["unread"]) == (0, None, True, [])
    assert report["blocks"] == report["head"]["number"] + 1
    assert report["acts"] == {"Conclusion": 1, "Publication": 2, "Withholding": 1}
    assert report["events"] == {"grant": ROWS, "suspend": 1}
    assert report["signers"] == {"BY authority": 1, "CN authority": 1, "BY operator": 2, "CN operator": 1}


def test_a_node_is_audited_as_the_file_is(exported: Exported) -> None:
    of_file = _audit("--blocks", str(exported.blocks), *exported.options)[1]
    with _node(exported.folder) as url:
        code, of_node = _audit("--rpc", url, *exported.options)
    assert code == 0
    assert {**of_node, "seconds": 0} == {**of_file, "seconds": 0}


def test_people_are_told_what_was_checked_and_how_fast(exported: Exported) -> None:
    genesis = str(exported.folder / "genesis.json")
    found = CliRunner().invoke(app, ["audit", "--blocks", str(exported.blocks), "--genesis", genesis])
    assert found.exit_code == 0
    for words in (
        "blocks/s",
        "state root",
        "status events: grant 20, suspend 1",
        "every block is as it must be",
        "--trust pins it",
    ):
        assert words in found.stdout


def test_the_first_altered_block_is_named_with_exit_code_4(exported: Exported) -> None:
    blocks = split(exported.blocks.read_bytes())
    keys = open_key_store(exported.folder / "validators.keys", Password(PASSWORD))
    sealers: Any = [signer for label, signer in keys.items() if label != "relay"]
    blocks[2] = alter(blocks[2], fields(state_root=b"\1" * 32), seal=sealers)
    blocks[3] = alter(blocks[3], seals=lambda _: [])
    forged = exported.folder / "forged.rlp"
    forged.write_bytes(b"".join(blocks))
    code, report = _audit("--blocks", str(forged), *exported.options)
    assert (code, report["blocks"], report["head"]["number"]) == (4, 2, 1)
    assert (report["wrong"]["block"], report["wrong"]["error"]) == (2, "BlockDiffers")
    assert "state root" in report["wrong"]["detail"]


def test_another_genesis_than_the_pinned_one_is_unproven(exported: Exported) -> None:
    genesis = json.loads((exported.folder / "genesis.json").read_text())
    genesis["timestamp"] = "0x1"
    other = exported.folder / "other.json"
    other.write_text(json.dumps(genesis))
    code, report = _audit(
        "--blocks",
        str(exported.blocks),
        "--genesis",
        str(other),
        "--trust",
        str(exported.folder / "trust.json"),
        "--json",
    )
    assert (code, report["error"], report["family"]) == (4, "BlockDiffers", "unproven")


@pytest.mark.parametrize("options", [[], ["--blocks", "x", "--rpc", "http://127.0.0.1:1"]])
def test_blocks_or_a_node_are_needed_and_not_both(exported: Exported, options: list[str]) -> None:
    code, report = _audit(*options, *exported.options)
    assert (code, report["error"]) == (2, "MalformedText")


def test_a_node_that_is_not_there_is_unavailable(exported: Exported) -> None:
    code, report = _audit("--rpc", "http://127.0.0.1:9", *exported.options)
    assert (code, report["error"], report["family"]) == (5, "NodeUnreachable", "unavailable")
