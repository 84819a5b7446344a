"""Three networks, each the successor of the one before: the second of the same edition, the third of a test edition."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind, LaneActKind, PartyActKind, RegisterMode, ResolutionAct, Role
from aeo_ledger.evidence import Question
from aeo_ledger.ledger.bindings import Compiled
from aeo_ledger.network.succeed import draw_successor
from aeo_ledger.network.successor import derive_heir, read_contracts, write_successor
from aeo_ledger.office.ask import read_question
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.layouts import REGISTER, pack
from aeo_ledger.signing import Password, Signer, add_to_key_store
from support.edition import compile_test_edition
from support.hand_held import NUMBERS, Held, entry_of, found_at, held
from support.network import CN_BY, PASSWORD

DAY = 86_400
TIN, OTHER = "BY600000001", "BY600000002"
QUESTION: Question = read_question(TIN, "CN", "import", "carrier")
ALIAS = keccak256(b"an alias")


@dataclass
class Line:
    """The networks, and what was kept of the first two."""

    folders: list[Path]
    contracts: Path
    """The test edition's artifacts."""
    dates: list[int]
    """From when on the second and the third count."""
    submitted: list[SignedAct] = field(default_factory=list)
    """Acts on the first, as they were signed."""
    recorded: dict[str, int] = field(default_factory=dict)
    """When the events of one certificate were."""

    @property
    def compiled(self) -> Compiled:
        return read_contracts(self.contracts)


def fill(network: Held) -> None:
    """Write at least one word of every table that acts can write."""
    by, cn, kz, de, pl = (NUMBERS[code] for code in ("BY", "CN", "KZ", "DE", "PL"))
    network.conclude(CN_BY, "CN", "BY")
    lane = {"party": cn, "recogniser": cn, "register": by, "lane": 0, "generation": 0, "until": 0}
    for number, kind in enumerate((LaneActKind.SUSPEND, LaneActKind.RESUME), 1):
        network.act("LaneAct", {**lane, "number": number, "act": int(kind)}, network.signer("CN", "authority"))
    network.alone("KZ", PartyActKind.SET_CARD, detail=77)
    network.alone("KZ", PartyActKind.SET_CERTIFICATE, detail=78)
    fresh, lost, waiting = (Signer.generate(secrets.token_bytes) for _ in range(3))
    network.alone("BY", PartyActKind.ADD_AUTHORITY_KEY, fresh, key=fresh.address)
    network.act("Freeze", {"party": kz, "lifts": 0}, network.signer("KZ"))
    binding = {"recogniser": cn, "serial": 1, "alias_hash": ALIAS, "binding": 0, "certificate_type": 2}
    network.act("AliasBinding", {**binding, "entry": entry_of(TIN)}, network.signer("CN"))
    network.resolve(ResolutionAct.GIVE_REGISTER, party=de)
    network.alone("DE", PartyActKind.SET_KEY_CHECK, detail=5)
    network.alone("DE", PartyActKind.SET_REGISTER, detail=pack(REGISTER, mode=RegisterMode.KEYED, types=1))
    network.withhold(OTHER, withheld=True)
    store = network.folder / "validators.keys"
    node = add_to_key_store(store, ["KZ-2"], Password(PASSWORD), randomness=secrets.token_bytes)["KZ-2"]
    former = network.trust.validators.addresses[kz - 1].rjust(32, b"\0")
    network.resolve(ResolutionAct.REPLACE_VALIDATOR, node, party=kz, key=node.address, detail=former)
    network.resolve(ResolutionAct.REPLACE_AUTHORITY, lost, party=pl, key=lost.address)
    network.wait_until(network.now + 15 * DAY)
    network.relay.complete_replacement(pl)
    network.resolve(ResolutionAct.REPLACE_AUTHORITY, waiting, party=de, key=waiting.address)


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """The first network lives for three weeks, the second for ten days; the third begins an hour ago. Copy what you alter."""
    home = tmp_path_factory.mktemp("line")
    third_from = int(time.time()) - 3_600
    second_from = third_from - 10 * DAY
    first_from = second_from - 21 * DAY
    made = Line(
        folders=[home / name for name in ("first", "second", "third")],
        contracts=compile_test_edition(home / "edition"),
        dates=[second_from, third_from],
    )
    found_at(made.folders[0], first_from)
    with held(made.folders[0], first_from + 60) as network:
        made.recorded["granted"] = network.change(TIN, EventKind.GRANT, roles=1 << Role.CARRIER)
        network.change(OTHER, EventKind.GRANT, roles=1 << Role.CARRIER)
        fill(network)
        made.recorded["suspended"] = network.change(TIN, EventKind.SUSPEND)
        network.supersede(draw_successor(second_from, THIS_EDITION.code_hashes, secrets.token_bytes))
        made.submitted = list(network.submitted)
        network.wait_until(second_from - 40)
        network.wait_until(second_from + 5)
        network.change(OTHER, EventKind.REVOKE)
    pass_on(made.folders[0], made.folders[1], None)
    with held(made.folders[1], second_from + 60) as network:
        made.recorded["reinstated"] = network.change(TIN, EventKind.REINSTATE)
        network.alone("BY", PartyActKind.SET_CARD, detail=79)
        network.supersede(draw_successor(third_from, made.compiled.edition.code_hashes, secrets.token_bytes))
        network.wait_until(third_from - 40)
        network.wait_until(third_from + 5)
    pass_on(made.folders[1], made.folders[2], made.contracts)
    return made


def pass_on(old: Path, new: Path, contracts: Path | None) -> None:
    write_successor(old, new, derive_heir(old, read_contracts(contracts), now=int(time.time())))
