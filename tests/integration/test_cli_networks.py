"""Arrangements that are signed by mail, networks, chains and gateways, and rules of every command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from support.network import PASSWORD, found
from support.ports import free_port
from support.processes import heeding_interrupts, pressing
from support.waiting import WITHIN_S
from support.workshop import COMMAND, QUESTION, TYPE_3, Workshop, run_gateway

_KZ = """
name = "KZ-{code}"
text = "A text"
[[recognition]]
recogniser = "KZ"
register = "{code}"
types = {types}
directions = ["import"]
benefits = ["{benefit}"]
"""


def test_an_arrangement_gathers_signatures(shop: Workshop, tmp_path: Path) -> None:
    draft = tmp_path / "kz-by.toml"
    draft.write_text(_KZ.format(code="BY", types='["3"]', benefit="faster_release"))
    first = shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("KZ", "authority"))
    assert (first["missing"], first["block"]) == (["BY"], None)
    nobody = shop.run("arrangement", "conclude", str(draft))
    assert (nobody.exit_code, "still missing: BY" in nobody.stdout) == (0, True)

    mailed = tmp_path / "elsewhere/received.act.json"
    mailed.parent.mkdir()
    mailed.write_bytes(Path(first["act"]).read_bytes())
    for stranger, held in (
        (shop.key("CN", "authority"), "the authority of CN"),
        (shop.key("BY", "operator"), "an operator of BY"),
    ):
        refused = shop.json("arrangement", "conclude", str(mailed), "--yes", "--key", stranger, code=3)
        assert refused["error"] == "OtherArrangement"
        assert f"is {held}, this act needs the authority of BY or KZ" in refused["detail"]
    assert mailed.read_bytes() == Path(first["act"]).read_bytes()
    second = shop.json("arrangement", "conclude", str(mailed), "--yes", "--key", shop.key("BY", "authority"))
    assert (second["missing"], second["block"] > 0) == ([], True)
    assert (
        shop.json("arrangement", "conclude", str(mailed), "--yes", code=3)["error"] == "RefusedBeforehand"
    )  # it counts once
    reasons = shop.json("ask", TYPE_3, "--recogniser", "KZ", "--direction", "import", "--role", "carrier", code=1)
    assert reasons["reasons"] == ["arrangement_not_in_force"]  # signed, and no day given


def test_terms_that_were_changed_after_signing_are_refused(shop: Workshop, tmp_path: Path) -> None:
    draft = tmp_path / "kz-cn.toml"
    draft.write_text(_KZ.format(code="CN", types='["ADVANCED"]', benefit="faster_release"))
    shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("KZ", "authority"))
    draft.write_text(_KZ.format(code="CN", types='["ADVANCED"]', benefit="lower_risk_score"))
    changed = shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("CN", "authority"), code=3)
    assert changed["error"] == "TermsDiffer"

    act = tmp_path / "kz-cn.act.json"
    document = json.loads(act.read_text())
    document["act"]["values"]["recognitions"][0]["benefits"] = "255"
    act.write_text(json.dumps(document))
    altered = shop.json("arrangement", "conclude", str(act), "--yes", "--key", shop.key("CN", "authority"), code=3)
    assert altered["error"] == "OtherArrangement"  # the first signature now recovers to a stranger


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "TOML"),
        ('name = "X"\ntext = "t"\n', "recognition"),
        ('name = "X"\ntext = "t"\nrecognition = [5]\n', "recognition"),
        ('surplus = 1\n', "surplus"),
        (_KZ.format(code="BY", types='["9"]', benefit="faster_release"), "'9'"),
        (_KZ.format(code="BY", types="[]", benefit="faster_release"), "types"),
        (_KZ.format(code="BY", types="[3]", benefit="faster_release"), "types"),
        (_KZ.format(code="BY", types='["3"]', benefit="gold"), "'gold'"),
        (_KZ.format(code="BY", types='["3"]', benefit="faster_release") + "in_force_from = 5\n", "in_force_from"),
        (_KZ.format(code="BY", types='["3"]', benefit="faster_release") + "until = 2020-01-01T00:00:00\n", "offset"),
        (_KZ.format(code="BY", types='["3"]', benefit="faster_release").replace('text = "A text"', ""), "text_hash"),
        (_KZ.format(code="BY", types='["3"]', benefit="faster_release").replace("KZ-BY", "K" * 40), "name"),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_read_is_malformed(shop: Workshop, tmp_path: Path, text: str, told: str) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(text)
    result = shop.run("arrangement", "conclude", str(draft), "--key", shop.key("KZ", "authority"))
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "draft.act.json").exists()


def test_a_network_is_founded_once(shop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    made = shop.json("network", "init", str(folder), "--parties", "BY,CN")
    assert [party["code"] for party in made["parties"]] == ["BY", "CN"]
    assert any("fewer than four" in warning for warning in made["warnings"])
    assert (folder / "trust.json").exists()
    assert shop.json("network", "init", str(folder), "--parties", "BY,CN", code=3)["error"] == "FolderExists"
    for odd in ("BY,BY", "by", "BY;CN", "EU=DE+DE", "ABC", "EU="):
        assert (
            shop.json("network", "init", str(tmp_path / "other"), "--parties", odd, code=2)["error"] == "MalformedText"
        )
    unknown = shop.json("network", "init", str(tmp_path / "other"), "--parties", "BY,XQ,ABC=BY+FR", code=3)
    assert (unknown["error"], "so this was not done: a founding with XQ, ABC: " in unknown["detail"]) == (
        "NotConfirmed",
        True,
    )
    assert not (tmp_path / "other").exists()
    meant = shop.json("network", "init", str(tmp_path / "other"), "--parties", "BY,XQ", "--yes")
    assert [party["code"] for party in meant["parties"]] == ["BY", "XQ"]
    assert "XQ: no TIN has such a prefix, so this version records no trader of theirs." in meant["warnings"]
    assert not any("no TIN" in warning for warning in made["warnings"])
    blocked = shop.run("network", "init", str(folder / "trust.json/below"), "--parties", "BY,CN")
    assert (blocked.exit_code, "Traceback" in blocked.output) == (5, False)


def test_a_second_gateway_on_a_folder_or_a_port_is_unavailable(shop: Workshop, tmp_path: Path) -> None:
    result = shop.run("gateway", str(shop.folder), "--port", str(free_port()))
    assert (result.exit_code, "is in use" in result.stderr) == (5, True)
    other = found(tmp_path / "net")
    taken = shop.run("gateway", str(other), "--port", str(shop.port))
    assert (taken.exit_code, f"port {shop.port} cannot be opened" in taken.stderr) == (5, True)
    absent = shop.run("gateway", str(tmp_path / "absent"), "--port", str(free_port()))
    assert absent.exit_code == 2
    wrong = shop.run("gateway", str(other), "--port", str(free_port()), AEO_LEDGER_PASSWORD="wrong")
    assert wrong.exit_code == 3


@pytest.mark.parametrize(("stop", "options", "pages"), [(signal.SIGINT, [], 404), (signal.SIGTERM, ["--console"], 200)])
def test_a_gateway_says_what_it_simulates_shows_pages_if_told_to_and_closes_its_ledger(
    tmp_path: Path, stop: signal.Signals, options: list[str], pages: int
) -> None:
    folder, port = found(tmp_path / "net"), free_port()
    with run_gateway(folder, port, *options) as gateway:
        assert httpx.get(f"http://127.0.0.1:{port}/console").status_code == pages
        gateway.send_signal(stop)
        _, told = gateway.communicate(timeout=WITHIN_S)
    assert gateway.returncode == 0
    assert "a simulation on one machine, which holds all validators' keys" in told
    assert (f"console on http://127.0.0.1:{port}/console" in told) == (pages == 200)
    assert "the ledger is closed" in told
    assert "Traceback" not in told
    assert (
        CliRunner().invoke(app, ["chain", "export", str(folder), "--out", str(tmp_path / "blocks.rlp")]).exit_code == 0
    )


def test_a_chain_is_exported_whether_a_gateway_has_it_or_not(shop: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "blocks.rlp"
    running = shop.json("chain", "export", str(shop.folder), "--out", str(out))
    assert running["blocks"] > 1
    audited = shop.json("audit", "--blocks", str(out), "--genesis", str(shop.folder / "genesis.json"))
    assert (audited["blocks"], audited["wrong"]) == (running["blocks"], None)
    folder = found(tmp_path / "net")
    exported = shop.json("chain", "export", str(folder), "--out", str(out))
    piped = shop.run("chain", "export", str(folder), "--out", "-")
    assert (piped.exit_code, piped.stdout_bytes) == (0, out.read_bytes())
    assert piped.stderr == f"1 block, {out.stat().st_size:,} bytes in -\n"
    assert exported == {"out": str(out), "blocks": 1, "bytes": out.stat().st_size}
    assert shop.run("chain", "export", str(folder), "--out", str(tmp_path / "absent/blocks.rlp")).exit_code == 5
    assert shop.run("chain", "export", str(tmp_path / "absent"), "--out", str(out)).exit_code in {2, 5}


def test_ctrl_c_says_what_to_do_and_is_no_answer(shop: Workshop, tmp_path: Path) -> None:
    """A gateway that never answers: the officer gives up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with heeding_interrupts():
            running = subprocess.Popen(
                [*COMMAND, "ask", TYPE_3, *QUESTION, "--gateway", url],
                env={**os.environ, "AEO_LEDGER_TRUST": str(shop.folder / "trust.json")},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        with silent.accept()[0]:
            assert running.poll() is None
            with pressing(lambda: running.send_signal(signal.SIGINT), running):
                out, told = running.communicate(timeout=WITHIN_S)
    assert (running.returncode, out) == (130, "")
    assert told == "interrupted\n", "nothing was sealed that could stay"


def test_every_option_is_explained(shop: Workshop) -> None:
    def walk(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
        for name, sub in getattr(command, "commands", {}).items():
            yield from walk(sub, *path, name)
        if not hasattr(command, "commands"):
            yield path, command

    seen = 0
    for path, command in walk(get_command(app)):
        help_text = shop.run(*path, "--help", COLUMNS="200").stdout
        for parameter in command.params:
            if parameter.name == "help":
                continue
            assert parameter.help or parameter.param_type_name == "argument", (path, parameter.name)
            assert parameter.param_type_name == "argument" or parameter.opts[0] in help_text
            assert not parameter.secondary_opts, "a --no- form that says what is so anyway"
            seen += 1
        assert command.help, path
    assert seen > 100


def test_a_ledger_without_blocks_graduates_and_says_so(founded: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    arguments = ["network", "graduate", str(folder), "--engine", "besu", "--out", str(tmp_path / "nodes")]
    done = CliRunner().invoke(app, arguments, env={"AEO_LEDGER_PASSWORD": PASSWORD})
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == f"no block yet: {tmp_path / 'nodes/blocks-01.rlp'} is empty"
    assert (tmp_path / "nodes/blocks-01.rlp").read_bytes() == b""
