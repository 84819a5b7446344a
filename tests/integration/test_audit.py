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
from aeo_ledger.errors.network import WorkerLost
from aeo_ledger.network import audit as office_audit
from aeo_ledger.network.audit import audit_ledger
from aeo_ledger.network.run import write_blocks
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.withhold import withhold
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password, open_key_store
from support.audited import alter, fields, split
from support.damage import cells, die, flip
from support.disks import read_only
from support.line import Line
from support.network import CN_BY, PASSWORD, opened, register_text, served

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
            network.office,
            entry,
            Change(kind=EventKind.SUSPEND),
            register=number,
            issuer=number,
            signers=[network.signer("BY")],
        )
        withhold(
            network.office,
            entry,
            withheld=True,
            recogniser=network.number("CN"),
            signers=[network.signer("CN")],
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
        "every block is correct",
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


def test_a_file_that_ends_early_is_at_fault_and_not_a_block(exported: Exported, tmp_path: Path) -> None:
    cut = tmp_path / "cut.rlp"
    cut.write_bytes(exported.blocks.read_bytes()[:-7])
    code, report = _audit("--blocks", str(cut), *exported.options)
    assert (code, report["wrong"]["error"]) == (2, "NoAuditInput")
    told = CliRunner().invoke(
        app, ["audit", "--blocks", str(cut), *(one for one in exported.options if one != "--json")]
    )
    assert told.exit_code == 2
    assert "UNREADABLE FROM HERE: block " in told.stdout
    assert "the file ends 7 bytes early" in told.stdout
    assert "NoAuditInput" not in told.stdout


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


def test_without_a_block_nothing_is_called_correct(exported: Exported, tmp_path: Path) -> None:
    empty = tmp_path / "empty.rlp"
    empty.touch()
    code, report = _audit("--blocks", str(empty), *exported.options)
    assert (code, report["error"]) == (2, "NoAuditInput")
    assert "nothing was checked" in report["detail"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "not JSON"), ("[]", "needed an object"), ('{"alloc": {}, "alloc": {}}', "the key 'alloc' appears twice")],
)
def test_an_invalid_genesis_is_malformed(exported: Exported, tmp_path: Path, text: str, told: str) -> None:
    other = tmp_path / "genesis.json"
    other.write_text(text)
    code, report = _audit("--blocks", str(exported.blocks), "--genesis", str(other), "--json")
    assert (code, report["error"], told in report["detail"]) == (2, "MalformedDocument", True)


def test_a_folder_is_audited_on_several_cores_while_it_is_in_use_and_as_the_file_is(exported: Exported) -> None:
    of_file = _audit("--blocks", str(exported.blocks), *exported.options)[1]
    with EmbeddedLedger.open(exported.folder / "ledger.sqlite"):
        for jobs in ("1", "2"):
            code, of_folder = _audit(str(exported.folder), "--jobs", jobs, *exported.options)
            assert code == 0
            assert of_folder == {**of_file, "seconds": of_folder["seconds"], "cores": int(jobs)}


