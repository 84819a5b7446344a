"""An officer keeps evidence, a receipt and a chain; years later somebody else proves what it was worth, off line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aeo_ledger.cli import output
from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.evidence import ChainTooLong
from aeo_ledger.errors.gateway import GatewayUnclear
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import ChainBroken
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.ancestry import MAX_LINKS, MAX_PIECE, HeaderChain, follow_links
from aeo_ledger.evidence.receipt import RECEIPT_FORM
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.archive import fetch_ancestry, read_chain
from aeo_ledger.office.ask import read_evidence, read_trust
from aeo_ledger.office.trust import spell
from aeo_ledger.office.trust_store import LIST
from aeo_ledger.verify.trust import fingerprint
from support.network import Network, now, served
from support.waiting import WITHIN_S
from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop

NOBODY_ELSES = "BY744012625"
"""A trader of type 1 about whom no other test asks: a workshop is shared, so what a test leaves suspended must be its own."""

YEARS_S = 4 * 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What China's officer kept: the trust store, and two answers with their evidence, receipts and chains."""

    shop: Workshop
    folder: Path
    received_at: int
    signer: str
    """The signer of the receipt of the yes."""

    def file(self, name: str) -> Path:
        return self.folder / name

    def verify(self, *arguments: object, tin: str = TYPE_3, code: int = 0, trust: Path | None = None) -> dict[str, Any]:
        evidence = self.file("yes.json" if tin == TYPE_3 else "no.cbor")
        given = [str(argument) for argument in arguments]
        return self.shop.json(
            "verify", str(evidence), tin, *QUESTION, "--trust", str(trust or self.file("trust")), *given, code=code
        )


@pytest.fixture(scope="module")
def archive(shop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Ask and keep the evidence; then the ledger seals more blocks, trust is updated, and the chain is fetched."""
    folder = tmp_path_factory.mktemp("archive")
    store, key = folder / "trust", shop.key("CN")
    bundle = shop.folder / "trust.json"
    told = spell(fingerprint(read_trust(bundle)))
    shop.json("trust", "pin", str(bundle), "--out", str(store), "--fingerprint", told)
    mine = ("--trust", str(store))
    kept: tuple[str, ...] = (
        "--evidence",
        str(folder / "yes.json"),
        "--receipt",
        str(folder / "yes-receipt.json"),
        "--key",
        key,
    )
    shop.json("ask", TYPE_3, *QUESTION, *mine, *kept)
    kept = ("--evidence", str(folder / "no.cbor"), "--receipt", str(folder / "no-receipt.json"))
    shop.json("ask", TYPE_1, *QUESTION, *mine, *kept, code=1)
    for tin in ("BY700009998", "BY700009999"):
        assert shop.act("grant", tin, "--type", "3", "--roles", "carrier").exit_code == 0
    shop.json("trust", "update", *mine)
    for name, out in (("yes.json", "yes-chain.json"), ("no.cbor", "no-chain.cbor")):
        shop.json("trust", "chain", str(folder / name), "--out", str(folder / out), *mine)
    received_at = RECEIPT_FORM.decode_json((folder / "yes-receipt.json").read_bytes()).received_at
    signer = shop.json("key", "show", key)["address"]
    return Archive(shop=shop, folder=folder, received_at=received_at, signer=signer)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four years have passed on the verifier's clock."""
    at = now() + YEARS_S
    monkeypatch.setattr(output, "now", lambda: at)


# ---- keep ----


def test_a_receipt_says_what_was_asked_concluded_and_trusted(archive: Archive) -> None:
    yes = json.loads(archive.file("yes-receipt.json").read_text())
    assert (yes["format"], yes["verdict"], yes["issuer"]) == ("aeo-ledger/receipt/1", "recognised", "BY")
    assert yes["question"] == {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}
    pinned = archive.shop.json("trust", "list", "--trust", str(archive.file("trust")))["pinned"]
    assert yes["trust"] == pinned[0]["bundle"]
    assert [one["way"] for one in pinned[:2]] == ["pinned", "updated"]  # another test updates it again
    assert pinned[0]["at"] <= yes["received_at"] <= pinned[1]["at"]
    signer = archive.shop.json("key", "show", archive.shop.key("CN"))["address"]
    assert yes["signer"] == signer
    no = json.loads(archive.file("no-receipt.json").read_text())
    assert (no["verdict"], no["reasons"]) == ("not_recognised", ["type_out_of_scope"])
    assert "signer" not in no
    assert "signature" not in no


def test_ask_tells_the_receipt_s_hash_to_be_kept_elsewhere(archive: Archive, tmp_path: Path) -> None:
    kept = ("--evidence", str(tmp_path / "e.json"), "--receipt", str(tmp_path / "r.json"))
    told = archive.shop.run("ask", TYPE_3, *QUESTION, *kept)
    assert told.exit_code == 0
    made = RECEIPT_FORM.decode_json((tmp_path / "r.json").read_bytes())
    assert f"receipt    0x{made.hash().hex()}" in told.stdout
    assert archive.shop.json("ask", TYPE_3, *QUESTION, *kept)["receipt"].startswith("0x")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--receipt", "r.json"), "--receipt"),
        (("--key", "k.json", "--evidence", "e.json"), "--key"),
        (("--snapshot", "s", "--receipt", "r.json", "--evidence", "e.json"), "--evidence"),
        (("--snapshot", "s", "--receipt", "r.json"), "--receipt"),
    ],
)
def test_options_without_effect_are_refused(shop: Workshop, arguments: tuple[str, ...], what: str) -> None:
    found = shop.json("ask", TYPE_3, *QUESTION, *arguments, code=2)
    assert (found["error"], found["detail"].split(":")[0]) == ("MalformedText", what)


