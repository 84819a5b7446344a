"""The files of a graduation; `tests/network` imports them into real engines."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.errors.chain import LedgerInUse
from aeo_ledger.errors.files import FolderExists
from aeo_ledger.errors.signing import WrongPassword
from aeo_ledger.network.engine import IDLE_PERIOD_S, IDLE_SETTING
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.graduate import graduate
from aeo_ledger.network.layout import Engine
from aeo_ledger.network.run import run_network
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.govern import resolve
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.primitives import rlp
from aeo_ledger.signing import Password, Signer, add_to_key_store, open_key_file

PASSWORD = Password("graduate")
CODES = ["BY", "CN", "KZ", "EU"]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that seated a fifth validator, Germany's, and later replaced Kazakhstan's node."""
    folder: Path = tmp_path_factory.mktemp("graduate") / "workshop"
    found_network(
        folder,
        parse_parties("BY,CN,KZ,EU=DE+PL"),
        PASSWORD,
        now=int(time.time()),
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    former = read_trust(folder / "trust.json").validators.addresses[2]
    nodes = add_to_key_store(folder / "validators.keys", ["DE", "KZ-2"], PASSWORD, randomness=secrets.token_bytes)
    authorities = [open_key_file(folder / "parties" / code / "authority.json", PASSWORD) for code in CODES]
    with run_network(folder, PASSWORD) as running:
        office = ProvenDesk(running.relay, running.trust, approve=without_asking)
        seated = resolve(
            office, ResolutionAct.SEAT_VALIDATOR, [*authorities, nodes["DE"]],
            party=5, key=nodes["DE"].address,
        )  # fmt: skip
        for act in (ResolutionAct.GIVE_SEAT, ResolutionAct.TAKE_SEAT):
            resolve(office, act, authorities, party=5)
        replaced = resolve(
            office, ResolutionAct.REPLACE_VALIDATOR, [*authorities, nodes["KZ-2"]],
            party=3, key=nodes["KZ-2"].address, detail=former.rjust(32, b"\0"),
        )  # fmt: skip
        resolve(office, ResolutionAct.GIVE_SEAT, authorities, party=5)
    (folder / "changed").write_text(json.dumps([done.sealed.block for done in (seated, replaced) if done.sealed]))
    return folder


def blocks_in(file: Path) -> list[int]:
    """The numbers of the blocks in a file, decoded by the project's own RLP."""
    data, numbers = file.read_bytes(), []
    while data:
        size = 1 + data[0] - 0xF7 + int.from_bytes(data[1 : 1 + data[0] - 0xF7], "big")
        header: Any = rlp.decode(data[:size])
        numbers.append(int.from_bytes(header[0][8], "big"))
        data = data[size:]
    return numbers


@pytest.mark.parametrize("engine", list(Engine))
def test_blocks_come_in_the_pieces_that_the_engine_takes(engine: Engine, workshop: Path, tmp_path: Path) -> None:
    done = graduate(workshop, engine, tmp_path / "out", PASSWORD, randomness=secrets.token_bytes, work_factor=2)
    pieces = [blocks_in(file) for file in done.blocks]
    assert [number for piece in pieces for number in piece] == list(range(1, done.head + 1))
    changed = json.loads((workshop / "changed").read_text())
    assert [piece[-1] for piece in pieces] == ([*changed, done.head] if engine is Engine.QUORUM else [done.head])
    with EmbeddedLedger.open(workshop / "ledger.sqlite") as ledger:
        assert done.head == ledger.head
    assert f"hash `{done.head_hash}`" in (tmp_path / "out" / "GRADUATION.md").read_text()
    guide = (done.folder / "GRADUATION.md").read_text()
    assert ("**Each change of validators in GoQuorum**" in guide) == (engine is Engine.QUORUM)


def test_each_party_takes_home_its_own_keys(workshop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graduate(workshop, Engine.BESU, out, PASSWORD, randomness=secrets.token_bytes, work_factor=2)
    trust = read_trust(out / "trust.json")
    for code, validator in zip(CODES, trust.validators.addresses, strict=True):
        home = out / "parties" / code
        assert (open_key_file(home / "node.json", PASSWORD).address == validator) == (code != "KZ"), "one was replaced"
        same = open_key_file(workshop / "parties" / code / "operator.json", PASSWORD).address
        assert open_key_file(home / "operator.json", PASSWORD).address == same
    old, new = (json.loads((folder / "genesis.json").read_text()) for folder in (workshop, out))
    assert new["config"]["qbft"].pop(IDLE_SETTING[Engine.BESU]) == IDLE_PERIOD_S[Engine.BESU]
    assert new == old
    assert "an idle block comes after 4 s" in (out / "OPERATION.md").read_text()
    assert (out / "places.json").read_bytes() == (workshop / "places.json").read_bytes()
    assert open_key_file(out / "parties" / "DE" / "node.json", PASSWORD).address not in trust.validators, (
        "the fifth, seated since"
    )
    assert len(json.loads((out / "static-nodes.json").read_text())) == len(CODES) + 1
    assert "was never on the embedded ledger's machine" not in (out / "GRADUATION.md").read_text()


def test_a_seated_node_whose_key_is_elsewhere_is_named(tmp_path: Path) -> None:
    folder, out = tmp_path / "workshop", tmp_path / "out"
    found_network(
        folder,
        parse_parties("BY,CN,KZ,EU"),
        PASSWORD,
        now=int(time.time()),
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    node, former = Signer.generate(secrets.token_bytes), read_trust(folder / "trust.json").validators.addresses[2]
    authorities = [open_key_file(folder / "parties" / code / "authority.json", PASSWORD) for code in CODES]
    with run_network(folder, PASSWORD) as running:
        office = ProvenDesk(running.relay, running.trust, approve=without_asking)
        resolve(
            office, ResolutionAct.REPLACE_VALIDATOR, [*authorities, node],
            party=3, key=node.address, detail=former.rjust(32, b"\0"),
        )  # fmt: skip
    done = graduate(folder, Engine.BESU, out, PASSWORD, randomness=secrets.token_bytes, work_factor=2)
    assert done.elsewhere == ("KZ",)
    assert (
        "**KZ**: the key of a seated node was never on the embedded ledger's machine"
        in (out / "GRADUATION.md").read_text()
    )
    assert len(json.loads((out / "static-nodes.json").read_text())) == len(CODES) - 1


def test_refusals_leave_nothing_behind(workshop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(WrongPassword):
        graduate(workshop, Engine.BESU, out, Password("another"), randomness=secrets.token_bytes, work_factor=2)
    with EmbeddedLedger.open(workshop / "ledger.sqlite"), pytest.raises(LedgerInUse):
        graduate(workshop, Engine.BESU, out, PASSWORD, randomness=secrets.token_bytes, work_factor=2)
    assert list(tmp_path.iterdir()) == []
    out.mkdir()
    with pytest.raises(FolderExists):
        graduate(workshop, Engine.BESU, out, PASSWORD, randomness=secrets.token_bytes, work_factor=2)
