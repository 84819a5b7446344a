"""What a signing officer sees: the act in words, what is proven about it, and what to do if nothing is proven."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.cli import acting
from aeo_ledger.customs.vocabulary import Benefit
from aeo_ledger.errors import show_utc
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import TRUST_FORM
from support.hostile_gateway import HostileGateway, hostile_gateway
from support.network import open_book
from support.workshop import Workshop, write_csv

TIN = "BY610000001"


@pytest.fixture
def between(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileGateway]:
    """A hostile gateway before the workshop's; a proof has a second to come."""
    with hostile_gateway(shop.url) as gateway:
        monkeypatch.setattr(acting, "ProvenDesk", lambda *a, **k: ProvenDesk(*a, proven_within_s=1, **k))
        yield gateway


def act(shop: Workshop, *arguments: str, at: str, **environment: str) -> Any:
    return shop.run(*arguments, AEO_LEDGER_GATEWAY=at, **environment)


def grant(shop: Workshop, tin: str, *more: str) -> list[str]:
    return [
        "grant",
        tin,
        "--party",
        "BY",
        "--type",
        "3",
        "--roles",
        "carrier",
        "--key",
        shop.key("BY"),
        "--accept-odd",
        "--yes",
        *more,
    ]


def test_what_is_proven_is_said_in_words_and_in_json(shop: Workshop) -> None:
    told = shop.act("grant", TIN, "--type", "3", "--roles", "carrier", "--until", "2090-01-01T00:00:00Z")
    assert told.exit_code == 0, told.stderr
    for line in (
        "to be signed by the operators of BY (Belarus): a publication in the register of BY (Belarus)",
        f"  GRANT: {TIN}, type 3 in the register of BY, event 1",
        "  status: no certificate -> ACTIVE",
        "  roles: carrier",
        "  valid until: 2090-01-01 00:00:00Z (2090-01-01 03:00:00 in Europe/Minsk)",
    ):
        assert line in told.stderr
    assert "proven: it is sealed, as of block" in told.stdout
    document = shop.json(
        "amend", TIN, "--party", "BY", "--type", "3", "--roles", "exporter", "--key", shop.key("BY"), "--yes"
    )
    assert (document["proven"], document["rests_on"]["proven"], document["shows"]["proven"]) == (True, True, True)
    assert document["shows"]["block"] == document["block"] >= document["said"]["block"]
    assert "  roles: carrier -> exporter" in document["told"]


def test_a_dropped_act_ends_with_4_and_says_how_to_look(
    shop: Workshop, between: HostileGateway, tmp_path: Path
) -> None:
    between.drops_acts = True
    rows = write_csv(tmp_path / "rows.csv", {"tin": "BY610000002"})
    commands = [
        grant(shop, "BY610000003"),
        ["register", "import", str(rows), "--party", "BY", "--key", shop.key("BY"), "--accept-odd", "--yes"],
        [
            "withhold",
            "BY511125808",
            "--recogniser",
            "CN",
            "--register",
            "BY",
            "--type",
            "3",
            "--key",
            shop.key("CN"),
            "--yes",
        ],
    ]
    for command in commands:
        told = act(shop, *command, at=between.url)
        said = " ".join(told.stderr.split())
        assert (told.exit_code, "Unproven: " in said, "may still be sealed" in said) == (4, True, True), told.output
        assert "proven: it is sealed" not in told.stdout
        refused = json.loads(act(shop, *command, "--json", at=between.url).stdout)
        assert (refused["error"], refused["family"]) == ("NotProvenDone", "unproven")
    assert shop.records("BY610000002", "BY610000003") == [None, None]
    between.drops_acts = False
    assert act(shop, *commands[0], at=between.url).exit_code == 0  # as the message says: the same command again
    assert act(shop, *commands[1], at=between.url).exit_code == 0