def test_a_receipt_is_signed_by_nobody_if_the_key_does_not_open(shop: Workshop, tmp_path: Path) -> None:
    kept = ("--evidence", str(tmp_path / "e.json"), "--receipt", str(tmp_path / "r.json"), "--key", shop.key("CN"))
    result = shop.run("ask", TYPE_3, *QUESTION, *kept, AEO_LEDGER_PASSWORD="another")
    assert result.exit_code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_single_file_keeps_no_former_bundle_and_says_so(archive: Archive, tmp_path: Path) -> None:
    mine = shutil.copy(archive.shop.folder / "trust.json", tmp_path / "mine.json")
    told = archive.shop.run("trust", "update", "--trust", str(mine))
    assert "the bundle of block 0 is gone" in told.stdout
    assert "gone" not in archive.shop.run("trust", "update", "--trust", str(archive.file("trust"))).stdout
    listed = archive.shop.run("trust", "list", "--trust", str(archive.file("trust"))).stdout.splitlines()
    assert [line.split()[2] for line in listed[:2]] == ["pinned", "updated"]
    assert archive.shop.json("trust", "list", "--trust", str(mine), code=2)["error"] == "UnreadableFile"


def test_a_snapshot_from_before_an_update_is_replaced_by_a_new_one(archive: Archive, tmp_path: Path) -> None:
    """It cannot be verified as archived, so nothing advises that."""
    shop, mine, kept = archive.shop, tmp_path / "mine.json", str(tmp_path / "s")
    before = shutil.copy(shop.folder / "trust.json", tmp_path / "before.json")
    shutil.copy(before, mine)
    trust = ("--trust", str(mine))
    shop.json("snapshot", "take", "--out", kept, *trust)
    shop.json("suspend", NOBODY_ELSES, "--party", "BY", "--type", "1", "--yes", "--key", shop.key("BY"))
    shop.json("trust", "update", *trust)
    for words in (
        ["ask", TYPE_3, *QUESTION, "--snapshot", kept],
        ["snapshot", "show", kept],
        ["snapshot", "diff", kept, kept],
    ):
        found = shop.json(*words, *trust, code=4)
        assert found["error"] == "SnapshotBelowCheckpoint"
        assert "aeo-ledger snapshot take" in found["advice"]
        assert "archived" not in found["advice"]
    new = str(tmp_path / "new")
    shop.json("snapshot", "take", "--out", new, *trust)
    assert shop.json("ask", TYPE_3, *QUESTION, "--snapshot", new, *trust)["recognised"] is True
    found = shop.json("snapshot", "diff", kept, new, *trust, "--old-trust", str(before))
    told = shop.run("snapshot", "diff", kept, new, *trust, "--old-trust", str(before)).stdout
    assert f"{found['other_words']} other word{'' if found['other_words'] == 1 else 's'} changed: " in told


