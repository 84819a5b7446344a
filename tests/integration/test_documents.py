"""A document behind a commitment: kept in the book, shown from it, and given by a gateway to those entitled and to nobody else."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from aeo_ledger.customs.aliases import NO_ENTRY
from aeo_ledger.errors.registers import NoDocumentsServed, NotEntitled, OtherDocument, UnknownDocument
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.used_requests import StoredRequests
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.commitment import commit
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.disclosure import DocumentRequest
from aeo_ledger.registers.documents import Kept, Kind
from aeo_ledger.signing import Signer
from support.network import CN_BY, Network, now, open_book, opened, register_text, served
from support.waiting import WITHIN_S
from support.workshop import TYPE_3, Workshop, day_in, write_csv

TYPE_1 = "BY192900384"


@dataclass(frozen=True)
class Office:
    """A network whose gateway has the book of Belarus."""

    network: Network
    book: Book

    def request(self, commitment: bytes, at: int | None = None, host: str | None = None) -> DocumentRequest:
        trust = self.network.trust
        return DocumentRequest(
            chain=trust.chain_id,
            registers=trust.address(Contract.REGISTERS),
            commitment=commitment,
            at=now() if at is None else at,
            nonce=secrets.token_bytes(16),
            host=self.network.url.removeprefix("http://") if host is None else host,
        )

    def ask(self, commitment: bytes, signer: Signer, at: int | None = None) -> Kept:
        return self.send(self.request(commitment, at), signer)

    def send(self, sent: DocumentRequest, signer: Signer, signed: DocumentRequest | None = None) -> Kept:
        """Send a request with the signature of another one."""
        signature = signer.sign((signed or sent).digest())
        return self.network.desk.document(sent.commitment, lambda _: (sent, signature))

    def commitment(self, tin: str, kind: int) -> bytes:
        return self.book.documents_of(1)[self.network.entry(tin, "BY", kind)].commitment


@pytest.fixture(scope="module")
def office(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("documents")
    folder = shutil.copytree(founded, home / "net")
    with open_book(home / "book.sqlite") as book, opened(folder, book) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_(register_text("BY"), "BY", network.book)
        yield Office(network, book)


def test_the_issuer_and_who_recognises_the_type_get_the_document(office: Office) -> None:
    third = office.commitment(TYPE_3, 2)
    for code in ("CN", "BY"):
        found = office.ask(third, office.network.signer(code))
        assert commit(found.content, found.salt) == third
        assert json.loads(found.content)["tin"] == TYPE_3
    assert office.ask(office.commitment(TYPE_1, 0), office.network.signer("BY")).kind is Kind.CERTIFICATE


@pytest.mark.parametrize(
    ("code", "role", "tin", "kind", "told"),
    [
        ("KZ", "operator", TYPE_3, 2, "recognises no certificate of this type"),
        ("CN", "operator", TYPE_1, 0, "recognises no certificate of this type"),
        ("CN", "authority", TYPE_3, 2, "the key is no operator of a party"),
    ],
)
def test_everybody_else_is_refused(office: Office, code: str, role: str, tin: str, kind: int, told: str) -> None:
    with pytest.raises(NotEntitled, match=told):
        office.ask(office.commitment(tin, kind), office.network.signer(code, role))


def test_a_request_counts_for_five_minutes_for_one_document_of_one_ledger_and_by_its_signer(office: Office) -> None:
    signer, third = office.network.signer("CN"), office.commitment(TYPE_3, 2)
    stranger = Signer.from_secret(b"\1" * 32)
    for at in (now() - 400, now() + 400):
        with pytest.raises(NotEntitled, match="within the last five minutes"):
            office.ask(third, signer, at)
    with pytest.raises(NotEntitled, match="no operator"):
        office.ask(third, stranger)
    request = office.request(third)
    for signed in (
        replace(request, commitment=office.commitment(TYPE_1, 0)),
        replace(request, at=request.at - 1),
        replace(request, chain=request.chain + 1),
        replace(request, registers=bytes(20)),
        replace(request, nonce=bytes(16)),
        replace(request, host="gateway.example"),
    ):
        with pytest.raises(NotEntitled, match="no operator"):
            office.send(request, signer, signed)


def test_a_request_counts_once_and_at_one_gateway(office: Office) -> None:
    third, signer = office.commitment(TYPE_3, 2), office.network.signer("CN")
    request = office.request(third)
    assert office.send(request, signer).commitment == third
    with pytest.raises(NotEntitled, match="the request was used"):
        office.send(request, signer)
    with pytest.raises(NotEntitled, match="no operator"):
        office.send(replace(request, nonce=bytes(16)), signer, request)
    elsewhere = office.request(third, host="gateway.example:443")
    with pytest.raises(NotEntitled, match=r"it came to 127\.0\.0\.1"):
        office.send(elsewhere, signer)
    with pytest.raises(NotEntitled, match="no operator"):  # passed on by the other gateway, under this one's name
        office.send(replace(elsewhere, host=request.host), signer, elsewhere)
    # passed on under the other one's name: this gateway is not called so
    port = request.host.rpartition(":")[2]
    for host in ("10.0.0.7:8000", "10.0.0.7", f"10.0.0.7:{port}", "localhost:1", "127.0.0.1", "[::1]:443"):
        sent = office.request(third, host=host)
        answer = office.network.http.get(
            f"/v1/documents/0x{third.hex()}",
            params={
                "at": sent.at,
                "nonce": f"0x{sent.nonce.hex()}",
                "host": host,
                "signature": f"0x{signer.sign(sent.digest()).encode().hex()}",
            },
            headers={"host": host},
        )
        assert (answer.status_code, "this gateway is not called so" in answer.text) == (403, True), answer.text


def test_a_request_counts_once_at_all_workers_of_a_gateway(office: Office, tmp_path: Path) -> None:
    """Two apps of one name that share a database, as two workers do; without it, each counts alone."""
    running, third, name = office.network.running, office.commitment(TYPE_3, 2), "gateway.example"
    signer = office.network.signer("CN")
    with IndexStore(f"sqlite:///{tmp_path / 'index.sqlite'}") as store:
        for used, second in ((StoredRequests(store, since=now() - 10), 403), (None, 200)):
            workers = [
                create_app(
                    running.ledger, running.relay, running.trust, behind="", names=[name], book=office.book, used=used
                )
                for _ in range(2)
            ]
            request = office.request(third, host=name)  # one from before a worker began would be refused
            signature = signer.sign(request.digest()).encode()
            asked: dict[str, Any] = {
                "at": request.at,
                "nonce": to_hex(request.nonce),
                "host": name,
                "signature": to_hex(signature),
            }
            statuses = []
            for worker in workers:
                with served(worker) as url:
                    answer = httpx.get(f"{url}/v1/documents/{to_hex(third)}", params=asked, headers={"host": name})
                    statuses.append(answer.status_code)
            assert statuses == [200, second]


def test_refusals_have_a_status_of_their_own(office: Office) -> None:
    third = office.commitment(TYPE_3, 2)

    def status(commitment: str, code: str, **altered: str) -> int:
        request = office.request(third if commitment == "third" else b"\7" * 32)
        signature = office.network.signer(code).sign(request.digest()).encode()
        asked: dict[str, Any] = {
            "at": request.at,
            "nonce": f"0x{request.nonce.hex()}",
            "host": request.host,
            "signature": f"0x{signature.hex()}",
            **altered,
        }
        path = f"0x{request.commitment.hex()}" if commitment in {"third", "unknown"} else commitment
        return office.network.http.get(f"/v1/documents/{path}", params=asked).status_code

    assert [status("third", "CN"), status("third", "KZ"), status("unknown", "CN")] == [200, 403, 404]
    assert [status("0x07", "CN"), status("third", "CN", at="x"), status("third", "CN", signature="0x")] == [400] * 3
    assert status("third", "CN", more="1") == 400
    assert [status("third", "CN", nonce="0x12"), status("third", "CN", host="Ä"), status("third", "CN", host="")] == [
        400
    ] * 3
    assert status("third", "CN", signature="0x" + "ff" * 65) == 400
    with pytest.raises(UnknownDocument):
        office.ask(b"\7" * 32, office.network.signer("CN"))


def test_a_document_that_the_commitment_does_not_bind_is_no_document(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = office.commitment(TYPE_3, 2)
    kept = office.book.find(third)
    monkeypatch.setattr(Book, "find", lambda *_: replace(kept, content=b"{}"))
    with pytest.raises(OtherDocument) as refused:
        office.ask(third, office.network.signer("CN"))
    assert refused.value.commitment == third


def test_a_gateway_without_a_book_serves_no_document(shop: Workshop) -> None:
    signer, nobody = Signer.from_secret(b"\1" * 32), bytes(20)
    request = DocumentRequest(chain=1, registers=nobody, commitment=bytes(32), at=now(), nonce=bytes(16), host="a")
    with GatewayClient(shop.url, timeout_s=WITHIN_S) as desk, pytest.raises(NoDocumentsServed):
        desk.document(bytes(32), lambda _: (request, signer.sign(request.digest())))
    asked = shop.run("document", "show", "0x" + "07" * 32, "--key", shop.key("CN"))
    assert (asked.exit_code, "serves no documents" in asked.stderr) == (3, True)


def test_the_grounds_of_an_act_are_kept_and_bound_and_shown(shop: Workshop, tmp_path: Path) -> None:
    shop.import_(write_csv(tmp_path / "a.csv", {"tin": "BY740000001"}))
    decision = tmp_path / "decision.pdf"
    decision.write_bytes(b"%PDF-1.7 the reasons")
    asked = (
        "suspend",
        "BY740000001",
        "--party",
        "BY",
        "--type",
        "3",
        "--key",
        shop.key("BY"),
        "--grounds",
        str(decision),
    )
    shown = shop.run(*asked, "--accept-odd")
    assert (shown.exit_code, "document: the one whose salted hash is 0x" in shown.stderr) == (3, True)
    done = shop.json(*asked, "--accept-odd")
    events = shop.json("history", "BY740000001", "--register", "BY", "--type", "3")["certificates"][0]["events"]
    assert events[-1]["document"] == done["grounds"]
    found = shop.json("document", "show", done["grounds"])
    assert (found["kind"], found["media"], found["tin"]) == ("grounds", "application/pdf", "BY740000001")
    out = tmp_path / "out.pdf"
    assert shop.run("document", "show", done["grounds"], "--out", str(out)).exit_code == 0
    assert out.read_bytes() == decision.read_bytes()
    log = shop.json("book", "log", "--since", "1h")["log"]
    assert [one["what"] for one in log][-3:] == ["grounds", "act", "sealed"]
    assert log[-2]["who"]
    shown = shop.json("book", "show", "BY740000001")["documents"]
    assert [[place["event"] for place in one["bound"]] for one in shown] == [[1], [2]]
    kinds = [one["kind"] for one in shop.json("book", "show", "BY740000001")["documents"]]
    assert kinds == ["certificate", "grounds"]
    hashed = shop.json(*(part if part != str(decision) else "0x" + "5a" * 32 for part in asked), "--accept-odd")
    assert hashed["grounds"] == "0x" + "5a" * 32
    for wrong, code in (("0x12", 2), (str(tmp_path / "absent"), 2)):
        refused = shop.run(*(part if part != str(decision) else wrong for part in asked), "--accept-odd", "--yes")
        assert refused.exit_code == code


@pytest.mark.parametrize(("verb", "more"), [("suspend", ()), ("end", ("--until", day_in(300)))])
def test_the_decision_behind_an_act_on_a_recognition_is_kept(
    shop: Workshop, tmp_path: Path, verb: str, more: tuple[str, ...]
) -> None:
    file, decision = tmp_path / "drafted.act.json", tmp_path / "decision.txt"
    decision.write_text(f"why we {verb}")
    pair = ("--party", "CN", "--recogniser", "CN", "--register", "BY")
    shop.json("arrangement", verb, *pair, *more, "--out", str(file), "--grounds", str(decision))
    grounds = json.loads(file.read_text())["act"]["values"]["grounds"]
    assert bytes.fromhex(shop.json("document", "show", grounds)["content"][2:]) == decision.read_bytes()


def test_a_decision_about_a_whole_plan_is_kept_beside_the_plans_hash(shop: Workshop, tmp_path: Path) -> None:
    decision, file, plan = tmp_path / "decision.txt", tmp_path / "a.csv", tmp_path / "a.plan.json"
    decision.write_text("the month's decision")
    write_csv(file, {"tin": "BY740000002"})
    drawn = shop.json(
        "register", "plan", str(file), "--party", "BY", "--accept-odd", "--out", str(plan), "--grounds", str(decision)
    )
    more = ("--key", shop.key("BY"), "--grounds", str(decision), "--yes")
    shop.json("register", "apply", str(plan), *more)
    write_csv(file, {"tin": "BY740000003"})
    done = shop.json("register", "import", str(file), "--party", "BY", "--accept-odd", *more)
    notes = [one["words"] for one in shop.json("book", "log", "--since", "1h")["log"] if one["what"] == "grounds"]
    assert [drawn["plan"] in words for words in notes[-2:]] == [True, False]  # noted once, by plan and apply
    assert done["plan"] in notes[-1]
    shown = shop.json("document", "show", notes[-1].rsplit(", ", 1)[1])
    assert (shown["tin"], bytes.fromhex(shown["content"][2:])) == (None, decision.read_bytes())
    for wrong in ("0x" + "5a" * 32, str(tmp_path / "absent")):
        asked = ("register", "import", str(file), "--party", "BY", "--key", shop.key("BY"), "--grounds", wrong)
        assert shop.json(*asked, "--accept-odd", "--yes", code=2)["error"] == "UnreadableFile"


def test_a_decision_about_no_certificate_is_given_by_no_gateway(office: Office) -> None:
    commitment = office.book.keep_grounds(NO_ENTRY, "", "text/plain", b"why", "BY")
    for code in ("BY", "CN"):
        with pytest.raises(NotEntitled, match="recognises no certificate"):
            office.ask(commitment, office.network.signer(code))


@pytest.mark.parametrize(
    "words",
    [
        ("book", "backup", "copy"),
        ("book", "export"),
        ("book", "log"),
        ("book", "show", "BY192900384"),
        ("book", "forget", "0x" + "11" * 32, "--yes"),
        ("document", "show", "0x" + "11" * 32),
    ],
)
def test_a_book_that_is_not_there_is_not_made_to_be_shown_or_copied(
    shop: Workshop, tmp_path: Path, words: tuple[str, ...]
) -> None:
    book = tmp_path / "BY.book.sqlite"
    refused = shop.run(*words, "--book", str(book))
    assert refused.exit_code == 2
    assert "there is no book here" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_book_is_shown_exported_copied_and_taken_over(shop: Workshop, tmp_path: Path) -> None:
    lines = shop.run("book", "export").stdout.splitlines()
    assert {json.loads(line)["table"] for line in lines} >= {"about", "documents", "plans", "acts", "log"}
    copy = tmp_path / "copy.sqlite"
    assert shop.run("book", "backup", str(copy)).exit_code == 0
    refused = shop.run("book", "backup", str(copy))
    assert (refused.exit_code, "exists already" in refused.stderr) == (3, True)
    shown = shop.run("book", "show", "BY192900384", "--book", str(copy))
    assert (shown.exit_code, '  name: "Impuls-1 LLC"' in shown.stdout.splitlines()) == (0, True)
    old = tmp_path / "BY.csv.documents.jsonl"
    entry = (1).to_bytes(2, "big") + b"\2" * 30
    old.write_text(
        json.dumps({"entry": entry.hex(), "salt": "07" * 32, "document": {"tin": "BY1", "name": "N"}}) + "\n"
    )
    taken = shop.json("book", "take", str(old), "--book", str(tmp_path / "new.sqlite"))
    assert taken["taken"] == {str(old): 1}
    unnamed = shop.run("book", "log", AEO_LEDGER_BOOK=None)
    assert (unnamed.exit_code, "--book" in unnamed.stderr, "one party that acts" in unnamed.stderr) == (2, True, True)
    assert "history --json" in shop.run("document", "show", "--help").stdout
    unreached = shop.run("book", "log", "--book", "postgresql://nobody:secret@127.0.0.1:9/none")
    assert (unreached.exit_code, "secret" in unreached.output) == (5, False)
    backup = shop.run("book", "set", "BY", "--ends", "101")
    assert backup.exit_code == 2
