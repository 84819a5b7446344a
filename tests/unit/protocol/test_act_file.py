"""The file of an act: whatever is in an act is read out, and nothing but its own form is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import PartyActKind, ResolutionAct
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.protocol.act_file import ActFile, Lack, read_out
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from support.messages import example_of


def code_of(number: int) -> str:
    return {1: "BY", 2: "CN"}.get(number, f"party {number}")


def read(name: str, **members: Any) -> tuple[str, ...]:
    return read_out(SignedAct(name=name, values={**example_of(name), **members}), code_of)


@pytest.mark.parametrize("name", sorted(CONTRACT_OF))
def test_a_change_of_any_member_changes_what_is_read(name: str) -> None:
    values = example_of(name)
    shown = read(name)
    assert shown[0] == f"message: {name}"
    assert all(line.isprintable() for line in shown)
    for member, value in values.items():
        other = [] if isinstance(value, list) else _other(value)
        assert read(name, **{member: other}) != shown, member


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value - 1 if isinstance(value, int) else bytes([value[0] ^ 1]) + value[1:] if value else b"\1"


PARTY_ACT = {"party": 1, "certificate_type": 0, "key": bytes(20), "effective": 0, "grounds": bytes(32)}


@pytest.mark.parametrize(
    ("kind", "detail", "line"),
    [
        (PartyActKind.JOIN_UNION, 2, "detail: CN"),
        (PartyActKind.SET_THRESHOLD, 3, "detail: 3"),
        (PartyActKind.SET_CARD, 5, f"detail: 0x{5:064x}"),
        (PartyActKind.ROTATE_AUTHORITY, 5, f"detail: the key 0x{5:040x} retires"),
        (PartyActKind.SET_REGISTER, 1 | 0b101 << 8 | 9 << 24, "detail: open, types 1, 3, epoch 9, 0x9000501"),
    ],
)
def test_a_detail_is_read_by_the_kind_of_act(kind: PartyActKind, detail: int, line: str) -> None:
    told = read("PartyAct", **PARTY_ACT, act=int(kind), detail=detail)
    assert line in told
    assert f"act: {kind.name.lower().replace('_', ' ')}" in told
    assert not any(line.startswith(("key", "grounds", "effective")) for line in told), "what is empty is left out"


def test_an_unknown_act_and_a_code_with_strange_characters_are_shown_and_not_obeyed() -> None:
    assert "act: party act kind 99" in read("PartyAct", **PARTY_ACT, act=99, detail=0)
    word = (int.from_bytes(b"A\x1b[2J\n", "big")) | 1 << 48
    told = read("Resolution", act=int(ResolutionAct.ADMIT), detail=word.to_bytes(32, "big"))
    assert any(line.startswith("detail: A\\x1b[2J\\n, administration, seat no") for line in told)
    assert any(
        line == f"arrangement: {'A' * 3}\\x00B" for line in read("Conclusion", arrangement=b"AAA\0B".ljust(32, b"\0"))
    )


def test_a_lack_is_a_line() -> None:
    assert str(Lack(enough=2, of=("BY", "CN", "KZ"), role="authority")) == "authority: 2 of BY, CN, KZ"
    assert str(Lack(enough=1, of=("BY",), role="operator")) == "operator: BY"


def test_only_its_own_form_is_taken() -> None:
    act = SignedAct(name="Freeze", values=example_of("Freeze"))
    file = ActFile(chain=(1 << 64) - 1, act=act, reads=read("Freeze"), signed=(), missing=("operator: BY",))
    document = json.loads(json.dumps(file.to_json()))
    assert ActFile.from_json(document) == file
    for broken, error in (
        ([], MalformedDocument),
        ({**document, "more": 1}, MalformedDocument),
        ({key: value for key, value in document.items() if key != "missing"}, MalformedDocument),
        ({**document, "format": "aeo-ledger/act/1"}, MalformedDocument),
        ({**document, "chain": "0x7"}, MalformedDocument),
        ({**document, "chain": "\u0667"}, MalformedDocument),
        ({**document, "chain": "1" * 21}, MalformedDocument),
        ({**document, "reads": [""]}, MalformedDocument),
        ({**document, "signed": ["x"] * 513}, MalformedDocument),
        ({**document, "act": {**document["act"], "format": "aeo-ledger/act-file/1"}}, MalformedText),
    ):
        with pytest.raises(error):
            ActFile.from_json(broken)
