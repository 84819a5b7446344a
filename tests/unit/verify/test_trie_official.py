"""The walker and the root builder against the official Ethereum trie vectors, which come as a package from npm.

Only *secure* tries, whose keys are hashed, are of this project's kind.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from trie import HexaryTrie

from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.verify.trie import NodePool
from support.npm import TRIE_VECTORS, npm_install

pytestmark = pytest.mark.usefixtures("each_node_reader")
FILES = ("hex_encoded_securetrie_test.json", "trieanyorder_secureTrie.json", "trietest_secureTrie.json")


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    folder = (
        npm_install(tmp_path_factory.mktemp("vectors"), TRIE_VECTORS) / "node_modules" / "ethereum-tests" / "TrieTests"
    )
    found = {(name, title): case for name in FILES for title, case in json.loads((folder / name).read_text()).items()}
    assert len(found) == 13
    return found


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def content(case: dict[str, Any]) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Insert everything in order. Return the final values by hashed key, and the keys that were removed."""
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


def test_from_the_official_root_every_value_is_found_and_nothing_else(official: dict[str, Any]) -> None:
    for case in official.values():
        agree(case)


def agree(case: dict[str, Any]) -> None:
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
