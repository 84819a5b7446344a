"""The OpenAPI document is true: schemathesis makes requests from it, good and bad ones, and each answer is one that the document describes.

`AEO_LEDGER_EXAMPLES=300 scripts/test tests/integration/test_openapi.py` draws more of them for each route.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from aeo_ledger.gateway.access import SCOPE_OF, Access
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.operation import AliveBody, Operation
from aeo_ledger.gateway.record import DecisionRecord
from aeo_ledger.protocol.access import SCOPES, Token
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.signing.access import sign_token
from support.network import CN_BY, Network, now, open_book, opened, register_text, served

EXAMPLES = os.environ.get("AEO_LEDGER_EXAMPLES", "8")

CHECKS = """
[checks.positive_data_acceptance]
# A form cannot say all: a TIN has check digits, a cursor is one that the gateway gave, a whole number is not written 1.0.
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 410, 422, 429]
"""


class Described:
    """A network whose gateway has everything that one can have, as often as a test opens it."""

    def __init__(self, network: Network, home: Path, opened: ExitStack) -> None:
        self.network, self._opened = network, opened
        self._book = opened.enter_context(open_book(home / "book.sqlite"))
        store = opened.enter_context(IndexStore(f"sqlite:///{home / 'index.sqlite'}"))
        self._record = opened.enter_context(DecisionRecord(store))
        self._settings = home / "schemathesis.toml"
        self._settings.write_text(CHECKS)
        network.conclude(CN_BY, "CN", "BY")
        network.import_(register_text("BY"), "BY", self._book)

    def make(self, **access: Any) -> FastAPI:
        running = self.network.running
        return create_app(
            running.ledger,
            running.relay,
            self.network.trust,
            behind="",
            book=self._book,
            cards=self.network.folder / "cards",
            operation=Operation(record=self._record),
            access=Access(**access),
        )

    def serve(self, app: FastAPI) -> str:
        """Serve it, with streams of news that end at once, since no answer to them would be complete; return its URL."""
        url = self._opened.enter_context(served(app))
        app.state.end_streams()
        return url

    def token(self, url: str) -> str:
        """Make a token for everything."""
        signer = self.network.signer("BY")
        return sign_token(
            signer,
            Token(
                party="BY",
                address=signer.address,
                chain_id=self.network.trust.chain_id,
                host=url.removeprefix("http://"),
                issued_at=now(),
                until=now() + 600,
                number=secrets.token_hex(16),
                scopes=SCOPES,
            ),
        )

    def examine(self, url: str, *more: str) -> tuple[int, str]:
        """Run schemathesis; return its exit code and what it wrote."""
        words = ["run", f"{url}/openapi.json", "--max-examples", EXAMPLES, "--seed", "13", "--no-color"]
        words += ["--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "60", *more]
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "--config-file", str(self._settings), *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._settings.parent,  # it keeps what it found in a folder there
            timeout=1_800,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def described(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    home = tmp_path_factory.mktemp("described")
    folder = shutil.copytree(founded, home / "net")
    with opened(folder) as network, ExitStack() as held:
        yield Described(network, home, held)


def require_nothing_found(found: tuple[int, str]) -> str:
    code, told = found
    assert code == 0, told
    counted = re.search(r"([0-9]+) generated, ([0-9]+) passed", told)
    assert counted is not None, told
    assert counted[1] == counted[2]
    assert int(counted[1]) > len(SCOPE_OF)
    return told


def test_an_open_gateway_answers_as_it_says(described: Described) -> None:
    url = described.serve(described.make())
    require_nothing_found(described.examine(url, "--phases", "examples,coverage,fuzzing"))


def test_a_closed_gateway_answers_as_it_says_with_a_token_and_without(described: Described) -> None:
    url = described.serve(described.make(closed=True, operated_by="BY"))
    phases = "--phases", "examples,fuzzing"
    told = require_nothing_found(described.examine(url, *phases))
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    needy = [path for path, methods in paths.items() for method in methods if SCOPE_OF[method.upper(), path]]
    assert f"{len(needy)} operations returned only 401/403" in told, told
    told = require_nothing_found(
        described.examine(url, *phases, "--header", f"Authorization: Bearer {described.token(url)}")
    )
    assert "401/403" not in told, told


@pytest.mark.parametrize(
    ("answer", "said"), [({"alive": "yes"}, "Response violates schema"), (None, "Undocumented status code")]
)
def test_what_is_not_as_the_document_says_would_be_found(described: Described, answer: Any, said: str) -> None:
    app = described.make()

    @app.get("/v1/lie", response_model=AliveBody)
    def lie() -> JSONResponse:
        return JSONResponse(answer, 418 if answer is None else 200)

    code, told = described.examine(described.serve(app), "--phases", "fuzzing", "--include-path", "/v1/lie")
    assert (code, said in told) == (1, True), told
