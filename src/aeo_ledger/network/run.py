"""Run an embedded network: open its ledger with the validators' keys, and reach it as any node is reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.files import writing
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.found import RELAY
from aeo_ledger.network.places import PLACES, read_inventory
from aeo_ledger.network.reach import Running
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_store

PREDECESSORS: Final = "predecessors"
"""In a network's folder: that of each ledger that it succeeds, by number of the seam."""


@contextmanager
def open_embedded(
    folder: Path, password: Password, *, confirm_clock: bool = False, marks: Path | None = None
) -> Iterator[tuple[EmbeddedLedger, Signer]]:
    """Open a network's folder for this process alone, seal until the block is left, and give the ledger and its relay's key.

    Args:
        folder: The network's.
        password: Opens the validators' keys.
        confirm_clock: Somebody looked at the clock.
        marks: Where this machine keeps its marks of what was sealed, if not where it usually does.

    Raises:
        LedgerInUse: another process has it open, or a copy of it.
        LedgerSetBack: it is an older copy, or a part of one.
        DamagedLedger: it cannot be read.
        WrongPassword: the validators' keys do not open.
    """
    keys = open_key_store(folder / "validators.keys", password)
    sealers = [signer for label, signer in keys.items() if label != RELAY]
    ledger = folder / "ledger.sqlite"
    with EmbeddedLedger.open(ledger, sealers, confirm_clock=confirm_clock, marks=marks) as embedded:
        yield embedded, keys[RELAY]


@contextmanager
def run_network(
    folder: Path, password: Password, *, confirm_clock: bool = False, marks: Path | None = None
) -> Iterator[Running]:
    """Open a network's folder as `open_embedded` does, and reach it from this process; so too the ledgers that it succeeds.

    Raises:
        UnreadableFile, MalformedDocument, SlotUnexplained: `places.json` is not there, or does not fit the genesis.
    """
    trust = read_trust(folder / "trust.json")
    with ExitStack() as opened:
        embedded, key = opened.enter_context(open_embedded(folder, password, confirm_clock=confirm_clock, marks=marks))
        former = [
            port_of(opened.enter_context(EmbeddedLedger.open_to_read(home / "ledger.sqlite")), home)
            for home in predecessors_of(folder)
        ]
        ledger = port_of(embedded, folder, former)
        yield Running(ledger=ledger, relay=Relay(ledger, key), trust=trust, banner=embedded.banner)


def predecessors_of(folder: Path) -> list[Path]:
    """List the folders of the ledgers that a network's succeeds, the oldest first, as `network succeed` keeps them."""
    kept = folder / PREDECESSORS
    return sorted(kept.iterdir(), key=lambda home: int(home.name)) if kept.exists() else []


def port_of(embedded: EmbeddedLedger, folder: Path, former: Sequence[Ledger] = ()) -> Ledger:
    """Reach an embedded ledger as any node is reached, knowing its genesis.

    Args:
        embedded: The ledger, open.
        folder: Its network's, with trust bundle and `places.json`.
        former: Ports of the ledgers that it succeeds, the oldest first; each is taken as of its seam.

    Raises:
        UnreadableFile, MalformedDocument, SlotUnexplained: `places.json` is not there, or does not fit the genesis.
    """
    trust = read_trust(folder / "trust.json")
    contracts = contracts_of(trust)
    storage = {contract: embedded.genesis.alloc[address].storage for contract, address in contracts.items()}
    beginning = read_inventory(folder / PLACES, storage, THIS_EDITION, contracts)
    seams = zip(former, trust.predecessors, strict=True) if former else ()
    return Ledger(
        embedded.provider(),
        contracts,
        beginning=beginning,
        predecessors=[ledger.as_of(seam.number) for ledger, seam in seams],
    )


def write_blocks(ledger: EmbeddedLedger, out: Path) -> int:
    """Write genesis and sealed blocks to a file, whole or not at all, and count them.

    Raises:
        FileUnavailable: it cannot be written.
    """
    with writing(out) as file:
        return ledger.export(file)
