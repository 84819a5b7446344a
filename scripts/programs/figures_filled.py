"""The figures of a gateway with a million standings. No ledger publishes so many in an hour, so the index's database is filled.

This program writes the same words into the database as a register that was published one by one: invented standings, in real tries, under a
header with real seals. The gateway is the real one. It opens the database, compares the words with the header, and answers with evidence, which
is verified here. Only the node is a stand-in: it has one block. The smaller register beside it is filled in the same way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import rlp
from figures_gateway import CALLERS, Load, await_answer, free_port, load, peak_mb, process_of
from figures_sheet import Sheet
from figures_snapshot import ADDRESSES, BY, CODE_HASHES, constitution, entry_of, question, seal, trust_at
from trie import HexaryTrie
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, Role, Status
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.ledger.port import TROUBLE, Ledger
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.protocol.inventory import NOTHING, THIS_EDITION
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.verify import TRUST_FORM, verify_recognition

SMALLER: Final = 50_000
LEAST_SHARE: Final = 0.7
"""Answers a second with the larger register, of those with the smaller one, at least."""
_DAY_S: Final = 86_400
_BLOCK: Final = 100
"""The number that `seal` gives."""
_GENESIS: Final = b"the stand-in's block 0"


class OneBlock(BaseProvider):
    """A node that has one block, and takes no act."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ARG002 (it has one block)
        """Answer what a gateway asks again and again."""
        answers = {"eth_chainId": "0x1", "eth_blockNumber": hex(_BLOCK), TROUBLE: "the node is a stand-in"}
        return {"jsonrpc": "2.0", "id": 1, "result": answers[method]}


class FilledLedger(Ledger):
    """The port to this node."""

    def __init__(self) -> None:
        super().__init__(OneBlock(), ADDRESSES)

    def header(self, block: int) -> bytes:  # noqa: ARG002 (an index has the header of the newest block)
        """Return the beginning, by which a database is known to be this ledger's."""
        return _GENESIS


def fill(home: Path, standings: int, now: int) -> None:
    """Fill the database of an index, in a folder, with invented standings of Belarus as of now, UTC seconds."""
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415 (the process that fills needs it)
    from aeo_ledger.prover.past import Past  # noqa: PLC0415
    from aeo_ledger.prover.state import NO_BLOCK, Changes  # noqa: PLC0415

    changes = Changes(since=NO_BLOCK, block=_BLOCK)
    changes.words = {(table, _word(key)): _word(word) for (table, key), word in constitution().items()}
    for number in range(standings):
        record = Record(
            status=Status.ACTIVE, kind=EventKind.GRANT, issuer=BY, roles=1 << Role.EXPORTER, sequence=1, since=now - _DAY_S,
            valid_from=now - _DAY_S, recorded_at=now - _DAY_S,
        )  # fmt: skip
        changes.standings[entry_of(question(number).tin)] = _word(encode_record(record)), keccak256(_word(number))
    rows = changes.rows()
    for contract, words in THIS_EDITION.storage(NOTHING, ADDRESSES).items():
        if contract in rows:
            rows[contract] += [keccak256(_word(slot)) + _word(word) for slot, word in words.items()]
    accounts = HexaryTrie({})
    for contract in WITH_ANSWERS:
        root = derive_root((row[:32], rlp.encode(row[32:].lstrip(b"\0"))) for row in sorted(rows[contract]))
        accounts[keccak256(ADDRESSES[contract])] = rlp.encode([b"\1", b"", root, CODE_HASHES[contract]])
    del rows
    changes.header = seal(accounts.root_hash, now).encode()
    changes.accounts = {
        contract: tuple(rlp.encode(node) for node in accounts.get_proof(keccak256(ADDRESSES[contract])))  # type: ignore[no-untyped-call]
        for contract in Contract
    }
    with IndexStore(_url(home)) as store:
        store.prepare(_GENESIS, ADDRESSES)
        with store.turn() as turn:
            turn.write(changes, Past(logs=(), acts={}, times={}, steps={}))


