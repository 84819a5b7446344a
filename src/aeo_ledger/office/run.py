"""Run an embedded network: open its ledger with the validators' keys, and reach it as any node is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.errors import UnreadableFile
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.found import RELAY
from aeo_ledger.office.reach import Running, contracts_of
from aeo_ledger.office.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_store


@contextmanager
def open_embedded(
    folder: Path, password: Password, *, confirm_clock: bool = False
) -> Iterator[tuple[EmbeddedLedger, Signer]]:
    """Open a network's folder for this process alone, seal until the block is left, and give the ledger and its relay's key.

    Raises:
        LedgerInUse: another process has it open.
        WrongPassword: the validators' keys do not open.
        ClockDoubtful: the machine's clock cannot be believed unasked.
    """
    keys = open_key_store(folder / "validators.keys", password)
    sealers = [signer for label, signer in keys.items() if label != RELAY]
    with EmbeddedLedger.open(folder / "ledger.sqlite", sealers, confirm_clock=confirm_clock) as embedded:
        yield embedded, keys[RELAY]


@contextmanager
def run_network(folder: Path, password: Password, *, confirm_clock: bool = False) -> Iterator[Running]:
    """Open a network's folder as `open_embedded` does, and reach it from this process."""
    trust = read_trust(folder / "trust.json")
    with open_embedded(folder, password, confirm_clock=confirm_clock) as (embedded, key):
        contracts = contracts_of(trust)
        ledger = Ledger(embedded.provider(), contracts)
        yield Running(
            ledger=ledger,
            relay=Relay(ledger, key),
            trust=trust,
            genesis={contract: embedded.genesis.alloc[address].storage for contract, address in contracts.items()},
            banner=embedded.banner,
        )


def write_blocks(ledger: EmbeddedLedger, out: Path) -> int:
    """Write genesis and sealed blocks to a file, whole or not at all, and count them."""
    making = out.with_name(f".{out.name}.making")
    try:
        with making.open("wb") as file:
            count = ledger.export(file)
        making.replace(out)
    except OSError as error:
        raise UnreadableFile(path=str(out), detail=error.strerror or str(error)) from error
    finally:
        making.unlink(missing_ok=True)
    return count
