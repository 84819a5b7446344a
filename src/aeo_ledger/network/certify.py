"""A TEST authority for X.509 certificates, not for use: a workshop shows with it how a certificate binds an authority's keys.

SIMULATED: it certifies whatever it is asked to, and its key lies beside the network's other keys, under the same password. Its name says
so in every certificate. A reader who names it with `--ca` trusts nobody but the owner of this machine.

    DIR/test-ca/ca.pem                    its own certificate, the root
    DIR/test-ca/ca.key                    its key, encrypted
    DIR/parties/BY/certificate.pem        a party's certificate
    DIR/parties/BY/certificate.key        the certificate's key, encrypted

Source: RFC 5280 section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from aeo_ledger.customs.country import find_country
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import create_file, make_folder
from aeo_ledger.office.card import read_certificates
from aeo_ledger.signing import Password
from aeo_ledger.signing.x509_key import X509Key, create_x509_key, open_x509_key

NAME: Final = "AEO Ledger TEST CA, not for use"
"""Its name, in every certificate that it issues."""

FOLDER: Final = "test-ca"
"""Its folder, in the network's folder."""

DAYS: Final = 365
"""How long its certificates are valid."""

_KINDS: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
"""Every use that a certificate can be for."""


def issue_test_certificate(
    folder: Path, party: str, password: Password, *, now: int, randomness: Callable[[int], bytes]
) -> tuple[Path, Path]:
    """Make a certificate for a party of a network, and the authority that issues it unless it is there.

    Args:
        folder: The network's folder.
        party: The party's code.
        password: Encrypts the new keys, and opens the authority's.
        now: When they begin to be valid, UTC seconds.
        randomness: Returns the given number of secret random bytes.

    Returns:
        The certificate's file, and the authority's own.

    Raises:
        MalformedText: The network's folder has no folder of this party.
        KeyFileExists, FileExists: The party has a certificate already.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable, FileUnavailable: The files cannot be read or written.
    """
    home, root, key = folder / "parties" / party, folder / FOLDER / "ca.pem", folder / FOLDER / "ca.key"
    if not home.is_dir():
        raise MalformedText("--party", repr(party), f"a party with a folder in {folder / 'parties'}")
    if key.exists():
        authority = open_x509_key(key, password)
    else:
        make_folder(folder / FOLDER)
        authority = create_x509_key(key, password, randomness=randomness)
        named = _name(NAME)
        _write(root, _draft(named, named, authority, authority, now, randomness, issues=True), authority)
    issuer = x509.load_der_x509_certificate(read_certificates(root)[0]).subject
    own = create_x509_key(home / "certificate.key", password, randomness=randomness)
    country = find_country(party)
    subject = _name(f"{country.name if country else party}, AEO programme (TEST)", party if len(party) == 2 else None)
    made = home / "certificate.pem"
    _write(made, _draft(subject, issuer, own, authority, now, randomness, issues=False), authority)
    return made, root


def _name(common: str, country: str | None = None) -> x509.Name:
    parts = [] if country is None else [x509.NameAttribute(NameOID.COUNTRY_NAME, country)]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    own: X509Key,
    authority: X509Key,
    now: int,
    randomness: Callable[[int], bytes],
    *,
    issues: bool,
) -> x509.CertificateBuilder:
    begins = datetime.fromtimestamp(now, UTC)
    subject_key, issuer_key = (load_der_public_key(one.public_key) for one in (own, authority))
    assert isinstance(subject_key, EllipticCurvePublicKey)  # noqa: S101 (`create_x509_key` makes no others)
    assert isinstance(issuer_key, EllipticCurvePublicKey)  # noqa: S101
    uses = {"key_cert_sign", "crl_sign"} if issues else {"digital_signature"}
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(subject_key)
        .serial_number(int.from_bytes(randomness(19), "big") | 1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=issues, path_length=0 if issues else None), critical=True)
        .add_extension(x509.KeyUsage(**{kind: kind in uses for kind in _KINDS}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _write(path: Path, draft: x509.CertificateBuilder, authority: X509Key) -> None:
    create_file(path, authority.issue(draft).public_bytes(Encoding.PEM))
