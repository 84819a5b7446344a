from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import PartyKind, PartyState
from aeo_ledger.errors.files import FileUnavailable, UnreadableFile
from aeo_ledger.errors.gateway import GatewayUnreachable
from aeo_ledger.errors.office import OlderTrust, OtherChainPinned, OtherFingerprint, PinKept
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.verify import NotTheCheckpoint, SkippedStep, Stale, TrustExpired
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.trust import (
    expires_soon,
    name_in_bundle,
    pin_trust,
    read_update,
    repin_named,
    spell,
    update_trust,
    write_update,
)
from aeo_ledger.verify import TRUST_FORM, Checkpoint, TrustBundle, TrustedParty, ValidatorSet
from aeo_ledger.verify.trust import fingerprint
from support.validator_chain import FIRST, NODES, START, START_BLOCK, Step, history, pinned_at, step, update_of

PINNED = pinned_at(START_BLOCK, FIRST)
NOW = PINNED.checkpoint.time
STEPS, _ = history()
NEWEST = STEPS[-1].header.timestamp


def offer(path: Path, trust: TrustBundle = PINNED, **altered: Any) -> Path:
    path.write_text(TRUST_FORM.encode_json(replace(trust, **altered)), encoding="utf-8")
    return path


def at(number: int, time: int = NOW) -> Checkpoint:
    return Checkpoint(number=number, hash=bytes([number % 256]) * 32, time=time)


def fetch(*steps: Step) -> Any:
    def answer(since: int) -> TrustUpdate:
        return update_of(*(one for one in steps if one.header.number > since))

    return answer


# ---- pin ----


def test_a_bundle_that_came_out_of_band_is_pinned(tmp_path: Path) -> None:
    out = tmp_path / "trust.json"
    assert pin_trust(offer(tmp_path / "came.json"), out, now=NOW) == PINNED
    assert read_trust(out) == PINNED
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["came.json", "trust.json"]


def test_its_fingerprint_is_of_what_it_says_not_of_how_it_is_written(tmp_path: Path) -> None:
    came = offer(tmp_path / "came.json")
    came.write_text(came.read_text().replace("\n", "").replace("  ", ""))
    assert fingerprint(read_trust(came)) == fingerprint(PINNED)
    assert fingerprint(replace(PINNED, period_s=1)) != fingerprint(PINNED)
    assert spell(b"\x01\x23\x45\x67") == "0123 4567"
    assert spell(fingerprint(PINNED)).count(" ") == 15


def test_another_bundle_than_the_one_told_by_voice_is_refused(tmp_path: Path) -> None:
    came, out = offer(tmp_path / "came.json", period_s=1_000), tmp_path / "trust.json"
    with pytest.raises(OtherFingerprint) as refusal:
        pin_trust(came, out, now=NOW, expected=fingerprint(PINNED), replace=True)
    assert (refusal.value.found, refusal.value.needed) == (fingerprint(read_trust(came)), fingerprint(PINNED))
    assert not out.exists()
    pin_trust(came, out, now=NOW, expected=fingerprint(read_trust(came)))


def test_an_expired_bundle_is_not_pinned(tmp_path: Path) -> None:
    came, out = offer(tmp_path / "came.json"), tmp_path / "trust.json"
    pin_trust(came, out, now=PINNED.expires_at - 1)
    with pytest.raises(TrustExpired) as refusal:
        pin_trust(came, out, now=PINNED.expires_at, replace=True)
    assert refusal.value.expired_at == PINNED.expires_at


@pytest.mark.parametrize(
    "other", [{"chain_id": 7}, {"genesis_hash": b"\7" * 32}, {"consortium": b"\7" * 20}, {"registers": b"\7" * 20}]
)
def test_another_ledgers_bundle_is_not_overwritten_unasked(tmp_path: Path, other: dict[str, Any]) -> None:
    out = offer(tmp_path / "trust.json")
    came = offer(tmp_path / "came.json", **other)
    with pytest.raises(OtherChainPinned) as refusal:
        pin_trust(came, out, now=NOW)
    assert (refusal.value.found, refusal.value.offered) == (PINNED.chain_id, other.get("chain_id", PINNED.chain_id))
    assert read_trust(out) == PINNED
    pin_trust(came, out, now=NOW, replace=True)
    assert read_trust(out) == replace(PINNED, **other)


def test_trust_is_not_set_back_unasked(tmp_path: Path) -> None:
    out = offer(tmp_path / "trust.json")
    with pytest.raises(OlderTrust) as refusal:
        pin_trust(offer(tmp_path / "came.json", checkpoint=at(START - 1)), out, now=NOW)
    assert (refusal.value.found, refusal.value.offered) == (START, START - 1)
    with pytest.raises(NotTheCheckpoint):
        pin_trust(offer(tmp_path / "came.json", checkpoint=at(START)), out, now=NOW)
    assert read_trust(out) == PINNED