def test_stretches_are_checked_by_processes_of_their_own(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    genesis = json.loads((exported.folder / "genesis.json").read_text())
    monkeypatch.setattr(office_audit, "_RANGE_BLOCKS", 2)
    told: list[tuple[int, int]] = []
    path = exported.folder / "ledger.sqlite"
    whole = audit_ledger(path, genesis, jobs=1)
    apart = audit_ledger(path, genesis, jobs=2, progress=lambda done, total: told.append((done, total)))
    assert apart == whole
    assert told == [(done, whole.blocks) for done in (*range(2, whole.blocks, 2), whole.blocks)]


def test_a_process_that_is_ended_from_outside_is_told() -> None:
    work: Any = die
    with pytest.raises(WorkerLost) as caught:
        list(office_audit._run(work, [(0, 1), (2, 3)], 2))
    assert "--jobs 1" in str(caught.value)


def test_a_read_only_copy_is_exported_and_audited(exported: Exported, tmp_path: Path) -> None:
    copy = shutil.copytree(exported.folder, tmp_path / "copy")
    with read_only(copy, tmp_path / "shown") as place:
        found = CliRunner().invoke(app, ["chain", "export", str(place), "--out", str(tmp_path / "blocks.rlp")])
        assert found.exit_code == 0
        assert (tmp_path / "blocks.rlp").read_bytes() == exported.blocks.read_bytes()
        assert _audit(str(place), *exported.options)[0] == 0


def test_an_audit_from_a_later_block_says_what_it_trusts(exported: Exported) -> None:
    for source in ([str(exported.folder)], ["--blocks", str(exported.blocks)]):
        code, report = _audit(*source, "--from", "3", *exported.options)
        assert (code, report["first"], report["wrong"]) == (0, 3, None)
        assert report["blocks"] == report["head"]["number"] - 2
        told = (
            CliRunner()
            .invoke(app, ["audit", *source, "--from", "3", "--genesis", str(exported.folder / "genesis.json")])
            .stdout
        )
        assert "TRUSTED, not checked: all blocks before 3" in told
        assert "every block from 3 on is correct" in told
    code, refused = _audit(str(exported.folder), "--from", "99", *exported.options)
    assert (code, refused["error"]) == (2, "MalformedText")


def test_a_file_without_a_block_is_not_correct(exported: Exported, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    code, report = _audit("--blocks", str(tmp_path / "empty"), *exported.options)
    assert (code, report["error"]) == (2, "NoAuditInput")


def test_a_state_that_was_damaged_is_named_and_not_audited(exported: Exported, tmp_path: Path) -> None:
    path = Path(shutil.copytree(exported.folder, tmp_path / "copy")) / "ledger.sqlite"
    with EmbeddedLedger.open_to_read(path) as ledger:
        root = bytes.fromhex(ledger.rpc.request("eth_getBlockByNumber", ["0x2"])["stateRoot"][2:])
    flip(path, next(cell for cell in cells(path) if cell.key == root and cell.column == "value"), 77)
    code, report = _audit(str(path.parent), "--from", "3", *exported.options)
    assert (code, report["error"]) == (5, "DamagedLedger")
    assert root.hex() in report["detail"]


def test_a_pinned_checkpoint_that_was_not_reached_is_told(exported: Exported, tmp_path: Path) -> None:
    bundle = json.loads((exported.folder / "trust.json").read_text())
    bundle["checkpoint"]["number"] = 1_000
    (tmp_path / "trust.json").write_text(json.dumps(bundle))
    options = ["--genesis", str(exported.folder / "genesis.json"), "--trust", str(tmp_path / "trust.json")]
    found = CliRunner().invoke(app, ["audit", "--blocks", str(exported.blocks), *options])
    assert "the pinned checkpoint, block 1000, is not among these blocks" in found.stdout


@pytest.mark.parametrize("options", [[], ["--blocks", "x", "--rpc", "http://127.0.0.1:1"], ["folder", "--blocks", "x"]])
def test_exactly_one_of_folder_blocks_and_node_is_needed(exported: Exported, options: list[str]) -> None:
    code, report = _audit(*options, *exported.options)
    assert (code, report["error"]) == (2, "MalformedText")


def test_a_node_that_is_not_there_is_unavailable(exported: Exported) -> None:
    code, report = _audit("--rpc", "http://127.0.0.1:9", *exported.options)
    assert (code, report["error"], report["family"]) == (5, "NodeUnreachable", "unavailable")


def test_acts_of_all_contracts_are_read_and_their_signers_named(line: Line, tmp_path: Path) -> None:
    first, third = line.folders[0], line.folders[2]
    code, report = _audit_of(first, tmp_path / "first.rlp")
    assert (code, report["wrong"], report["unread"]) == (0, None, [])
    assert report["acts"] == {
        "Publication": 4,
        "Conclusion": 1,
        "LaneAct": 2,
        "PartyAct": 5,
        "Freeze": 1,
        "AliasBinding": 1,
        "Resolution": 4,
        "Withholding": 1,
        "Succession": 1,
        "other": 1,  # a completed replacement, which nobody signs
    }
    assert report["signers"]["KZ operator"] == 1
    assert report["signers"]["KZ node"] == 1
    assert report["signers"]["EU authority"] == 5
    code, report = _audit_of(third, tmp_path / "third.rlp")
    assert (code, report["wrong"]) == (0, None)
    assert report["unread"] == ["consortium", "governance", "registers"], "of another edition"


def _audit_of(folder: Path, out: Path) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["chain", "export", str(folder), "--out", str(out)])
    assert result.exit_code == 0
    pins = ["--genesis", str(folder / "genesis.json"), "--trust", str(folder / "trust.json"), "--json"]
    return _audit("--blocks", str(out), *pins)
