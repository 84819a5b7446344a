"""Loaded by every Python process of a test that moves the clock: time goes on from where `AEO_TEST_CLOCK` says.

Key derivation is cheap here, since each of some hundred openings of a key file would take a second.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

_OFFSET = Path(os.environ["AEO_TEST_CLOCK"])
_time, _scrypt = time.time, hashlib.scrypt


def moved() -> float:
    return _time() + float(_OFFSET.read_text())


def cheap(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int = 0, dklen: int = 64) -> bytes:
    return _scrypt(password, salt=salt, n=min(n, 2), r=r, p=p, maxmem=maxmem, dklen=dklen)


replaced: Any = time
replaced.time = moved
replaced = hashlib
replaced.scrypt = cheap