@pytest.mark.parametrize(
    "other",
    [
        {"checkpoint": at(START + 1)},
        {"checkpoint": at(1 << 63)},
        {"period_s": PINNED.period_s + 1},
        {"parties": (TrustedParty(number=1, code="BY", name="Another"),), "prefixes": {}},
        {"validators": ValidatorSet(tuple(bytes([n]) * 20 for n in range(1, 5)))},
    ],
    ids=["the next block", "a block far ahead", "period", "a name", "validators"],
)
def test_a_pin_is_never_replaced_unasked_whatever_its_checkpoint(tmp_path: Path, other: dict[str, Any]) -> None:
    out, came = offer(tmp_path / "trust.json"), offer(tmp_path / "came.json", **other)
    before = out.read_bytes()
    with pytest.raises(PinKept) as refusal:
        pin_trust(came, out, now=NOW, expected=fingerprint(read_trust(came)))
    assert (refusal.value.found, refusal.value.offered) == (START, read_trust(came).checkpoint.number)
    assert out.read_bytes() == before
    pin_trust(came, out, now=NOW, replace=True)
    assert read_trust(out) == replace(PINNED, **other)


def test_the_bundle_that_is_pinned_may_be_pinned_again(tmp_path: Path) -> None:
    out = offer(tmp_path / "trust.json")
    assert pin_trust(offer(tmp_path / "came.json"), out, now=NOW) == read_trust(out) == PINNED


def test_what_is_no_bundle_is_not_pinned_and_what_is_there_is_not_lost(tmp_path: Path) -> None:
    came, out = tmp_path / "came.json", tmp_path / "trust.json"
    with pytest.raises(UnreadableFile):
        pin_trust(came, out, now=NOW)
    came.write_text("{}")
    with pytest.raises(MalformedDocument):
        pin_trust(came, out, now=NOW)
    out.write_text("notes of somebody")
    with pytest.raises(MalformedDocument):
        pin_trust(offer(came), out, now=NOW)
    assert out.read_text() == "notes of somebody"


# ---- update ----


def test_an_update_rewrites_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = offer(tmp_path / "trust.json")
    path.chmod(0o640)
    before, proven = update_trust(path, fetch(*STEPS), now=NEWEST)
    assert before == PINNED
    assert read_trust(path) == proven.trust
    assert proven.trust.checkpoint.number == STEPS[-1].header.number
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    assert update_trust(path, fetch(*STEPS), now=NEWEST)[1].changes == ()


def test_a_link_to_the_bundle_stays_a_link(tmp_path: Path) -> None:
    offer(tmp_path / "real.json")
    link = tmp_path / "trust.json"
    link.symlink_to("real.json")
    update_trust(link, fetch(*STEPS), now=NEWEST)
    assert link.is_symlink()
    assert read_trust(tmp_path / "real.json").checkpoint.number == STEPS[-1].header.number


@pytest.mark.parametrize(
    ("steps", "now", "error"),
    [
        (STEPS[:-2], NEWEST + 400, Stale),
        ((*STEPS[:4], step(START + 500, NODES[1:5], NODES[1:6])), NEWEST + 9000, SkippedStep),
    ],
)
def test_what_is_not_proven_to_the_end_changes_nothing(
    tmp_path: Path, steps: tuple[Step, ...], now: int, error: type[Exception]
) -> None:
    path = offer(tmp_path / "trust.json")
    written = path.read_bytes()
    with pytest.raises(error):
        update_trust(path, fetch(*steps), now=now)
    assert path.read_bytes() == written
    assert list(tmp_path.iterdir()) == [path]


