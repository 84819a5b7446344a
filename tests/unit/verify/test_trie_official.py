"""The walker and the root builder against the official Ethereum trie vectors (github.com/ethereum/tests, TrieTests).

Only *secure* tries, whose keys are hashed, are of this project's kind. The vectors are read from where they are: give their
folder in AEO_TRIE_TESTS, or put them into `tests/conformance/vectors/trie-tests`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from trie import HexaryTrie

from aeo_ledger.errors import MissingNode
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.verify.trie import NodePool

FILES = ("hex_encoded_securetrie_test.json", "trieanyorder_secureTrie.json", "trietest_secureTrie.json")
FOLDER = Path(os.environ.get("AEO_TRIE_TESTS") or Path(__file__).parents[2] / "conformance" / "vectors" / "trie-tests")

if not all((FOLDER / name).exists() for name in FILES):
    pytest.skip(
        f"the official trie vectors are not in {FOLDER.name}: set AEO_TRIE_TESTS to their folder",
        allow_module_level=True,
    )


def cases() -> Iterator[Any]:
    for name in FILES:
        for title, case in json.loads((FOLDER / name).read_text()).items():
            yield pytest.param(case, id=f"{name.partition('_')[0]}-{title}")


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def content(case: dict[str, Any]) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Put everything in, in order: what is there in the end by hashed key, and keys that were and are gone."""
    steps = case["in"].items() if isinstance(case["in"], dict) else case["in"]
    kept: dict[bytes, bytes] = {}
    gone: list[bytes] = []
    for key, value in steps:
        hashed = keccak256(raw(key))
        if value is None:
            kept.pop(hashed)
            gone.append(hashed)
        else:
            kept[hashed] = raw(value)
    return kept, gone


@pytest.mark.parametrize("case", list(cases()))
def test_from_the_official_root_every_value_is_found_and_nothing_else(case: dict[str, Any]) -> None:
    kept, gone = content(case)
    root = raw(case["root"])
    assert derive_root(sorted(kept.items())) == root
    trie = HexaryTrie({}, prune=True)
    for key, value in kept.items():
        trie[key] = value
    nodes = [node for node in trie.db.values() if node != b"\x80"]
    pool = NodePool(nodes)
    for key, value in kept.items():
        assert pool.walk(root, key) == value
    for key in [*gone, keccak256(b"never put in")]:
        assert pool.walk(root, key) is None
    pool.refuse_surplus()
    for at in range(len(nodes)):
        poorer = NodePool(nodes[:at] + nodes[at + 1 :])
        with pytest.raises(MissingNode):
            list(map(partial(poorer.walk, root), kept))
