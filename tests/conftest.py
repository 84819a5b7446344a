"""What holds for all tests: none leaves a mark on the machine that runs it, and none finds another's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from httpx._config import DEFAULT_LIMITS, DEFAULT_TIMEOUT_CONFIG

from support.chromium import chromium
from support.thorough import THOROUGH
from support.waiting import WITHIN_S

__all__ = ["chromium"]

hypothesis.settings.register_profile(  # a busy machine is no fault, and who runs a commit again sees the same
    "any machine",
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")
for _limit in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _limit, WITHIN_S)
DEFAULT_LIMITS.max_keepalive_connections = (
    0  # a server may close a kept connection at the moment at which it is used again
)

_NUMBERS = count()

os.environ["AEO_LEDGER_LANG"] = "en"  # whatever the machine's locale


@pytest.fixture(scope="session")
def _states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("states")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home / "session"))
        yield home


@pytest.fixture(autouse=True)
def _machine_of_its_own(_states: Path) -> Iterator[None]:
    """Let each test run on a machine that never sealed anything."""
    before = os.environ["XDG_STATE_HOME"]
    os.environ["XDG_STATE_HOME"] = str(_states / str(next(_NUMBERS)))
    yield
    os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="module", params=["fast", "plain"])
def each_node_reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the tests of a module twice: with the fast reader of trie nodes, and with the plain reader alone."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "plain":
            patch.setattr("aeo_ledger.verify.trie.read_fast", lambda _: None)
        yield