def test_documents_are_kept_once_however_often_an_import_fails(
    shop: Workshop, between: HostileGateway, tmp_path: Path
) -> None:
    file, path = write_csv(tmp_path / "a.csv", {"tin": "BY700000041"}), tmp_path / "book"
    between.drops_acts = True
    for _ in range(3):
        failed = shop.import_(file, "--book", str(path), "--gateway", between.url)
        assert failed.exit_code == 4, failed.output
        with open_book(path) as book:
            assert (len(book.shelf(1).salts), len(book.documents_of(1))) == (1, 0)
    assert shop.import_(file, "--book", str(path)).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (event,) = shop.json("history", "BY700000041", "--register", "BY", "--type", "3")["certificates"][0]["events"]
    with open_book(path) as book:
        (kept,) = book.documents_of(1).values()
        assert event["document"] == f"0x{kept.commitment.hex()}"
        assert book.find(kept.commitment) == kept


def test_what_cannot_be_proven_is_refused_and_with_unproven_marked(
    shop: Workshop, between: HostileGateway, tmp_path: Path
) -> None:
    past = tmp_path / "trust.json"
    past.write_text(TRUST_FORM.encode_json(replace(read_trust(shop.folder / "trust.json"), period_s=1)))
    command = grant(shop, "BY610000004", "--trust", str(past))
    refused = act(shop, *command, "--json", at=between.url)
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (4, "TrustExpired")
    assert between.acts == []
    told = act(shop, *command, "--unproven", at=between.url)
    assert told.exit_code == 0, told.output
    assert "UNPROVEN: what stands now is a gateway's claim" in told.stderr
    assert "UNPROVEN: what it depends on and that it is sealed; a gateway claims it" in told.stdout
    amend = [
        "amend",
        "BY610000004",
        "--party",
        "BY",
        "--type",
        "3",
        "--roles",
        "exporter",
        "--key",
        shop.key("BY"),
        "--yes",
    ]
    document = json.loads(act(shop, *amend, "--trust", str(past), "--unproven", "--json", at=between.url).stdout)
    assert (document["proven"], document["rests_on"]["proven"], document["shows"]["proven"]) == (False, False, False)


