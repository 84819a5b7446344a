"""An exported ledger has every row, says what each column means, and is refused if what stands is not proven."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.files import FolderExists
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.lab.attacks_lists import HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.export import Exported, export_ledger, read_tables
from aeo_ledger.lab.export_columns import COLUMNS, KEYS, LINKS
from aeo_ledger.lab.own_network import OwnNetwork, open_network
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.draft_acts import draft_freeze

OTHERS = [Tin(f"BY{number:09}") for number in range(3)]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnNetwork]:
    with open_network(tmp_path_factory.mktemp("export") / "net", PARTIES, seed=9) as opened:
        begin(opened)
        opened.clock.advance(60)
        opened.grant("BY", OTHERS, TYPE_3)
        opened.clock.advance(60)
        opened.suspend("BY", [HONEST], TYPE_3)
        act = draft_freeze(opened.desk, opened.number("KZ"), lifetime_s=600)
        opened.relay.submit(sign_act(act, [opened.signer("KZ")], opened.trust))
        yield opened


@pytest.fixture(scope="module")
def out(network: OwnNetwork, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported]:
    folder = tmp_path_factory.mktemp("out") / "ledger"
    return folder, export_ledger(network.ledger, network.trust, folder)


def rows(out: tuple[Path, Exported], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out[0] / f"{name}.parquet").to_pylist()
    return found


def test_every_block_act_event_and_standing_is_there(network: OwnNetwork, out: tuple[Path, Exported]) -> None:
    head = network.embedded.head
    assert [row["number"] for row in rows(out, "blocks")] == list(range(head + 1))
    assert [row["act"] for row in rows(out, "acts")] == [
        "Conclusion",
        "Publication",
        "Publication",
        "Publication",
        "Freeze",
    ]
    events = rows(out, "status_events")
    assert [row["kind"] for row in events] == ["GRANT"] * 4 + ["SUSPEND"]
    assert [row["sequence"] for row in events] == [1, 1, 1, 1, 2]
    standings = {row["entry"]: row for row in rows(out, "standings")}
    honest = standings["0x" + network.entry(HONEST, "BY", TYPE_3).hex()]
    assert len(standings) == 4
    assert (honest["status"], honest["register"], honest["type"], honest["roles"]) == (
        "SUSPENDED",
        "BY",
        "3",
        "exporter",
    )
    assert honest["since"] <= honest["recorded_at"] == events[-1]["recorded_at"]
    parties = {row["code"]: row for row in rows(out, "parties")}
    assert (parties["KZ"]["frozen"], parties["BY"]["frozen"], parties["DE"]["unions"]) == (True, False, "EU")
    assert [(row["recogniser"], row["stage"], row["types"]) for row in rows(out, "recognitions")] == [
        ("CN", "in force", "3"),
        ("KZ", "in force", "3"),
    ]


def test_signers_and_values_of_an_act_are_those_that_were_signed(
    network: OwnNetwork, out: tuple[Path, Exported]
) -> None:
    conclusion, *publications, freeze = rows(out, "acts")
    assert conclusion["signatures"] == 3
    assert publications[1]["events"] == 3
    assert publications[0]["signers"] == "0x" + network.signer("BY").address.hex()
    assert (freeze["party"], freeze["signers"]) == ("KZ", "0x" + network.signer("KZ").address.hex())
    assert json.loads(freeze["values"])["party"] == str(network.number("KZ"))


def test_the_dictionary_describes_every_column_and_every_link_leads_to_a_row(out: tuple[Path, Exported]) -> None:
    package = json.loads((out[0] / "datapackage.json").read_text())
    assert {path.name for path in out[0].iterdir()} == {"datapackage.json", *(f"{name}.parquet" for name in COLUMNS)}
    for resource in package["resources"]:
        data = (out[0] / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        schema = pq.read_table(out[0] / resource["path"]).schema
        assert schema.names == [field["name"] for field in resource["schema"]["fields"]]
        assert all(field["description"].endswith(".") for field in resource["schema"]["fields"])
    for name, keys in KEYS.items():
        found = [tuple(row[key] for key in keys) for row in rows(out, name)]
        assert len(set(found)) == len(found)
    for name, links in LINKS.items():
        for field, (other, key) in links.items():
            assert {row[field] for row in rows(out, name)} <= {row[key] for row in rows(out, other)}
    assert package["ledger"]["block"] == out[1].block == max(row["number"] for row in rows(out, "blocks"))


def test_the_same_ledger_is_the_same_bytes_and_a_folder_is_never_overwritten(
    network: OwnNetwork, out: tuple[Path, Exported], tmp_path: Path
) -> None:
    export_ledger(network.ledger, network.trust, tmp_path / "again")
    for path in out[0].iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    with pytest.raises(FolderExists):
        export_ledger(network.ledger, network.trust, tmp_path / "again")


def test_a_ledger_of_others_validators_is_refused_and_nothing_is_written(network: OwnNetwork, tmp_path: Path) -> None:
    with open_network(tmp_path / "other", PARTIES, seed=10):
        pass
    with pytest.raises(Unproven):
        export_ledger(network.ledger, read_trust(tmp_path / "other" / "trust.json"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_counts_the_blocks(network: OwnNetwork) -> None:
    told: list[tuple[int, int]] = []
    read_tables(network.ledger, network.trust, lambda done, total: told.append((done, total)))
    count = network.embedded.head + 1
    assert told == [(done, count) for done in range(1, count + 1)]


def test_a_node_that_lacks_a_receipt_is_named(network: OwnNetwork) -> None:
    with pytest.raises(NodeFailed, match="no receipt of 0x00"):
        network.ledger.receipt("0x" + "00" * 32)
