"""A register that was read goes out again as the same file, and every table names the block at which it is true."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from python_calamine import CalamineWorkbook

from aeo_ledger.evidence import decode_header
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.registers.sample import read_sample
from support.hostile_gateway import Asked, Falsify, hostile_gateway
from support.network import CN_BY, found
from support.ports import free_port
from support.waiting import WITHIN_S
from support.workshop import Workshop, run_gateway
from support.zones import without_zones

__all__ = ["without_zones"]

PLAIN, RECEIVED = read_sample("BY"), read_sample("BY", as_received=True)


@dataclass(frozen=True, kw_only=True)
class Desk:
    shop: Workshop
    folder: Path

    def run(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        result = self.shop.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    def import_(self, data: bytes, *more: str) -> dict[str, Any]:
        file = self.folder / "register.csv"
        file.write_bytes(data)
        return self.run("register", "import", str(file), "--party", "BY", "--key", self.shop.key("BY"), "--yes", *more)

    def export(self, name: str, *more: str, party: str = "BY") -> Path:
        out = self.folder / name
        self.run("register", "export", "--party", party, "--out", str(out), *more)
        return out


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An office of Belarus, whose register China recognises.

    It imported the plain columns first, and then the file as the administration keeps it, which gave every certificate a new document.
    """
    folder = tmp_path_factory.mktemp("export")
    port = free_port()
    network = found(folder / "net")
    with run_gateway(network, port):
        shop = Workshop(folder=network, port=port)
        draft = folder / "cn-by.toml"
        draft.write_text(CN_BY)
        keys = ["--key", shop.key("CN", "authority"), "--key", shop.key("BY", "authority")]
        assert shop.run("arrangement", "conclude", str(draft), "--yes", *keys).exit_code == 0
        office = Desk(shop=shop, folder=folder)
        assert office.import_(PLAIN)["recorded"] == 321
        office.export("plain", "--profile", "plain")
        assert office.import_(RECEIVED, "--profile", "eaeu", "--allow", "changes=321")["changed"] == 321
        yield office


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode(), newline="")))


def test_the_export_of_an_import_is_the_same_file_again(desk: Desk) -> None:
    assert (desk.folder / "plain/BY.csv").read_bytes() == PLAIN
    assert (desk.export("eaeu", "--profile", "eaeu") / "BY.csv").read_bytes() == RECEIVED
    again = desk.import_(RECEIVED, "--profile", "eaeu")
    assert (again["changed"], again["unchanged"]) == (0, 321)


def test_a_corrected_row_keeps_its_place_in_the_file(desk: Desk) -> None:
    lines = RECEIVED.split(b"\r\n")
    cells = lines[5].split(b";")
    cells[7] += b" (1)"
    corrected = b"\r\n".join([*lines[:5], b";".join(cells), *lines[6:]])
    assert desk.import_(corrected, "--profile", "eaeu")["changed"] == 1
    assert (desk.export("corrected", "--profile", "eaeu") / "BY.csv").read_bytes() == corrected


def test_a_plan_reads_what_an_export_wrote(desk: Desk) -> None:
    for form in ("csv", "xlsx", "json"):
        file = desk.export(f"whole-{form}", "--as", form) / f"BY.{form}"
        out = ("--out", str(desk.folder / f"{form}.plan.json"))
        found = desk.run("register", "plan", str(file), "--party", "BY", *out)
        assert (found["unchanged"], found["changes"], found["doubts"], found["missing"]) == (321, [], [], [])


