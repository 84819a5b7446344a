"""A successor is named, made and checked by commands; and every refusal on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.cli.main import app
from aeo_ledger.customs.vocabulary import EventKind, ResolutionAct
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.network import NotSuperseded, OtherEdition, SlotUnexplained
from aeo_ledger.errors.office import OtherArrangement
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.protocol import UnmappedEdition
from aeo_ledger.errors.verify import BelowCheckpoint
from aeo_ledger.network.reach import reach_network, read_beginning
from aeo_ledger.network.run import run_network
from aeo_ledger.network.succeed import draw_successor
from aeo_ledger.network.successor import derive_heir, open_ended, read_contracts
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.govern import draft_succession, name_successor
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password, Signer
from aeo_ledger.verify import TRUST_FORM, verify_update
from support.disks import small_disk
from support.hand_held import found_at, held
from support.line import DAY, OTHER, TIN, Line
from support.network import CN_BY, PASSWORD, now, opened, served
from support.ports import free_port
from support.workshop import day_in


def run(*arguments: object) -> tuple[int, Any]:
    result = CliRunner().invoke(
        app, [*map(str, arguments), "--json"], env={"AEO_LEDGER_PASSWORD": PASSWORD, "AEO_LEDGER_TRUST": None}
    )
    return result.exit_code, json.loads(result.stdout)


# ---- naming one


def test_a_resolution_gathers_signatures_until_two_thirds_of_the_seats_have_signed(
    founded: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    act, day = tmp_path / "successor.act.json", day_in(180)
    with opened(folder) as network:
        way = ["--trust", folder / "trust.json", "--gateway", network.url]

        def sign(code: str, *more: object, role: str = "authority") -> tuple[int, Any]:
            return run(
                "network", "supersede", act, *way, "--key", folder / f"parties/{code}/{role}.json", "--yes", *more
            )

        assert sign("BY")[1]["error"] == "MalformedText"  # no draft yet, and no date
        code, first = sign("BY", "--date", day, "--grounds", "0x" + "5a" * 32)
        assert (code, first["missing"], first["block"]) == (0, ["CN", "KZ", "EU"], None)
        assert first["effective"] == datetime.fromisoformat(f"{day}T00:00Z").timestamp()
        assert sign("CN")[1]["missing"] == ["KZ", "EU"]
        assert sign("DE")[1]["error"] == "OtherArrangement"  # it has no seat
        assert sign("KZ", role="operator")[1]["error"] == "OtherArrangement"
        code, last = sign("EU")
        assert (code, last["missing"]) == (0, [])
        assert network.running.ledger.time_of(last["block"]) <= now()
        assert json.loads(act.read_text())["act"]["values"]["grounds"] == "0x" + "5a" * 32
        assert sign("KZ")[1]["error"] == "RefusedBeforehand"  # it counts once
        code, refused = run("network", "succeed", folder, "--out", tmp_path / "new")
        assert (code, refused["error"]) == (5, "LedgerInUse")
    code, refused = run("network", "succeed", folder, "--out", tmp_path / "new")
    assert (code, refused["error"]) == (3, "NotSuperseded")
    assert not (tmp_path / "new").exists()


def test_another_act_is_not_a_succession(founded: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    with run_network(folder, Password(PASSWORD)) as running:
        desk = ProvenDesk(running.relay, running.trust, approve=without_asking)
        drafted = draft_succession(desk, draw_successor(now() + DAY, THIS_EDITION.code_hashes, bytes))
        with pytest.raises(MalformedText):
            name_successor(replace(drafted, name="Freeze"), [], desk)
        stranger = Signer.generate(lambda count: b"\5" * count)
        with pytest.raises(OtherArrangement) as refusal:
            name_successor(drafted, [stranger], desk)
        assert refusal.value.address == stranger.address


def test_a_successor_is_made_of_a_ledger_that_ended_and_of_no_other(tmp_path: Path) -> None:
    begun = now() - 20 * DAY
    folder = found_at(tmp_path / "net", begun)

    def derive() -> object:
        return derive_heir(folder, read_contracts(None), now=now())

    with pytest.raises(NotSuperseded) as refusal:
        derive()
    assert (refusal.value.effective, refusal.value.last) == (0, begun)
    with held(folder, begun + 60) as network:
        network.supersede(draw_successor(begun + 5 * DAY, THIS_EDITION.code_hashes, lambda count: b"\7" * count))
    with pytest.raises(NotSuperseded) as refusal:  # named, and its date not come
        derive()
    assert refusal.value.effective == begun + 5 * DAY > refusal.value.last
    with held(folder, begun + DAY) as network:
        network.resolve(ResolutionAct.CANCEL_SUCCESSION)
        network.wait_until(begun + 6 * DAY)
    with pytest.raises(NotSuperseded) as refusal:  # cancelled before it came
        derive()
    assert refusal.value.effective == 0


def test_from_its_date_on_a_ledger_takes_restrictions_and_no_favours(line: Line, tmp_path: Path) -> None:
    """The model refuses it before it is relayed; the contract refuses what the model does not rehearse."""
    with held(shutil.copytree(line.folders[0], tmp_path / "first"), line.dates[0] + 60) as network:
        for tin, kind in (("BY600000009", EventKind.GRANT), (TIN, EventKind.REINSTATE)):
            with pytest.raises(RefusedByLedger) as refusal:
                network.change(tin, kind, roles=1 if kind is EventKind.GRANT else None)
            assert refusal.value.name == "SUPERSEDED"
        for favour in (
            lambda: network.conclude(CN_BY, "CN", "BY"),
            lambda: network.resolve(ResolutionAct.CANCEL_SUCCESSION),
            lambda: network.withhold(OTHER, withheld=False),
        ):
            with pytest.raises(RefusedByLedger) as refusal:
                favour()
            assert refusal.value.name == "SUPERSEDED"
        network.change(TIN, EventKind.REVOKE)


def test_a_gateway_on_real_nodes_needs_the_genesis_of_a_successor(line: Line) -> None:
    third = line.folders[2]
    key = ["--key", third / "parties/BY/authority.json"]
    arguments = map(
        str, ["gateway", "--port", free_port(), "--rpc", "http://127.0.0.1:9", "--trust", third / "trust.json", *key]
    )
    result = CliRunner().invoke(app, list(arguments), env={"AEO_LEDGER_PASSWORD": PASSWORD})
    assert result.exit_code == 2
    assert "no log shows what came with it" in result.stderr


def test_over_real_nodes_a_gateway_shows_what_came_with_the_genesis(line: Line) -> None:
    third = line.folders[2]
    trust = read_trust(third / "trust.json")
    with EmbeddedLedger.open(third / "ledger.sqlite") as node, served(create_node(node.rpc.answer)) as url:
        beginning = read_beginning(third / "genesis.json", trust)
        relay = Signer.generate(lambda count: b"\5" * count)
        with reach_network([url], trust, relay, beginning=beginning) as running:
            assert sorted(running.relay.pairs()) == [(1, 2), (2, 1)]
            assert len(running.ledger.beginning.standings) == 2
        with reach_network([url], trust, relay) as running:
            assert running.relay.pairs() == {}


# ---- making it


def test_it_is_made_and_checked_by_command_and_over_the_nodes_of_the_old_ledger(line: Line, tmp_path: Path) -> None:
    first, second, third = line.folders
    contracts = ["--contracts", line.contracts]
    code, made = run("network", "succeed", second, "--out", tmp_path / "third", *contracts)
    assert code == 0
    pinned = read_trust(third / "trust.json")
    assert (made["chain_id"], made["genesis"]) == (pinned.chain_id, f"0x{pinned.genesis_hash.hex()}")
    assert (made["seam"]["block"], made["begins"]) == (pinned.predecessors[-1].number, line.dates[1])
    for file in ("genesis.json", "places.json", "trust.json"):
        assert (tmp_path / "third" / file).read_bytes() == (third / file).read_bytes()
    assert run("network", "check", third, "--old", second, *contracts)[0] == 0
    assert run("network", "check", second, "--old", first)[0] == 0
    with EmbeddedLedger.open(second / "ledger.sqlite") as node, served(create_node(node.rpc.answer)) as url:
        alone = tmp_path / "files"
        alone.mkdir()
        for file in ("genesis.json", "places.json", "trust.json"):
            shutil.copy(second / file, alone / file)
        (alone / "static-nodes.json").write_text("[]")
        code, checked = run("network", "check", third, "--old", alone, "--rpc", url, *contracts)
        assert (code, checked["genesis"]) == (0, made["genesis"])
        assert run("network", "succeed", alone, "--rpc", url, "--out", tmp_path / "real", *contracts)[0] == 0
    files = ["genesis.json", "places.json", "static-nodes.json", "trust.json"]
    assert sorted(file.name for file in (tmp_path / "real").iterdir()) == files
    assert run("network", "check", tmp_path / "real", "--old", second, *contracts)[0] == 0


@pytest.mark.parametrize("kibibytes", [8, 120, 200])
def test_a_successor_that_does_not_fit_on_its_disk_leaves_nothing_behind(
    line: Line, tmp_path: Path, kibibytes: int
) -> None:
    with small_disk(tmp_path / "disk", kibibytes) as disk:
        out = disk / "third"
        code, told = run("network", "succeed", line.folders[1], "--out", out, "--contracts", line.contracts)
        assert (code, told["family"]) == (5, "unavailable")
        assert list(disk.iterdir()) == []


def alter_genesis(folder: Path) -> None:
    document = json.loads((folder / "genesis.json").read_text())
    account = next(iter(document["alloc"].values()))
    slot, word = next(iter(account["storage"].items()))
    account["storage"][slot] = f"0x{int(word, 16) ^ 1:064x}"
    (folder / "genesis.json").write_text(json.dumps(document))


def drop_word(folder: Path) -> None:
    document = json.loads((folder / "genesis.json").read_text())
    document["alloc"][read_trust(folder / "trust.json").registers.hex()]["storage"].popitem()
    (folder / "genesis.json").write_text(json.dumps(document))


def alter_settings(folder: Path) -> None:
    text = (folder / "genesis.json").read_text()
    (folder / "genesis.json").write_text(text.replace('"blockperiodseconds": 1', '"blockperiodseconds": 9'))


def alter_places(folder: Path) -> None:
    document = json.loads((folder / "places.json").read_text())
    (folder / "places.json").write_text(json.dumps({**document, "standings": document["standings"][:-64]}))


def other_ledger(folder: Path) -> None:
    for file in folder.glob("ledger.sqlite*"):  # its mark too, which tells a ledger put back
        file.unlink()
    shutil.copy(folder / "predecessors/1/ledger.sqlite", folder / "ledger.sqlite")


def forget_seam(folder: Path) -> None:
    trust = read_trust(folder / "trust.json")
    (folder / "trust.json").write_text(TRUST_FORM.encode_json(replace(trust, predecessors=trust.predecessors[1:])))


def other_code(folder: Path) -> None:
    trust = read_trust(folder / "trust.json")
    (folder / "trust.json").write_text(TRUST_FORM.encode_json(replace(trust, governance_code_hash=bytes(32))))


@pytest.mark.parametrize(
    ("alter", "part"),
    [
        (alter_genesis, "genesis.json, hash of block 0"),
        (drop_word, "genesis.json, hash of block 0"),
        (alter_settings, "genesis.json"),
        (alter_places, "places.json"),
        (other_ledger, "ledger.sqlite, hash of block 0"),
        (forget_seam, "trust.json, predecessors"),
        (other_code, "trust.json, governance"),
    ],
)
def test_whatever_differs_is_found_and_named(
    line: Line, tmp_path: Path, alter: Callable[[Path], None], part: str
) -> None:
    folder = shutil.copytree(line.folders[2], tmp_path / "third")
    alter(folder)
    code, refused = run("network", "check", folder, "--old", line.folders[1], "--contracts", line.contracts)
    assert (code, refused["error"]) == (4, "SuccessorDiffers")
    assert refused["detail"].startswith(f"{part}: found ")


def test_contracts_that_the_resolution_does_not_name_are_refused(line: Line, tmp_path: Path) -> None:
    with pytest.raises(OtherEdition) as refusal:
        derive_heir(line.folders[1], read_contracts(None), now=now())
    assert refusal.value.found == THIS_EDITION.code_hashes[next(iter(THIS_EDITION.code_hashes))]
    with pytest.raises(OtherEdition):
        derive_heir(line.folders[0], line.compiled, now=now())
    shutil.copytree(line.contracts, tmp_path / "edition")
    (tmp_path / "edition/Registers.json").write_text("{}")
    with pytest.raises(MalformedDocument):
        read_contracts(tmp_path / "edition")


def test_an_edition_without_rows_cannot_be_succeeded(line: Line) -> None:
    with pytest.raises(UnmappedEdition) as refusal:
        derive_heir(line.folders[2], line.compiled, now=now())
    assert refusal.value.found == read_trust(line.folders[2] / "trust.json").consortium_code_hash


def test_an_existing_file_is_not_overwritten(line: Line, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    code, refused = run("network", "succeed", line.folders[0], "--out", tmp_path / "new")
    assert (code, refused["error"]) == (3, "FolderExists")
    assert list((tmp_path / "new").iterdir()) == []


def test_an_unexplained_word_is_not_lost_in_silence(line: Line, tmp_path: Path) -> None:
    folder = shutil.copytree(line.folders[1], tmp_path / "second")
    document = json.loads((folder / "places.json").read_text())
    for name in ("key", "withholding", "alias_entry"):
        shorter = {**document, "words": {**document["words"], name: document["words"][name][:-64]}}
        (folder / "places.json").write_text(json.dumps(shorter))
        with pytest.raises(SlotUnexplained):
            derive_heir(folder, read_contracts(line.contracts), now=now())
    shorter = {**document, "standings": document["standings"][:-64]}
    (folder / "places.json").write_text(json.dumps(shorter))
    with pytest.raises(SlotUnexplained) as refusal:
        derive_heir(folder, read_contracts(line.contracts), now=now())
    assert refusal.value.contract == "registers"


def test_a_bundle_from_after_the_seam_proves_nothing_before_it(line: Line, tmp_path: Path) -> None:
    folder = shutil.copytree(line.folders[1], tmp_path / "second")
    trust = read_trust(folder / "trust.json")
    with open_ended(folder) as (ledger, _):
        moved = verify_update(prove_update(ledger, 0), trust, now=now(), max_age=30 * DAY).trust
    (folder / "trust.json").write_text(TRUST_FORM.encode_json(moved))
    with pytest.raises(BelowCheckpoint):
        derive_heir(folder, line.compiled, now=now())
    own = tmp_path / "own.json"
    own.write_text(TRUST_FORM.encode_json(trust))
    assert derive_heir(folder, line.compiled, now=now(), trust=own).genesis.chain_id != trust.chain_id


def test_a_ledger_is_succeeded_and_compared_however_long_ago_it_ended(line: Line, tmp_path: Path) -> None:
    """Its bundle is past its period then: the seam's hash is in the successor's own, and everybody compares that."""
    folder = shutil.copytree(line.folders[1], tmp_path / "second")
    trust = replace(read_trust(folder / "trust.json"), period_s=1)
    (folder / "trust.json").write_text(TRUST_FORM.encode_json(trust))
    late = trust.expires_at + 10 * 366 * DAY
    made = derive_heir(folder, line.compiled, now=late)
    again = derive_heir(line.folders[1], line.compiled, now=now())
    assert (made.genesis.hash(), made.inventory) == (again.genesis.hash(), again.inventory)
    assert made.trust == replace(again.trust, period_s=1)
