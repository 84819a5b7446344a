"""`ask` and `verify` as people and machines run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import decode_header
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_question, read_trust, write_evidence
from support.workshop import COMMAND, QUESTION, TYPE_1, TYPE_3, Workshop


def test_ask_answers_people(shop: Workshop) -> None:
    result = shop.run("ask", TYPE_3, *QUESTION)
    assert result.exit_code == 0
    assert result.stdout.startswith("RECOGNISED: fewer document checks, fewer inspections,")
    assert "4 of 4 validators" in result.stdout


def test_ask_answers_machines(shop: Workshop) -> None:
    answer = shop.json("ask", TYPE_3, *QUESTION)
    assert answer["recognised"] is True
    assert (answer["issuer"], answer["issuer_state"], answer["registers"]) == ("BY", "active", ["BY"])
    assert answer["question"] == {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}


def test_a_no_is_exit_code_1_with_its_reasons(shop: Workshop) -> None:
    assert shop.json("ask", TYPE_1, *QUESTION, code=1)["reasons"] == ["type_out_of_scope"]
    result = shop.run("ask", "BY999999999", *QUESTION)
    assert result.exit_code == 1
    assert result.stdout.startswith("NOT RECOGNISED: no certificate")


def test_malformed_is_2_refused_3_unproven_4_and_unavailable_5(shop: Workshop, tmp_path: Path) -> None:
    malformed = shop.json("ask", "СN2102994919", *QUESTION, code=2)  # noqa: RUF001 (a Cyrillic look-alike)
    assert (malformed["error"], malformed["family"]) == ("MalformedTin", "malformed")
    refused = shop.json("suspend", TYPE_3, "--party", "BY", "--type", "3", "--key", shop.key("CN"), "--yes", code=3)
    assert (refused["error"], refused["family"]) == ("WrongKey", "refused")
    assert "is an operator of CN, this act needs an operator of BY" in refused["detail"]
    file = tmp_path / "e.json"
    shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    unproven = shop.json("verify", str(file), TYPE_1, *QUESTION, code=4)
    assert (unproven["error"], unproven["family"]) == ("OtherQuestion", "unproven")
    unavailable = shop.json("ask", TYPE_3, *QUESTION, "--gateway", "http://127.0.0.1:1", code=5)
    assert (unavailable["error"], unavailable["family"]) == ("GatewayUnreachable", "unavailable")


@pytest.mark.parametrize("verb", ["ask", "verify"])
@pytest.mark.parametrize("flag", [(), ("--accept-odd",)])
@pytest.mark.parametrize(
    ("typed", "done", "words"),
    [
        ("by511125808", ["capitals"], "capitals"),
        (" by 511 125 808", ["spaces", "capitals"], "spaces removed, capitals"),
        ("ВУ511125808", ["look_alikes"], "letters and digits of another script read as Latin ones"),  # noqa: RUF001
        ("AEOBY511125808", ["aeo"], "AEO before the TIN removed"),
    ],
)
def test_what_an_officer_types_is_asked_about_in_its_one_form_and_both_are_shown(
    shop: Workshop, tmp_path: Path, verb: str, flag: tuple[str, ...], typed: str, done: list[str], words: str
) -> None:
    file = tmp_path / "e.json"
    plain = shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    assert (plain["typed"], plain["done"], plain["remarks"]) == (TYPE_3, [], [])
    arguments = [verb, typed] if verb == "ask" else [verb, str(file), typed]
    answer = shop.json(*arguments, *QUESTION, *flag)
    assert (answer["recognised"], answer["question"]["tin"]) == (True, TYPE_3)
    assert (answer["typed"], answer["done"]) == (typed, done)
    assert f'  typed      "{typed}", asked about {TYPE_3} ({words})' in shop.run(*arguments, *QUESTION, *flag).stdout


@pytest.mark.parametrize("flag", [(), ("--accept-odd",)])
@pytest.mark.parametrize(
    ("typed", "tin", "done"), [("EL094014201", "GR094014201", ["greece"]), ("AEOCN2102994919", "CN2102994919", ["aeo"])]
)
def test_a_known_other_form_is_never_looked_up(
    shop: Workshop, flag: tuple[str, ...], typed: str, tin: str, done: list[str]
) -> None:
    answer = shop.json("ask", typed, *QUESTION, *flag, code=1)
    assert (answer["question"]["tin"], answer["typed"], answer["done"]) == (tin, typed, done)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("BY/0119/ТИП3", "this is the number of a certificate, not of its holder"),  # noqa: RUF001
        ("СN2102994919", "character 1 is CYRILLIC CAPITAL LETTER ES, which looks like C"),  # noqa: RUF001
        ("511125808", "'51' is not a prefix"),
    ],
)
def test_what_no_rule_decides_is_refused(shop: Workshop, typed: str, said: str) -> None:
    refused = shop.json("ask", typed, *QUESTION, code=2)
    assert (refused["error"], said in refused["detail"]) == ("MalformedTin", True)


def test_a_no_about_one_registration_is_proven_for_the_other_one_too(shop: Workshop, tmp_path: Path) -> None:
    file, snapshot, receipt = tmp_path / "e.json", tmp_path / "s", tmp_path / "r.json"
    asked = ("GB205672212000", *QUESTION)
    answer = shop.run("ask", *asked)
    assert answer.exit_code == 1
    assert "  asked too  XI205672212000: no certificate either" in answer.stdout
    assert "ask about it too" not in answer.stdout
    found = shop.json("ask", *asked, "--evidence", str(file), "--receipt", str(receipt), code=1)
    assert (found["reasons"][0], found["also_absent"]) == ("no_certificate", "XI205672212000")
    assert found["remarks"] == []
    assert [one["tin"] for one in json.loads(file.read_text())["questions"]] == ["GB205672212000", "XI205672212000"]
    again = shop.json("verify", str(file), *asked, code=1)
    assert again == {name: value for name, value in found.items() if name != "receipt"}
    received = shop.json("verify", str(file), *asked, "--archived", "--received", _now(found), code=1)
    assert received["also_absent"] == "XI205672212000"
    assert shop.run("snapshot", "take", "--out", str(snapshot)).exit_code == 0
    assert shop.json("ask", *asked, "--snapshot", str(snapshot), code=1)["also_absent"] == "XI205672212000"
    assert shop.json("ask", asked[0], "--everywhere", "--role", "carrier", code=4)["recognised_by"] == []


def test_evidence_that_leaves_the_other_registration_open_proves_no_no(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    asked = ("XI205672212000", *QUESTION)
    assert shop.json("ask", *asked, "--evidence", str(file), code=1)["also_absent"] == "GB205672212000"
    trust = read_trust(shop.folder / "trust.json")
    question = read_question("XI205672212000", "CN", "import", "carrier")
    with GatewayClient(shop.url, chain=trust.chain_id) as desk:
        for other in (desk.evidence(question), desk.evidence_of_many((question, replace(question, tin=Tin(TYPE_3))))):
            write_evidence(file, other)
            refused = shop.json("verify", str(file), *asked, code=4)
            assert (refused["error"], "GB205672212000" in refused["detail"]) == ("OtherFormUnasked", True)
            when = ("--archived", "--received", _now({"block_time": decode_header(other.header).timestamp}))
            assert shop.json("verify", str(file), *asked, *when, code=4)["error"] == "OtherFormUnasked"


def test_a_certificate_under_the_other_registration_is_no_no(shop: Workshop, tmp_path: Path) -> None:
    file, snapshot = tmp_path / "e.json", tmp_path / "s"
    assert shop.act("grant", "XI300000000001", "--type", "AEOS", "--roles", "carrier", party="EU").exit_code == 0
    asked = ("GB300000000001", *QUESTION)
    refused = shop.json("ask", *asked, "--evidence", str(file), code=4)
    assert refused["error"] == "OtherFormKnown"
    assert "no certificate under GB300000000001, but under XI300000000001" in refused["detail"]
    assert shop.json("verify", str(file), *asked, code=4)["error"] == "OtherFormKnown"
    assert shop.run("snapshot", "take", "--out", str(snapshot)).exit_code == 0
    assert shop.json("ask", *asked, "--snapshot", str(snapshot), code=4)["error"] == "OtherFormKnown"
    narrow = ("--register", "KZ", "--type", "1")
    assert shop.json("ask", *asked, *narrow, code=4)["error"] == "OtherFormKnown"
    known = shop.json("ask", "XI300000000001", *QUESTION, code=1)  # its certificate is found: the no is about it
    assert (known["also_absent"], "no_certificate" in known["reasons"]) == (None, False)
    gateway = httpx.get(
        f"{shop.url}/v1/decisions",
        params={"tin": asked[0], "recogniser": "CN", "direction": "import", "role": "carrier"},
    )
    assert gateway.json()["remarks"] == [
        "a trader of Northern Ireland is also registered as XI300000000001: ask about it too"
    ]


def _now(found: dict[str, Any]) -> str:
    return datetime.fromtimestamp(found["block_time"] + 1, UTC).isoformat()


def test_a_wrong_check_digit_is_told_with_the_answer(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    asked = shop.run("ask", "BY511125809", *QUESTION, "--evidence", str(file))
    verified = shop.run("verify", str(file), "BY511125809", *QUESTION)
    for told in (asked, verified):
        assert (told.exit_code, told.stdout.startswith("NOT RECOGNISED: no certificate")) == (1, True)
        assert "  look again at this number: the UNP's region or check digit is wrong" in told.stdout
    assert shop.json("ask", "BY511125809", *QUESTION, code=1)["problems"] == [
        "the UNP's region or check digit is wrong"
    ]
    assert shop.json("ask", TYPE_3, *QUESTION)["problems"] == []


@pytest.mark.parametrize("name", ["e.json", "e.cbor"])
def test_evidence_is_verified_off_line_in_both_forms(shop: Workshop, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    asked = shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    assert file.read_bytes()[:1] == (b"{" if name == "e.json" else file.read_bytes()[:1])
    assert shop.json("verify", str(file), TYPE_3, *QUESTION) == asked


_NO_NETWORK = """
import sys
def forbid(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"network: {event}")
sys.addaudithook(forbid)
from aeo_ledger.cli.main import main
main()
"""


def test_verify_needs_no_network(shop: Workshop, tmp_path: Path) -> None:
    """A process whose audit hook ends it at the first socket verifies; with the same hook `ask` is ended."""
    file = tmp_path / "e.json"
    shop.run("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    rest = [TYPE_3, *QUESTION, "--trust", str(shop.folder / "trust.json"), "--json"]
    alone = subprocess.run(
        [sys.executable, "-c", _NO_NETWORK, "verify", str(file), *rest], capture_output=True, text=True, check=False
    )
    assert alone.returncode == 0, alone.stderr
    assert json.loads(alone.stdout)["recognised"] is True
    ended = subprocess.run(
        [sys.executable, "-c", _NO_NETWORK, "ask", *rest, "--gateway", shop.url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr.startswith("network: socket.")


def test_a_flipped_byte_is_refused(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    shop.run("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    text = file.read_text()
    node = json.loads(text)["nodes"][0]
    file.write_text(text.replace(node, node[:-1] + ("0" if node[-1] != "0" else "1")))
    assert shop.json("verify", str(file), TYPE_3, *QUESTION, code=4)["error"] == "MissingNode"


def test_old_evidence_is_refused_unless_the_asker_accepts_its_age(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    shop.run("ask", TYPE_3, *QUESTION, "--evidence", str(file))
    time.sleep(2.1)
    assert shop.json("verify", str(file), TYPE_3, *QUESTION, "--max-age", "1s", code=4)["error"] == "Stale"
    assert shop.run("verify", str(file), TYPE_3, *QUESTION, "--max-age", "5m").exit_code == 0
    assert shop.run("verify", str(file), TYPE_3, *QUESTION, "--max-age", "soon").exit_code == 2


def test_the_day_asked_about_is_the_recognisers(shop: Workshop) -> None:
    assert shop.json("ask", TYPE_3, *QUESTION, "--on", "2019-07-23", code=1)["reasons"] == ["arrangement_not_in_force"]
    answer = shop.json("ask", TYPE_3, *QUESTION, "--on", "2019-07-24")
    assert answer["decided_for"] == 1_563_897_600  # midnight in China, not in Belarus or Greenwich
    second_before = shop.json("ask", TYPE_3, *QUESTION, "--on", "2019-07-23T23:59:59+08:00", code=1)
    assert second_before["decided_for"] == 1_563_897_599
    assert shop.json("ask", TYPE_3, *QUESTION, "--on", "2019-07-23T16:00:00Z")["recognised"] is True


@pytest.mark.parametrize(
    "odd", ["2019-7-24", "24.07.2019", "20190724", "2019-W30-3", "2019-02-30", "1969-12-31", "2106-03-01", "2019-07-24T09:00",
     "２０１９-07-24"]  # noqa: RUF001
)  # fmt: skip
def test_an_odd_date_is_malformed(shop: Workshop, odd: str) -> None:
    answer = shop.run("ask", TYPE_3, *QUESTION, "--on", odd, "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["error"]) == (2, "MalformedText")


def test_a_tin_is_shown_as_it_stands(shop: Workshop) -> None:
    """`:ZZZ:` is a name of an emoji to the library that writes to terminals."""
    assert "US:ZZZ:1 for CN" in shop.run("ask", "US:ZZZ:1", *QUESTION).stdout


def test_missing_or_empty_files_are_malformed(shop: Workshop, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_bytes(b"")
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    for file in (tmp_path / "absent", nothing, deep, tmp_path):
        assert shop.run("verify", str(file), TYPE_3, *QUESTION).exit_code == 2
        assert shop.run("ask", TYPE_3, *QUESTION, "--trust", str(file)).exit_code == 2
        assert shop.run("arrangement", "conclude", str(file)).exit_code == 2


def test_a_terminal_without_the_alphabet_shows_it_escaped(shop: Workshop) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "AEO_LEDGER_TRUST": str(shop.folder / "trust.json")}
    for flag in ([], ["--json"]):
        told = subprocess.run(
            [*COMMAND, "ask", "\u0412Y1", *QUESTION, *flag],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert told.returncode == 2
        assert "\\u0412Y1" in told.stdout + told.stderr
        assert "Traceback" not in told.stderr