def serve(home: Path, port: int) -> None:
    """Serve the database in a folder; write there how long the index took to open it, in seconds."""
    from aeo_ledger.cli.listen import listen, make_server  # noqa: PLC0415 (the process that serves needs it)
    from aeo_ledger.gateway.app import create_app  # noqa: PLC0415
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415
    from aeo_ledger.prover.indexed import IndexedLedger  # noqa: PLC0415
    from aeo_ledger.prover.relay import Relay  # noqa: PLC0415
    from aeo_ledger.signing import Signer  # noqa: PLC0415

    started = time.perf_counter()
    with IndexStore(_url(home)) as store, IndexedLedger(FilledLedger(), store) as ledger:
        (home / "opened").write_text(str(time.perf_counter() - started))
        relay = Relay(ledger, Signer.from_secret(keccak256(b"a relay that relays nothing")))
        app = create_app(ledger, relay, read_trust(home / "trust.json"), behind="Filled for figures.")
        make_server(app).run(sockets=[listen(port)])


def _url(home: Path) -> str:
    return f"sqlite:///{home / 'index.sqlite'}"


def filled_figures(sheet: Sheet, standings: int) -> None:
    """Print the figures of a gateway with many standings, beside those of one with few; both databases are filled."""
    columns = {
        "standings": "",
        "answers/s": "1/s",
        "p99": "",
        "without evidence": "1/s",
        "opened in": "",
        "peak memory": "",
        "database": "",
    }
    table = sheet.table(f"A gateway whose database this program filled, {CALLERS} callers, one process", columns)
    rates = []
    for size in (SMALLER, standings):
        with tempfile.TemporaryDirectory() as home, sheet.busy(f"{size:,} standings"), _serving(Path(home), size) as (
            url, process, opened_s,
        ):  # fmt: skip
            proven, bare = _measure(url, process, size, Path(home) / "trust.json")
            memory = peak_mb([process])
            length = sum(file.stat().st_size for file in Path(home).glob("index.sqlite*"))
        rates.append(proven.per_s)
        table.add_row(
            f"{size:,}", f"{proven.per_s:,.0f}", f"{proven.p99_ms:.1f} ms", f"{bare.per_s:,.0f}", f"{opened_s:.1f} s",
            f"{memory:,.0f} MB", f"{length / 1e6:,.0f} MB",
        )  # fmt: skip
    sheet.print(table)
    sheet.print(
        f"With {standings:,} standings a gateway gives {rates[1] / rates[0]:.0%} of the answers that it gives with {SMALLER:,}."
    )
    if rates[1] < LEAST_SHARE * rates[0]:
        raise SystemExit(f"less than {LEAST_SHARE:.0%} on this machine, this time")


def _measure(url: str, process: int, standings: int, trust_file: Path) -> tuple[Load, Load]:
    """Verify an answer, then load the server; return what it gives with evidence and without."""
    paths = _paths(standings)
    found = httpx.get(f"{url}{paths[0]}&evidence=true", timeout=30).raise_for_status().json()
    evidence = EVIDENCE_FORM.decode_json(json.dumps(found["evidence"]))
    trust, asked = read_trust(trust_file), evidence.questions[0]
    if not verify_recognition(evidence, asked, trust, now=int(time.time()), max_age=_DAY_S).decision.recognised:
        raise SystemExit("a standing is not recognised")
    return load(url, [f"{path}&evidence=true" for path in paths], [process]), load(url, paths, [process])


def _paths(standings: int) -> list[str]:
    """List questions about traders all over the register; odd TINs are accepted, since these are invented."""
    query = "recogniser=CN&direction=import&role=exporter&type=3&accept_odd=true"
    return [f"/v1/decisions?tin=BY{number:09}&{query}" for number in range(0, standings, max(1, standings // 997))]


@contextmanager
def _serving(home: Path, standings: int) -> Iterator[tuple[str, int, float]]:
    """Fill a database and serve it, each in a process of its own; yield the URL, the server, and how long it took to open, in seconds."""
    now, port = int(time.time()), free_port()
    (home / "trust.json").write_text(TRUST_FORM.encode_json(trust_at(now)), encoding="utf-8")
    program = [sys.executable, __file__]
    subprocess.run([*program, "fill", str(home), str(standings), str(now)], check=True)
    with process_of([*program, "serve", str(home), str(port)], {**os.environ}) as process:
        url = f"http://127.0.0.1:{port}"
        await_answer(f"{url}/livez", process)
        yield url, process.pid, float((home / "opened").read_text())


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


if __name__ == "__main__":
    act, home, number, *rest = sys.argv[1:]
    if act == "fill":
        fill(Path(home), int(number), int(rest[0]))
    else:
        serve(Path(home), int(number))