def test_each_form_says_the_same_and_its_package_describes_it(desk: Desk) -> None:
    out = desk.export("all", *(part for form in ("csv", "xlsx", "json", "jsonl", "parquet") for part in ("--as", form)))
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    assert package["ledger"]["block"] > 0
    names = [field["name"] for field in package["resources"][0]["schema"]["fields"]]
    for resource in package["resources"]:
        data = (out / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    as_csv = rows((out / "BY.csv").read_bytes())
    as_json = json.loads((out / "BY.json").read_bytes())
    assert (len(as_csv), list(as_csv[0]), list(as_json[0])) == (321, names, names)
    assert [{name: str(value) for name, value in row.items()} for row in as_json] == as_csv
    assert [json.loads(line) for line in (out / "BY.jsonl").read_text(encoding="utf-8").splitlines()] == as_json
    sheet = CalamineWorkbook.from_filelike(BytesIO((out / "BY.xlsx").read_bytes())).get_sheet_by_index(0).to_python()
    assert sheet[0] == names
    assert [[str(int(cell)) if isinstance(cell, float) else cell for cell in row] for row in sheet[1:]] == [
        list(row.values()) for row in as_csv
    ]
    table = pyarrow.parquet.read_table(out / "BY.parquet")
    assert json.loads(table.schema.metadata[b"ledger"]) == package["ledger"]
    assert [
        {name: "" if value is None else value for name, value in row.items()} for row in table.to_pylist()
    ] == as_json


def test_without_documents_there_are_pseudonyms_and_no_form_of_a_profile(desk: Desk, tmp_path: Path) -> None:
    empty = {"AEO_LEDGER_BOOK": str(tmp_path / "empty.sqlite")}
    told = desk.shop.run("register", "export", "--party", "BY", "--out", str(tmp_path / "bare"), **empty)
    assert "321 standings without a document: pseudonyms and empty columns" in told.stdout
    found = rows((tmp_path / "bare/BY.csv").read_bytes())
    assert {(row["tin"], row["name"], len(row["holder"])) for row in found} == {("", "", 60)}
    assert {row["status"] for row in found} == {"ACTIVE", "SUSPENDED"}
    told = desk.shop.run(
        "register", "export", "--party", "BY", "--profile", "plain", "--out", str(tmp_path / "none"), **empty
    )
    assert "321 standings without a document left out" in told.stdout
    assert rows((tmp_path / "none/BY.csv").read_bytes()) == []


@pytest.mark.usefixtures("without_zones")
def test_a_machine_without_a_time_zone_database_writes_moments_and_no_form_of_days(desk: Desk, tmp_path: Path) -> None:
    for row in rows((desk.export(str(tmp_path / "moments")) / "BY.csv").read_bytes()):
        assert all(row[column].endswith("Z") for column in ("status_since", "effective_from"))
    form = ("--profile", "eaeu", "--out", str(tmp_path / "days"))
    assert desk.run("register", "export", "--party", "BY", *form, code=5)["error"] == "ZonesMissing"
    assert not (tmp_path / "days").exists()
    due = desk.shop.run("register", "due", "--party", "BY")
    assert "days are those of UTC (this machine has no time zone database)" in due.stdout


def test_a_folder_with_the_name_of_a_file_is_refused(desk: Desk, tmp_path: Path) -> None:
    for name in ("by.csv", "BY.XLSX"):
        for verb in (("register", "export", "--party", "BY"), ("export", "recognised", "--recogniser", "CN")):
            found = desk.shop.json(*verb, "--out", str(tmp_path / name), code=2)
            assert (found["error"], name in found["detail"]) == ("MalformedText", True)
    assert list(tmp_path.iterdir()) == []


def test_everything_that_china_recognises_is_what_it_would_be_told(desk: Desk) -> None:
    out = desk.folder / "recognised"
    desk.run("export", "recognised", "--recogniser", "CN", "--out", str(out))
    found = rows((out / "recognised-by-CN.csv").read_bytes())
    register = rows((desk.export("beside") / "BY.csv").read_bytes())
    good = {row["tin"] for row in register if row["certificate_type"] == "3" and row["status"] == "ACTIVE"}
    assert {row["tin"] for row in found} == good
    assert {(row["directions"], row["arrangements"], row["recognised"]) for row in found} == {
        ("import|export|transit", "CN-BY", "yes")
    }
    roles = {row["tin"]: set(row["roles"].split("|")) for row in register}
    assert all(set(row["roles"].split("|")) == roles[row["tin"]] for row in found)
    for row in found[:3]:
        answer = desk.run(
            "ask", row["tin"], "--recogniser", "CN", "--direction", "import", "--role", row["roles"].split("|")[0]
        )
        assert "|".join(answer["benefits"]) == row["benefits"]


def test_only_what_changed_since_an_earlier_export(desk: Desk) -> None:
    earlier = desk.folder / "earlier"
    desk.run("export", "recognised", "--recogniser", "CN", "--out", str(earlier))
    tin = rows((earlier / "recognised-by-CN.csv").read_bytes())[0]["tin"]
    before = desk.export("before")
    assert desk.shop.act("suspend", tin, "--type", "3").exit_code == 0
    changes = rows((desk.export("changes", "--since", str(before)) / "BY.csv").read_bytes())
    assert [(row["tin"], row["status"]) for row in changes] == [(tin, "SUSPENDED")]
    desk.run("export", "recognised", "--recogniser", "CN", "--since", str(earlier), "--out", str(desk.folder / "later"))
    later = rows((desk.folder / "later/recognised-by-CN.csv").read_bytes())
    assert [(row["tin"], row["recognised"], row["status"]) for row in later] == [(tin, "no", "SUSPENDED")]
    package = json.loads((desk.folder / "later/datapackage.json").read_bytes())
    ledger = json.loads((earlier / "datapackage.json").read_bytes())["ledger"]
    assert package["ledger"]["since"] == ledger["block_time"]
    for since, name in ((str(ledger["block"]), "block"), (ledger["block_time"], "time")):
        desk.run("export", "recognised", "--recogniser", "CN", "--since", since, "--out", str(desk.folder / name))
        assert rows((desk.folder / name / "recognised-by-CN.csv").read_bytes()) == later
    assert desk.shop.act("reinstate", tin, "--type", "3").exit_code == 0


def test_changes_since_a_block_are_those_recorded_after_it(desk: Desk) -> None:
    assert len(rows((desk.export("all-of-it", "--since", "0") / "BY.csv").read_bytes())) == 321
    ledger = json.loads((desk.folder / "all-of-it/datapackage.json").read_bytes())["ledger"]
    with GatewayClient(desk.shop.url, timeout_s=WITHIN_S) as client:
        assert ledger["since"] == write_moment(client.header(0).timestamp)
    kept = desk.folder / "kept.snapshot"
    head = desk.run("snapshot", "take", "--out", str(kept))["block"]
    assert rows((desk.export("none", "--since", str(head), "--snapshot", str(kept)) / "BY.csv").read_bytes()) == []
    last = max(row["recorded"] for row in rows((desk.folder / "all-of-it/BY.csv").read_bytes()))
    with GatewayClient(desk.shop.url, timeout_s=WITHIN_S) as client:
        found = next(number for number in range(head + 1) if write_moment(client.header(number).timestamp) == last)
    before = rows((desk.export("before-it", "--since", str(found - 1)) / "BY.csv").read_bytes())
    assert {row["recorded"] for row in before} == {last}
    assert rows((desk.export("after-it", "--since", str(found)) / "BY.csv").read_bytes()) == []


@pytest.mark.parametrize(
    ("since", "code", "error"),
    [
        ("yesterday", 2, "MalformedText"),
        ("-1", 2, "MalformedText"),
        ("+5", 2, "MalformedText"),
        ("5.0", 2, "MalformedText"),
        ("５", 2, "MalformedText"),  # noqa: RUF001
        ("9" * 21, 2, "MalformedText"),
        ("20190801", 5, "BlockUnknown"),
        ("1563897600", 5, "BlockUnknown"),
        ("9" * 20, 5, "BlockUnknown"),
    ],
)
def test_since_names_a_block_an_export_or_a_time(desk: Desk, tmp_path: Path, since: str, code: int, error: str) -> None:
    """Digits alone are never a day or seconds: no ledger has such a block."""
    out = tmp_path / "out"
    found = desk.run("register", "export", "--party", "BY", "--since", since, "--out", str(out), code=code)
    assert (found["error"], out.exists()) == (error, False)
    if error == "BlockUnknown":
        assert found["detail"].startswith(f"there is no block {since}; the last one is ")


def test_a_block_after_the_snapshot_is_not_there_yet(desk: Desk, tmp_path: Path) -> None:
    kept = tmp_path / "kept.snapshot"
    head = desk.run("snapshot", "take", "--out", str(kept))["block"]
    more = ("--snapshot", str(kept), "--since", str(head + 1))
    found = desk.run("register", "export", "--party", "BY", *more, "--out", str(tmp_path / "out"), code=5)
    assert (found["error"], found["detail"]) == (
        "BlockUnknown",
        f"there is no block {head + 1}; the last one is {head}",
    )


def alter(document: Any, **fields: int) -> Any:
    """Alter fields of a header. Dated later, it would hide changes."""
    header = decode_header(parse_hex(document["header"], what="header"))
    return {
        "header": to_hex(
            replace(header, **{name: getattr(header, name) + more for name, more in fields.items()}).encode()
        )
    }


def break_a_link(document: Any, _: Asked) -> Any:
    return {**document, "links": ["0xc101", *document["links"][1:]]}


@pytest.mark.parametrize(
    ("path", "falsify", "code", "error"),
    [
        ("/v1/blocks/1", lambda found, _: alter(found, timestamp=3_600), 4, "ChainBroken"),
        ("/v1/blocks/1", lambda found, _: alter(found, number=1), 4, "ChainEndsElsewhere"),
        ("/v1/blocks/1", lambda *_: {"header": "0xc0"}, 5, "GatewayUnclear"),
        ("/v1/blocks/1", lambda *_: {}, 5, "GatewayUnclear"),
        ("/v1/trust/chain", break_a_link, 4, "ChainBroken"),
        ("/v1/trust/chain", lambda found, _: {**found, "links": ["0x80", *found["links"][1:]]}, 2, "MalformedLink"),
        ("/v1/trust/chain", lambda found, _: {**found, "links": found["links"][1:]}, 5, "GatewayUnclear"),
    ],
)
def test_a_block_that_a_gateway_forges_is_no_beginning(
    desk: Desk, tmp_path: Path, path: str, falsify: Falsify, code: int, error: str
) -> None:
    out = tmp_path / "out"
    with hostile_gateway(desk.shop.url) as hostile:
        hostile.falsify[path] = falsify
        how = ("--since", "1", "--gateway", hostile.url, "--out", str(out))
        found = desk.run("export", "recognised", "--recogniser", "CN", *how, code=code)
    assert (found["error"], out.exists()) == (error, False)


def test_an_export_of_another_ledger_is_no_beginning(desk: Desk, tmp_path: Path) -> None:
    other = Path(shutil.copytree(desk.export("ours"), tmp_path / "other"))
    package = json.loads((other / "datapackage.json").read_bytes())
    package["ledger"]["chain_id"] += 1
    (other / "datapackage.json").write_text(json.dumps(package))
    result = desk.shop.run("register", "export", "--party", "BY", "--since", str(other), "--out", str(tmp_path / "out"))
    assert (result.exit_code, "which is not of this ledger" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "command", [("register", "export", "--party", "BY"), ("export", "recognised", "--recogniser", "CN")]
)
def test_an_export_of_another_table_is_no_beginning(desk: Desk, tmp_path: Path, command: tuple[str, ...]) -> None:
    other = tmp_path / "other"
    desk.run("register", "export", "--party", "EU", "--out", str(other))
    found = desk.run(*command, "--since", str(other), "--out", str(tmp_path / "out"), code=2)
    table = "by" if "BY" in command else "recognised-by-cn"
    assert (found["error"], found["detail"]) == (
        "MalformedText",
        f"--since: found {other}/datapackage.json, which is of 'eu', needed an earlier export of {table!r}",
    )
    assert not (tmp_path / "out").exists()


def test_an_export_never_replaces_a_folder(desk: Desk, tmp_path: Path) -> None:
    result = desk.shop.run("register", "export", "--party", "BY", "--out", str(tmp_path))
    assert (result.exit_code, "exists already" in result.stderr) == (3, True)


def test_the_worklist_is_empty_or_has_an_exit_code_of_its_own(desk: Desk) -> None:
    assert desk.run("register", "due", "--party", "BY")["due"] == []
    tin = PLAIN.decode().splitlines()[1].split(",")[0]
    assert desk.shop.act("amend", tin, "--type", "1", "--until", "2090-01-01").exit_code == 0
    found = desk.run("register", "due", "--party", "BY", "--within", "36500d", code=10)["due"]
    assert [(one["kind"], one["subject"], one["overdue"]) for one in found] == [("expires", f"{tin} type 1", False)]
    shown = desk.shop.run("register", "due", "--party", "BY", "--within", "36500d")
    assert (shown.exit_code, "2090-01-01  expires" in shown.stdout) == (10, True)
    assert max(map(len, shown.stdout.splitlines()[:2])) <= 80