# ---- prove, four years later ----


@pytest.mark.usefixtures("later")
def test_a_court_proves_what_the_officer_was_shown(archive: Archive) -> None:
    alone = archive.verify(code=4)
    assert alone["error"] == "BelowCheckpoint"  # what was kept proves nothing as of today
    receipt = RECEIPT_FORM.decode_json(archive.file("yes-receipt.json").read_bytes())
    found = archive.verify(
        "--archived", "--receipt", archive.file("yes-receipt.json"), "--chain", archive.file("yes-chain.json"),
        "--signer", f"0x{receipt.signer.hex()}", "--anchor", f"0x{receipt.hash().hex()}",
    )  # fmt: skip
    assert found["recognised"] is True
    proof = found["archived"]
    assert proof["received_at"] == archive.received_at
    assert (proof["receipt"], proof["signer"]) == (f"0x{receipt.hash().hex()}", f"0x{receipt.signer.hex()}")
    assert proof["committed_by"] > found["block"]
    assert "it does not say that it is so today" in proof["says"]


@pytest.mark.usefixtures("later")
def test_the_answer_claims_no_more_than_is_proven(archive: Archive) -> None:
    evidence, store = str(archive.file("yes.json")), str(archive.file("trust"))
    rest = [
        TYPE_3,
        *QUESTION,
        "--trust",
        store,
        "--archived",
        "--receipt",
        str(archive.file("yes-receipt.json")),
        "--signer",
        archive.signer,
    ]
    by_itself = archive.shop.run("verify", evidence, *rest).stdout
    assert by_itself.startswith("RECOGNISED WHEN RECEIVED: fewer document checks")
    assert "as its receipt says, signed by 0x" in by_itself
    assert "could have forged this evidence later" in by_itself
    assert by_itself.rstrip().endswith("it does not say that it is so today")
    with_chain = archive.shop.run("verify", evidence, *rest, "--chain", str(archive.file("yes-chain.json"))).stdout
    assert "no key that was lost later can have forged this evidence" in with_chain
    assert "could have forged" not in with_chain


@pytest.mark.usefixtures("later")
def test_an_archived_answer_in_russian_has_no_english_word(archive: Archive) -> None:
    evidence, receipt = str(archive.file("yes.json")), str(archive.file("yes-receipt.json"))
    rest = (TYPE_3, *QUESTION, "--trust", str(archive.file("trust")), "--archived", "--lang", "ru")
    given = ("--receipt", receipt, "--signer", archive.signer)
    by_itself = archive.shop.run("verify", evidence, *rest, *given).stdout
    assert by_itself.startswith("ПРИЗНАВАЛСЯ НА МОМЕНТ ПОЛУЧЕНИЯ: меньше проверок документов")  # noqa: RUF001 (it is Russian)
    assert f"по квитанции, которую подписал {archive.signer}\n" in by_itself
    chain = ("--chain", str(archive.file("yes-chain.json")))
    with_chain = archive.shop.run("verify", evidence, *rest, *given, *chain).stdout
    assert "ключом, утраченным позже, подделать это доказательство нельзя" in with_chain
    for line in (by_itself + with_chain).splitlines():
        assert not re.search("[A-Za-z]", re.sub(r"0x[0-9a-f]+|BY|CN|\dZ|Asia/Shanghai", "", line)), line


