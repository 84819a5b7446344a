"""The real ledger on a simulated clock: founded, signed, sealed and proven by the code that administrations run.

Time is an argument here. Nothing waits, and an idle ledger seals nothing: a heartbeat would add empty blocks and change no answer. Keys,
salts, addresses and chain id come from the scenario's seed, so the same seed gives the same blocks, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aeo_ledger.chain import EmbeddedLedger, Receipt
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.lab.founding import PASSWORD, SimulatedClock, found, open_embedded
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.network.run import port_of
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.signing import Signer, Transaction, open_key_file, sign_transaction
from aeo_ledger.verify import ProvenDecision, TrustBundle, verify_recognition, verify_update

_UPDATE_EVERY_S: Final = 60 * 86_400
"""Seconds after which a border system updates its trust: a bundle is valid for 90 days."""
_GAS: Final = 8_000_000
"""Gas that one act may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedWorld:
    """An open ledger with every party's keys at hand."""

    folder: Path
    embedded: EmbeddedLedger
    port: IndexedLedger
    trust: TrustBundle
    """The bundle of block 0, by which acts are signed."""
    time: SimulatedClock
    relay: Signer
    numbers: Mapping[str, int]
    """Parties' numbers on the ledger, by code."""
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)
    _pinned: list[TrustBundle] = field(default_factory=list)
    """What a border system has pinned so far; the last one counts."""

    @property
    def pinned(self) -> TrustBundle:
        """The bundle by which a border system verifies now."""
        return self._pinned[-1] if self._pinned else self.trust

    def wait_until(self, time: float) -> None:
        """Move the clock forward, UTC seconds. On the way the border system updates its trust in time, from a block sealed for it."""
        while (due := self.pinned.checkpoint.time + _UPDATE_EVERY_S) < time:
            self.time.now = max(self.time.now, float(due))
            self.seal()
            update = prove_update(self.port, self.pinned.checkpoint.number)
            self._pinned.append(verify_update(update, self.pinned, now=int(self.time.now)).trust)
        self.time.now = max(self.time.now, time)

    def operator(self, code: str) -> Signer:
        """Return the key that signs a party's publications."""
        return self._signer(code, "operator")

    def authority(self, code: str) -> Signer:
        """Return the key that signs a party's arrangements."""
        return self._signer(code, "authority")

    def _signer(self, code: str, role: str) -> Signer:
        if (code, role) not in self._signers:
            file = self.folder / "parties" / code / f"{role}.json"
            self._signers[code, role] = open_key_file(file, PASSWORD)
        return self._signers[code, role]

    def send(self, act: SignedAct, signers: Sequence[Signer]) -> Future[Receipt]:
        """Sign an act and queue it. Its receipt is there after `seal`."""
        signed = sign_act(act, signers, self.trust)
        transaction = Transaction(
            chain_id=self.trust.chain_id,
            nonce=self.embedded.next_nonce(self.relay.address),
            gas=_GAS,
            to=contracts_of(self.trust)[act.contract],
            data=encode_act(signed),
            gas_price=0,
        )
        return self.embedded.submit(sign_transaction(self.relay, transaction))

    def seal(self) -> int:
        """Seal a block of what is queued, at the earliest one block period after the last one; return its number."""
        return self.embedded.seal_pending()

    def prove(self, question: Question, *, with_history: bool = False) -> Evidence:
        """Make the evidence for a question as of the newest block."""
        return prove(question, self.port, self.trust, with_history=with_history).evidence

    def verify(self, evidence: Evidence, question: Question) -> ProvenDecision:
        """Verify evidence as a border system does, with the bundle that is pinned then."""
        return verify_recognition(evidence, question, self.pinned, now=int(self.time.now))


@contextmanager
def open_sealed(
    folder: Path, parties: str, *, begins: int, randomness: Callable[[int], bytes]
) -> Iterator[SealedWorld]:
    """Found a network in a new folder, and open it until the `with` block ends.

    Args:
        folder: A folder for the network and its marks; what a broken run left there must be gone.
        parties: As `network init --parties` takes them, such as `BY,CN,EU=DE+PL`.
        begins: Time of block 0, UTC seconds.
        randomness: A source of bytes, from `Streams.bytes_of`.
    """
    home = folder / "network"
    time = found(home, parties, begins=begins, randomness=randomness)
    trust = read_trust(home / "trust.json")
    with open_embedded(home, time, ledger=home / "ledger.sqlite") as (embedded, _, relay):
        yield SealedWorld(
            folder=home,
            embedded=embedded,
            port=IndexedLedger(port_of(embedded, home)),
            trust=trust,
            time=time,
            relay=relay,
            numbers={party.code: party.number for party in trust.parties},
        )
