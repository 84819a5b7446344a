"""Random acts by members and outsiders, valid and forged, done to contracts and model: after each, every word and every refusal agree."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Final

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import Capacity, LaneActKind, PartyActKind, ReplacementActKind, ResolutionAct
from aeo_ledger.protocol.acts import CONTRACT_OF
from support.random_walks import BEGINNINGS, COMPLETION, DRAWERS, WAITS, Drawer, begin
from support.thorough import THOROUGH

PROFILE = settings(
    max_examples=500 if THOROUGH else 15,
    stateful_step_count=80 if THOROUGH else 25,
    suppress_health_check=list(HealthCheck),
)
SEED = st.integers(0, 2**64 - 1)
"""One number for each act; Hypothesis likes to repeat itself, so the number of steps so far is mixed in."""


class Machine(RuleBasedStateMachine):
    """Do everything that is possible on a ledger, from any beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = begin(0)
        self.steps = 0

    def chance(self, seed: int) -> Random:
        self.steps += 1
        return Random(f"{seed} {self.steps}")  # noqa: S311 (tests want the same acts again)

    @initialize(which=st.integers(0, len(BEGINNINGS) - 1))
    def begin(self, which: int) -> None:
        self.walk = begin(which)

    @rule(seed=SEED, drawer=st.sampled_from([drawer for drawer, often in DRAWERS.items() for _ in range(often)]))
    def propose(self, seed: int, drawer: Drawer) -> None:
        kind, refused = self.walk.propose(self.chance(seed), drawer)
        event(refused.name if refused else kind)

    @rule(seed=SEED)
    def replay(self, seed: int) -> None:
        self.walk.replay(self.chance(seed))

    @rule(seed=SEED)
    def complete(self, seed: int) -> None:
        self.walk.complete(self.chance(seed))

    @rule(seconds=st.sampled_from(WAITS), blocks=st.integers(1, 3))
    def wait(self, seconds: int, blocks: int) -> None:
        self.walk.world.wait(seconds, blocks)

    def teardown(self) -> None:
        self.walk.rebuild()


TestLedger = Machine.TestCase
TestLedger.settings = PROFILE


# ---- what the steps reach

BEYOND: Final = {
    Refusal.NOT_GOVERNANCE: "no act is signed for it",
    Refusal.WRONG_FOUNDING: "only the constructor says so",
    Refusal.WRONG_QUESTION: "only the view says so",
    Refusal.TOO_LARGE: "it takes 60 KB",
    Refusal.TOO_MANY_VALIDATORS: "it takes 128 nodes",
}
"""What no random step reaches, and why; each has its own test."""
NAMED: Final = {
    "Resolution": ResolutionAct,
    "PartyAct": PartyActKind,
    "ReplacementAct": ReplacementActKind,
    "LaneAct": LaneActKind,
    "Publication": Capacity,
}
KINDS: Final = {f"{name} {kind.name}" for name, kinds in NAMED.items() for kind in kinds} | {
    *(CONTRACT_OF.keys() - NAMED.keys()),
    COMPLETION,
}
STEPS: Final = 250
"""In each world."""
FEWEST, MOST = 8, 20
"""Worlds."""


def test_random_steps_reach_every_kind_of_act_and_every_refusal() -> None:
    """After 2,000 steps almost everything is reached. The rest must follow soon, otherwise the steps are too narrow."""
    counts: Counter[tuple[str, Refusal | None]] = Counter()
    kinds, refusals = set(KINDS), set(Refusal) - BEYOND.keys()
    for which in range(MOST):
        if which >= FEWEST and not kinds | refusals:
            break
        walk = begin(which)
        for step in range(STEPS):
            walk.step(Random(f"{which} {step}"))  # noqa: S311 (the same steps every time)
        walk.rebuild()
        counts += walk.counts
        kinds -= {kind for kind, refused in counts if refused is None}
        refusals -= {refused for _, refused in counts if refused is not None}
    assert (kinds, refusals) == (set(), set()), counts
    assert not {refused for _, refused in counts} & BEYOND.keys()
    assert {kind for kind, refused in counts if refused is None} == KINDS