@pytest.mark.usefixtures("later")
def test_a_no_is_proven_as_firmly_and_an_unsigned_receipt_is_named_so(archive: Archive) -> None:
    receipt, chain = archive.file("no-receipt.json"), archive.file("no-chain.cbor")
    anchor = ("--anchor", f"0x{RECEIPT_FORM.decode_json(receipt.read_bytes()).hash().hex()}")
    found = archive.verify("--archived", "--receipt", receipt, "--chain", chain, *anchor, tin=TYPE_1, code=1)
    assert found["reasons"] == ["type_out_of_scope"]
    assert found["archived"]["signer"] is None
    told = archive.shop.run(
        "verify", str(archive.file("no.cbor")), TYPE_1, *QUESTION, "--archived", "--receipt", str(receipt),
        "--trust", str(archive.file("trust")), *anchor,
    )  # fmt: skip
    assert "which nobody signed" in told.stdout


@pytest.mark.usefixtures("later")
def test_the_time_may_be_the_caller_s_word(archive: Archive) -> None:
    text = datetime.fromtimestamp(archive.received_at, UTC).isoformat()
    found = archive.verify("--archived", "--received", text)
    assert (found["archived"]["received_at"], found["archived"]["receipt"]) == (archive.received_at, None)
    alone = archive.verify("--archived", "--received", text, trust=archive.shop.folder / "trust.json")
    assert alone["archived"]["pinned_at"] is None
    assert archive.verify("--archived", "--received", "2020-01-01", code=4)["error"] == "NotYetPinned"
    assert archive.verify("--archived", "--received", "2099-01-01", code=4)["error"] == "NotYetReceived"
    assert archive.verify("--archived", "--received", str(archive.received_at), code=2)["error"] == "MalformedText"


@pytest.mark.usefixtures("later")
def test_a_bundle_that_had_expired_proved_nothing(archive: Archive) -> None:
    text = datetime.fromtimestamp(archive.received_at + YEARS_S // 4, UTC).isoformat()
    found = archive.verify("--archived", "--received", text, code=4)
    assert found["error"] == "PeriodOver"


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("part", "value", "error"),
    [
        ("received_at", 1, "ReceiptAltered"),
        ("signer", "0x" + "11" * 20, "ReceiptAltered"),
        ("evidence", "0x" + "11" * 32, "ReceiptAltered"),
        ("trust", "0x" + "11" * 32, "ReceiptAltered"),
        ("verdict", "not_recognised", "ReceiptAltered"),
        ("verdict", "no", "MalformedDocument"),
    ],
)
def test_a_receipt_that_was_altered_is_refused(
    archive: Archive, tmp_path: Path, part: str, value: object, error: str
) -> None:
    altered = {**json.loads(archive.file("yes-receipt.json").read_text()), part: value}
    (tmp_path / "r.json").write_text(json.dumps(altered))
    code = 2 if error == "MalformedDocument" else 4
    assert archive.verify("--archived", "--receipt", tmp_path / "r.json", code=code)["error"] == error


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("part", "value", "error"),
    [
        ("received_at", 1_000_000_000, "ReceiptDiffers"),
        ("evidence", "0x" + "11" * 32, "OtherEvidence"),
        ("trust", "0x" + "11" * 32, "OtherBundleThen"),
        ("verdict", "recognised", "ReceiptDiffers"),
        ("reasons", ["suspended"], "ReceiptDiffers"),
    ],
)
def test_an_unsigned_receipt_must_agree_with_the_evidence_and_the_store(
    archive: Archive, tmp_path: Path, part: str, value: object, error: str
) -> None:
    altered = {**json.loads(archive.file("no-receipt.json").read_text()), part: value}
    (tmp_path / "r.json").write_text(json.dumps(altered))
    assert archive.verify("--archived", "--receipt", tmp_path / "r.json", tin=TYPE_1, code=4)["error"] == (
        "ReceiptUnwitnessed"
    )
    received_at = RECEIPT_FORM.decode_json(archive.file("no-receipt.json").read_bytes()).received_at
    mine = ("--received", datetime.fromtimestamp(received_at, UTC).isoformat(), "--max-age", "5m")
    found = archive.verify("--archived", "--receipt", tmp_path / "r.json", *mine, tin=TYPE_1, code=4)
    assert found["error"] == error


