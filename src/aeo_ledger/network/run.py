"""Run an embedded network: open its ledger with the validators' keys, and give access through the same port as for a node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.files import writing
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.places import PLACES, read_inventory
from aeo_ledger.network.reach import Running
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_store

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.prover.index_store import IndexStore

PREDECESSORS: Final = "predecessors"
"""Subfolder of a network's folder, with one folder for each ledger that it succeeds: `0` is the oldest."""


@contextmanager
def open_embedded(
    folder: Path, password: Password, *, confirm_clock: bool = False, marks: Path | None = None
) -> Iterator[tuple[EmbeddedLedger, Signer]]:
    """Open a network's folder exclusively, seal until the `with` block ends, and yield the ledger and its relay's key.

    Args:
        folder: The network's folder.
        password: Decrypts the validators' keys.
        confirm_clock: A person has checked the clock.
        marks: The folder of this machine's marks, if not the default.

    Raises:
        LedgerInUse: another process has it or a copy of it open.
        LedgerSetBack: it is an older or incomplete copy.
        DamagedLedger: it cannot be read.
        WrongPassword: the password is wrong.
    """
    keys = open_key_store(folder / "validators.keys", password)
    sealers = [signer for label, signer in keys.items() if label != RELAY]
    ledger = folder / "ledger.sqlite"
    with EmbeddedLedger.open(ledger, sealers, confirm_clock=confirm_clock, marks=marks) as embedded:
        yield embedded, keys[RELAY]


@contextmanager
def run_network(
    folder: Path,
    password: Password,
    *,
    confirm_clock: bool = False,
    marks: Path | None = None,
    store: IndexStore | None = None,
) -> Iterator[Running]:
    """Open a network's folder as `open_embedded` does, and the ledgers that it succeeds, for use in this process.

    `store` keeps the index over a restart; without it the index is in memory only.

    Raises:
        UnreadableFile, MalformedDocument, SlotUnexplained: `places.json` does not exist, or contradicts the genesis.
    """
    trust = read_trust(folder / "trust.json")
    with ExitStack() as opened:
        embedded, key = opened.enter_context(open_embedded(folder, password, confirm_clock=confirm_clock, marks=marks))
        former = [
            port_of(opened.enter_context(EmbeddedLedger.open_to_read(home / "ledger.sqlite")), home)
            for home in predecessors_of(folder)
        ]
        ledger = opened.enter_context(IndexedLedger(port_of(embedded, folder, former), store))
        yield Running(ledger=ledger, relay=Relay(ledger, key), trust=trust, banner=embedded.banner)


def predecessors_of(folder: Path) -> list[Path]:
    """List the folders of the ledgers that a network succeeds, the oldest first; `network succeed` copied them."""
    kept = folder / PREDECESSORS
    return sorted(kept.iterdir(), key=lambda home: int(home.name)) if kept.exists() else []


def port_of(embedded: EmbeddedLedger, folder: Path, former: Sequence[Ledger] = ()) -> Ledger:
    """Make the port to an embedded ledger; it knows the genesis.

    Args:
        embedded: The open ledger.
        folder: Its network's folder, with trust bundle and `places.json`.
        former: Ports of the ledgers that it succeeds, the oldest first; each is read as of its seam.

    Raises:
        UnreadableFile, MalformedDocument, SlotUnexplained: `places.json` does not exist, or contradicts the genesis.
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
    """Write genesis and sealed blocks to a file, atomically, and return their number.

    Raises:
        FileUnavailable: it cannot be written.
    """
    with writing(out) as file:
        return ledger.export(file)
