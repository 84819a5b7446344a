"""A full disk: each command that writes a file reports `Unavailable`, writes nothing, and leaves existing files unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.disks import fill, small_disk
from support.network import CN_BY, found
from support.workshop import PLAIN, QUESTION, TYPE_3, Workshop, day_in, write_csv

FULL = "No space left on device"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A workshop, a folder that has space, and a small disk."""

    shop: Workshop
    space: Path
    disk: Path

    def key_without_address(self) -> Path:
        """Put a key file without its key's address on the disk, as some wallets write it."""
        path = self.disk / "wallet.json"
        content = json.loads(Path(self.shop.key("BY")).read_text())
        del content["address"]
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        return path

    def evidence(self) -> Path:
        path = self.space / "evidence.json"
        assert self.shop.run("ask", TYPE_3, *QUESTION, "--evidence", str(path)).exit_code == 0
        return path

    def pinned(self, place: Path) -> Path:
        """Pin the network's first bundle; the ledger has newer blocks since."""
        (fingerprint,) = (self.shop.json("trust", "show")["fingerprint"],)
        first = str(self.shop.folder / "trust.json")
        pinned = self.shop.run("trust", "pin", first, "--out", str(place), "--fingerprint", fingerprint)
        assert pinned.exit_code == 0, pinned.output
        return place

    def draft(self) -> Path:
        path = self.disk / "cn-by.toml"
        path.write_text(CN_BY)
        return path

    def register(self) -> Path:
        return write_csv(self.space / "register.csv", {**PLAIN, "tin": "BY700000099"})

    def closed(self) -> Path:
        """Found a network that no process has open."""
        return found(self.space / "closed")


COMMANDS: dict[str, Callable[[Scene], list[object]]] = {
    "evidence": lambda s: ["ask", TYPE_3, *QUESTION, "--evidence", s.disk / "e.json"],
    "evidence in CBOR": lambda s: ["ask", TYPE_3, *QUESTION, "--evidence", s.disk / "e.cbor"],
    "a receipt": lambda s: [
        "ask", TYPE_3, *QUESTION, "--evidence", s.space / "e.json", "--receipt", s.disk / "r.json"
    ],
    "a history": lambda s: ["history", TYPE_3, "--evidence", s.disk / "h.json"],
    "a snapshot": lambda s: ["snapshot", "take", "--out", s.disk / "s.cbor"],
    "a sample": lambda s: ["register", "sample", "BY", "--out", s.disk / "BY.csv"],
    "a book": lambda s: [
        "register", "import", s.register(), "--party", "BY", "--key", s.shop.key("BY"), "--accept-odd", "--yes",
        "--book", s.disk / "book.sqlite",
    ],
    "an act": lambda s: ["arrangement", "conclude", s.draft(), "--yes", "--key", s.shop.key("CN", "authority")],
    "a succession": lambda s: [
        "network", "supersede", s.disk / "s.act.json", "--date", day_in(30), "--yes", "--key",
        s.shop.key("BY", "authority"),
    ],
    "a bundle": lambda s: [
        "trust", "pin", s.shop.folder / "trust.json", "--out", s.disk / "trust.json", "--fingerprint",
        s.shop.json("trust", "show")["fingerprint"],
    ],
    "a trust store": lambda s: [
        "trust", "pin", s.shop.folder / "trust.json", "--out", s.disk / "store", "--fingerprint",
        s.shop.json("trust", "show")["fingerprint"],
    ],
    "a bundle that moves": lambda s: ["trust", "update", "--trust", s.pinned(s.disk / "trust.json")],
    "a store that moves": lambda s: ["trust", "update", "--trust", s.pinned(s.disk / "store")],
    "an update": lambda s: [
        "trust", "update", "--trust", s.pinned(s.space / "trust.json"), "--keep", s.disk / "u.cbor"
    ],
    "a key": lambda s: ["key", "new", s.disk / "key.json"],
    "a key's address": lambda s: ["key", "confirm", s.key_without_address(), "--address", s.shop.json(
        "key", "show", s.shop.key("BY"))["address"]],
    "a node's key": lambda s: ["key", "export", s.shop.key("BY"), "--out", s.disk / "nodekey"],
    "blocks": lambda s: ["chain", "export", s.shop.folder, "--out", s.disk / "blocks.rlp"],
    "a network": lambda s: ["network", "init", s.disk / "net", "--parties", "BY,CN"],
    "a network's nodes": lambda s: ["network", "graduate", s.closed(), "--engine", "besu", "--out", s.disk / "nodes"],
}  # fmt: skip


@pytest.fixture
def scene(shop: Workshop, tmp_path: Path) -> Iterator[Scene]:
    with small_disk(tmp_path / "disk", 512) as disk:
        yield Scene(shop=shop, space=tmp_path, disk=disk)


def _content(folder: Path) -> dict[str, bytes]:
    """Read every file that has a byte: an empty one, or an empty folder, may stay behind."""
    found = {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {path: data for path, data in found.items() if data}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk_is_unavailable_whatever_is_written(scene: Scene, command: Callable[[Scene], list[object]]) -> None:
    arguments = [str(part) for part in command(scene)]
    fill(scene.disk)
    before = _content(scene.disk)
    told = scene.shop.run(*arguments, *([] if "sample" in arguments else ["--json"]))
    assert told.exit_code == 5, told.output
    assert FULL in told.output
    assert _content(scene.disk) == before
