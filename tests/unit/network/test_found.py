"""The parties of a new network, parsed from text, and their rights in it."""

from __future__ import annotations

import os
import secrets
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import PartyKind
from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.files import FileUnavailable, FolderExists
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.run import run_network
from aeo_ledger.signing import Password
from support.disks import small_disk


def test_a_union_shares_the_work_with_its_members_as_is_its_custom() -> None:
    found = {
        p.code: (p.kind, p.seat, p.keeps_register, p.unions) for p in parse_parties("BY,EU=DE+PL,EAC=KE+UG,EAEU=BY+KZ")
    }
    assert found == {
        "BY": (PartyKind.ADMINISTRATION, True, True, ("EAEU",)),
        "EU": (PartyKind.UNION, True, True, ()),
        "EAC": (PartyKind.UNION, False, True, ()),
        "EAEU": (PartyKind.UNION, False, False, ()),
        "DE": (PartyKind.ADMINISTRATION, False, False, ("EU",)),
        "PL": (PartyKind.ADMINISTRATION, False, False, ("EU",)),
        "KE": (PartyKind.ADMINISTRATION, True, True, ("EAC",)),
        "UG": (PartyKind.ADMINISTRATION, True, True, ("EAC",)),
        "KZ": (PartyKind.ADMINISTRATION, True, True, ("EAEU",)),
    }


@pytest.mark.parametrize(
    "text", ["", "by", "BY,BY", "BY,,CN", "BY;CN", "EU=DE+DE", "EU=", "EU=DE+", "ABC", "B", "EU=EAEU", "\u0412Y"]
)
def test_what_is_no_list_of_parties_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_parties(text)
    assert refusal.value.what == "parties"


@pytest.mark.parametrize("umask", [0, 0o777])
def test_a_founded_networks_secrets_are_its_owners_alone_under_any_umask(tmp_path: Path, umask: int) -> None:
    folder, password = tmp_path / "above" / "net", Password("found")
    before = os.umask(umask)
    try:
        found_network(
            folder,
            parse_parties("BY,CN"),
            password,
            now=int(time.time()) - 9,
            randomness=secrets.token_bytes,
            work_factor=2,
        )
    finally:
        os.umask(before)
    files = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path, mode in files.items() if mode & 0o077} <= {"genesis.json", "places.json", "trust.json"}
    assert all(mode & 0o600 == 0o600 for mode in files.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()} == {0o700}
    assert list(folder.parent.iterdir()) == [folder]
    with run_network(folder, password) as running:
        assert running.ledger.head() >= 0
        kept = [path for path in folder.iterdir() if path.name.startswith("ledger.sqlite")]
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_network_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    founding: dict[str, Any] = {"now": int(time.time()), "randomness": secrets.token_bytes, "work_factor": 2}
    parties, password = parse_parties("BY,CN"), Password("found")
    with pytest.raises(FileUnavailable):
        found_network(tmp_path / "file" / "net", parties, password, **founding)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(FolderExists):
            found_network(tmp_path / name, parties, password, **founding)
    with pytest.raises(ZeroDivisionError):
        found_network(tmp_path / "net", parties, password, **{**founding, "randomness": lambda n: bytes(n // 0)})
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link"}


@pytest.mark.parametrize("kibibytes", [8, 100, 150])
def test_a_network_that_does_not_fit_on_its_disk_leaves_nothing_behind(tmp_path: Path, kibibytes: int) -> None:
    with small_disk(tmp_path / "disk", kibibytes) as disk:
        with pytest.raises(Unavailable):
            found_network(
                disk / "net",
                parse_parties("BY,CN"),
                Password("found"),
                now=9,
                randomness=secrets.token_bytes,
                work_factor=2,
            )
        assert list(disk.iterdir()) == []
