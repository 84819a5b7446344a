"""Keys of keyed registers, against the cryptography of Node: the vectors are committed, and made anew where Node is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors" / "lookup-keys.json"


def test_the_vectors_are_what_node_makes_today(run_with_ethers: Any) -> None:
    recorded = json.loads(VECTORS.read_text())
    given = {
        "cases": [
            {name: case[name] for name in ("secret", "register", "type", "epoch", "tin")} for case in recorded["cases"]
        ]
    }
    assert json.loads(run_with_ethers("lookup_keys.mjs", given=json.dumps(given))) == recorded
