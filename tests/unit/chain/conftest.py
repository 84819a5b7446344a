"""Fixtures for the embedded ledger: a network of four validators, and a ledger that seals on command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aeo_ledger.chain import EmbeddedLedger
from support.chain_world import HandClock, TestSealer, genesis, open_hand_held, sealers


@pytest.fixture
def keys() -> list[TestSealer]:
    return sealers(4)


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path, keys: list[TestSealer]) -> Path:
    """A ledger's file with block 0."""
    file = tmp_path / "ledger.sqlite"
    EmbeddedLedger.create(file, genesis([key.address for key in keys]))
    return file


@pytest.fixture
def ledger(path: Path, hand: HandClock, keys: list[TestSealer]) -> Iterator[EmbeddedLedger]:
    with open_hand_held(path, hand, keys) as opened:
        yield opened
