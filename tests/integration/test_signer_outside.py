"""An operator's key is made in a token and never leaves it: SoftHSM signs what the ledger takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aeo_ledger.cli.about import list_pages
from aeo_ledger.primitives.curve import address_of_public_key
from support.network import Network
from support.token import Token
from support.workshop import Workshop

PIN = "271828"


@pytest.fixture(scope="module")
def shop(network: Network) -> Workshop:
    return Workshop(folder=network.folder, port=int(network.url.rpartition(":")[2]), office=network.folder.parent)


def test_a_key_in_a_token_signs_for_a_party(
    shop: Workshop, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Token.make(tmp_path / "hsm", PIN)
    for name, text in {
        **token.environment,
        "TOKEN_PIN": PIN,
    }.items():  # one act needs a key file too, and its password differs
        monkeypatch.setenv(name, text)
    file = str(tmp_path / "token.json")
    done = shop.run("key", "outside", file, "--password-in", "TOKEN_PIN", "--json", "--", *token.words)
    made = json.loads(done.stdout)
    page = list_pages()["ceremonies"].read_text(encoding="utf-8").replace("\\\n    ", "")
    assert " ".join(token.words[3:]) in page  # without the program and the module's path
    own = token.run(*token.words[:-5], "--read-object", "--type", "pubkey", "--id", "01")[-64:]
    assert made["address"] == f"0x{address_of_public_key(own).hex()}"
    assert shop.json("key", "show", file)["address"] == made["address"]
    keys = ("--key", shop.key("BY", "authority"), "--key", file)
    added = shop.run("party", "act", "add-operator", "--party", "BY", "--new", made["address"], *keys, "--yes")
    assert added.exit_code == 0, added.output
    for number in range(4):  # a token's s is high every second time
        tin = f"BY70000010{number}"
        details = ("--type", "3", "--roles", "carrier", "--from", "2024-01-01")
        granted = shop.act("grant", tin, *details, key=file)
        assert (granted.exit_code, "proven: it is sealed" in granted.output) == (0, True), granted.output
    locked = shop.run(
        "suspend", "BY700000100", "--party", "BY", "--type", "3", "--key", file, "--yes", TOKEN_PIN="000000"
    )
    assert locked.exit_code == 5
    assert "pkcs11-tool signed nothing: exit code 1" in locked.stderr
    lost = shop.run("suspend", "BY700000100", "--party", "BY", "--type", "3", "--key", file, "--yes", PATH="/nowhere")
    assert (lost.exit_code, "No such file or directory" in lost.stderr) == (5, True)
    assert [record.sequence for record in shop.records("BY700000100")] == [1]
