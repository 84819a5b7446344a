"""Signatures of webhooks are those of the standard, their keys are files like others, and no part of a message can be exchanged."""

from __future__ import annotations

import base64
import copy
import hmac
import json
import pickle
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.signing import ExposedFile, KeyFileExists, MalformedKeyFile, WrongPassword
from aeo_ledger.signing import Password
from aeo_ledger.signing.sealed_file import kind_of, write_sealed_file
from aeo_ledger.signing.webhooks import (
    KEY_KIND,
    SHARED_KIND,
    HookKey,
    HookSecret,
    check_hook_signer,
    create_hook_key,
    create_hook_secret,
    open_hook_signer,
    sign_delivery,
)

LIGHT = 2
Randomness = Callable[[int], bytes]


def test_a_shared_secret_signs_as_the_standard_shows() -> None:
    """The example of the standard's libraries."""
    secret = HookSecret(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    headers = sign_delivery([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_key_signs_as_ed25519_does() -> None:
    """RFC 8032, section 7.1, test 3."""
    key = HookKey(bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
    version, signature = key.sign(bytes.fromhex("af82")).split(",")
    assert version == "v1a"
    assert base64.b64decode(signature).hex() == (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    public = base64.b64decode(key.public.removeprefix("whpk_"))
    assert public.hex() == "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"


def test_several_signatures_are_of_the_same_content_and_of_all_of_it() -> None:
    secret, key = HookSecret(b"\1" * 32), HookKey(b"\2" * 32)

    def signed(id_: str = "msg_1", at: int = 7, body: bytes = b"{}") -> str:
        return sign_delivery([secret, key], id_, at, body)["webhook-signature"]

    first, second = signed().split(" ")
    content = b"msg_1.7.{}"
    assert first == "v1," + base64.b64encode(hmac.digest(b"\1" * 32, content, "sha256")).decode()
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public.removeprefix("whpk_")))
    public.verify(base64.b64decode(second.removeprefix("v1a,")), content)
    others = [signed(id_="msg_2"), signed(at=8), signed(body=b"{ }")]
    assert all(not set(other.split(" ")) & {first, second} for other in others)


def test_files_are_opened_again_and_hide_what_they_hold(
    tmp_path: Path, password: Password, randomness: Randomness
) -> None:
    gateway, receiver, own = tmp_path / "s.json", tmp_path / "whsec", tmp_path / "k.json"
    create_hook_secret(gateway, receiver, password, randomness=randomness, work_factor=LIGHT)
    public = create_hook_key(own, password, randomness=randomness, work_factor=LIGHT)
    assert (kind_of(gateway), kind_of(own)) == (SHARED_KIND, KEY_KIND)
    secret, key = open_hook_signer(gateway, password), open_hook_signer(own, password)
    assert isinstance(key, HookKey)
    assert key.public == public
    shared = base64.b64decode(receiver.read_text().strip().removeprefix("whsec_"), validate=True)
    assert len(shared) == 32
    assert secret.sign(b"x") == HookSecret(shared).sign(b"x")
    for path in (gateway, receiver, own):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shared.hex() not in gateway.read_text()
    assert receiver.read_text().strip()[6:] not in gateway.read_text()
    for signer in (secret, key):
        assert repr(signer) == f"{type(signer).__name__}(hidden)"
        for copying in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                copying(signer)


def test_nothing_is_written_over(tmp_path: Path, password: Password, randomness: Randomness) -> None:
    file, other = tmp_path / "one", tmp_path / "two"
    file.write_text("something")
    with pytest.raises(KeyFileExists):
        create_hook_secret(other, file, password, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(KeyFileExists):
        create_hook_secret(file, other, password, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(KeyFileExists):
        create_hook_key(file, password, randomness=randomness, work_factor=LIGHT)
    assert (file.read_text(), other.exists()) == ("something", False)


def alter(path: Path, **members: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_other_and_altered_files_are_refused(tmp_path: Path, password: Password, randomness: Randomness) -> None:
    path = tmp_path / "k.json"
    create_hook_key(path, password, randomness=randomness, work_factor=LIGHT)
    text = path.read_text()
    check_hook_signer(path)
    with pytest.raises(WrongPassword):
        open_hook_signer(path, Password("another"))
    alter(path, about={"public": "whpk_" + "A" * 44})
    with pytest.raises(WrongPassword):
        open_hook_signer(path, password)
    path.write_text(text)
    alter(path, kind=SHARED_KIND)
    with pytest.raises(WrongPassword):
        open_hook_signer(path, password)
    path.write_text(text)
    path.chmod(0o644)
    with pytest.raises(ExposedFile):
        open_hook_signer(path, password)
    for content in ("", "[]", "{}", '{"kind": 1}', text.replace(KEY_KIND, "aeo-ledger/another/1")):
        path.write_text(content)
        path.chmod(0o600)
        with pytest.raises(MalformedKeyFile):
            open_hook_signer(path, password)
        with pytest.raises(MalformedKeyFile):
            check_hook_signer(path)


@pytest.mark.parametrize(("secret", "about"), [(b"\1" * 31, {}), (b"\1" * 32, {"public": "whpk_x"}), (b"\1" * 32, {})])
def test_a_file_that_names_another_key_is_refused(
    tmp_path: Path, password: Password, randomness: Randomness, secret: bytes, about: dict[str, str]
) -> None:
    path = tmp_path / "k.json"
    write_sealed_file(path, KEY_KIND, secret, password, about=about, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(MalformedKeyFile):
        open_hook_signer(path, password)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    with pytest.raises(ExtraMissing):
        HookKey(b"\1" * 32)
    assert HookSecret(b"\1" * 32).sign(b"x").startswith("v1,")
