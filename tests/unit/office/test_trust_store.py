"""The trust store: every bundle ever pinned, with its time; nothing is lost, and what is damaged is named."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors.files import FileUnavailable, UnreadableFile
from aeo_ledger.errors.gateway import GatewayUnreachable
from aeo_ledger.errors.office import (
    OlderTrust,
    OtherChainPinned,
    PinKept,
    PinnedLater,
    TrustStoreDamaged,
    TrustStoreMoved,
)
from aeo_ledger.errors.verify import SkippedStep, TrustExpired
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.office.archive import read_kept
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.trust import pin_trust, update_trust
from aeo_ledger.office.trust_store import (
    LIST,
    Way,
    add_to_store,
    is_store,
    list_store,
    read_newest,
    read_store,
)
from aeo_ledger.verify import TRUST_FORM, Checkpoint, TrustBundle
from aeo_ledger.verify.archive import PinnedTrust
from aeo_ledger.verify.trust import fingerprint
from support.validator_chain import FIRST, START, START_BLOCK, history, pinned_at, update_of

PINNED = pinned_at(START_BLOCK, FIRST)
NOW = PINNED.checkpoint.time
STEPS, _ = history()
NEWEST = STEPS[-1].header.timestamp


def later(number: int) -> TrustBundle:
    return replace(PINNED, checkpoint=Checkpoint(number=START + number, hash=bytes([number]) * 32, time=NOW + number))


def offered(folder: Path, trust: TrustBundle = PINNED) -> Path:
    path = folder / "came.json"
    path.write_text(TRUST_FORM.encode_json(trust), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three bundles, pinned a day apart."""
    folder = tmp_path / "trust"
    for day, trust in enumerate((PINNED, later(1), later(2))):
        add_to_store(folder, trust, way=Way.PINNED if day == 0 else Way.UPDATED, now=NOW + 86_400 * day, after=None)
    return folder


# ---- kept ----


def test_every_bundle_is_kept_with_its_time_and_the_last_one_is_trusted(store: Path) -> None:
    assert read_store(store) == tuple(
        PinnedTrust(trust=trust, pinned_at=NOW + 86_400 * day) for day, trust in enumerate((PINNED, later(1), later(2)))
    )
    assert read_newest(store) == read_trust(store) == later(2)
    assert [entry.way for entry in list_store(store)] == ["pinned", "updated", "updated"]
    assert read_kept(store) == read_store(store)


def test_each_bundle_is_a_file_that_can_be_used_by_itself(store: Path) -> None:
    for trust in (PINNED, later(1), later(2)):
        file = store / f"{fingerprint(trust).hex()}.json"
        assert read_trust(file) == trust
        assert read_kept(file) == (PinnedTrust(trust=trust, pinned_at=None),)
    assert len(list(store.iterdir())) == 4


def test_what_is_pinned_already_is_not_pinned_again(store: Path) -> None:
    before = (store / LIST).read_bytes()
    add_to_store(store, later(2), way=Way.PINNED, now=NOW + 86_400 * 9, after=None)
    assert (store / LIST).read_bytes() == before
    add_to_store(store, PINNED, way=Way.PINNED, now=NOW + 86_400 * 9, after=None)  # a former one is
    assert [pinned.trust for pinned in read_store(store)] == [PINNED, later(1), later(2), PINNED]


def test_the_folder_is_enough_by_itself(store: Path, tmp_path: Path) -> None:
    kept = read_store(store)
    elsewhere = tmp_path / "elsewhere"
    store.rename(elsewhere)
    assert read_store(elsewhere) == kept


def test_a_name_in_json_is_a_file_and_any_other_a_store(tmp_path: Path) -> None:
    assert is_store(tmp_path)
    assert is_store(tmp_path / "trust")
    assert not is_store(tmp_path / "trust.json")
    (tmp_path / "file").touch()
    assert not is_store(tmp_path / "file")


# ---- pin and update ----


