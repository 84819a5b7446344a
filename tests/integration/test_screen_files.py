"""A command never destroys its input, nor a file of another kind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.trust import spell
from aeo_ledger.office.trust_store import LIST
from aeo_ledger.verify.trust import fingerprint
from support.network import SAMPLES
from support.waiting import WITHIN_S
from support.workshop import COMMAND, QUESTION, TYPE_3, Workshop

Prepare = Callable[[Workshop, Path], list[str]]


def _one_file(shop: Workshop, folder: Path) -> list[str]:
    return ["ask", TYPE_3, *QUESTION, "--evidence", str(folder / "z.json"), "--receipt", str(folder / "z.json")]


def _by_another_name(shop: Workshop, folder: Path) -> list[str]:
    (folder / "link").symlink_to(folder)
    return ["ask", TYPE_3, *QUESTION, "--evidence", str(folder / "z"), "--receipt", str(folder / "link/z")]


def _evidence_and_its_chain(shop: Workshop, folder: Path) -> list[str]:
    path = str(folder / "a.json")
    assert shop.run("ask", TYPE_3, *QUESTION, "--evidence", path).exit_code == 0
    return ["trust", "chain", path, "--out", path]


def _hard_link(shop: Workshop, folder: Path) -> list[str]:
    arguments = _evidence_and_its_chain(shop, folder)
    os.link(folder / "a.json", folder / "b.json")
    return [*arguments[:3], "--out", str(folder / "b.json")]


def _register(shop: Workshop, folder: Path) -> list[str]:
    file = str(shutil.copy(SAMPLES / "BY.csv", folder / "n.csv"))
    return ["register", "plan", file, "--party", "BY", "--out", file]


def _bundle(shop: Workshop, folder: Path) -> list[str]:
    file = str(shutil.copy(shop.folder / "trust.json", folder / "trust.json"))
    return ["ask", TYPE_3, *QUESTION, "--trust", file, "--evidence", file]


def _store(name: str) -> Prepare:
    def prepare(shop: Workshop, folder: Path) -> list[str]:
        told = spell(fingerprint(read_trust(shop.folder / "trust.json")))
        bundle, store = str(shop.folder / "trust.json"), str(folder / "st")
        assert shop.run("trust", "pin", bundle, "--out", store, "--fingerprint", told).exit_code == 0
        return ["ask", TYPE_3, *QUESTION, "--trust", store, "--evidence", str(folder / "st" / name)]

    return prepare


def _other(name: str, *command: str) -> Prepare:
    """A file in the place where a command would write: a key, say."""

    def prepare(shop: Workshop, folder: Path) -> list[str]:
        (folder / name).write_text("the only copy")
        return [part.format(there=folder / name, net=shop.folder) for part in command]

    return prepare


@pytest.mark.parametrize(
    "prepare",
    [
        _one_file,
        _by_another_name,
        _evidence_and_its_chain,
        _hard_link,
        _register,
        _bundle,
        _store(LIST),
        _store("new.json"),
        _other("x", "ask", TYPE_3, *QUESTION, "--evidence", "{there}"),
        _other("x", "history", TYPE_3, "--evidence", "{there}"),
        _other("x", "snapshot", "take", "--out", "{there}"),
        _other("x", "trust", "update", "--keep", "{there}"),
        _other("x", "register", "sample", "BY", "--out", "{there}"),
        _other("x", "chain", "export", "{net}", "--out", "{there}"),
    ],
)
def test_a_file_of_another_kind_is_never_overwritten(shop: Workshop, tmp_path: Path, prepare: Prepare) -> None:
    arguments = prepare(shop, tmp_path)
    before = _read(tmp_path)
    refused = shop.run(*arguments)
    assert (refused.exit_code, "name another file to write to" in refused.stderr) == (3, True), refused.output
    assert _read(tmp_path) == before


def test_a_command_replaces_what_it_wrote_itself_and_what_is_empty(shop: Workshop, tmp_path: Path) -> None:
    for name, command in {
        "e.json": ["ask", TYPE_3, *QUESTION, "--evidence"],
        "e.cbor": ["ask", TYPE_3, *QUESTION, "--evidence"],
        "h.json": ["history", TYPE_3, "--evidence"],
        "s": ["snapshot", "take", "--out"],
        "r.csv": ["register", "sample", "BY", "--out"],
        "u.cbor": ["trust", "update", "--trust", str(shutil.copy(shop.folder / "trust.json", tmp_path)), "--keep"],
        "blocks": ["chain", "export", str(shop.folder), "--out"],
    }.items():
        path = tmp_path / name
        path.touch()
        for _ in range(2):
            written = shop.run(*command, str(path))
            assert written.exit_code == 0, written.output
            assert path.stat().st_size > 0


def test_standard_output_is_not_the_name_of_a_file(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evidence = ["ask", TYPE_3, *QUESTION, "--evidence", str(tmp_path / "e.json")]
    for command in (
        ["key", "new", "-"],
        ["key", "export", shop.key("BY"), "--out", "-"],
        [*evidence, "--receipt", "-"],
        ["trust", "chain", "e.json", "--out", "-"],
    ):
        refused = shop.run(*command)
        assert (refused.exit_code, "-: it is standard output" in refused.stderr) == (2, True), refused.output
        assert list(tmp_path.iterdir()) == []


def test_a_pipe_in_which_nobody_writes_is_not_waited_for(shop: Workshop, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    trust = ["--trust", str(shop.folder / "trust.json")]
    ended = subprocess.run(
        [*COMMAND, "verify", str(tmp_path / "pipe"), TYPE_3, *QUESTION, *trust],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert (ended.returncode, "it is a pipe" in ended.stderr) == (2, True)
    made = str(tmp_path / "e.json")
    assert shop.run("ask", TYPE_3, *QUESTION, "--evidence", made).exit_code == 0
    piped = f'exec "$0" -m aeo_ledger.cli.main verify <(cat {made}) {TYPE_3} {" ".join(QUESTION)} {" ".join(trust)}'
    ended = subprocess.run(
        ["bash", "-c", piped, COMMAND[0]], capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert ended.returncode == 0, ended.stderr


def _read(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
