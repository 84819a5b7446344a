"""Write what runs a network of real nodes from its `network.toml`: peers, compose files, the gateways' image, and the page of operation.

    static-nodes.json    the peers
    compose.yaml         every service on one machine; only while all nodes have addresses in the containers' network
    compose.CODE.yaml    the services of one party, on its own machine
    .env                 who owns the files here: containers run as this user, so that they can read and write them
    start-NAME.sh        starts a node or a gateway without a container
    image/Dockerfile     the gateways' image, built from the wheel that is put beside it: no registry has this project
    start.sh             GoQuorum's start, with and without a container
    OPERATION.md         what an operator does; OPERATION.ru.md is the same in Russian

Everything here is written again by `network render`. A compose file or a script that it wrote and that no longer follows from `network.toml` is
deleted; its first line says that it wrote it. Containers hold no state: the chain is in `parties/CODE/NODE-data`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.network.bare import gateway_script, node_script, script_of
from aeo_ledger.network.compose import IMAGE, INDEX_DATA, WRITTEN, write_compose
from aeo_ledger.network.engine import IDLE_SETTING, START, start_script
from aeo_ledger.network.index_secret import create_index_secret
from aeo_ledger.network.layout import LAYOUT, Engine, EngineNode, Layout, make_layout, write_layout
from aeo_ledger.network.operation import write_pages
from aeo_ledger.office.ask import read_genesis_file

ENVIRONMENT: Final = ".env"

_LONGEST_LINE: Final = 200
_CONTAINERFILE: Final = Path(__file__).parents[1] / "service" / "Containerfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What the reader of a rendered folder should know."""

    missing: tuple[str, ...]
    """What is not there yet, and how to make it."""
    left: tuple[str, ...]
    """Names of compose files and start scripts that are not of `network.toml` and that somebody else wrote."""


def write_engine_files(
    folder: Path, engine: Engine, nodes: Sequence[EngineNode], *, randomness: Callable[[int], bytes]
) -> None:
    """Choose addresses for a new network's nodes, write them to `network.toml`, and render everything from it.

    Args:
        folder: The network's folder, with genesis and keys.
        engine: The engine of the nodes.
        nodes: The validators' nodes, in the order of the seats.
        randomness: Returns the given number of secret random bytes.

    Raises:
        FileUnavailable: A file cannot be written.
    """
    layout = make_layout(engine, nodes)
    write_file(folder / LAYOUT, write_layout(layout).encode())
    render(folder, layout, randomness=randomness)


def render(folder: Path, layout: Layout, *, randomness: Callable[[int], bytes]) -> Rendered:
    """Write every file that follows from a layout, and delete the compose files and scripts that followed from an earlier one.

    Args:
        folder: The network's folder.
        layout: What `network.toml` says.
        randomness: Returns the given number of secret random bytes: for the password of a new database.

    Raises:
        MalformedDocument: A gateway on its party's own machine would have no node to ask.
        FileExists: Of the two files of a database's password, only one is there.
        FileUnavailable: A file or folder cannot be written, read or deleted.
    """
    files = {f"compose.{party.lower()}.yaml": write_compose(layout, party) for party in layout.parties}
    if layout.is_in_one_subnet:
        files["compose.yaml"] = write_compose(layout, None)
    files |= {script_of(place.name): node_script(layout, place) for place in layout.nodes}
    files |= {script_of(one.name): gateway_script(layout, one) for one in layout.gateways}
    others = sorted(
        path for path in (*folder.glob("compose*.yaml"), *folder.glob(script_of("*"))) if path.name not in files
    )
    left = tuple(path.name for path in others if not _delete_own(path))
    files["static-nodes.json"] = f"{json.dumps([place.enode for place in layout.nodes], indent=1)}\n"
    if layout.engine is Engine.QUORUM:
        files[START] = start_script()
    owner = folder.stat()
    files[ENVIRONMENT] = f"AEO_LEDGER_USER={owner.st_uid}:{owner.st_gid}\n"
    files |= write_pages(layout, _idle_period(folder, layout.engine))
    for name, text in files.items():
        write_file(folder / name, text.encode())
    _make_places(folder, layout, randomness)
    write_file(folder / IMAGE / "Dockerfile", _CONTAINERFILE.read_text(encoding="utf-8").encode())
    return Rendered(missing=tuple(_warnings(folder, layout, owner.st_uid)), left=left)


def _idle_period(folder: Path, engine: Engine) -> int | None:
    """Read the period of idle blocks from the genesis file, seconds; None if it says nothing that can be read."""
    try:
        found = read_genesis_file(folder / "genesis.json")["config"]["qbft"].get(IDLE_SETTING[engine])
    except (AeoLedgerError, KeyError, AttributeError, TypeError):
        return None
    return found if isinstance(found, int) else None


def _make_places(folder: Path, layout: Layout, randomness: Callable[[int], bytes]) -> None:
    """Make the folders that containers keep state in, so that they are not root's, and the passwords of databases."""
    places = [(place.node.party, f"{place.node.file}-data") for place in layout.nodes]
    places += [(code, INDEX_DATA) for code in layout.databases]
    for code, name in places:
        home = folder / "parties" / code
        if home.is_dir() and not (home / name).exists():
            make_folder(home / name)
    for code in layout.databases:
        if (folder / "parties" / code).is_dir():
            create_index_secret(folder / "parties" / code, randomness=randomness)
    if not (folder / IMAGE).exists():
        make_folder(folder / IMAGE)


def _delete_own(path: Path) -> bool:
    """Delete a file if its first line says that `render` wrote it; return whether it did."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            is_own = file.readline(_LONGEST_LINE).strip().endswith(WRITTEN.encode())
        if is_own:
            path.unlink()
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=str(error.strerror)) from error
    return is_own


def _warnings(folder: Path, layout: Layout, owner: int) -> Iterator[str]:
    if owner == 0:
        yield "root owns this folder: give it to another user (chown -R 1000:1000) and render again; Besu's image cannot read root's keys"
    if not list((folder / IMAGE).glob("aeo_ledger-*.whl")):
        yield f"{IMAGE}/ has no wheel yet: gateways are built from it (pip wheel --no-deps --wheel-dir {IMAGE} PROJECT)"
    for place in layout.nodes:
        home = folder / "parties" / place.node.party
        if home.is_dir() and not (home / f"{place.node.file}key").exists():
            yield f"{place.name}: no key yet (aeo-ledger key export parties/{place.node.party}/{place.node.file}.json)"
