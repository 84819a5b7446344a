"""Random acts by members and outsiders, valid and forged, done to contracts and model: after each, every word and every refusal agree."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from support import random_acts, random_publications
from support.act_messages import Act
from support.evm import root_of
from support.ledger_words import rebuild
from support.near_misses import spoil
from support.random_acts import Proposed
from support.world import DAY, World, found

THOROUGH = bool(os.environ.get("AEO_LEDGER_THOROUGH"))
PROFILE = settings(
    max_examples=500 if THOROUGH else 100,
    stateful_step_count=80 if THOROUGH else 40,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SEED = st.integers(0, 2**64 - 1)
"""One number for each act; Hypothesis likes to repeat itself, so the number of steps so far is mixed in."""


class Machine(RuleBasedStateMachine):
    """What both machines do."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World = found()
        self.steps = 0
        self.accepted: list[tuple[Act, tuple[Signature, ...]]] = []

    def chance(self, seed: int) -> Random:
        self.steps += 1
        return Random(f"{seed} {self.steps}")  # noqa: S311 (tests want the same acts again)

    def propose(self, seed: int, drawn: Callable[[Random, World], Proposed]) -> None:
        chance = self.chance(seed)
        act, signatures = spoil(chance, self.world, *drawn(chance, self.world))
        refused = self.world.submit(act, signatures)
        event(refused.name if refused else type(act).__name__)
        if refused is None:
            self.accepted.append((act, tuple(signatures)))

    @rule(seed=SEED)
    def replay(self, seed: int) -> None:
        if self.accepted:
            act, signatures = self.chance(seed).choice(self.accepted)
            assert self.world.submit(act, signatures) is not None, "an act counted twice"

    @rule(seconds=st.sampled_from((1, 20, DAY, 13 * DAY, 15 * DAY, 400 * DAY)), blocks=st.integers(1, 3))
    def wait(self, seconds: int, blocks: int) -> None:
        self.world.wait(seconds, blocks)

    def teardown(self) -> None:
        for contract in Contract:
            rebuilt = rebuild(contract, self.world.evm.logs)
            assert rebuilt == self.world.evm.storage[contract]
            assert root_of(rebuilt) == self.world.evm.storage_root(contract)


class ConsortiumMachine(Machine):
    """Governance, keys and arrangements."""

    @rule(seed=SEED)
    def resolve(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_resolution)

    @rule(seed=SEED)
    def act_alone(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_party_act)

    @rule(seed=SEED)
    def send_envelope(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_envelope)

    @rule(seed=SEED)
    def conclude(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_conclusion)

    @rule(seed=SEED)
    def amend(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_amendment)

    @rule(seed=SEED)
    def act_on_lane(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_lane_act)

    @rule(seed=SEED)
    def withhold(self, seed: int) -> None:
        self.propose(seed, random_acts.draw_withholding)

    @rule(party=st.integers(0, 8))
    def complete_replacement(self, party: int) -> None:
        self.world.complete_replacement(party)


class RegistersMachine(Machine):
    """Publications and aliases, while parties come and go."""

    @rule(seed=SEED)
    def publish(self, seed: int) -> None:
        self.propose(seed, random_publications.draw_publication)

    @rule(seed=SEED)
    def publish_more(self, seed: int) -> None:
        self.propose(seed, random_publications.draw_publication)

    @rule(seed=SEED)
    def bind_alias(self, seed: int) -> None:
        self.propose(seed, random_publications.draw_alias)

    @rule(seed=SEED, alone=st.booleans())
    def govern(self, seed: int, alone: bool) -> None:
        self.propose(seed, random_acts.draw_party_act if alone else random_acts.draw_resolution)


TestConsortium = ConsortiumMachine.TestCase
TestConsortium.settings = PROFILE
TestRegisters = RegistersMachine.TestCase
TestRegisters.settings = PROFILE
