from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.npm import ETHERS, npm_install

RunScript = Callable[..., str]


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