def test_a_bundle_is_pinned_into_a_store_that_is_made(tmp_path: Path) -> None:
    for folder in (tmp_path / "trust", tmp_path / "made"):
        (tmp_path / "made").mkdir(exist_ok=True)
        assert pin_trust(offered(tmp_path), folder, now=NOW + 5) == PINNED
        assert read_store(folder) == (PinnedTrust(trust=PINNED, pinned_at=NOW + 5),)


def test_another_is_pinned_behind_it_and_the_same_care_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    pin_trust(offered(tmp_path, later(1)), folder, now=NOW)
    with pytest.raises(OlderTrust):
        pin_trust(offered(tmp_path), folder, now=NOW)
    with pytest.raises(OtherChainPinned):
        pin_trust(offered(tmp_path, replace(later(2), chain_id=7)), folder, now=NOW)
    with pytest.raises(TrustExpired):
        pin_trust(offered(tmp_path, later(2)), folder, now=later(2).expires_at)
    assert [pinned.trust for pinned in read_store(folder)] == [later(1)]
    with pytest.raises(PinKept):
        pin_trust(offered(tmp_path, later(2)), folder, now=NOW + 1)
    pin_trust(offered(tmp_path, later(2)), folder, now=NOW + 1, replace=True)
    pin_trust(offered(tmp_path), folder, now=NOW + 2, replace=True)
    assert [pinned.trust for pinned in read_store(folder)] == [later(1), later(2), PINNED]


