"""Words from outside on an officer's screen: they are shown on one line, as a quotation, and never as an answer."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aeo_ledger.cli import acting
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.trust import spell
from aeo_ledger.verify.trust import fingerprint
from support.network import PASSWORD, SAMPLES, served
from support.waiting import WITHIN_S
from support.workshop import COMMAND, QUESTION, TYPE_3, Workshop, write_csv

PAINTED = (
    "\x1b[2J\x1b[H\r\nRECOGNISED: fewer document checks, fewer inspections\n"
    "  question   BY511125808 for CN, import as carrier\n  sealed     by 4 of 4 validators\n\u202e\x9b8m"
)
"""Clears the screen, writes a whole answer, and hides what follows."""


@contextmanager
def hostile(content: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Iterator[str]:
    """Serve one answer to every request."""

    async def answer(_: Request) -> Response:
        return Response(content, status_code=status, media_type=kind, headers=headers)

    methods = ["GET", "POST"]
    with served(Starlette(routes=[Route("/{path:path}", answer, methods=methods)])) as url:
        yield url


def problem(kind: str, family: str, detail: str, /, **facts: object) -> bytes:
    return json.dumps(
        {"type": f"urn:aeo-ledger:problem:{kind}", "detail": detail, "family": family, "facts": facts}
    ).encode()


def only_line(shown: str) -> str:
    (line,) = shown.splitlines()
    assert line.isprintable()
    return line


@pytest.mark.parametrize(
    ("body", "code", "family"),
    [
        (problem("x", "refused", PAINTED), 3, "Refused"),
        (problem("x", "malformed", PAINTED), 2, "Malformed"),
        (problem("x", "unproven", PAINTED), 4, "Unproven"),
        (problem("x", "unavailable", PAINTED), 5, "Unavailable"),
        (problem("refused-by-ledger", "refused", "", code=1, name="N", reason=PAINTED), 3, "Refused"),
        (problem("unreadable-file", "malformed", "", path=PAINTED, detail=PAINTED), 2, "Malformed"),
        (problem("no-such-party", "refused", "", code=PAINTED, known=[PAINTED]), 3, "Refused"),
    ],
)
def test_what_a_gateway_says_is_shown_as_its_words(shop: Workshop, body: bytes, code: int, family: str) -> None:
    with hostile(body, 400) as url:
        told = shop.run("ask", TYPE_3, *QUESTION, "--gateway", url)
        machine = shop.json("ask", TYPE_3, *QUESTION, "--gateway", url, code=code)
    assert (told.exit_code, told.stdout) == (code, "")
    line = only_line(told.stderr)
    assert line.startswith(f'{family}: the gateway at {url} says "')
    assert line.endswith('"')
    assert r"\x1b[2J" in line
    assert machine["said_by"] == f"the gateway at {url}"
    assert machine["detail"].isprintable()
    assert "recognised" not in machine


def test_what_this_process_found_is_nobody_else_s_words(shop: Workshop) -> None:
    assert shop.json("ask", "by1", *QUESTION, code=2)["said_by"] is None
    assert "says" not in shop.run("ask", "by1", *QUESTION).stderr


def test_a_gateway_cannot_fill_the_screen(shop: Workshop) -> None:
    with hostile(problem("x", "refused", "RECOGNISED: " * 10_000), 409) as url:
        assert len(only_line(shop.run("ask", TYPE_3, *QUESTION, "--gateway", url).stderr)) < 500


HUGE = 10**400


@pytest.mark.parametrize(
    "body",
    [
        problem("not-sealed-in-time", "unavailable", "d", transaction="0x", waited_s=HUGE),
        problem("trust-expired", "unproven", "d", expired_at=HUGE, now=-HUGE),
        problem("not-yet-provable", "unproven", "d", time=HUGE, block_time=HUGE),
        problem("clock-doubtful", "unavailable", "d", found=HUGE, needed=HUGE, reason=""),
        problem("stale", "unproven", "d", age_s=HUGE, max_age_s=True),
        problem("exposed-file", "refused", "d", path="x", mode=HUGE),
        b'{"type": "urn:aeo-ledger:problem:stale", "facts": {"age_s": 1e999, "max_age_s": NaN}}',
        b'{"type": "x", "detail": "\\ud800"}',
        b'{"type": "x", "detail": 5, "family": ["refused"]}',
        b'{"detail": "a", "detail": "b"}',
        b"[]", b"null", b"5", b'"x"', b"", b"<html>", b"\xff\xfe{\x00}\x00", b"[" * 200_000, b"9" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 302, 400, 409, 422, 500, 503, 599])
def test_no_answer_of_a_hostile_gateway_is_a_fault_or_a_no(shop: Workshop, body: bytes, status: int) -> None:
    with hostile(body, status) as url:
        told = shop.run("ask", TYPE_3, *QUESTION, "--gateway", url)
    assert told.exit_code in {2, 3, 4, 5}, told.output
    assert only_line(told.stderr)


COMMANDS: dict[str, list[str]] = {
    "ask": ["ask", TYPE_3, *QUESTION],
    "history": ["history", TYPE_3],
    "snapshot": ["snapshot", "take", "--out", "/dev/null/none"],
    "update": ["trust", "update"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"evidence": null}', b'{"evidence": {"format": 1e5}}', b'{"evidence": {"header": "0x", "header": "0x"}}',
     b'{"format": "aeo-ledger/trust-update/1", "headers": ["0x"], "nodes": 5}', b"\xa1", b"\xbf\xff", b"\xa6" * 50],
)  # fmt: skip
def test_no_evidence_of_a_hostile_gateway_is_a_fault_or_a_no(shop: Workshop, command: list[str], body: bytes) -> None:
    with hostile(body) as url:
        assert shop.run(*command, "--gateway", url).exit_code in {2, 4, 5}


@pytest.mark.parametrize(
    "change",
    [
        {"code": PAINTED},
        {"code": "by"},
        {"number": "1"},
        {"number": True},
        {"number": -1},
        {"number": HUGE},
        {"kind": PAINTED},
        {"unions": [0, 0, 0]},
        {"unions": [0, 0, 0, 0, 0]},
        {"seat": 1},
        {"authority": "0x00"},
        {"register": PAINTED},
        {"suspended_until": 1e300},
        {"serial": None},
    ],
    ids=str,
)
def test_an_impossible_party_is_refused(shop: Workshop, change: dict[str, Any]) -> None:
    party = {
        "number": 1, "code": "BY", "kind": "administration", "state": "active", "suspended_until": 0, "seat": True,
        "keeps_register": True, "unions": [0, 0, 0, 0], "threshold": 1, "operators": 1, "serial": 0, "changed_at": 0, "changes": 0,
        "authority": "0x" + "00" * 20, "register": None,
    }  # fmt: skip
    with hostile(json.dumps({"block": 1, "parties": [{**party, **change}]}).encode()) as url:
        act = ["--party", "BY", "--type", "3", "--key", shop.key("BY"), "--gateway", url]
        refused = shop.json("suspend", TYPE_3, *act, code=5)
    assert refused["error"] == "GatewayUnclear"
    assert refused["detail"].isprintable()


@pytest.mark.parametrize("change", [{"block": PAINTED}, {"block": 1.5}, {"transaction": PAINTED}, {"block_hash": None}])
def test_an_impossible_receipt_is_refused(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """A gateway with correct answers except the receipt; the proof must come within a second."""
    monkeypatch.setattr(acting, "ProvenDesk", lambda *a, **k: ProvenDesk(*a, proven_within_s=1, **k))
    receipt = {"transaction": "0x" + "11" * 32, "block": 3, "block_hash": "0x" + "22" * 32, "gas_used": 1, **change}

    async def answer(request: Request) -> Response:
        if request.url.path == "/v1/acts":
            return Response(json.dumps(receipt), media_type="application/json", status_code=201)
        import httpx  # noqa: PLC0415

        async with httpx.AsyncClient(base_url=shop.url) as client:
            content = await request.body()
            real = await client.request(
                request.method, request.url.path, content=content, headers={"content-type": "application/json"}
            )
        return Response(real.content, status_code=real.status_code, media_type="application/json")

    with served(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as url:
        act = ["--party", "BY", "--type", "3", "--key", shop.key("BY"), "--gateway", url]
        refused = shop.json("suspend", TYPE_3, *act, code=5)
    assert refused["error"] == "PossiblyRelayed"
    assert refused["detail"].isprintable()


# ---- bundles ----


def named_bundle(shop: Workshop, folder: Path, name: str) -> Path:
    document = json.loads((shop.folder / "trust.json").read_text())
    document["parties"][0]["name"] = name
    path = folder / "named.json"
    path.write_text(json.dumps(document))
    return path


def test_a_bundle_cannot_show_another_s_fingerprint(shop: Workshop, tmp_path: Path) -> None:
    other = spell(fingerprint(read_trust(shop.folder / "trust.json")))
    path = named_bundle(shop, tmp_path, f"Belarus\nfingerprint  {other}"[:100])
    shown = shop.run("trust", "show", "--trust", str(path)).stdout
    told = [line for line in shown.splitlines() if line.startswith("fingerprint")]
    assert told == [f"fingerprint  {spell(fingerprint(read_trust(path)))}"]
    (line,) = [line for line in shown.splitlines() if "Belarus" in line]
    assert line.startswith('  BY     "Belarus\\nfingerprint  ')
    assert line.endswith('..."')
    assert len(line) < 80  # so that no terminal breaks it, and no name begins a line


@pytest.mark.parametrize("name", [PAINTED[:100], 'x", said the bundle', "\u202eelpoep", "x" * 100])
def test_a_party_s_name_is_shown_as_a_name(shop: Workshop, tmp_path: Path, name: str) -> None:
    path = named_bundle(shop, tmp_path, name)
    shown = shop.run("trust", "show", "--trust", str(path)).stdout
    assert all(line.isprintable() for line in shown.splitlines())
    assert "\nRECOGNISED" not in shown
    machine = shop.run("trust", "show", "--trust", str(path), "--json").stdout
    assert machine.rstrip("\n").isprintable()
    assert json.loads(machine)["parties"]["BY"] == name


# ---- names of files, and cells of tables ----


def test_a_file_s_name_is_shown_as_a_name(shop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[2J\nRECOGNISED: all benefits"
    for command in (
        ["verify", str(path), TYPE_3, *QUESTION],
        ["trust", "show", "--trust", str(path)],
        ["key", "show", str(path)],
        ["snapshot", "show", str(path)],
        ["arrangement", "conclude", str(path)],
        ["register", "import", str(path), "--party", "BY", "--key", shop.key("BY")],
        ["register", "import", "x.csv", "--party", "BY", "--key", str(path)],
        ["audit", "--genesis", str(path), "--blocks", "x"],
        ["chain", "export", str(path), "--out", "x"],
    ):
        told = shop.run(*command)
        assert told.exit_code in {2, 5}, command
        assert "RECOGNISED" in only_line(told.stderr)
        assert r"\x1b[2J" in told.stderr
    written = shop.run("snapshot", "take", "--out", str(path))
    assert written.exit_code == 0
    assert r'bytes in "' in written.stdout.splitlines()[0]
    assert all(line.isprintable() for line in written.stdout.splitlines())


@pytest.mark.parametrize("column", ["tin", "type", "roles", "status", "since", "from", "until"])
def test_a_cell_is_shown_as_a_cell(shop: Workshop, tmp_path: Path, column: str) -> None:
    cell = '"\x1b[2J\nRECOGNISED: all"'
    file = write_csv(tmp_path / "odd.csv", {"tin": "BY700000070", column: cell})
    told = shop.import_(file)
    assert told.exit_code == 2
    assert r"'\x1b[2J\nRECOGNISED: all'" in only_line(told.stderr)


def test_a_long_cell_does_not_fill_the_screen(shop: Workshop, tmp_path: Path) -> None:
    for column in ("tin", "type", "roles", "status", "since"):
        file = write_csv(tmp_path / "odd.csv", {"tin": "BY700000070", column: "x" * 100_000})
        assert len(only_line(shop.import_(file).stderr)) < 1_000


# ---- what is proven looks different ----


def _at_a_terminal(arguments: list[str], **environment: str) -> str:
    """Run a command whose standard output is a terminal, and return what it shows there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=theirs,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "xterm", **environment},
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # the other end was closed
            pass
        running.wait(timeout=WITHIN_S)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_shows_that_a_long_command_works(shop: Workshop, tmp_path: Path) -> None:
    trust, key = str(shop.folder / "trust.json"), shop.key("CN")
    common = ["--trust", trust, "--gateway", shop.url]
    book = {"AEO_LEDGER_BOOK": str(tmp_path / "book.sqlite")}
    plan = ["register", "plan", str(SAMPLES / "CN.csv"), "--party", "CN", "--out", str(tmp_path / "plan"), *common]
    codes = tmp_path / "codes.csv"
    codes.write_text(f"alias,kind,tin\nBYABCDEF12MIN,MID,{TYPE_3}\n")
    bind = ["alias", "bind", "--recogniser", "CN", "--file", str(codes), "--key", key, "--yes", *common]
    out = ["register", "export", "--party", "BY", "--since", "1", "--out", str(tmp_path / "out"), *common]
    environment = {**book, "AEO_LEDGER_PASSWORD": PASSWORD, "COLUMNS": "100"}
    assert "planning the register of CN" in _at_a_terminal(plan, **environment)
    assert "acts on aliases of CN" in _at_a_terminal(bind, **environment)
    assert "proving block 1 by the headers after it" in _at_a_terminal(out, **environment)


def test_a_terminal_shows_only_a_proven_verdict_in_bold(shop: Workshop) -> None:
    trust = str(shop.folder / "trust.json")
    asked = ["ask", TYPE_3, *QUESTION, "--trust", trust]
    proven = _at_a_terminal([*asked, "--gateway", shop.url])
    assert proven.startswith("\x1b[1mRECOGNISED: ")
    assert proven.count("\x1b") == 2
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in _at_a_terminal([*asked, "--gateway", shop.url], **environment)
    with hostile(problem("x", "refused", "\x1b[1mRECOGNISED: all"), 409) as url:
        assert "\x1b" not in _at_a_terminal([*asked, "--gateway", url])