def test_a_lawyer_compares_the_text_of_an_arrangement_with_its_act(shop: Workshop, tmp_path: Path) -> None:
    agreed, other = tmp_path / "agreed.pdf", tmp_path / "other.pdf"
    agreed.write_bytes(b"%PDF-1.7 agreed\n")
    other.write_bytes(b"%PDF-1.7 agreed \n")
    draft, bound = tmp_path / "kz-cn.toml", keccak256(agreed.read_bytes())
    draft.write_text(
        f'name = "KZ-CN"\ntext_hash = "0x{bound.hex()}"\n[[recognition]]\nrecogniser = "CN"\nregister = "KZ"\n'
        'types = ["1"]\ndirections = ["import"]\nbenefits = ["faster_release"]\nin_force_from = 2030-01-01\n'
    )
    conclude = ("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("KZ", "authority"), "--text")
    refused = shop.json(*conclude, str(other), code=3)
    wrong = keccak256(other.read_bytes()).hex()
    assert (refused["error"], wrong in refused["detail"], bound.hex() in refused["detail"]) == ("OtherText", True, True)
    act = draft.with_suffix(".act.json")
    assert not act.exists(), "nothing is signed"
    equal = {"file": str(agreed), "keccak256": f"0x{bound.hex()}", "equal": True}
    signed = shop.json(*conclude, str(agreed))
    assert (signed["text"], signed["missing"]) == (equal, ["CN"])
    assert shop.json("act", "show", str(act), "--text", str(agreed))["text"] == equal
    assert "text" not in shop.json("act", "show", str(act))
    told = shop.run("act", "show", str(act), "--text", str(agreed), "--lang", "ru").stdout
    assert f"{agreed}: это текст, который закрепляет этот акт, байт в байт\n" in told
    for command in (("act", "show"), ("arrangement", "conclude")):
        assert shop.json(*command, str(act), "--text", str(other), code=3)["error"] == "OtherText"
        assert shop.json(*command, str(act), "--text", str(tmp_path / "none"), code=2)["error"] == "UnreadableFile"
    threshold = str(tmp_path / "threshold.act.json")
    drafted = shop.run("party", "act", "set-threshold", "--party", "BY", "--count", "1", "--out", threshold)
    assert drafted.exit_code == 0, drafted.output
    textless = shop.json("act", "show", threshold, "--text", str(agreed), code=2)
    assert (textless["error"], "this act binds no text" in textless["detail"]) == ("MalformedText", True)


def test_a_mailed_act_is_shown_from_its_own_bytes(shop: Workshop, tmp_path: Path) -> None:
    """The sender of an act can write anything beside it; only what is shown is signed."""
    draft = tmp_path / "kz-cn.toml"
    draft.write_text(
        'name = "KZ-CN"\ntext = "T"\n[[recognition]]\nrecogniser = "CN"\nregister = "KZ"\ntypes = ["1"]\n'
        'directions = ["import"]\nbenefits = ["faster_release"]\nin_force_from = 2030-01-01\n'
    )
    first = shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("KZ", "authority"))
    mailed = shutil.copy(first["act"], tmp_path / "innocent.act.json")
    document = json.loads(Path(mailed).read_text())
    document["act"]["values"]["recognitions"][0]["benefits"] = "255"
    document["act"]["signatures"], document["signed"] = [], []
    Path(mailed).write_text(json.dumps(document))
    altered = shop.json("act", "show", str(mailed), code=3)
    assert altered["error"] == "FileSaysOtherwise"
    assert "(reads): 'recognitions 1, benefits: faster release'" in altered["detail"]
    every = ", ".join(benefit.name.lower().replace("_", " ") for benefit in Benefit)
    document["reads"] = [line.replace("benefits: faster release", f"benefits: {every}") for line in document["reads"]]
    Path(mailed).write_text(json.dumps(document))
    looked = shop.run("arrangement", "conclude", str(mailed))
    assert looked.exit_code == 0, looked.output
    for line in (
        "to be signed by the authorities of CN (China), KZ (Kazakhstan): the arrangement KZ-CN",
        "  CN (China) recognises the register of KZ (Kazakhstan), lane 0:",
        "reduced security data",
        "in force from: 2029-12-31 16:00:00Z",
    ):
        assert line in looked.stdout
    unasked = shop.run("arrangement", "conclude", str(mailed), "--key", shop.key("CN", "authority"))
    assert (unasked.exit_code, "say --yes" in unasked.stderr) == (3, True)
    assert "reduced security data" in unasked.stderr
    assert json.loads(Path(mailed).read_text())["signed"] == []
    with_text = json.loads(Path(mailed).read_text()) | {"summary": "a harmless renewal"}
    Path(mailed).write_text(json.dumps(with_text))
    assert shop.run("arrangement", "conclude", str(mailed)).exit_code == 2


def test_an_act_put_beside_a_draft_by_somebody_else_is_shown_and_its_strangers_are_refused(
    shop: Workshop, tmp_path: Path
) -> None:
    draft = tmp_path / "kz-by.toml"
    draft.write_text(
        'name = "KZ-BY2"\ntext = "T"\n[[recognition]]\nrecogniser = "KZ"\nregister = "CN"\ntypes = ["ADVANCED"]\n'
        'directions = ["import"]\nbenefits = ["faster_release"]\n'
    )
    planted = draft.with_suffix(".act.json")
    made = shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("KZ", "authority"))
    assert made["act"] == str(planted)
    document = json.loads(planted.read_text())
    later = int(document["act"]["values"]["deadline"]) + 300 * 86_400
    document["act"]["values"]["deadline"] = str(later)
    document["reads"] = [f"deadline: {show_utc(later)}" if "deadline" in line else line for line in document["reads"]]
    unsigned = {**document, "act": {**document["act"], "signatures": []}, "signed": []}
    planted.write_text(json.dumps(unsigned))  # the same terms, good for most of a year
    shown = shop.run("arrangement", "conclude", str(draft))
    assert (shown.exit_code, f"may be relayed until {show_utc(later)}" in shown.stdout) == (0, True), shown.output
    planted.write_text(json.dumps(document))  # with a signature that fits other bytes
    refused = shop.json("arrangement", "conclude", str(draft), "--yes", "--key", shop.key("CN", "authority"), code=3)
    assert refused["error"] == "OtherArrangement"