def test_an_update_is_kept_behind_what_it_moved(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    pin_trust(offered(tmp_path), folder, now=NOW)
    former, proven = update_trust(folder, lambda _: update_of(*STEPS), now=NEWEST)
    assert former == PINNED
    assert read_store(folder) == (
        PinnedTrust(trust=PINNED, pinned_at=NOW),
        PinnedTrust(trust=proven.trust, pinned_at=NEWEST),
    )
    assert list_store(folder)[-1].way is Way.UPDATED
    update_trust(folder, lambda _: TrustUpdate(headers=(), nodes=()), now=NEWEST)
    assert len(read_store(folder)) == 2


def test_what_is_not_proven_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    pin_trust(offered(tmp_path), folder, now=NOW)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def unreachable(since: int) -> TrustUpdate:
        raise GatewayUnreachable(url="http://127.0.0.1:1", detail=str(since))

    with pytest.raises(GatewayUnreachable):
        update_trust(folder, unreachable, now=NOW + 1)
    with pytest.raises(SkippedStep):
        update_trust(folder, lambda _: update_of(STEPS[1]), now=NEWEST)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# ---- what happens meanwhile ----


def test_a_bundle_that_another_process_pinned_meanwhile_is_not_passed_over(store: Path) -> None:
    with pytest.raises(TrustStoreMoved):
        add_to_store(store, later(3), way=Way.UPDATED, now=NOW + 86_400 * 3, after=fingerprint(later(1)))
    add_to_store(store, later(3), way=Way.UPDATED, now=NOW + 86_400 * 3, after=fingerprint(later(2)))


def test_nor_while_an_update_is_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    pin_trust(offered(tmp_path), folder, now=NOW)

    def meanwhile(_: int) -> TrustUpdate:
        add_to_store(folder, later(9), way=Way.PINNED, now=NOW, after=None)
        return update_of(*STEPS)

    with pytest.raises(TrustStoreMoved):
        update_trust(folder, meanwhile, now=NEWEST)
    assert read_newest(folder) == later(9)


def test_the_clock_does_not_go_back(store: Path) -> None:
    last = NOW + 86_400 * 2
    with pytest.raises(PinnedLater) as refusal:
        add_to_store(store, later(3), way=Way.PINNED, now=last - 1, after=None)
    assert (refusal.value.pinned_at, refusal.value.now) == (last, last - 1)
    assert len(read_store(store)) == 3
    add_to_store(store, later(3), way=Way.PINNED, now=last, after=None)


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    failures: list[Exception] = []

    def pin(number: int) -> None:
        try:
            add_to_store(folder, later(number), way=Way.PINNED, now=NOW, after=None)
            read_store(folder)
        except Exception as error:  # noqa: BLE001 (whatever it is, nobody should meet it)
            failures.append(error)

    threads = [threading.Thread(target=pin, args=(number,)) for number in range(1, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {pinned.trust.checkpoint.number - START for pinned in read_store(folder)} == set(range(1, 25))


def test_a_bundle_that_a_crash_left_out_of_the_list_harms_nobody(store: Path) -> None:
    """The bundle is written before the list that names it."""
    (store / f"{fingerprint(later(3)).hex()}.json").write_text(TRUST_FORM.encode_json(later(3)), encoding="utf-8")
    assert read_newest(store) == later(2)
    add_to_store(store, later(3), way=Way.PINNED, now=NOW + 86_400 * 3, after=None)
    assert read_newest(store) == later(3)


# ---- damage ----


def damaged(store: Path, read: Any = read_store) -> TrustStoreDamaged:
    with pytest.raises(TrustStoreDamaged) as refusal:
        read(store)
    with pytest.raises(TrustStoreDamaged):  # and nothing is added to it
        add_to_store(store, later(3), way=Way.PINNED, now=NOW + 86_400 * 3, after=None)
    return refusal.value


def bundle_file(store: Path, trust: TrustBundle) -> Path:
    return store / f"{fingerprint(trust).hex()}.json"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_any_digit_of_the_list_that_was_altered_is_noticed(store: Path, number: int) -> None:
    whole = json.loads((store / LIST).read_text())
    for key, value in {
        "at": NOW + 1,
        "way": "updated" if number == 0 else "pinned",
        "bundle": "0x" + "11" * 32,
    }.items():
        altered = json.loads(json.dumps(whole))
        altered["pinned"][number][key] = value
        (store / LIST).write_text(json.dumps(altered))
        error = damaged(store)
        assert error.path == str(store / LIST)
        assert f"pinned[{number}].sum" in error.reason


def test_a_line_that_is_missing_or_moved_is_noticed(store: Path) -> None:
    whole = json.loads((store / LIST).read_text())
    first, second, third = whole["pinned"]
    for lines in ([second, third], [first, third], [first, third, second], [third, second, first], []):
        (store / LIST).write_text(json.dumps({**whole, "pinned": lines}))
        assert damaged(store).path == str(store / LIST)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "aeo-ledger/trust-store/2", "pinned": []}', "\xff"])
def test_a_list_that_is_none_is_noticed(store: Path, text: str) -> None:
    (store / LIST).write_text(text, encoding="latin-1")
    assert damaged(store).path == str(store / LIST)


def test_a_list_that_is_missing_is_noticed(store: Path) -> None:
    (store / LIST).unlink()
    assert damaged(store).reason == "it is missing"


@pytest.mark.parametrize("trust", [PINNED, later(1), later(2)])
def test_a_bundle_that_is_missing_or_another_is_noticed(store: Path, trust: TrustBundle) -> None:
    file = bundle_file(store, trust)
    whole = file.read_text()
    for text in (
        TRUST_FORM.encode_json(later(7)),
        whole.replace('"period_s": 7776000', '"period_s": 7776001'),
        whole[:-9],
        "",
    ):
        file.write_text(text)
        with pytest.raises(TrustStoreDamaged) as refusal:
            read_store(store)
        assert refusal.value.path == str(file)
    file.unlink()
    with pytest.raises(TrustStoreDamaged) as missing:
        read_store(store)
    assert (missing.value.path, missing.value.reason) == (str(file), "it is missing")


def test_a_former_bundle_that_is_missing_does_not_hinder_today(store: Path) -> None:
    bundle_file(store, PINNED).unlink()
    assert read_trust(store) == later(2)


def test_a_folder_of_other_things_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    for read in (read_store, read_newest, read_trust, list_store):
        with pytest.raises(UnreadableFile) as refusal:
            read(tmp_path)
        assert LIST in refusal.value.detail
    with pytest.raises(UnreadableFile):
        read_store(tmp_path / "absent")


def test_a_file_that_the_system_does_not_give_is_no_damage(store: Path) -> None:
    bundle_file(store, PINNED).unlink()
    bundle_file(store, PINNED).mkdir()
    with pytest.raises(FileUnavailable):
        read_store(store)
