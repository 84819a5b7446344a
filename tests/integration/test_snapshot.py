"""A snapshot at a border post: fetched through a gateway, verified, asked off line, compared with the next one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from typer.testing import CliRunner

from aeo_ledger.cli import output
from aeo_ledger.cli.main import app
from aeo_ledger.customs.vocabulary import EventKind, Reason
from aeo_ledger.errors.gateway import GatewayUnclear
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.prover import StorageNotRebuilt
from aeo_ledger.evidence import SNAPSHOT_FORM, Snapshot, decode_header
from aeo_ledger.evidence.snapshot import MAX_BYTES
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.problems import to_problem
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.network.succeed import _list_places
from aeo_ledger.office.ask import contracts_of, read_question
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.snapshot import compare
from aeo_ledger.protocol.inventory import THIS_EDITION, Inventory
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.index import Index
from aeo_ledger.verify import ProvenSnapshot, verify_recognition, verify_snapshot
from support.network import Network, now, register_text

TYPE_3, TYPE_1, SUSPENDED, NOBODY = "BY511125808", "BY192900384", "BY197539006", "BY999999999"


@pytest.fixture(scope="module")
def taken(recognising: Network) -> Snapshot:
    return recognising.desk.snapshot()


def prove(network: Network, snapshot: Snapshot) -> ProvenSnapshot:
    return verify_snapshot(snapshot, network.trust, now=now(), max_age=300)


def suspend(network: Network, tin: str, kind: EventKind = EventKind.SUSPEND) -> None:
    number = network.number("BY")
    change_status(
        network.office, network.entry(tin, "BY", 2), Change(kind=kind), register=number, issuer=number,
        signers=[network.signer("BY")],
    )  # fmt: skip


def test_a_snapshot_decides_what_evidence_decides(recognising: Network, taken: Snapshot) -> None:
    proven = prove(recognising, taken)
    reasons: set[Reason] = set()
    for tin in (TYPE_3, TYPE_1, SUSPENDED, NOBODY, "CN1234567890", "PL123"):
        for recogniser, direction in (("CN", "import"), ("BY", "import"), ("KZ", "export"), ("PL", "transit")):
            for on in (None, "2019-07-01"):
                asked = read_question(tin, recogniser, direction, "carrier", on=on)
                evidence = recognising.desk.evidence(asked)
                expected = verify_recognition(evidence, asked, recognising.trust, now=now(), max_age=300).decision
                found = proven.decide(asked, now=now()).decision
                assert (found.recognised, found.reasons, found.benefits, found.registers, found.lanes) == (
                    expected.recognised, expected.reasons, expected.benefits, expected.registers, expected.lanes,
                )  # fmt: skip
                reasons.update(found.reasons)
    assert reasons >= {Reason.NO_CERTIFICATE, Reason.SUSPENDED, Reason.TYPE_OUT_OF_SCOPE, Reason.NO_ARRANGEMENT}


def test_every_standing_of_the_register_is_in_it(recognising: Network, taken: Snapshot) -> None:
    imported = len(register_text("BY").splitlines()) - 1
    assert len(list(prove(recognising, taken).standings())) == len(taken.standings) // 96 == imported


def test_the_next_snapshot_reads_newer_logs_and_tells_what_changed(recognising: Network, taken: Snapshot) -> None:
    suspend(recognising, TYPE_3)
    newer = recognising.desk.snapshot()
    before, after = prove(recognising, taken), prove(recognising, newer)
    found = compare(before, after)
    assert {(one.field, one.before, one.after) for one in found.differences} >= {
        ("status", "active", "suspended"),
        ("kind", "grant", "suspend"),
    }
    holder = recognising.entry(TYPE_3, "BY", 2)[3:].hex()
    assert {one.subject for one in found.differences} == {f"BY type 3 holder 0x{holder}"}
    assert found.other_words == 1  # the head of its history
    asked = read_question(TYPE_3, "CN", "import", "carrier")
    assert before.decide(asked, now=now()).decision.recognised
    assert after.decide(asked, now=now()).decision.reasons == (Reason.SUSPENDED,)
    assert compare(after, after).differences == ()
    suspend(recognising, TYPE_3, EventKind.REINSTATE)


def test_without_the_right_genesis_none_is_taken(recognising: Network) -> None:
    with pytest.raises(StorageNotRebuilt) as refusal:
        Index(Ledger(recognising.running.ledger.provider, contracts_of(recognising.trust))).advance()
    assert refusal.value.contract == Contract.CONSORTIUM
    assert refusal.value.found != refusal.value.needed


class Later(Ledger):
    """A node without logs up to a block, like a ledger that began with the state of that block."""

    def __init__(self, ledger: Ledger, first: int, beginning: Inventory) -> None:
        self.__dict__ |= ledger.__dict__
        self.first, self.beginning = first, beginning

    def logs(self, contract: Contract, topics: Sequence[bytes | None], *, since: int = 0, until: int) -> list[Log]:
        return [log for log in super().logs(contract, topics, since=since, until=until) if log.block > self.first]


def test_standings_of_a_genesis_are_taken_too(recognising: Network) -> None:
    ledger = recognising.running.ledger
    before = Index(ledger).advance().snapshot
    block = decode_header(before.header).number
    words, entries = _list_places(ledger, block)
    beginning = THIS_EDITION.select(
        words | ledger.beginning.words.keys(), entries, lambda contract, slot: ledger.word(contract, slot, block)
    )
    suspend(recognising, TYPE_3)
    snapshot = Index(Later(ledger, block, beginning)).advance().snapshot
    assert len(snapshot.standings) == len(before.standings), "each by its entry, those of the genesis too"
    asked = read_question(TYPE_3, "CN", "import", "carrier")
    assert prove(recognising, snapshot).decide(asked, now=now()).decision.reasons == (Reason.SUSPENDED,)
    suspend(recognising, TYPE_3, EventKind.REINSTATE)


# ------------------------------------------------------------------ hostile gateways


def client_of(content: bytes, status: int = 200) -> GatewayClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    return GatewayClient("http://gateway", httpx.Client(base_url="http://gateway", transport=transport))


def test_an_answer_that_is_not_a_snapshot_is_unclear(taken: Snapshot) -> None:
    assert client_of(SNAPSHOT_FORM.encode_cbor(taken)).snapshot() == taken
    for content, status in (
        (b"", 200),
        (SNAPSHOT_FORM.encode_cbor(taken)[:-1], 200),
        (b"<html>", 200),
        (b"<html>", 502),
    ):
        with pytest.raises(GatewayUnclear):
            client_of(content, status).snapshot()


def test_a_gateway_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = 0

    def flood() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 20
            yield bytes(1 << 20)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=flood()))
    desk = GatewayClient("http://gateway", httpx.Client(base_url="http://gateway", transport=transport))
    with pytest.raises(GatewayUnclear, match="longer than"):
        desk.snapshot()
    assert sent <= MAX_BYTES + (1 << 21)


def test_the_gateways_problem_is_told() -> None:
    problem = to_problem(NodeFailed(method="eth_getLogs", detail="down"))
    with pytest.raises(NodeFailed) as refusal:
        client_of(json.dumps(problem).encode(), 503).snapshot()
    assert refusal.value.detail == "down"


# ------------------------------------------------------------------ the command


def run(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_border_post_takes_a_snapshot_and_asks_without_a_network(
    recognising: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust, file = recognising.folder / "trust.json", tmp_path / "ledger.snapshot"
    code, taken = run("snapshot", "take", "--out", file, "--trust", trust, "--gateway", recognising.url)
    assert code == 0
    assert taken["bytes"] == file.stat().st_size
    assert sum(taken["standings"]["BY"].values()) == 321

    def no_network(*_: object, **__: object) -> NoReturn:
        raise AssertionError("reached for the network")

    monkeypatch.setattr(socket, "socket", no_network)
    asked = ("--recogniser", "CN", "--direction", "import", "--role", "carrier", "--trust", trust, "--snapshot", file)
    code, answer = run("ask", TYPE_3, *asked)
    assert (code, answer["recognised"], answer["stale"]) == (0, True, False)
    assert 0 <= answer["age_s"] < 300
    code, answer = run("ask", NOBODY, *asked)
    assert (code, answer["reasons"]) == (1, ["no_certificate"])
    code, answer = run("ask", TYPE_3, *asked, "--evidence", tmp_path / "evidence.json")
    assert (code, answer["error"]) == (2, "MalformedText")

    later = now() + 2 * 86_400
    monkeypatch.setattr(output, "now", lambda: later)
    code, answer = run("ask", TYPE_3, *asked)
    assert (code, answer["error"], answer["family"]) == (4, "Stale", "unproven")
    code, answer = run("ask", TYPE_3, *asked, "--max-age", "3d")
    assert (code, answer["stale"]) == (0, False)
    code, answer = run("ask", TYPE_3, *asked, "--stale", "flag")
    assert (code, answer["recognised"], answer["stale"]) == (0, True, True)
    people = CliRunner().invoke(app, ["ask", TYPE_3, *map(str, asked), "--stale", "flag"])
    assert "MORE THAN THE 1d THAT YOU ACCEPT" in people.stdout

    monkeypatch.setattr("aeo_ledger.cli.snapshot.now", lambda: later)
    code, shown = run("snapshot", "show", file, "--trust", trust)
    assert (code, shown["block"], shown["age_s"] >= 2 * 86_400) == (0, taken["block"], True)
    people = CliRunner().invoke(app, ["snapshot", "show", str(file), "--trust", str(trust)])
    assert "2d" in people.stdout


def test_the_difference_is_told_in_customs_words(recognising: Network, tmp_path: Path) -> None:
    trust, old, new = recognising.folder / "trust.json", tmp_path / "old", tmp_path / "new"
    source = ("--trust", trust, "--gateway", recognising.url)
    assert run("snapshot", "take", "--out", old, *source)[0] == 0
    suspend(recognising, TYPE_3)
    assert run("snapshot", "take", "--out", new, *source)[0] == 0
    code, found = run("snapshot", "diff", old, new, "--trust", trust, "--old-trust", trust)
    assert code == 0
    found_fields = {one["field"]: (one["before"], one["after"]) for one in found["differences"]}
    assert found_fields["status"] == ("active", "suspended")
    people = CliRunner().invoke(app, ["snapshot", "diff", str(old), str(new), "--trust", str(trust)]).stdout
    assert "BY type 3 holder 0x" in people
    assert "status: active -> suspended" in people
    suspend(recognising, TYPE_3, EventKind.REINSTATE)


def test_traders_that_the_asker_gives_are_named(recognising: Network, tmp_path: Path) -> None:
    """The ledger has only pseudonyms: a TIN that the user gives is named, all others stay pseudonyms."""
    before, after, tins = tmp_path / "before", tmp_path / "after", tmp_path / "tins"
    before.write_bytes(SNAPSHOT_FORM.encode_cbor(recognising.desk.snapshot()))
    suspend(recognising, "BY413751283")
    after.write_bytes(SNAPSHOT_FORM.encode_cbor(recognising.desk.snapshot()))
    tins.write_text("BY413751283\n\nBY999999999\r\nCN1234567890\n")

    def diff(*more: str | Path) -> tuple[int, Any]:
        return run("snapshot", "diff", before, after, "--trust", recognising.folder / "trust.json", *more)

    def subjects(*more: str | Path) -> set[str]:
        code, found = diff(*more)
        assert code == 0
        return {one["subject"] for one in found["differences"]}

    (pseudonym,) = subjects()
    assert pseudonym.startswith("BY type 3 holder 0x")
    assert subjects("--tin", "BY413751283") == subjects("--tins", tins) == {"BY type 3 BY413751283"}
    assert subjects("--tin", "BY999999999", "--tin", "CN413751283") == {pseudonym}
    code, odd = diff("--tin", "by413751283")
    assert (code, odd["error"]) == (2, "MalformedTin")
    tins.write_bytes(b"\xff")
    code, odd = diff("--tins", tins)
    assert (code, odd["error"]) == (2, "MalformedText")
    suspend(recognising, "BY413751283", EventKind.REINSTATE)


def test_a_file_that_is_not_a_snapshot_is_malformed(recognising: Network, tmp_path: Path) -> None:
    trust, file = recognising.folder / "trust.json", tmp_path / "none"
    assert run("snapshot", "show", file, "--trust", trust)[1]["error"] == "UnreadableFile"
    file.write_bytes(b"none")
    assert run("snapshot", "show", file, "--trust", trust)[1]["error"] == "MalformedDocument"
    with file.open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    code, answer = run("snapshot", "show", file, "--trust", trust)
    assert (code, answer["error"]) == (2, "OversizedFile")
    assert str(MAX_BYTES) in answer["detail"]
