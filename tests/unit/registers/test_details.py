"""Documents sealed into publications: who consents, what fits, and what a forger cannot do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.publication import MAX_DETAILS
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.registers import MalformedDetails, OtherDocument, UnsoundPlan
from aeo_ledger.errors.signing import DetailsClosed
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.registers.apply import draft_publications
from aeo_ledger.registers.details import (
    LONGEST,
    SealedDocument,
    consents,
    open_document,
    read_details,
    seal_document,
    write_details,
)
from aeo_ledger.registers.documents import JSON, Kept, Kind, write_document
from aeo_ledger.registers.draw import require_sound
from aeo_ledger.registers.plan import PLAN_FORM, Plan
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.signing.lookup_file import HeldKeys
from aeo_ledger.signing.register_file import RegisterSecrets
from aeo_ledger.verify.facts import verify_all_facts
from support.registers import draw, row_of
from support.sealed_world import BY, LOOKUP_SECRET, NOW, CustomsFacts, trust
from support.snapshots import seal_snapshot

SECRETS = RegisterSecrets(712, BY, LOOKUP_SECRET, {0: b"\x02" * 32, 1: b"\x03" * 32})
HELD = HeldKeys.of(SECRETS.lookup_keys(), SECRETS.payload_keys())
ENTRY = make_entry(BY, 2, bytes(29))
WHERE: dict[str, Any] = {"chain": 712, "registers": b"\x0e" * 20}


def kept(consent: str | None = "yes", name: str = "A trader", **more: str) -> Kept:
    document = {"tin": "BY200988541", "name": name, **({} if consent is None else {"consent": consent}), **more}
    content = write_document(document)
    return Kept(entry=ENTRY, tin="BY200988541", kind=Kind.CERTIFICATE, media=JSON, salt=b"\x05" * 32, content=content)


def sealed(**more: Any) -> SealedDocument:
    found = seal_document(kept(**more), HELD, epoch=0, **WHERE)
    assert found is not None
    return found


def reopen(one: SealedDocument, **altered: Any) -> Kept:
    usual: dict[str, Any] = {**WHERE, "entry": ENTRY, "commitment": kept().commitment}
    return open_document(one, altered.pop("held", HELD), **{**usual, **altered})


def test_a_document_is_sealed_and_opened_by_who_holds_the_key() -> None:
    one = sealed()
    assert reopen(one) == kept()
    assert b"A trader" not in one.sealed
    assert len(one.sealed) % 64 == 16, "its length tells little"
    with pytest.raises(KeyNeeded):
        reopen(one, held=HeldKeys.of(SECRETS.lookup_keys(), [SECRETS.payload_key(1, 0)]))


@pytest.mark.parametrize("consent", [None, "", "no"])
def test_without_consent_nothing_is_sealed(consent: str | None) -> None:
    assert not consents({} if consent is None else {"consent": consent})
    assert seal_document(kept(consent), HELD, epoch=0, **WHERE) is None


def test_a_document_too_long_for_a_publication_is_committed_to_only() -> None:
    assert seal_document(kept(name="x" * LONGEST), HELD, epoch=0, **WHERE) is None


@pytest.mark.parametrize(
    "altered",
    [
        {"chain": 713},
        {"registers": bytes(20)},
        {"entry": make_entry(BY, 2, b"\x01" * 29)},
        {"commitment": bytes(32)},
    ],
    ids=str,
)
def test_a_document_is_of_one_certificate_of_one_ledger(altered: dict[str, Any]) -> None:
    with pytest.raises(DetailsClosed):
        reopen(sealed(), **altered)
    with pytest.raises(DetailsClosed):
        reopen(replace(sealed(), epoch=1))


def test_an_issuer_that_seals_something_else_than_it_committed_to_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kept, "commitment", property(lambda _: bytes(32)))
    one = sealed()
    with pytest.raises(OtherDocument):
        reopen(one, commitment=bytes(32))


@pytest.mark.parametrize("content", [b"[]", b"not JSON", b'{"tin": 7}', b"[" * 3_000])
def test_a_document_that_is_none_names_nobody(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = replace(kept(), content=content)
    monkeypatch.setattr("aeo_ledger.registers.details.read_document", lambda _: {"consent": "yes"})
    one = seal_document(strange, HELD, epoch=0, **WHERE)
    assert one is not None
    assert reopen(one, commitment=strange.commitment) == replace(strange, tin="")


def test_details_are_written_and_read() -> None:
    first, second = SealedDocument(0, b"one"), SealedDocument(7, bytes(300))
    details = write_details([(0, first), (99, second)])
    assert read_details(details) == {0: first, 99: second}
    assert write_details([]) == b""
    assert read_details(b"") == read_details(b"\x02whatever") == {}


@pytest.mark.parametrize(
    ("details", "at"),
    [
        (b"\x01\x00", 1),
        (b"\x01\x00" + bytes(4) + b"\x00\x05" + bytes(4), 1),
        (write_details([(0, SealedDocument(0, b"one"))]) + b"\x01", 11),
        (write_details([(0, SealedDocument(0, b"one")), (0, SealedDocument(0, b"one"))]), 11),
    ],
    ids=["cut in the head", "cut in a document", "more", "twice"],
)
def test_details_of_another_form_are_refused(details: bytes, at: int) -> None:
    with pytest.raises(MalformedDetails) as refused:
        read_details(details)
    assert refused.value.at == at


# ---- in a plan


def keyed(epoch: int = 0, held: HeldKeys = HELD) -> RegisterState:
    world = CustomsFacts().keyed(BY)
    world.registers[BY] = replace(world.registers[BY], epoch=epoch)
    return RegisterState(verify_all_facts(seal_snapshot(world), trust(), now=NOW), BY, held)


def row(number: int, consent: str = "yes", size: int = 0) -> Any:
    plain = row_of(number)
    return replace(plain, document={**plain.document, "consent": consent, "note": "x" * size})


def drawn(*rows: Any) -> Plan:
    return draw(rows, keyed()).plan


def test_a_plan_of_a_keyed_register_has_pseudonyms_and_sealed_documents() -> None:
    plan = drawn(row(1), row(2, "no"))
    first, second = plan.changes
    assert first.entry == entries_of(row(1).tin, HELD.lookup.key)(BY, RegisterMode.KEYED, 2)
    assert (first.details is not None, second.details) == (True, None)
    assert PLAN_FORM.decode(PLAN_FORM.encode_cbor(plan)) == PLAN_FORM.decode_json(PLAN_FORM.encode_json(plan)) == plan
    (act,) = draft_publications(plan)
    details: Any = act.values["details"]
    assert read_details(details) == {0: first.details}
    require_sound(plan.changes, plan, keyed(), time=NOW)


def test_publications_hold_no_more_details_than_the_ledger_takes() -> None:
    plan = drawn(*(row(number, size=2_000) for number in range(1, 41)))
    written: list[Any] = [act.values["details"] for act in draft_publications(plan)]
    assert len(written) == 3
    assert max(map(len, written)) <= MAX_DETAILS
    assert sum(len(read_details(details)) for details in written) == 40


def test_a_plan_is_not_signed_without_the_register_s_keys_or_for_another_trader_or_epoch() -> None:
    plan = drawn(row(1))
    with pytest.raises(KeyNeeded):
        require_sound(plan.changes, plan, keyed(held=HeldKeys.of([], [])), time=NOW)
    (change,) = plan.changes
    with pytest.raises(UnsoundPlan, match="its entry is not that of BY100000002"):
        require_sound([replace(change, tin="BY100000002")], plan, keyed(), time=NOW)
    with pytest.raises(UnsoundPlan, match="sealed for epoch 0, which has passed"):
        require_sound([change], plan, keyed(epoch=1), time=NOW)


@pytest.mark.parametrize("details", ["0x", "0x00000000", "0x" + "00" * (LONGEST + 5)])
def test_a_plan_with_details_of_another_form_is_refused(details: str) -> None:
    values: Any = PLAN_FORM.encode_values(drawn(row(1)))
    values["changes"][0]["details"] = details
    with pytest.raises(MalformedDocument):
        PLAN_FORM.decode_values(values)


def test_rows_need_the_register_s_keys() -> None:
    with pytest.raises(KeyNeeded):
        draw([row(1)], keyed(held=HeldKeys.of([], [])))
