"""The key of an X.509 certificate: an encrypted file, signatures that anybody can check, and nothing that shows the key."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from aeo_ledger.errors.signing import ExposedFile, KeyFileExists, KeyFileUnavailable, MalformedKeyFile, WrongPassword
from aeo_ledger.signing import Password
from aeo_ledger.signing.x509_key import create_x509_key, open_x509_key
from aeo_ledger.verify.x509 import verify_signed
from support.identities import MIDDLE, OWN, ROOT, Certified, state

WORD = b"correct horse battery staple"
Randomness = Callable[[int], bytes]


def keep(path: Path, key: Any, word: bytes | None = WORD) -> Path:
    closing = NoEncryption() if word is None else BestAvailableEncryption(word)
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closing))
    return path


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65_537, 2_048)], ids=["ec", "rsa"]
)
def test_a_key_that_others_made_signs_as_the_format_says(tmp_path: Path, password: Password, key: Any) -> None:
    own = Certified(common="Customs", issuer=MIDDLE, key=key)
    opened = open_x509_key(keep(tmp_path / "own.key", key), password)
    assert opened.is_of(own.der)
    assert not opened.is_of(OWN.der)
    draft = state(own, MIDDLE)
    verify_signed(state(own, MIDDLE, by=own))
    signature = opened.sign(draft)
    verify_signed(replace(draft, certificate_signature=signature))


def test_a_new_key_is_kept_encrypted_and_only_for_its_owner(
    tmp_path: Path, password: Password, randomness: Randomness
) -> None:
    path = tmp_path / "new.key"
    made = create_x509_key(path, password, randomness=randomness)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert open_x509_key(path, password).public_key == made.public_key
    kept = load_pem_private_key(path.read_bytes(), WORD)
    assert isinstance(kept, ec.EllipticCurvePrivateKey)
    assert kept.curve.name == "secp256r1"
    with pytest.raises(KeyFileExists):
        create_x509_key(path, password, randomness=randomness)
    assert create_x509_key(tmp_path / "b.key", password, randomness=randomness).public_key != made.public_key


def test_it_issues_certificates(tmp_path: Path, password: Password, randomness: Randomness) -> None:
    root = create_x509_key(tmp_path / "root.key", password, randomness=randomness)
    found = x509.load_der_x509_certificate(ROOT.der)
    draft = (
        x509.CertificateBuilder()
        .subject_name(found.subject)
        .issuer_name(found.issuer)
        .public_key(found.public_key())
        .serial_number(1)
        .not_valid_before(found.not_valid_before_utc)
        .not_valid_after(found.not_valid_after_utc)
    )
    assert root.issue(draft).subject == found.subject


def test_every_other_file_is_refused(tmp_path: Path, password: Password) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    closed = keep(tmp_path / "closed.key", key)
    with pytest.raises(WrongPassword):
        open_x509_key(closed, Password("another"))
    altered = keep(tmp_path / "altered.key", key)
    lines = altered.read_text().splitlines()
    altered.write_text("\n".join([lines[0], lines[2], lines[1], *lines[3:]]))
    with pytest.raises(WrongPassword):
        open_x509_key(altered, password)
    with pytest.raises(MalformedKeyFile, match="ENCRYPTED PRIVATE KEY"):
        open_x509_key(keep(tmp_path / "plain.key", key, None), password)
    with pytest.raises(MalformedKeyFile, match="RSA or on an elliptic curve"):
        open_x509_key(keep(tmp_path / "edwards.key", ed25519.Ed25519PrivateKey.generate()), password)
    with pytest.raises(KeyFileUnavailable):
        open_x509_key(tmp_path / "none.key", password)
    closed.chmod(0o644)
    with pytest.raises(ExposedFile):
        open_x509_key(closed, password)


def test_nothing_shows_the_key(tmp_path: Path, password: Password, randomness: Randomness) -> None:
    path = tmp_path / "own.key"
    opened = create_x509_key(path, password, randomness=randomness)
    assert repr(opened) == "X509Key(hidden)"
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            spread(opened)
    plain = keep(tmp_path / "plain.key", ec.generate_private_key(ec.SECP256R1()), None)
    secret = plain.read_text().splitlines()[1]
    with pytest.raises(MalformedKeyFile) as caught:
        open_x509_key(plain, password)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    shown = [str(frame.locals) for frame in frames if "aeo_ledger/signing" in frame.filename]
    assert shown
    assert secret not in "".join(shown)
