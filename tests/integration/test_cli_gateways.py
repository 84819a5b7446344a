"""The command with several gateways, hostile gateways and gateways of another ledger; and files that never end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.hostile_server import (
    Behaviour,
    answering,
    brackets,
    dripping_body,
    dripping_head,
    endless_body,
    gzip_bomb,
    hostile,
    nested_objects,
    silence,
)
from support.processes import PEAK_MIB
from support.waiting import WITHIN_S
from support.workshop import QUESTION, TYPE_3, Workshop, write_csv

SIXTEEN_MIB = 1 << 24
PROGRAM = f"""{PEAK_MIB}
import atexit, sys, time
from aeo_ledger.cli.main import main
atexit.register(lambda: print(peak_mib(), round(time.process_time()), file=sys.stderr))
main()
"""
NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (silence, "GatewaySlow"),
        (dripping_head, "GatewaySlow"),
        (dripping_body, "GatewaySlow"),
        (endless_body, "GatewayUnclear"),
        (gzip_bomb, "GatewayUnclear"),
        (answering(nested_objects(SIXTEEN_MIB - 99)), "GatewayUnclear"),
        (answering(brackets(SIXTEEN_MIB - 99)), "GatewayUnclear"),
    ],
    ids=["silent", "dripping head", "dripping body", "endless", "bomb", "objects", "brackets"],
)
def test_a_hostile_gateway_costs_an_officer_seconds_and_megabytes(
    shop: Workshop, behave: Behaviour, error: str
) -> None:
    """The whole process, from its start to its exit code."""
    within_s = 2 if error == "GatewaySlow" else WITHIN_S  # the slow ones would never end
    command = ["ask", TYPE_3, *QUESTION, "--trust", str(shop.folder / "trust.json"), "--json"]
    command += ["--timeout", str(within_s)]
    with hostile(behave) as server:
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM, *command, "--gateway", server.url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (result.returncode, json.loads(result.stdout)["error"]) == (5, error)
    megabytes, seconds = map(int, result.stderr.split())
    assert 20 < megabytes < 200  # with Python and all that is imported
    assert seconds < 12


def test_the_next_gateway_is_asked_where_one_is_hostile(shop: Workshop) -> None:
    with hostile(silence) as server:
        several = [part for url in (NOBODY, server.url, shop.url) for part in ("--gateway", url)]
        answer = shop.json("ask", TYPE_3, *QUESTION, *several, "--timeout", "10")
        assert answer["recognised"] is True
        named = shop.run(
            "ask",
            TYPE_3,
            *QUESTION,
            "--timeout",
            "10",
            "--json",
            AEO_LEDGER_GATEWAY=f"{NOBODY} {server.url} {shop.url}",
        )
    assert named.exit_code == 0


def test_if_no_gateway_answers_each_is_named(shop: Workshop) -> None:
    failed = shop.json("ask", TYPE_3, *QUESTION, "--gateway", NOBODY, "--gateway", "http://127.0.0.1:7", code=5)
    assert failed["error"] == "NoGatewayAnswers"
    assert NOBODY in failed["detail"]
    assert "http://127.0.0.1:7" in failed["detail"]


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "inf", "soon", "2x", "4000", "1e9"])
def test_an_invalid_timeout_is_refused(shop: Workshop, timeout: str) -> None:
    refused = shop.run("ask", TYPE_3, *QUESTION, "--timeout", timeout)
    assert refused.exit_code == 2
    assert "needed seconds or a span such as 2m" in " ".join(refused.output.replace("│", " ").split())


@pytest.mark.parametrize("timeout", ["90", "90.5", "90s", "2m"])
def test_a_timeout_is_seconds_or_a_span(shop: Workshop, timeout: str) -> None:
    assert shop.run("ask", TYPE_3, *QUESTION, "--timeout", timeout).exit_code == 0


def test_another_ledgers_gateway_is_named_as_such_by_every_command(shop: Workshop, tmp_path: Path) -> None:
    document = json.loads((shop.folder / "trust.json").read_text())
    served, document["chain"]["id"] = document["chain"]["id"], 42
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps(document))
    draft = tmp_path / "draft.toml"
    draft.write_text((shop.folder / "cn-by.toml").read_text())
    rows = write_csv(tmp_path / "rows.csv", {})
    act = ["--key", shop.key("BY"), "--type", "3"]
    for command in (
        ["ask", TYPE_3, *QUESTION],
        ["history", TYPE_3, "--type", "3"],
        ["snapshot", "take", "--out", str(tmp_path / "s")],
        ["suspend", TYPE_3, "--party", "BY", *act],
        ["withhold", TYPE_3, "--recogniser", "CN", "--register", "BY", *act],
        ["register", "import", str(rows), "--party", "BY", "--key", shop.key("BY"), "--accept-odd"],
        ["arrangement", "conclude", str(draft), "--key", shop.key("CN", "authority")],
        ["trust", "update"],
    ):
        failed = shop.json(*command, "--trust", str(trust), code=5)
        assert failed["error"] == "OtherChainServed", command
        assert failed["detail"] == f"{shop.url} serves chain {served}, you pin chain 42"


def test_a_wrong_key_says_whose_it_is_and_whose_is_needed(shop: Workshop) -> None:
    for key, held in (
        (shop.key("CN"), "an operator of CN"),
        (shop.key("BY", "authority"), "the authority of BY"),
        (shop.key("KZ", "authority"), "the authority of KZ"),
    ):
        refused = shop.act("suspend", TYPE_3, "--type", "3", key=key)
        assert refused.exit_code == 3
        said = " ".join(refused.stderr.split())
        assert f"is {held}, this act needs an operator of BY" in said


@pytest.mark.parametrize(
    "command",
    [
        ["verify", "FILE", TYPE_3, *QUESTION],
        ["ask", TYPE_3, *QUESTION, "--trust", "FILE"],
        ["ask", TYPE_3, *QUESTION, "--snapshot", "FILE"],
        ["snapshot", "show", "FILE"],
        ["history", TYPE_3, "--register", "BY", "--from-evidence", "FILE"],
        ["trust", "update", "--from", "FILE"],
        ["trust", "pin", "FILE"],
        ["arrangement", "conclude", "FILE"],
        ["arrangement", "conclude", "FILE.toml"],
        ["register", "import", "FILE", "--party", "BY", "--key", "KEY"],
        ["audit", "--blocks", "FILE", "--genesis", "FILE"],
    ],
    ids=" ".join,
)
def test_a_file_that_never_ends_is_read_up_to_a_limit(shop: Workshop, tmp_path: Path, command: list[str]) -> None:
    for name in ("endless", "endless.toml"):
        (tmp_path / name).symlink_to("/dev/zero")
    places = {"FILE": str(tmp_path / "endless"), "FILE.toml": str(tmp_path / "endless.toml"), "KEY": shop.key("BY")}
    refused = shop.json(*(places.get(word, word) for word in command), code=2)
    assert refused["error"] == "OversizedFile"
