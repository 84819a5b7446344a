from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.chromium import serve_files
from support.npm import ETHERS, npm_install

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RunScript = Callable[..., str]
Judge = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
"""The verifier for browsers, given tasks of `judge.mjs`: what it finds in each."""


@pytest.fixture(scope="session")
def run_with_ethers(tmp_path_factory: pytest.TempPathFactory) -> RunScript:
    """Yield a function that runs a script of this folder in Node, with ethers installed, and returns its output."""
    folder = npm_install(tmp_path_factory.mktemp("node"), ETHERS)

    def run(script: str, *arguments: str, given: str = "") -> str:
        for module in Path(__file__).parent.glob("*.mjs"):
            shutil.copy(module, folder)
        ran = subprocess.run(
            ["node", str(folder / script), *arguments], input=given, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def in_node() -> Judge:
    """Yield the verifier for browsers in Node."""
    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    script = Path(__file__).parent / "judge.mjs"

    def judge(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ran = subprocess.run(
            ["node", str(script)], input=json.dumps(tasks), capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found

    return judge


@pytest.fixture(scope="module")
def in_chromium(chromium: Browser) -> Iterator[Judge]:
    """Yield the verifier for browsers in Chromium, on a page without a secure origin."""
    page = serve_files(chromium.new_page())
    assert page.evaluate("[isSecureContext, crypto.subtle === undefined]") == [False, True]

    def judge(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        program = "async tasks => JSON.stringify(await (await import('/tests/conformance/judge.mjs')).judgeAll(JSON.parse(tasks)))"
        found: list[dict[str, Any]] = json.loads(page.evaluate(program, json.dumps(tasks)))
        return found

    yield judge
    page.close()


@pytest.fixture(scope="module", params=["in_node", "in_chromium"])
def in_javascript(request: pytest.FixtureRequest) -> Judge:
    """Yield the verifier for browsers in each engine."""
    judge: Judge = request.getfixturevalue(request.param)
    return judge
