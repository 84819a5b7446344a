"""The browser's own hashes and curve, beside ethers and noble, which share no code with this project."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conformance.conftest import Judge
from support.npm import ETHERS, NOBLE, npm_install

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELD = 2**256 - 2**32 - 977
LENGTHS = (0, 1, 31, 32, 55, 56, 63, 64, 65, 119, 120, 135, 136, 137, 271, 272, 273, 532, 5_000)
"""Bytes of a message: around the ends of the blocks of SHA-256 (64) and Keccak (136)."""


def word(number: int) -> str:
    return f"0x{number:064x}"


@pytest.fixture(scope="module")
def seeds() -> dict[str, Any]:
    dice = Random(7)  # noqa: S311
    keys = [1, 2, ORDER - 1, ORDER // 2, *(dice.randrange(1, ORDER) for _ in range(12))]
    edges = [
        0,
        1,
        2,
        3,
        5,
        ORDER - 1,
        ORDER,
        FIELD - 1,
        FIELD,
        2**256 - 1,
        *(dice.randrange(1, ORDER) for _ in range(12)),
    ]
    digests = [0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1]
    return {
        "hashes": [
            {"data": f"0x{dice.randbytes(length).hex()}", "key": f"0x{dice.randbytes(keyed).hex()}"}
            for length in LENGTHS
            for keyed in (32, 64, 100)
        ],
        "signed": [{"key": word(key), "digest": word(digest)} for key in keys for digest in (dice.getrandbits(256), dice.choice(digests))],
        "strays": [{"r": word(r), "digest": word(dice.getrandbits(256))} for r in edges],
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(seeds: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = npm_install(tmp_path_factory.mktemp("node"), ETHERS, *NOBLE)
    shutil.copy(Path(__file__).parent / "arithmetic.mjs", folder)
    ran = subprocess.run(
        ["node", str(folder / "arithmetic.mjs")], input=json.dumps(seeds), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_hashes_are_those_of_noble_and_ethers(seeds: dict[str, Any], made: dict[str, Any], in_node: Judge) -> None:
    assert in_node([{"task": "hashes", **one} for one in seeds["hashes"]]) == made["hashes"]


def test_addresses_are_recovered_as_by_noble_and_ethers_and_from_nothing_else(
    made: dict[str, Any], in_node: Judge
) -> None:
    found = in_node([{"task": "recover", **one} for one in made["recovered"]])
    assert [one["address"] for one in found] == [one["address"] for one in made["recovered"]]
    assert sum(one["address"] is None for one in found) > 10


def test_numbers_out_of_range_recover_to_nobody(made: dict[str, Any], in_node: Judge) -> None:
    digest, signature = made["recovered"][0]["digest"], made["recovered"][0]["signature"]
    r, s = signature[2:66], signature[66:130]
    forged = [f"0x{r}{end}" for end in (f"{'0' * 64}00", f"{ORDER:064x}00", f"{s}02", f"{s}1b", f"{s}ff")]
    found = in_node([{"task": "recover", "digest": digest, "signature": one} for one in forged])
    assert found == [{"address": None}] * len(forged)
