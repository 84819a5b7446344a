"""Write and check the folder of a network that succeeds another.

    DIR/genesis.json places.json trust.json     as in any network; the trust bundle names its predecessors
    DIR/predecessors/0/...                      the oldest ledger, as of its end: histories begin there

An embedded network's folder also has the old network's keys: the validators stay the same, and nothing is signed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from aeo_ledger.chain import EmbeddedLedger, Genesis
from aeo_ledger.errors.network import SuccessorDiffers
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.files import copy_file, copy_folder, making_folder, write_file
from aeo_ledger.ledger.bindings import ARTIFACTS, Compiled, read_compiled
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.backup import copy_ledger
from aeo_ledger.network.operation import PAGES
from aeo_ledger.network.places import PLACES, encode_places
from aeo_ledger.network.reach import read_beginning
from aeo_ledger.network.run import PREDECESSORS, port_of, predecessors_of
from aeo_ledger.network.succeed import Heir, make_heir, read_end
from aeo_ledger.office.ask import contracts_of, read_file, read_trust
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.verify import TRUST_FORM

_LEDGER: Final = "ledger.sqlite"
_OF_NODES: Final = ("network.toml", "static-nodes.json", "compose.yaml", *PAGES)
"""The files of `network.render` about an engine's nodes; the same nodes seal the successor."""


def read_contracts(folder: Path | None) -> Compiled:
    """Read compiled contracts from a folder that `scripts/compile` wrote; None means those of this version.

    Raises:
        UnreadableFile, MalformedDocument: a file cannot be read, or is not an artifact.
    """
    if folder is None:
        return read_compiled()
    return read_compiled(lambda contract: _read_json(folder / f"{ARTIFACTS[contract]}.json"))


@contextmanager
def open_ended(folder: Path, urls: Sequence[str] = ()) -> Iterator[tuple[Ledger, Genesis]]:
    """Open a superseded ledger: an embedded one in its folder, or one of real nodes; then the folder has its genesis.

    Raises:
        LedgerInUse, MalformedLedger: the embedded ledger cannot be opened.
        UnreadableFile, MalformedDocument, MalformedGenesis, SlotUnexplained: a file of the folder cannot be read.
        Unavailable: no node of the pinned chain answers.
    """
    if urls:
        trust = read_trust(folder / "trust.json")
        chain = ChainIdentity(chain_id=trust.chain_id, genesis_hash=trust.genesis_hash)
        beginning = read_beginning(folder / "genesis.json", trust)
        with NodesProvider(urls, chain=chain) as nodes:
            yield Ledger(nodes, contracts_of(trust), beginning=beginning), _read_genesis(folder)
    else:
        with EmbeddedLedger.open(folder / _LEDGER) as embedded:
            yield port_of(embedded, folder), embedded.genesis


def derive_heir(
    folder: Path, compiled: Compiled, *, now: int, trust: Path | None = None, urls: Sequence[str] = ()
) -> Heir:
    """Derive the successor of the ledger in a folder; raises as `open_ended`, `read_end` and `make_heir` do.

    Args:
        folder: The old network's folder, with genesis, places and trust bundle.
        compiled: The contracts that the resolution names.
        now: UTC seconds.
        trust: The trust bundle for the old ledger; None is the folder's own. Its period may be over.
        urls: URLs of the old ledger's nodes; empty for an embedded one.
    """
    with open_ended(folder, urls) as (ledger, genesis):
        ended = read_end(ledger, read_trust(trust or folder / "trust.json"), now=now)
    return make_heir(ended, genesis, compiled)


def write_successor(old: Path, out: Path, heir: Heir) -> None:
    """Write a successor's folder, atomically.

    Args:
        old: The folder of the old network. If that network is embedded, so is the successor. Otherwise the old nodes continue with their
            owners' keys, and that folder's files about the nodes are copied.
        out: The new folder.
        heir: Derived from the old network.

    Raises:
        FolderExists: `out` exists.
        LedgerInUse: a process has the old ledger open.
    """
    with making_folder(out) as making:
        write_file(making / "genesis.json", _write_genesis(heir.genesis).encode())
        write_file(making / PLACES, encode_places(heir.inventory).encode())
        write_file(making / "trust.json", TRUST_FORM.encode_file(heir.trust))
        if (old / _LEDGER).exists():
            EmbeddedLedger.create(making / _LEDGER, heir.genesis)
            copy_folder(old / "parties", making / "parties")
            copy_file(old / "validators.keys", making / "validators.keys")
            _keep_predecessors(old, making / PREDECESSORS)
        for name in _OF_NODES:
            if (old / name).exists():
                copy_file(old / name, making / name)


def check_successor(folder: Path, heir: Heir) -> None:
    """Compare a network's folder with the successor that was derived from the old network.

    Raises:
        SuccessorDiffers: a part differs.
        UnreadableFile, MalformedDocument, MalformedGenesis: a file of the folder cannot be read.
        MalformedLedger, DamagedLedger, FileUnavailable: the folder's embedded ledger, if it has one, cannot be read.
    """
    found = {"genesis.json": _read_genesis(folder)}
    if (folder / _LEDGER).exists():
        with EmbeddedLedger.open_to_read(folder / _LEDGER) as embedded:  # a gateway may have it open
            found[_LEDGER] = embedded.genesis
    for name, genesis in found.items():
        _compare(f"{name}, hash of block 0", genesis.hash().hex(), heir.genesis.hash().hex())
        _compare(name, _write_genesis(genesis), _write_genesis(heir.genesis))
    _compare("places.json", read_file(folder / PLACES).decode(errors="replace"), encode_places(heir.inventory))
    pinned = read_trust(folder / "trust.json")
    for name in ("chain_id", "genesis_hash", "predecessors"):
        _compare(f"trust.json, {name}", str(getattr(pinned, name)), str(getattr(heir.trust, name)))
    for contract in Contract:
        found_pin, needed = ((trust.address(contract), trust.code_hash(contract)) for trust in (pinned, heir.trust))
        _compare(f"trust.json, {contract}", str(found_pin), str(needed))


def _keep_predecessors(old: Path, kept: Path) -> None:
    """Copy the old ledger's predecessors, then the old ledger."""
    for place, home in enumerate([*predecessors_of(old), old]):
        copy_ledger(home, kept / str(place))


def _compare(part: str, found: str, needed: str) -> None:
    """Refuse a part that differs; show a long part around the first difference."""
    if found == needed:
        return
    at = next((at for at, (one, other) in enumerate(zip(found, needed, strict=False)) if one != other), 0)
    start = max(0, at - 30)
    raise SuccessorDiffers(part=part, found=repr(found[start : at + 90]), needed=repr(needed[start : at + 90]))


def _read_genesis(folder: Path) -> Genesis:
    return Genesis.from_json(_read_json(folder / "genesis.json"))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(read_file(path))
    except (ValueError, RecursionError) as error:
        raise MalformedDocument(path.name, "", f"not JSON that can be read ({error})") from error


def _write_genesis(genesis: Genesis) -> str:
    return json.dumps(genesis.to_json(), indent=1) + "\n"
