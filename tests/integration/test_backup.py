"""A network is backed up while it runs and restored; what would make a second history, and what is damaged, is refused."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.chain import DamagedLedger, LedgerSetBack, MalformedLedger
from aeo_ledger.errors.cli import NotConfirmed
from aeo_ledger.errors.files import FileUnavailable, FolderExists, UnreadableFile
from aeo_ledger.network.backup import Copied, back_up, restore
from aeo_ledger.network.check import check_network
from aeo_ledger.network.run import run_network
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.signing import Password
from support.network import PASSWORD, Network
from support.workshop import Workshop

TIN = "BY511125808"


def _suspend(network: Network, kind: EventKind) -> None:
    number = network.number("BY")
    entry = network.entry(TIN, "BY", 2)
    change_status(
        network.office, entry, Change(kind=kind), register=number, issuer=number, signers=[network.signer("BY")]
    )


def _agree(_: Copied) -> None:
    return


@pytest.fixture(scope="module")
def backup(recognising: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that was made while the network ran; two blocks are sealed after it."""
    (recognising.folder / "cards").mkdir()
    (recognising.folder / "cards/BY.json").write_text("{}")
    out = tmp_path_factory.mktemp("backup") / "copy"
    before = recognising.running.ledger.head()
    copied = back_up(recognising.folder, out)
    assert before <= copied.head <= recognising.running.ledger.head()
    _suspend(recognising, EventKind.SUSPEND)
    _suspend(recognising, EventKind.REINSTATE)
    return out


def test_a_backup_has_what_a_gateway_needs_and_no_key_of_a_party(recognising: Network, backup: Path) -> None:
    assert {path.name for path in backup.iterdir() if "-wal" not in path.name and "-shm" not in path.name} == {
        "cards", "genesis.json", "ledger.sqlite", "ledger.sqlite.mark", "places.json", "trust.json", "validators.keys",
    }  # fmt: skip
    assert {(backup / name).stat().st_mode & 0o077 for name in ("validators.keys", "ledger.sqlite", "")} == {0}
    with pytest.raises(FolderExists):
        back_up(recognising.folder, backup)


def test_a_backup_is_not_restored_on_the_machine_that_sealed_later_blocks(
    recognising: Network, backup: Path, tmp_path: Path
) -> None:
    with pytest.raises(LedgerSetBack) as caught:
        restore(backup, tmp_path / "net", agree=_agree, marks=recognising.folder.parent / "machine")
    assert caught.value.head == check_network(backup, marks=tmp_path / "elsewhere").head
    assert not list(tmp_path.iterdir())


def test_on_another_machine_a_person_answers_for_it_and_then_the_restored_ledger_goes_on(
    recognising: Network, backup: Path, tmp_path: Path
) -> None:
    machine, asked = tmp_path / "machine", []

    def refuse(copied: Copied) -> None:
        asked.append(copied)
        raise NotConfirmed(what="it", asked="no")

    with pytest.raises(NotConfirmed):
        restore(backup, tmp_path / "net", agree=refuse, marks=machine)
    assert [copied.is_known_here for copied in asked] == [False]
    assert not list(tmp_path.iterdir())
    copied = restore(backup, tmp_path / "net", agree=_agree, marks=machine)
    checked = check_network(tmp_path / "net", marks=machine)
    assert (checked.damage, checked.head, checked.head_hash) == ({}, copied.head, copied.head_hash)
    with run_network(tmp_path / "net", Password(PASSWORD), marks=machine) as running:
        assert running.ledger.header(copied.head) == recognising.running.ledger.header(copied.head)
        entry = recognising.entry(TIN, "BY", 2)
        assert running.relay.standings([entry]).records[0] is not None


@pytest.mark.parametrize("table", ["nodes", "links"])
def test_a_damaged_backup_is_not_restored(backup: Path, tmp_path: Path, table: str) -> None:
    damaged = Path(shutil.copytree(backup, tmp_path / "damaged"))
    with closing(sqlite3.connect(damaged / "ledger.sqlite")) as file, file:
        file.execute(f"UPDATE {table} SET value = zeroblob(40) WHERE key = (SELECT max(key) FROM {table})")  # noqa: S608
    with pytest.raises(DamagedLedger):
        restore(damaged, tmp_path / "net", agree=_agree, marks=tmp_path / "machine")
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("lost", "error"),
    [
        ("ledger.sqlite", MalformedLedger),
        ("ledger.sqlite.mark", LedgerSetBack),
        ("genesis.json", UnreadableFile),
        ("validators.keys", FileUnavailable),
    ],
)
def test_an_incomplete_backup_is_not_restored(backup: Path, tmp_path: Path, lost: str, error: type[Exception]) -> None:
    part = Path(shutil.copytree(backup, tmp_path / "part"))
    (part / lost).unlink()
    with pytest.raises(error):
        restore(part, tmp_path / "net", agree=_agree, marks=tmp_path / "machine")
    assert not (tmp_path / "net").exists()


def test_the_commands_say_what_was_copied_and_ask_before_they_restore(shop: Workshop, tmp_path: Path) -> None:
    copy, net = str(tmp_path / "copy"), str(tmp_path / "net")
    made = shop.json("network", "backup", str(shop.folder), "--out", copy)
    assert made["known_here"] is False  # the gateway of the workshop has its own folder of marks
    refused = shop.run("network", "restore", copy, "--out", net)
    assert (refused.exit_code, "this makes a second history" in refused.stderr) == (3, True), refused.output
    assert not Path(net).exists()
    told = shop.run("network", "restore", copy, "--out", net, "--yes")
    assert (told.exit_code, made["state_root"] in told.stdout) == (0, True), told.output
    assert shop.json("network", "backup", net, "--out", str(tmp_path / "again"))["hash"] == made["hash"]
    assert (
        shop.json("network", "backup", str(tmp_path), "--out", str(tmp_path / "x"), code=2)["error"]
        == "MalformedLedger"
    )
