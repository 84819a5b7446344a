"""A real network of this project in a folder, on a clock that the lab sets: nothing of it is a model.

Its parties, keys, contracts, blocks and seals are made as `network init` and `run_network` make them. Two things differ. Time is an
argument, so a year takes seconds. And a block is sealed when an act is submitted, so an idle year has no blocks and the same seed gives the
same chain, byte for byte.

`sealed` carries the trace of a run; here the lab plays all sides: it copies the ledger, leaves validators out, and opens everybody's keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, ReasonClass, Role
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.files import copy_file, make_folder
from aeo_ledger.lab.founding import PASSWORD, SimulatedClock, found, open_embedded
from aeo_ledger.lab.streams import Streams
from aeo_ledger.network.run import port_of
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Slot
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.prove import prove, prove_past, prove_standings
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Signer, open_key_file
from aeo_ledger.verify import ProvenDecision, TrustBundle, verify_recognition

BEGINS: Final = 1_735_689_600
"""When a lab's network begins, unless something else is said: 2025-01-01, UTC."""

HEARTBEAT_S: Final = 30
"""An answer is given under a block of at most this age, as by an idle network that seals a block every half minute."""

MOST_EVENTS: Final = 100
"""Status events in one publication."""


class SealingLedger(IndexedLedger):
    """A port that seals a block when somebody waits for one. Nothing follows the ledger in a thread: reading brings the index forward."""

    embedded: EmbeddedLedger

    def await_sealed(self, raw_transaction: bytes, *, timeout_s: float) -> Sealed:
        """Seal a block, and say what became of the transaction."""
        self.embedded.seal_pending()
        return super().await_sealed(raw_transaction, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNetwork:
    """An open network, its clock, and everybody's keys: the lab plays all sides."""

    folder: Path
    embedded: EmbeddedLedger
    ledger: SealingLedger
    relay: Relay
    trust: TrustBundle
    clock: SimulatedClock
    validators: dict[str, Signer]
    """By the code of the party whose validator it is."""
    relay_key: Signer
    """Sends transactions; it has no authority."""
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def signer(self, code: str, role: str = "operator") -> Signer:
        """Open a party's key: `operator` or `authority`."""
        if (code, role) not in self._signers:
            self._signers[code, role] = open_key_file(self.folder / "parties" / code / f"{role}.json", PASSWORD)
        return self._signers[code, role]

    @property
    def desk(self) -> ProvenDesk:
        """What an office proves its acts on, on a fresh block."""
        self.freshen()
        return ProvenDesk(self.relay, self.trust, approve=without_asking, clock=self.clock)

    def freshen(self) -> None:
        """Seal a block, as a heartbeat does, unless the last one is younger than a heartbeat."""
        if self.clock() - self.ledger.time_of(self.embedded.head) > HEARTBEAT_S:
            self.embedded.seal_pending()

    def copy(self, path: Path) -> None:
        """Copy the ledger to a new file in a folder of its own, with its mark: what a validator needs to seal a second history.

        The project's own programs refuse to go on from a copy without its mark.
        """
        make_folder(path.parent)
        self.embedded.copy(path)
        copy_file(self.folder / "ledger.sqlite.mark", path.with_name(f"{path.name}.mark"))

    def number(self, code: str) -> int:
        """Return a party's number."""
        return self.trust.by_code[code].number

    def entry(self, tin: Tin, register: str, type_number: int = 0) -> bytes:
        """Derive the entry of a trader in an open register."""
        number = self.number(register)
        return make_entry(number, type_number, derive_open_holder(number, type_number, tin))

    def conclude(self, text: str, *parties: str) -> None:
        """Conclude an arrangement from its draft, signed by the authorities of these parties."""
        desk = self.desk
        signers = [self.signer(code, "authority") for code in parties]
        conclude(draft(text, desk), signers, desk, keep=lambda _: None)

    def draft(self, register: str, changes: Iterable[tuple[bytes, Change]]) -> SignedAct:
        """Draft a publication of changes in a party's own register, each with its entry, as of now."""
        number, wanted = self.number(register), list(changes)
        standings = self.relay.standings([entry for entry, _ in wanted])
        now = int(self.clock())
        events = [
            StatusEvent(entry=entry, record=prepare(change, old, issuer=number, now=now), document=bytes(32))
            for (entry, change), old in zip(wanted, standings.records, strict=True)
        ]
        return draft_publication(events, register=number, issuer=number, now=now)

    def publish(
        self, register: str, changes: Sequence[tuple[bytes, Change]], signers: Sequence[Signer] = ()
    ) -> list[Sealed]:
        """Sign and publish changes, at most `MOST_EVENTS` in a block; by the register's operator if nobody else is named.

        Raises:
            RefusedByLedger: the contract refuses a publication.
        """
        keys = list(signers) or [self.signer(register)]
        sealed = []
        for at in range(0, len(changes), MOST_EVENTS):
            act = self.draft(register, changes[at : at + MOST_EVENTS])
            sealed.append(self.relay.submit(sign_act(act, keys, self.trust)))
        return sealed

    def grant(self, register: str, tins: Sequence[Tin], type_number: int = 0, signers: Sequence[Signer] = ()) -> None:
        """Grant certificates to exporters; raises as `publish` does."""
        change = Change(kind=EventKind.GRANT, roles=1 << Role.EXPORTER)
        self.publish(register, [(self.entry(tin, register, type_number), change) for tin in tins], signers)

    def suspend(
        self, register: str, tins: Sequence[Tin], type_number: int = 0, reason: ReasonClass = ReasonClass.UNSTATED
    ) -> None:
        """Suspend certificates; raises as `publish` does."""
        change = Change(kind=EventKind.SUSPEND, reason=reason)
        self.publish(register, [(self.entry(tin, register, type_number), change) for tin in tins])

    def evidence(self, question: Question) -> Evidence:
        """Make evidence as a gateway would."""
        return prove(question, self.ledger, self.trust).evidence

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Make evidence of words: with the two methods below, this is a `Witness`."""
        return self.relay.prove_words(slots)

    def prove_past(self, slots: Sequence[Slot], subjects: Sequence[Subject]) -> Evidence:
        """Make evidence of words, and of every signed act on some subjects."""
        return prove_past(slots, subjects, self.ledger, self.trust)

    def history(self, entries: Sequence[bytes]) -> Evidence:
        """Make evidence of every signed event of some standings."""
        return prove_standings(entries, self.ledger, self.trust)

    def ask(self, question: Question, *, max_age: int = 300) -> ProvenDecision:
        """Ask as a border system does: with its own bundle, question and clock. The block is fresh."""
        self.freshen()
        return verify_recognition(self.evidence(question), question, self.trust, now=int(self.clock()), max_age=max_age)


def about(tin: Tin, recogniser: str) -> Question:
    """Ask about an exporter whose goods come in."""
    return Question(tin=tin, recogniser=recogniser, direction=Direction.IMPORT, role=Role.EXPORTER)


@contextmanager
def open_network(folder: Path, parties: str, *, seed: int, begins: int = BEGINS) -> Iterator[OwnNetwork]:
    """Found a network in a new folder, and open it until the `with` block ends.

    Args:
        folder: The new folder; its parent also keeps the marks of this "machine", so that nothing is written outside.
        parties: As `network init` takes them, such as `BY,CN,KZ,EU=DE+PL`.
        seed: Chain id, addresses and keys follow from it.
        begins: Time of block 0, UTC seconds.

    Raises:
        FolderExists: `folder` exists.
        MalformedText: `parties` has another form.
        Unavailable: the folder cannot be written.
    """
    clock = found(folder, parties, begins=begins, randomness=Streams(seed).bytes_of("network"))
    with reopen_network(folder, clock) as opened:
        yield opened


@contextmanager
def reopen_network(
    folder: Path, clock: SimulatedClock, *, ledger: Path | None = None, without: Sequence[str] = ()
) -> Iterator[OwnNetwork]:
    """Open the network of a folder; or a copy of its ledger, as a machine of its own would that has only some validators' keys.

    Args:
        folder: The network's folder.
        clock: Its clock.
        ledger: A copy of the ledger's file, from `OwnNetwork.copy`.
        without: Codes of parties whose validators do not take part.
    """
    path = ledger or folder / "ledger.sqlite"
    with open_embedded(folder, clock, ledger=path, without=without) as (embedded, validators, relay):
        port = SealingLedger(port_of(embedded, folder))
        port.embedded = embedded
        yield OwnNetwork(
            folder=folder,
            embedded=embedded,
            ledger=port,
            relay=Relay(port, relay, clock=clock),
            trust=read_trust(folder / "trust.json"),
            clock=clock,
            validators=validators,
            relay_key=relay,
        )
