"""An embedded ledger becomes a real network: same chain, same evidence, then fresh node keys and trust pinned anew."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, ResolutionAct
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.graduate import graduate
from aeo_ledger.network.layout import Engine
from aeo_ledger.network.run import run_network
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.govern import resolve
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.trust import update_trust
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.signing import create_key_file, open_key_file
from aeo_ledger.verify import verify_recognition
from support.engines import CODES, ENGINES, PASSWORD, validators
from support.network import import_rows, open_book, read_plain, register_text
from support.running import ARRANGEMENT, TRADER, Running


@pytest.mark.parametrize("engine", ENGINES)
def test_an_embedded_ledger_becomes_a_real_network(engine: Engine, tmp_path: Path) -> None:
    workshop, network = tmp_path / "workshop", tmp_path / "network"
    found_network(
        workshop,
        parse_parties("BY,CN,KZ,EU=DE+PL"),
        PASSWORD,
        now=int(time.time()),
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    question = read_question(TRADER, "CN", "import", "exporter")
    keys = {code: open_key_file(workshop / "parties" / code / "authority.json", PASSWORD) for code in CODES}
    operator = open_key_file(workshop / "parties" / "BY" / "operator.json", PASSWORD)
    with run_network(workshop, PASSWORD) as embedded:
        office = ProvenDesk(embedded.relay, embedded.trust, approve=without_asking)
        conclude(draft(ARRANGEMENT, office), [keys["BY"], keys["CN"]], office, keep=lambda _: None)
        with open_book(tmp_path / "book.sqlite") as book:
            import_rows(office, read_plain(register_text("BY"), "BY"), 1, [operator], book)
        before = prove(question, embedded.ledger, embedded.trust).evidence
    done = graduate(workshop, engine, network, PASSWORD, randomness=secrets.token_bytes, work_factor=2)

    with validators(network, engine, PASSWORD, tmp_path / "nodes", CODES) as nodes:
        for node in nodes.all.values():
            node.import_blocks(*done.blocks)
        for node in nodes.all.values():
            node.start()
            assert node.ask("eth_getBlockByNumber", hex(done.head), False)["hash"] == done.head_hash
        nodes.await_head(done.head + 2)
        running = Running(network, nodes, read_trust(network / "trust.json"))
        assert running.ask("CN").decision.recognised, "evidence from after verifies under the same trust bundle"
        old = verify_recognition(before, question, running.trust, now=int(time.time()), max_age=3600)
        assert old.decision.recognised, "and so does evidence from before"

        entry = make_entry(1, 2, derive_open_holder(1, 2, Tin(TRADER)))
        change_status(
            running.office("BY"), entry, Change(kind=EventKind.SUSPEND), register=1, issuer=1, signers=[operator],
        )  # fmt: skip
        nodes.await_head(nodes.head())
        assert [reason.name for reason in running.ask("CN").decision.reasons] == ["SUSPENDED"]

        fresh = create_key_file(tmp_path / "fresh.json", PASSWORD, randomness=secrets.token_bytes, work_factor=2)
        nodes.join("BY again", tmp_path / "nodes" / "fresh", tmp_path / "fresh.json", PASSWORD)
        worn = open_key_file(network / "parties" / "BY" / "node.json", PASSWORD)
        for code in ("BY", "BY again"):  # GoQuorum may halt if one of them has a part in the block after
            nodes.all[code].stop()
        nodes.await_head(nodes.head() + 2)
        resolve(
            running.office("CN"), ResolutionAct.REPLACE_VALIDATOR, [*keys.values(), fresh],
            party=1, key=fresh.address, detail=worn.address.rjust(32, b"\0"),
        )  # fmt: skip
        nodes.await_head(nodes.head() + 2)
        nodes.all["BY again"].start()
        nodes.await_head(nodes.head() + 2)

        ledger = running.ledger("CN")
        _, proven = update_trust(
            network / "trust.json", lambda since: prove_update(ledger, since), now=int(time.time())
        )
        assert [(change.seated, change.unseated) for change in proven.changes] == [(fresh.address, worn.address)]
        assert fresh.address in proven.trust.validators
        assert worn.address not in proven.trust.validators
        nodes.await_head(proven.trust.checkpoint.number + 1)
        assert not replace(running, trust=proven.trust).ask("CN").decision.recognised, (
            "trust is pinned anew and proves on"
        )
