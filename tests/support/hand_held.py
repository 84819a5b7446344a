"""An embedded network whose time a test moves: months of acts in a few seconds, each signed, relayed and sealed for real."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, ResolutionAct
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.network.run import port_of, predecessors_of
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import Done, sign_act
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.govern import draft_succession, name_successor, resolve
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.withhold import withhold
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.succession import Successor
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_file, open_key_store
from aeo_ledger.verify import TrustBundle
from support.chain_world import HandClock
from support.network import PARTIES, PASSWORD
from support.readers import read_office

SEATED = ("BY", "CN", "KZ", "EU")
NUMBERS = {"BY": 1, "CN": 2, "KZ": 3, "EU": 4, "DE": 5, "PL": 6}


def found_at(folder: Path, time: int) -> Path:
    """Found the usual network, with block 0 of a time."""
    found_network(
        folder,
        parse_parties(PARTIES),
        Password(PASSWORD),
        now=time,
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    return folder


@dataclass
class Held:
    """An open network, and every act as it was submitted."""

    folder: Path
    hand: HandClock
    embedded: EmbeddedLedger
    ledger: Ledger
    relay: Relay
    submitted: list[SignedAct] = field(default_factory=list)

    @property
    def trust(self) -> TrustBundle:
        return read_trust(self.folder / "trust.json")

    @property
    def now(self) -> int:
        return int(self.hand.wall_s)

    @property
    def office(self) -> ProvenDesk:
        """What its offices prove their acts on."""
        return ProvenDesk(self, self.trust, approve=without_asking, clock=lambda: self.hand.wall_s)

    def signer(self, code: str, role: str = "operator") -> Signer:
        return open_key_file(self.folder / f"parties/{code}/{role}.json", Password(PASSWORD))

    @property
    def seats(self) -> list[Signer]:
        return [self.signer(code, "authority") for code in SEATED]

    # a desk that remembers

    def submit(self, act: SignedAct) -> Sealed:
        self.submitted.append(act)
        return self.relay.submit(act)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.relay, name)

    # acts

    def act(self, name: str, values: dict[str, Any], *signers: Signer) -> Sealed:
        act = SignedAct(name=name, values={"deadline": self.now + 600, "grounds": bytes(32), **values})
        return self.submit(sign_act(act, signers, self.trust))

    def alone(self, code: str, kind: PartyActKind, *cosigners: Signer, **members: Any) -> Sealed:
        number = NUMBERS[code]
        nothing = {"certificate_type": 0, "key": bytes(20), "detail": 0, "effective": 0}
        values = {"party": number, "serial": read_office(self, number).serial + 1, "act": int(kind), **nothing}
        return self.act("PartyAct", {**values, **members}, self.signer(code, "authority"), *cosigners)

    def resolve(self, act: ResolutionAct, *cosigners: Signer, **members: Any) -> Sealed:
        for _ in range(2):  # validators change two blocks apart at least
            self.embedded.seal_pending()
        return received(resolve(self.office, act, [*self.seats, *cosigners], **members))

    def conclude(self, text: str, *codes: str) -> None:
        signers = [self.signer(code, "authority") for code in codes]
        assert conclude(draft(text, self.office), signers, self.office, keep=lambda _: None).done is not None

    def change(self, tin: str, kind: EventKind, **entered: Any) -> int:
        """Belarus signs an event of a type 3 certificate; return when it was recorded."""
        _, done = change_status(
            self.office,
            entry_of(tin),
            Change(kind=kind, **entered),
            register=NUMBERS["BY"],
            issuer=NUMBERS["BY"],
            signers=[self.signer("BY")],
        )
        return self.ledger.time_of(received(done).block)

    def withhold(self, tin: str, *, withheld: bool) -> Sealed:
        return received(
            withhold(
                self.office, entry_of(tin), withheld=withheld, recogniser=NUMBERS["CN"], signers=[self.signer("CN")]
            )
        )

    def supersede(self, successor: Successor) -> None:
        drafted = draft_succession(self.office, successor)
        assert name_successor(drafted, self.seats, self.office).done is not None

    def wait_until(self, time: int) -> None:
        """Let time pass, and a block be sealed after it."""
        self.hand.pass_(time - self.now)
        self.embedded.seal_pending()


def received(done: Done) -> Sealed:
    assert done.sealed is not None
    return done.sealed


def entry_of(tin: str) -> bytes:
    return make_entry(NUMBERS["BY"], 2, derive_open_holder(NUMBERS["BY"], 2, Tin(tin)))


@contextmanager
def held(folder: Path, time: int, submitted: Sequence[SignedAct] = ()) -> Iterator[Held]:
    """Open a network at a time; time stands but for the seconds that blocks take."""
    hand = HandClock(wall_s=float(time))
    keys = open_key_store(folder / "validators.keys", Password(PASSWORD))
    relay = keys.pop(RELAY)
    with ExitStack() as opened:
        embedded = opened.enter_context(
            EmbeddedLedger.open(folder / "ledger.sqlite", list(keys.values()), clock=hand.clock, confirm_clock=True)
        )
        former = [
            port_of(opened.enter_context(EmbeddedLedger.open_to_read(home / "ledger.sqlite")), home)
            for home in predecessors_of(folder)
        ]
        ledger = port_of(embedded, folder, former)
        clock = Relay(ledger, relay, clock=lambda: hand.wall_s)
        yield Held(folder, hand, embedded, ledger, clock, list(submitted))