def test_an_unreachable_gateway_or_an_expired_bundle_changes_nothing(tmp_path: Path) -> None:
    path = offer(tmp_path / "trust.json")

    def unreachable(since: int) -> TrustUpdate:
        raise GatewayUnreachable(url="http://127.0.0.1:1", detail=str(since))

    with pytest.raises(GatewayUnreachable):
        update_trust(path, unreachable, now=NOW)
    with pytest.raises(TrustExpired):  # and nobody is asked
        update_trust(path, unreachable, now=PINNED.expires_at)
    assert read_trust(path) == PINNED


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    came = offer(tmp_path / "came.json")
    for out in (came / "trust.json", tmp_path / "absent" / "trust.json", came / "store", tmp_path / "absent" / "store"):
        with pytest.raises(FileUnavailable):
            pin_trust(came, out, now=NOW, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["came.json"]


def test_a_folder_of_other_things_is_no_place_for_trust(tmp_path: Path) -> None:
    came, out = offer(tmp_path / "came.json"), tmp_path / "folder"
    out.mkdir()
    (out / "full").touch()
    for replacing in (False, True):
        with pytest.raises(UnreadableFile):
            pin_trust(came, out, now=NOW, replace=replacing)
    assert [path.name for path in out.iterdir()] == ["full"]


def test_a_reader_never_sees_half_a_bundle(tmp_path: Path) -> None:
    path, came = offer(tmp_path / "trust.json"), tmp_path / "came.json"
    failures: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                read_trust(path)
            except Exception as error:  # noqa: BLE001 (whatever it is, the reader should not meet it)
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(START + 1, START + 101):
        pin_trust(offer(came, checkpoint=at(number)), path, now=NOW, replace=True)
    done.set()
    reader.join()
    assert failures == []


def test_an_update_travels_as_a_file_in_both_forms(tmp_path: Path) -> None:
    for name in ("update.json", "update.cbor"):
        write_update(tmp_path / name, update_of(*STEPS))
        assert read_update(tmp_path / name) == update_of(*STEPS)
    assert (tmp_path / "update.cbor").stat().st_size < (tmp_path / "update.json").stat().st_size / 2


def test_it_says_when_trust_is_about_to_expire() -> None:
    quarter = PINNED.expires_at - PINNED.period_s // 4
    assert not expires_soon(PINNED, now=quarter - 1)
    assert expires_soon(PINNED, now=quarter)
    assert expires_soon(PINNED, now=PINNED.expires_at + 1)


# ---- name ----


def party(code: str, **altered: Any) -> Party:
    return Party(code=code, kind=PartyKind.ADMINISTRATION, state=PartyState.ACTIVE, **altered)


def test_a_newcomer_is_named_and_nothing_else_changes() -> None:
    number = max(PINNED.by_number) + 1
    named = name_in_bundle(PINNED, number, party("GR", keeps_register=True))
    assert named.by_code["GR"] == TrustedParty(number=number, code="GR", name="Greece", types=("AEO",))
    assert (named.party_of_prefix("GR"), named.party_of_prefix("EL")) == (number, number)
    assert replace(named, parties=PINNED.parties, prefixes=PINNED.prefixes) == PINNED
    assert name_in_bundle(named, number, party("GR", keeps_register=True)) == named, "once more changes nothing"


def test_a_named_party_keeps_its_row_and_gets_the_types_of_its_new_register() -> None:
    number = max(PINNED.by_number) + 1
    without = name_in_bundle(PINNED, number, party("EAC"))
    assert without.by_code["EAC"] == TrustedParty(number=number, code="EAC", name=without.by_code["EAC"].name)
    renamed = replace(without, parties=tuple(replace(one, name="As we call it") for one in without.parties))
    row = name_in_bundle(renamed, number, party("EAC", keeps_register=True)).by_number[number]
    assert (row.name, row.types) == ("As we call it", ("AEO",))
    assert name_in_bundle(renamed, number, party("EAC", opened=True)).by_number[number] == row, "it kept one once"


def test_a_code_that_an_expelled_party_lost_is_the_newcomers_alone() -> None:
    number = max(PINNED.by_number) + 1
    once = name_in_bundle(PINNED, number, party("GR", keeps_register=True))
    again = name_in_bundle(once, number + 1, party("GR", keeps_register=True))
    assert number not in again.by_number
    assert (again.party_of_prefix("GR"), again.party_of_prefix("EL")) == (number + 1, number + 1)


def test_a_prefix_that_others_have_is_left_to_them() -> None:
    first = PINNED.parties[0].number
    taken = replace(PINNED, prefixes={**PINNED.prefixes, "EL": first, "GR": first})
    named = name_in_bundle(taken, max(PINNED.by_number) + 1, party("GR", keeps_register=True))
    assert named.party_of_prefix("EL") == first
    assert named.party_of_prefix("GR") == max(PINNED.by_number) + 1, "its own code is its own"


@pytest.mark.parametrize("is_a_store", [False, True])
def test_the_bundle_with_a_name_is_pinned_in_place_of_the_one_without(tmp_path: Path, is_a_store: bool) -> None:
    out = tmp_path / ("store" if is_a_store else "trust.json")
    if is_a_store:
        out.mkdir()
    pin_trust(offer(tmp_path / "came.json"), out, now=NOW)
    named = name_in_bundle(PINNED, max(PINNED.by_number) + 1, party("GR"))
    repin_named(out, PINNED, named, now=NOW + 1)
    assert read_trust(out) == named
    before = sorted(path.name for path in tmp_path.rglob("*"))
    repin_named(out, named, named, now=NOW + 2)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before, "nothing is pinned twice"
