from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ETHERS = "ethers@6.17.0"
"""A library that signs typed data and shares no code with this project."""

RunScript = Callable[..., str]


@pytest.fixture(scope="session")
def run_with_ethers(tmp_path_factory: pytest.TempPathFactory) -> RunScript:
    """Yield what runs a script of this folder in Node, with ethers beside it, and returns its output."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node and npm are not installed: only the committed vectors were checked")
    folder = tmp_path_factory.mktemp("node")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), ETHERS]
    try:
        installed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get {ETHERS} within 120 s: only the committed vectors were checked")
    if installed.returncode != 0:
        pytest.skip(f"npm could not get {ETHERS}: only the committed vectors were checked")

    def run(script: str, *arguments: str, given: str = "") -> str:
        for module in Path(__file__).parent.glob("*.mjs"):
            shutil.copy(module, folder)
        ran = subprocess.run(
            [node, str(folder / script), *arguments], input=given, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run
