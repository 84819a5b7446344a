"""A workshop: a founded network, a gateway that is a process of its own, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.customs.tin import Tin
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.protocol.entries import derive_open_holder
from support.network import CN_BY, PASSWORD, SAMPLES, found
from support.ports import free_port
from support.processes import await_answer
from support.waiting import WITHIN_S

COMMAND = [sys.executable, "-m", "aeo_ledger.cli.main"]
TYPE_3, TYPE_1 = "BY511125808", "BY192900384"
COLUMNS = "tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address"
PLAIN = {
    "tin": "BY700000001",
    "type": "3",
    "roles": "carrier",
    "status": "ACTIVE",
    "since": "2020-01-01",
    "from": "2020-01-01",
}

SIGNING = frozenset({"import", "withhold", "bind", "release", *(row.verb for row in STATUS_EVENTS.values())})
"""Commands that ask before they sign."""


def day_in(days: int) -> str:
    """Name a day to come, as an officer enters it. Where the ledger demands one, no year that is written down stays right."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


@contextmanager
def run_gateway(folder: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `aeo-ledger gateway` until the block is left."""
    process = subprocess.Popen(
        [*COMMAND, "gateway", str(folder), "--port", str(port), *options],
        env={**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD, "XDG_STATE_HOME": str(folder.parent / "state")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        await_answer(f"http://127.0.0.1:{port}", process, process.stderr.read)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """A founded network, its gateway's URL, and the command."""

    folder: Path
    port: int
    office: Path | None = None
    """Where the book is; None is the network's folder."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def key(self, party: str, role: str = "operator") -> str:
        return str(self.folder / f"parties/{party}/{role}.json")

    def run(self, *arguments: str, **environment: str | None) -> Result:
        """Run a command in this process, as `main` would."""
        known = {
            "AEO_LEDGER_PASSWORD": PASSWORD,
            "AEO_LEDGER_TRUST": str(self.folder / "trust.json"),
            "AEO_LEDGER_GATEWAY": self.url,
            "AEO_LEDGER_BOOK": str((self.office or self.folder) / "book.sqlite"),
        }
        result = CliRunner().invoke(app, arguments, env={**known, **environment})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run a command with --json and demand its exit code; an act is approved."""
        approved = ("--yes",) if SIGNING.intersection(arguments[:2]) and "--yes" not in arguments else ()
        result = self.run(*arguments, *approved, "--json")
        assert result.exit_code == code, result.output
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    def act(self, verb: str, tin: str, *arguments: str, party: str = "BY", key: str | None = None) -> Result:
        """Act on a certificate, whose TIN need have no right check digit."""
        signer = key or self.key(party)
        return self.run(verb, tin, "--party", party, "--key", signer, "--accept-odd", "--yes", *arguments)

    def import_(self, file: Path, *more: str, party: str = "BY") -> Result:
        """Import a register, whose TINs need have no right check digits."""
        key = self.key(party)
        return self.run("register", "import", str(file), "--party", party, "--key", key, "--accept-odd", "--yes", *more)

    def records(self, *tins: str, kind: int = 2) -> list[Any]:
        with GatewayClient(self.url, timeout_s=WITHIN_S) as desk:
            entries = [make_entry(1, kind, derive_open_holder(1, kind, Tin(tin))) for tin in tins]
            return list(desk.standings(entries).records)


@contextmanager
def opened_workshop(home: Path) -> Iterator[Workshop]:
    """Found a network in which China and Belarus recognise each other and Belarus's register is there, and serve it."""
    folder = found(home / "net")
    port = free_port()
    with run_gateway(folder, port):
        shop = Workshop(folder=folder, port=port)
        draft = folder / "cn-by.toml"
        draft.write_text(CN_BY)
        keys = ["--key", shop.key("CN", "authority"), "--key", shop.key("BY", "authority")]
        assert shop.run("arrangement", "conclude", str(draft), "--yes", *keys).exit_code == 0
        assert shop.import_(SAMPLES / "BY.csv").exit_code == 0
        yield shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """The workshop that most tests of the command share."""
    with opened_workshop(tmp_path_factory.mktemp("cli")) as shop:
        yield shop


QUESTION = ("--recogniser", "CN", "--direction", "import", "--role", "carrier")


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    lines = [COLUMNS]
    for change in rows:
        row = {**PLAIN, "until": "", "name": "A name", **change}
        lines.append(
            f"{row['tin']},No,{row['type']},{row['roles']},{row['status']},{row['since']},2020-01-01,{row['from']},"
            f"{row['until']},{row['name']},An address"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
