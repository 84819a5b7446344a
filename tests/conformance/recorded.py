"""The recorded networks, read into bytes and numbers; vectors/README.md says what is in them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

NETWORKS = ("besu-contract-4", "goquorum-contract-4", "goquorum-block-header-4")


@functools.cache
def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / f"{name}.json").read_text())
    return loaded


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def number(text: str) -> int:
    return int(text, 16)
