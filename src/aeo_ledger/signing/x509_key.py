"""The private key of an X.509 certificate: it signs who an authority is, and, for a test authority, certificates.

It stays in a closure, as a `Signer`'s does. Its file is PKCS#8, encrypted, of mode 0600. This is one of the few modules that need a
library beyond the base install (`cryptography`, of the extra `ledger`).

Source: RFC 5958 and RFC 8018 (the file); RFC 8017 section 8.1 (PSS); FIPS 186-5 section 6 (ECDSA).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, SupportsIndex, final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from aeo_ledger.errors.signing import MalformedKeyFile, WrongPassword
from aeo_ledger.evidence.identity import SALT_BYTES, IdentityStatement
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file, read_private_file

_ENCRYPTED: Final = "-----BEGIN ENCRYPTED PRIVATE KEY-----"

_ORDER: Final = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
"""Order of the group of P-256."""


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class X509Key:
    """Signs with one private key, RSA or on an elliptic curve. No attribute, text, copy or pickle shows the key."""

    public_key: bytes
    """SubjectPublicKeyInfo in DER."""
    _sign: Callable[[bytes], bytes]
    _issue: Callable[[x509.CertificateBuilder], x509.Certificate]

    def is_of(self, certificate: bytes) -> bool:
        """Tell whether it is the key of a certificate (DER)."""
        return _write_public(x509.load_der_x509_certificate(certificate).public_key()) == self.public_key

    def sign(self, statement: IdentityStatement) -> bytes:
        """Sign the content of a statement, with SHA-256: RSA as PSS, an elliptic curve as ECDSA in DER."""
        return self._sign(statement.content())

    def issue(self, draft: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate, as an authority that issues some."""
        return self._issue(draft)

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "X509Key(hidden)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a key cannot be copied or pickled")


def open_x509_key(path: Path, password: Password) -> X509Key:
    """Decrypt the key of a certificate.

    Raises:
        WrongPassword: The password is wrong, or the file was altered, or is encrypted in a way that is not known here.
        MalformedKeyFile: The file has no encrypted key in PEM, or one that is neither RSA nor on an elliptic curve.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
    """
    text = read_private_file(path)
    if _ENCRYPTED not in text:
        del text  # it may be a key that is not encrypted, and a traceback may show its frames' variables
        raise MalformedKeyFile(path=str(path), reason="needed a block ENCRYPTED PRIVATE KEY, in PEM")
    for spelling in password.spellings():
        try:
            key = load_pem_private_key(text.encode(), spelling())
        except (
            ValueError,
            UnsupportedAlgorithm,
        ):  # the library does not tell a wrong password from an altered or strange file
            continue
        if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return _hide(key)
        raise MalformedKeyFile(path=str(path), reason="needed a key of RSA or on an elliptic curve")
    raise WrongPassword(path=str(path), oddity=password.oddity)


def create_x509_key(path: Path, password: Password, *, randomness: Callable[[int], bytes]) -> X509Key:
    """Generate a key on P-256 and write it, encrypted, to a new file of mode 0600.

    Args:
        path: The new file.
        password: Encrypts the key.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.

    Raises:
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
    """
    number = 1 + int.from_bytes(randomness(40), "big") % (
        _ORDER - 1
    )  # 64 bits more than the order: no bias (FIPS 186-5, A.2.1)
    key = ec.derive_private_key(number, ec.SECP256R1())
    del number  # a traceback may show its frames' variables
    closed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.reveal()))
    create_private_file(path, closed.decode())
    return _hide(key)


def _hide(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> X509Key:
    def sign(content: bytes) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, PSS(MGF1(SHA256()), SALT_BYTES), SHA256())
        return key.sign(content, ec.ECDSA(SHA256()))

    return X509Key(_write_public(key.public_key()), sign, lambda draft: draft.sign(key, SHA256()))


def _write_public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