@pytest.mark.usefixtures("later")
def test_another_signer_or_a_missing_one_is_refused(archive: Archive) -> None:
    other = archive.shop.json("key", "show", archive.shop.key("BY"))["address"]
    yes, no = archive.file("yes-receipt.json"), archive.file("no-receipt.json")
    found = archive.verify("--archived", "--receipt", yes, "--signer", other, code=4)
    assert found["error"] == "ReceiptOfAnother"
    found = archive.verify("--archived", "--receipt", no, "--signer", other, tin=TYPE_1, code=4)
    assert found["error"] == "ReceiptUnsigned"
    found = archive.verify("--archived", "--receipt", yes, "--anchor", "0x" + "11" * 32, code=4)
    assert found["error"] == "OtherReceipt"


@pytest.mark.usefixtures("later")
def test_a_chain_that_leads_elsewhere_is_refused(archive: Archive, tmp_path: Path) -> None:
    links = json.loads(archive.file("yes-chain.json").read_text())["links"]
    cases = {"ChainEndsElsewhere": links[:-1], "MalformedLink": [*links[:-1], "0x80"], "ChainBroken": links}
    cases["ChainBroken"] = [*links[:-1], f"0xc3{'21' if links[-1][4:6] != '21' else '22'}0201"]
    for error, altered in cases.items():
        (tmp_path / "c.json").write_text(json.dumps({"format": "aeo-ledger/header-chain/1", "links": altered}))
        code = 2 if error == "MalformedLink" else 4
        found = archive.verify(
            "--archived",
            "--receipt",
            archive.file("yes-receipt.json"),
            "--signer",
            archive.signer,
            "--chain",
            tmp_path / "c.json",
            code=code,
        )
        assert found["error"] == error, found


@pytest.mark.usefixtures("later")
def test_a_damaged_store_proves_nothing(archive: Archive, tmp_path: Path) -> None:
    store = shutil.copytree(archive.file("trust"), tmp_path / "trust")
    receipt = ("--archived", "--receipt", archive.file("yes-receipt.json"), "--signer", archive.signer)
    assert archive.verify(*receipt, trust=store)["recognised"] is True
    bundle = next(path for path in store.iterdir() if path.name != LIST)
    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b'"number": 1', b'"number": 9', 1))
    found = archive.verify(*receipt, trust=store, code=2)
    assert (found["error"], bundle.name in found["detail"]) == ("TrustStoreDamaged", True)
    bundle.unlink()
    assert archive.verify(*receipt, trust=store, code=2)["error"] == "TrustStoreDamaged"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--receipt", "r.json"), "--receipt"),
        (("--received", "2026-01-01"), "--received"),
        (("--chain", "c.json"), "--chain"),
        (("--signer", "0x11"), "--signer"),
        (("--anchor", "0x11"), "--anchor"),
        (("--archived",), "--archived"),
        (("--archived", "--received", "2026-01-01", "--signer", "0x11"), "--signer"),
        (("--archived", "--received", "2026-01-01", "--anchor", "0x11"), "--anchor"),
    ],
)
def test_incomplete_options_are_refused(archive: Archive, arguments: tuple[str, ...], what: str) -> None:
    found = archive.verify(*arguments, code=2)
    assert (found["error"], found["detail"].split(":")[0]) == ("MalformedText", what)


_NO_NETWORK = """
import sys
def forbid(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"network: {event}")
sys.addaudithook(forbid)
from aeo_ledger.cli.main import main
main()
"""


