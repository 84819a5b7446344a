"""A chain on several nodes: one ahead, one behind, one with another history, each a real ledger over real HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from support.chain_world import (
    BOARD,
    CHAIN_ID,
    GENESIS_TIME,
    HandClock,
    genesis,
    open_hand_held,
    put,
    sealers,
    transaction,
)
from support.rogue_node import Behaviour, RogueNode, rogue
from support.waiting import WITHIN_S

KEY = b"\7" * 32
HEAD = 6


@dataclass
class Nodes:
    """Ledgers, and whatever stands in front of them."""

    good: EmbeddedLedger
    behind: EmbeddedLedger
    """The same chain, four blocks ago."""
    forked: EmbeddedLedger
    """The same up to there, and then another."""
    stack: ExitStack
    chain: ChainIdentity = field(kw_only=True)

    def serve(self, behave: Behaviour | EmbeddedLedger) -> RogueNode:
        return self.stack.enter_context(rogue(behave.rpc.answer if isinstance(behave, EmbeddedLedger) else behave))

    def altered(self, method: str, change: Callable[[Any], Any]) -> RogueNode:
        """Serve the good ledger, with one method's result changed."""

        def behave(request: Mapping[str, Any]) -> dict[str, Any]:
            answer = self.good.rpc.answer(request)
            if request["method"] == method and answer.get("result") is not None:
                answer["result"] = change(answer["result"])
            return answer

        return self.serve(behave)

    def provider(self, *nodes: RogueNode | str, **options: Any) -> NodesProvider:
        urls = [node if isinstance(node, str) else node.url for node in nodes]
        settings = {"timeout_s": WITHIN_S, "survey_every_s": None, "chain": self.chain, **options}
        return self.stack.enter_context(NodesProvider(urls, **settings))


@contextmanager
def _histories(folder: Path) -> Iterator[Nodes]:
    """Make one chain in three copies, each on a machine of its own: ahead, behind, and with another history."""
    keys, made = sealers(4), genesis([key.address for key in sealers(4)])
    path = folder / "good" / "ledger.sqlite"
    path.parent.mkdir()
    EmbeddedLedger.create(path, made)
    with open_hand_held(path, HandClock(), keys) as ledger:
        ledger.submit(transaction(0, put([KEY], [5])))
        ledger.seal_pending()
        ledger.seal_pending()
    copies = [Path(shutil.copytree(path.parent, folder / name)) / path.name for name in ("behind", "forked")]
    for copy in copies:
        shutil.rmtree(copy.parent / "machine")
    with ExitStack() as stack:
        good, behind, forked = (
            stack.enter_context(open_hand_held(file, HandClock(wall_s=GENESIS_TIME + 200.0), keys))
            for file in (path, *copies)
        )
        forked.submit(transaction(1, put([KEY], [6])))
        for _ in range(HEAD - 2):
            good.seal_pending()
            forked.seal_pending()
        chain = ChainIdentity(chain_id=CHAIN_ID, genesis_hash=made.hash())
        yield Nodes(good, behind, forked, stack, chain=chain)


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """The chain for all tests that publish nothing."""
    with _histories(tmp_path_factory.mktemp("nodes")) as made:
        yield made


@pytest.fixture
def nodes(histories: Nodes) -> Iterator[Nodes]:
    """The same, with servers and providers of the test's own."""
    with ExitStack() as stack:
        yield replace(histories, stack=stack)


@pytest.fixture
def fresh_nodes(tmp_path: Path) -> Iterator[Nodes]:
    """A chain of the test's own, to publish on."""
    with _histories(tmp_path) as made:
        yield made


def board() -> str:
    return "0x" + BOARD.hex()
