"""A full disk, a wrong clock, a flipped bit and a careless copy of a ledger in use, as its officers see them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from aeo_ledger.chain import Clock, EmbeddedLedger
from aeo_ledger.cli.main import app
from aeo_ledger.errors.chain import ClockDoubtful, DamagedLedger
from aeo_ledger.gateway.app import create_app
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, open_key_file, open_key_store
from support.damage import cells, flip
from support.disks import fill, read_only, small_disk
from support.network import PASSWORD, found, opened, served
from support.ports import free_port
from support.waiting import WITHIN_S, await_that
from support.workshop import COMMAND, TYPE_3, Workshop, run_gateway

TIN, OTHER = "BY730000008", "BY730000010"
GRANT = ("--type", "3", "--roles", "carrier")


# ---- the disk ----


def test_a_full_disk_is_told_to_the_officer_at_once_and_reading_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8_192) as disk:
        folder = found(disk / "net")
        shop = Workshop(folder=folder, port=free_port(), office=tmp_path)
        with run_gateway(folder, shop.port) as gateway:
            assert shop.act("grant", TIN, *GRANT).exit_code == 0
            ballast = fill(disk)
            for _ in range(3):
                told = shop.json("suspend", TIN, "--type", "3", "--party", "BY", "--key", shop.key("BY"), code=5)
                assert "No space left on device" in told["detail"], told
            health = httpx.get(f"{shop.url}/healthz").json()
            assert health["status"] == "reading only"
            assert "No space left on device" in health["trouble"]
            assert shop.records(TIN)[0].status.name == "ACTIVE"
            assert (
                shop.run("ask", TIN, "--recogniser", "CN", "--direction", "import", "--role", "carrier").exit_code == 1
            )
            ballast.unlink()
            await_that(lambda: httpx.get(f"{shop.url}/healthz").json()["trouble"] is None)
            assert shop.act("suspend", TIN, "--type", "3").exit_code == 0
            gateway.terminate()
            said = gateway.communicate(timeout=WITHIN_S)[1].splitlines()
        assert len([line for line in said if "nothing is sealed: " in line]) == 1
        assert len([line for line in said if line.endswith(": blocks are sealed again")]) == 1
        assert CliRunner().invoke(app, ["network", "check", str(folder)]).exit_code == 0


def test_a_gateway_on_a_read_only_disk_answers_and_says_why_it_accepts_nothing(tmp_path: Path) -> None:
    folder = found(tmp_path / "net")
    with run_gateway(folder, (port := free_port())):
        assert Workshop(folder=folder, port=port).act("grant", TIN, *GRANT).exit_code == 0
    with read_only(folder, tmp_path / "shown") as place:
        shop = Workshop(folder=place, port=free_port(), office=tmp_path)
        with run_gateway(place, shop.port) as gateway:
            assert shop.records(TIN)[0].status.name == "ACTIVE"
            told = shop.json("suspend", TIN, "--type", "3", "--party", "BY", "--key", shop.key("BY"), code=5)
            health = httpx.get(f"{shop.url}/healthz").json()
            assert (health["status"], health["trouble"]) == ("reading only", told["detail"])
            assert f"{place}/ledger.sqlite could not be written" in told["detail"]
            gateway.terminate()
            assert "Traceback" not in gateway.communicate(timeout=WITHIN_S)[1]


# ---- the clock ----


@dataclass
class Wrong:
    """The error of the system clock."""

    seconds: float = 0.0

    @property
    def clock(self) -> Clock:
        return Clock(wall=lambda: time.time() + self.seconds)


@contextmanager
def _with_clock(folder: Path, wrong: Wrong) -> Iterator[Workshop]:
    keys = open_key_store(folder / "validators.keys", Password(PASSWORD))
    relay_key = keys.pop(RELAY)
    trust = read_trust(folder / "trust.json")
    ledger_file, machine = folder / "ledger.sqlite", folder.parent / "machine"
    with EmbeddedLedger.open(ledger_file, list(keys.values()), clock=wrong.clock, marks=machine) as embedded:
        ledger = Ledger(embedded.provider(), contracts_of(trust))
        with served(create_app(ledger, Relay(ledger, relay_key), trust, behind=embedded.banner)) as url:
            yield Workshop(folder=folder, port=int(url.rpartition(":")[2]))


@pytest.mark.parametrize(
    ("seconds", "words"), [(-86_400.0, "put it right"), (31 * 86_400.0, "start again with --confirm-clock")]
)
def test_a_wrong_clock_is_told_to_the_officer_at_once_and_reading_goes_on(
    tmp_path: Path, seconds: float, words: str
) -> None:
    folder, wrong = found(tmp_path / "net"), Wrong()
    with _with_clock(folder, wrong) as shop:
        assert shop.act("grant", TIN, *GRANT).exit_code == 0
        wrong.seconds = seconds
        told = shop.json("suspend", TIN, "--type", "3", "--party", "BY", "--key", shop.key("BY"), code=5)
        assert (told["error"], words in told["detail"]) == (ClockDoubtful.__name__, True)
        health = httpx.get(f"{shop.url}/healthz").json()
        assert (health["status"], words in health["trouble"]) == ("reading only", True)
        assert shop.records(TIN)[0].status.name == "ACTIVE"
        wrong.seconds = 0.0
        assert httpx.get(f"{shop.url}/healthz").json()["trouble"] is None
        assert shop.act("suspend", TIN, "--type", "3").exit_code == 0


def test_a_ledger_that_lay_for_more_than_a_month_is_read_and_asks_for_a_confirmation(tmp_path: Path) -> None:
    folder = found(tmp_path / "net")
    with _with_clock(folder, Wrong(31 * 86_400.0)) as shop:
        health = httpx.get(f"{shop.url}/healthz").json()
        assert "--confirm-clock" in health["trouble"]
        told = shop.json("grant", TIN, *GRANT, "--party", "BY", "--key", shop.key("BY"), code=5)
        assert "--confirm-clock" in told["detail"]


def test_a_suspension_without_a_date_is_dated_by_the_order_and_not_by_the_last_block(shop: Workshop) -> None:
    assert shop.act("grant", OTHER, *GRANT).exit_code == 0
    time.sleep(3)  # idle: the last block is older than the order
    ordered = int(time.time())
    done = shop.json("suspend", OTHER, "--type", "3", "--party", "BY", "--key", shop.key("BY"))
    assert ordered <= done["since"] <= int(time.time())
    (record,) = shop.records(OTHER)
    assert done["since"] <= record.recorded_at


# ---- a bit ----


def test_a_flipped_bit_in_an_operators_word_gives_its_key_to_nobody(founded: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    path = folder / "ledger.sqlite"
    operator = open_key_file(folder / "parties/BY/operator.json", Password(PASSWORD)).address
    slot = word_slot(Table.KEY, int.from_bytes(operator, "big"))
    trust = read_trust(folder / "trust.json")
    with EmbeddedLedger.open_to_read(path) as ledger:
        address = to_hex(contracts_of(trust)[Contract.CONSORTIUM])
        proof = ledger.rpc.request("eth_getProof", [address, [hex(slot)], "latest"])["storageProof"][0]
        assert int(proof["value"], 16)
        leaf = bytes.fromhex(proof["proof"][-1][2:])
    cell = next(one for one in cells(path) if one.key == keccak256(leaf) and one.column == "value")
    word = int(proof["value"], 16)
    size = (word.bit_length() + 7) // 8
    assert leaf.endswith(word.to_bytes(size, "big"))
    whole = path.read_bytes()
    for bit in range(8 * (len(leaf) - size), 8 * len(leaf)):
        path.write_bytes(whole)
        flip(path, cell, bit)
        with EmbeddedLedger.open_to_read(path) as ledger, pytest.raises(DamagedLedger) as caught:
            ledger.rpc.request("eth_getStorageAt", [address, hex(slot), "latest"])
        assert caught.value.part == f"table nodes, row {cell.key.hex()}"
    with opened(folder) as network:
        shop = Workshop(folder=folder, port=int(network.url.rpartition(":")[2]))
        for party in ("BY", "CN"):
            told = shop.json(
                "grant", TIN, *GRANT, "--party", "BY", "--key", shop.key(party), code=5 if party == "BY" else 3
            )
            assert party == "CN" or cell.key.hex() in told["detail"]
        assert network.http.get("/healthz").json()["block"] >= 0
        assert network.http.get("/v1/parties").status_code == 200
    found_ = CliRunner().invoke(app, ["network", "check", str(folder), "--json"])
    assert found_.exit_code == 5
    assert any(cell.key.hex() in one["detail"] for one in json.loads(found_.stdout)["damage"])


def test_the_check_reads_a_ledger_in_use_and_what_is_handed_out_with_it(shop: Workshop, tmp_path: Path) -> None:
    whole = shop.json("network", "check", str(shop.folder))
    assert whole["damage"] == []
    assert {"pages", "nodes", "links", "blocks", "seals", "transactions", "logs"} == set(whole["read"])
    copy = found(tmp_path / "copy")
    told = CliRunner().invoke(app, ["network", "check", str(copy)])
    assert (told.exit_code, "everything is unchanged" in told.stdout) == (0, True)
    other = found(tmp_path / "other")
    for file in ("genesis.json", "trust.json"):
        shutil.copy(other / file, copy / file)
    code = CliRunner().invoke(app, ["network", "check", str(copy), "--json"])
    assert code.exit_code == 5
    details = [one["detail"] for one in json.loads(code.stdout)["damage"]]
    assert len(details) == 2
    assert "genesis.json is damaged: block 0" in details[0]
    assert "trust.json is damaged: genesis hash" in details[1]
    assert CliRunner().invoke(app, ["network", "check", str(tmp_path / "absent")]).exit_code == 2


# ---- a copy ----


def _started(folder: Path, state: Path) -> subprocess.CompletedProcess[str]:
    """Start a gateway that should refuse to start."""
    return subprocess.run(
        [*COMMAND, "gateway", str(folder), "--port", str(free_port())],
        env={**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD, "XDG_STATE_HOME": str(state)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_a_folder_copied_while_it_is_served_seals_no_second_history(tmp_path: Path) -> None:
    folder = found(tmp_path / "net")
    shop = Workshop(folder=folder, port=free_port())
    copy, state, elsewhere = tmp_path / "copy", folder.parent / "state", tmp_path / "elsewhere"
    with run_gateway(folder, shop.port):
        for tin in (TIN, OTHER, TYPE_3):
            assert shop.act("grant", tin, *GRANT).exit_code == 0
        assert folder.joinpath("ledger.sqlite-wal").stat().st_size
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        while_served = _started(copy, state)
        assert (while_served.returncode, "is in use" in while_served.stderr) == (5, True), while_served.stderr
        assert f"{folder}/ledger.sqlite" in while_served.stderr
    for home in (state, elsewhere):
        refused = _started(copy, home)
        assert (refused.returncode, "would make a second history" in refused.stderr) == (5, True), refused.stderr
        assert "Traceback" not in refused.stderr
    told = CliRunner().invoke(app, ["network", "check", str(copy), "--json"])
    assert told.exit_code == 5
    assert [one["error"] for one in json.loads(told.stdout)["damage"]] == ["LedgerSetBack"]
    told = CliRunner().invoke(app, ["network", "check", str(copy)])
    assert (told.exit_code, "DAMAGED" in told.stdout, "damaged" in told.stdout) == (5, False, False)
    assert "SET BACK: " in told.stdout
    assert told.stdout.splitlines()[-1] == "everything that is there is unchanged"
    taken = CliRunner().invoke(app, ["chain", "export", str(copy), "--out", str(tmp_path / "blocks.rlp")])
    assert (taken.exit_code, "note: " in taken.stderr, "was sealed for" in taken.stderr) == (0, True, True)


# ---- keys ----


def test_a_key_file_without_an_address_signs_once_its_owner_has_confirmed_it(shop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    content = json.loads(Path(shop.key("BY")).read_text())
    address = f"0x{content.pop('address')}"
    path.touch(0o600)
    path.write_text(json.dumps(content))
    refused = shop.act("grant", "BY700000052", *GRANT, key=str(path))
    assert (refused.exit_code, address in refused.stderr) == (3, True)
    shown = shop.run("key", "show", str(path))
    assert (shown.exit_code, f"key confirm {path} --address {address}" in shown.stdout) == (0, True)
    assert shop.json("key", "confirm", str(path), "--address", "0x" + "11" * 20, code=3)["error"] == "OtherKey"
    assert shop.json("key", "confirm", str(path), "--address", "by", code=2)["error"] == "MalformedText"
    assert shop.run("key", "confirm", str(path), "--address", address).exit_code == 0
    assert shop.json("key", "show", str(path)) == {"file": str(path), "address": address, "named": True}
    assert shop.act("grant", "BY700000052", *GRANT, key=str(path)).exit_code == 0
