"""Programs from npm that share no code with this project; without Node or npm whoever needs them is skipped, and says so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.waiting import WITHIN_S

ANVIL = "@foundry-rs/anvil@1.7.1"
AXE = "axe-core@4.10.3"
ETHERS = "ethers@6.17.0"
NOBLE = ("@noble/curves@2.2.0", "@noble/hashes@2.2.0")
TRIE_VECTORS = "ethereum-tests@0.0.6"
VIEM = "viem@2.38.0"


def npm_install(folder: Path, *packages: str) -> Path:
    """Install packages into a folder, running none of their scripts, and return it."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node and npm are not installed")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *packages]
    try:
        installed = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get {', '.join(packages)} within 180 s")
    if installed.returncode != 0:
        pytest.skip(f"npm could not get {', '.join(packages)}")
    return folder


def run_module(folder: Path, script: str, *arguments: str) -> str:
    """Run a script of JavaScript beside the packages in a folder, and return what it prints."""
    file = folder / "script.mjs"
    file.write_text(script)
    ran = subprocess.run(["node", str(file), *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
