"""Files as editors, mail and other systems write them: they are read as meant, or refused with the name of the fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support.workshop import QUESTION, TYPE_3, Workshop

CASES = Path(__file__).parents[1] / "cases/docs"
_MARK = b"\xef\xbb\xbf"


def _values(act_file: str) -> dict[str, object]:
    values: dict[str, object] = json.loads(Path(act_file).read_text())["act"]["values"]
    return values


def copied(folder: Path, name: str) -> Path:
    return Path(shutil.copyfile(CASES / name, folder / name))


@pytest.mark.parametrize("name", ["draft-bom.toml", "draft-cr.toml", "draft-crlf.toml", "DRAFT.TOML"])
def test_a_draft_is_the_same_whatever_program_wrote_it(shop: Workshop, tmp_path: Path, name: str) -> None:
    drafted = shop.json("arrangement", "conclude", str(copied(tmp_path, name)))
    assert (drafted["missing"], drafted["block"]) == (["BY", "CN"], None)
    plain = tmp_path / "plain.toml"
    plain.write_bytes((CASES / "DRAFT.TOML").read_bytes())
    same = shop.json("arrangement", "conclude", str(plain))
    one, other = (_values(found["act"]) for found in (drafted, same))
    assert {**one, "deadline": 0} == {**other, "deadline": 0}


def test_a_text_of_several_lines_has_one_hash_whatever_ends_its_lines(shop: Workshop, tmp_path: Path) -> None:
    text = (CASES / "DRAFT.TOML").read_text().replace('"the text signed"', '"""\nthe text\nsigned\n"""')
    hashes = set()
    for place, end in enumerate(("\n", "\r\n", "\r")):
        file = tmp_path / f"{place}.toml"
        file.write_bytes(text.replace("\n", end).encode())
        found = shop.json("arrangement", "conclude", str(file))
        hashes.add(_values(found["act"])["text"])
    assert len(hashes) == 1


def test_a_draft_with_odd_values_is_malformed(shop: Workshop, tmp_path: Path) -> None:
    refused = shop.json("arrangement", "conclude", str(copied(tmp_path, "draft-odd.toml")), code=2)
    assert refused["family"] == "malformed"


def test_an_act_with_a_mark_before_it_is_read(shop: Workshop, tmp_path: Path) -> None:
    act = Path(shop.json("arrangement", "conclude", str(copied(tmp_path, "DRAFT.TOML")))["act"])
    act.write_bytes(_MARK + act.read_bytes())
    assert shop.json("arrangement", "conclude", str(act))["missing"] == ["BY", "CN"]


def test_a_trust_bundle_with_a_mark_before_it_is_read(shop: Workshop, tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(_MARK + (shop.folder / "trust.json").read_bytes())
    assert shop.json("trust", "show", "--trust", str(trust))["parties"]["BY"] == "Belarus"


def test_what_the_first_edition_wrote_is_refused_by_what_it_lacks(shop: Workshop, tmp_path: Path) -> None:
    """Read past its mark, and no further: an act and a bundle of contracts that are no more."""
    act = shop.json("arrangement", "conclude", str(copied(tmp_path, "act-bom.json")), code=2)
    trust = shop.json("trust", "show", "--trust", str(CASES / "trust-bom.json"), code=2)
    assert (act["error"], trust["error"]) == ("MalformedDocument", "MalformedDocument")
    assert act["detail"].startswith("act file: lacks chain, reads, signed, missing, act; has unknown keys")
    assert trust["detail"] == "trust bundle: lacks predecessors"


def test_evidence_with_a_mark_before_it_is_read_and_in_capitals_cbor_is_cbor(shop: Workshop, tmp_path: Path) -> None:
    plain, cbor = tmp_path / "e.json", tmp_path / "E.CBOR"
    for file in (plain, cbor):
        shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(file))
        assert shop.json("verify", str(file), TYPE_3, *QUESTION)["recognised"] is True
    assert cbor.read_bytes()[:1] != b"{"
    plain.write_bytes(_MARK + plain.read_bytes())
    assert shop.json("verify", str(plain), TYPE_3, *QUESTION)["recognised"] is True


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_named_as_such(shop: Workshop, tmp_path: Path, encoding: str) -> None:
    evidence = tmp_path / "e.json"
    shop.json("ask", TYPE_3, *QUESTION, "--evidence", str(evidence))
    trust, draft, register = tmp_path / "trust.json", tmp_path / "draft.toml", tmp_path / "register.csv"
    trust.write_bytes((CASES / "trust-bom.json").read_bytes())
    draft.write_bytes((CASES / "DRAFT.TOML").read_bytes())
    register.write_text("tin,roles\n")
    commands = {
        evidence: ["verify", str(evidence), TYPE_3, *QUESTION],
        trust: ["trust", "show", "--trust", str(trust)],
        draft: ["arrangement", "conclude", str(draft)],
        register: ["register", "import", str(register), "--party", "BY", "--key", shop.key("BY")],
    }
    for file, command in commands.items():
        file.write_bytes(("\ufeff" + file.read_bytes().decode().removeprefix("\ufeff")).encode(encoding))
        refused = shop.json(*command, code=2)
        error, told = "MalformedDocument", "found UTF-16, needed UTF-8"
        if file == register:
            error, told = "OtherEncoding", "begins as UTF-16 does, needed utf-8: it looks like utf-16"
        assert (refused["error"], told in refused["detail"]) == (error, True), refused


@pytest.mark.parametrize("odd", ['"code": "BY", "code": "CN"', '"code": "BY\\ud800"', '"code": 1e999'])
def test_json_that_two_readers_read_differently_is_malformed_in_every_file(
    shop: Workshop, tmp_path: Path, odd: str
) -> None:
    file = tmp_path / "file.json"
    file.write_text("{" + odd + "}")
    for command in (
        ["verify", str(file), TYPE_3, *QUESTION],
        ["trust", "show", "--trust", str(file)],
        ["trust", "update", "--from", str(file)],
        ["arrangement", "conclude", str(file)],
    ):
        refused = shop.json(*command, code=2)
        assert refused["error"] == "MalformedDocument"
        assert any(words in refused["detail"] for words in ("appears twice", "half of a character", "1e999"))