def test_it_needs_no_network(archive: Archive) -> None:
    kept = [
        "--archived",
        "--receipt",
        str(archive.file("yes-receipt.json")),
        "--signer",
        archive.signer,
        "--chain",
        str(archive.file("yes-chain.json")),
    ]
    rest = [str(archive.file("yes.json")), TYPE_3, *QUESTION, "--trust", str(archive.file("trust")), "--json"]
    alone = subprocess.run(
        [sys.executable, "-c", _NO_NETWORK, "verify", *rest, *kept], capture_output=True, text=True, check=False
    )
    assert alone.returncode == 0, alone.stderr
    assert json.loads(alone.stdout)["archived"]["committed_by"] > 0


# ---- fetch the chain ----


def test_no_chain_is_fetched_before_a_later_checkpoint_is_pinned(archive: Archive, tmp_path: Path) -> None:
    found = archive.shop.json(
        "trust", "chain", str(archive.file("yes.json")), "--out", str(tmp_path / "c.json"), code=3,
    )  # fmt: skip
    assert found["error"] == "NoLaterCheckpoint"  # the network's own bundle pins block 0
    assert list(tmp_path.iterdir()) == []


def test_a_chain_is_asked_for_in_pieces_and_checked_before_it_is_kept(archive: Archive, tmp_path: Path) -> None:
    evidence, chain = read_evidence(archive.file("yes.json")), read_chain(archive.file("yes-chain.json"))
    asked: list[tuple[int, int]] = []

    def lying(since: int, until: int) -> HeaderChain:
        asked.append((since, until))
        return HeaderChain(links=(*chain.links[:-1], b"\xc1\x7f"))

    with pytest.raises(ChainBroken):
        fetch_ancestry(evidence, archive.file("trust"), lying)
    header = decode_header(evidence.header)
    assert asked == [(header.number, header.number + len(chain.links))]
    assert fetch_ancestry(evidence, archive.file("trust"), lambda *_: chain)[1].header == header


def test_a_gateway_answers_with_the_headers_of_its_ledger(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = network.running.ledger
    head = ledger.head()
    first = decode_header(ledger.header(0))
    assert network.desk.header(0) == first
    for piece in (MAX_PIECE, 1):
        monkeypatch.setattr("aeo_ledger.gateway.client.MAX_PIECE", piece)
        chain = network.desk.header_chain(0, head)
        hashes = list(follow_links(first, chain))
        assert hashes == [decode_header(ledger.header(number)).hash() for number in range(head + 1)]
    assert network.desk.header_chain(head, head) == HeaderChain(links=())


def test_a_gateway_refuses_what_it_does_not_answer(network: Network) -> None:
    head = network.running.ledger.head()
    with pytest.raises(ChainTooLong):
        network.desk.header_chain(0, MAX_LINKS + 1)
    with pytest.raises(BlockUnknown):
        network.desk.header_chain(head, head + 1_000)
    with pytest.raises(BlockUnknown):
        network.desk.header(head + 1_000)
    for number in ("-1", str(1 << 64), "first"):
        assert network.http.get(f"/v1/blocks/{number}").status_code == 400
    for since, until in ((1, 0), (0, MAX_PIECE + 1)):
        answer = network.http.get("/v1/trust/chain", params={"since": since, "until": until})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:aeo-ledger:problem:malformed-text")
    for params in ({"since": 0}, {"since": -1, "until": 0}, {"since": 0, "until": 0, "more": 1}):
        assert network.http.get("/v1/trust/chain", params=params).status_code == 400


def test_a_gateway_that_answers_with_fewer_headers_is_not_asked_for_ever(network: Network) -> None:
    asked: list[str] = []

    async def nothing(request: Request) -> JSONResponse:
        asked.append(str(request.url.query))
        return JSONResponse({"format": "aeo-ledger/header-chain/1", "links": []})

    with (
        served(Starlette(routes=[Route("/v1/trust/chain", nothing)])) as url,
        GatewayClient(url, timeout_s=WITHIN_S) as desk,
        pytest.raises(GatewayUnclear),
    ):
        desk.header_chain(0, 5)
    assert asked == ["since=0&until=5"]
    with pytest.raises(MalformedText):
        network.desk.header_chain(-1, 5)
