"""Whether the X.509 certificate of a statement is genuine: it leads to a root that the reader trusts, and holds now.

This is the only module of the verifier that needs a library beyond the base install (`cryptography`, of the extra `ledger`): no border
system's answer depends on it. The library builds and judges the path (RFC 5280). What it leaves to its caller is judged here, each with an
error of its own: dates, use, strength of keys, revocation, and the certificate's signature under the statement.

Roots and lists of revoked certificates are the reader's own files: nothing is fetched. National signature algorithms (GOST, SM2, STB) are
not known here; a certificate that needs one is refused as `WeakX509`.

Source: RFC 5280 sections 4.2, 5 and 6; RFC 8017 section 8.1; RFC 5758.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from aeo_ledger.errors.verify import (
    ForeignX509,
    MalformedX509,
    RevocationUnknown,
    WeakX509,
    WrongX509Usage,
    X509Expired,
    X509NotYetValid,
    X509Revoked,
    X509Unsigned,
)
from aeo_ledger.evidence.identity import SALT_BYTES, IdentityStatement
from aeo_ledger.verify.identity import ClaimedIdentity

LEAST_RSA_BITS: Final = 2_048
CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
"""P-256, P-384, P-521."""
HASHES: Final = ("sha256", "sha384", "sha512")

_NEEDED_KEY: Final = f"RSA of {LEAST_RSA_BITS} bits or more, or P-256, P-384 or P-521"

E = TypeVar("E", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenIdentity:
    """An authority and an X.509 certificate that claim each other, and the root that vouches for the certificate.

    Only `verify_x509` makes one.
    """

    claim: ClaimedIdentity
    subject: str
    """Whom the certificate names (RFC 4514)."""
    issuer: str
    root: str
    """Whom the trusted root names."""
    until: int
    """Last second of its validity, UTC."""
    asked_revocation: bool
    """Whether lists were given, and the certificate is on none."""


def verify_x509(
    claim: ClaimedIdentity, *, roots: Sequence[bytes], revocations: Sequence[bytes], now: int
) -> ProvenIdentity:
    """Prove that the certificate which an authority claims is genuine and valid now, and that its key signed the statement.

    Args:
        claim: From `verify_claim`.
        roots: The certificates of authorities that the reader trusts, in DER.
        revocations: Lists of revoked certificates, in DER. If there is any, each certificate on the way to the root needs one of its issuer.
        now: UTC seconds.

    Raises:
        MalformedX509: Bytes are not a certificate, or not a list.
        WeakX509: A key is too short or of an unknown kind, or a signature rests on another hash.
        WrongX509Usage: The certificate is not for signing, or is an authority's.
        X509NotYetValid, X509Expired: It is not valid now, or one is not that leads to its root.
        ForeignX509: It leads to none of the roots.
        X509Revoked: It was revoked, or one that leads to its root.
        RevocationUnknown: Lists are given, and none that can be used covers it.
        X509Unsigned: Its key did not sign the statement.
    """
    statement = claim.statement
    given = [_parse(one, f"certificate {place} of the card") for place, one in enumerate(statement.certificates, 1)]
    trusted = [_parse(one, f"root {place}") for place, one in enumerate(roots, 1)]
    certificate = given[0]
    # 1. its own form: a strong key, for signing
    for one in given:
        _demand_strong_key(one)
        _demand_strong_hash(one)
    _demand_usage(certificate)
    # 2. it holds now, and what leads to its root
    for one in given:
        _demand_date(one, now)
    # 3. it leads to a root that the reader trusts
    path = _find_path(given, trusted, now)
    # 4. nobody on the way took it back
    if revocations:
        lists = [_parse_list(one, f"revocation list {place}") for place, one in enumerate(revocations, 1)]
        for one, issuer in pairwise(path):
            _demand_unrevoked(one, issuer, lists, now)
    # 5. its owner claims the authority
    _verify_signature(statement, certificate)
    return ProvenIdentity(
        claim=claim,
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        root=_name(path[-1].subject),
        until=int(certificate.not_valid_after_utc.timestamp()),
        asked_revocation=bool(revocations),
    )


def verify_signed(statement: IdentityStatement) -> None:
    """Prove that the key of its certificate signed a statement; whether the certificate is genuine is not judged here.

    Raises:
        MalformedX509: The certificate cannot be read.
        WeakX509: Its key is too short, or of an unknown kind.
        X509Unsigned: The key did not sign.
    """
    certificate = _parse(statement.certificates[0], "certificate")
    _demand_strong_key(certificate)
    _verify_signature(statement, certificate)


def name_subject(certificate: bytes) -> str:
    """Tell whom a certificate (DER) names.

    Raises:
        MalformedX509: The bytes are not a certificate.
    """
    return _name(_parse(certificate, "certificate").subject)


def _parse(data: bytes, what: str) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(data)
        _ = found.extensions, found.subject, found.issuer, found.version  # parsed when they are read
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise MalformedX509(what=what, reason=str(error)) from error
    return found


def _parse_list(data: bytes, what: str) -> x509.CertificateRevocationList:
    try:
        found = x509.load_der_x509_crl(data)
        _ = found.extensions, found.issuer
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise MalformedX509(what=what, reason=str(error)) from error
    return found


def _demand_strong_key(certificate: x509.Certificate) -> None:
    subject = _name(certificate.subject)
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise WeakX509(subject=subject, found=f"an unknown key ({error})", needed=_NEEDED_KEY) from error
    if isinstance(key, rsa.RSAPublicKey):
        found = "" if key.key_size >= LEAST_RSA_BITS else f"RSA of {key.key_size} bits"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        found = "" if key.curve.name in CURVES else f"a key on {key.curve.name}"
    else:
        found = f"another kind of key ({type(key).__name__})"
    if found:
        raise WeakX509(subject=subject, found=found, needed=_NEEDED_KEY)


def _demand_strong_hash(certificate: x509.Certificate) -> None:
    try:
        hashed = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        hashed = None
    if hashed is None or hashed.name not in HASHES:
        found = "a signature on an unknown hash" if hashed is None else f"a signature on {hashed.name}"
        raise WeakX509(subject=_name(certificate.subject), found=found, needed=f"one on {', '.join(HASHES)}")


def _demand_usage(certificate: x509.Certificate) -> None:
    usage = _find(certificate, x509.KeyUsage)
    is_authority = _find(certificate, x509.BasicConstraints)
    if is_authority is not None and is_authority.ca:
        found = "issuing other certificates"
    elif usage is None:
        found = "no stated use"
    elif not (usage.digital_signature or usage.content_commitment):
        found = "other uses"
    else:
        return
    raise WrongX509Usage(subject=_name(certificate.subject), found=found)


def _demand_date(certificate: x509.Certificate, now: int) -> None:
    begins, ends = (
        int(time.timestamp()) for time in (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    )
    if now < begins:
        raise X509NotYetValid(subject=_name(certificate.subject), from_at=begins, now=now)
    if now > ends:
        raise X509Expired(subject=_name(certificate.subject), until_at=ends, now=now)


def _find_path(
    given: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: int
) -> list[x509.Certificate]:
    """Find the way from the first certificate to a root, all of whose steps are signed and allowed."""
    certificate = given[0]
    subject, issuer = _name(certificate.subject), _name(certificate.issuer)
    others = [
        one for one in trusted if one != certificate
    ]  # the library takes a root as proof of itself, and no list is asked
    if not others:
        raise ForeignX509(
            subject=subject, issuer=issuer, reason="you named none but itself" if trusted else "you named none"
        )
    free = Criticality.AGNOSTIC
    for_signing = (
        ExtensionPolicy.webpki_defaults_ee()  # which asks for a server's name, and for a use in TLS
        .may_be_present(x509.SubjectAlternativeName, free, None)
        .may_be_present(x509.ExtendedKeyUsage, free, None)
        .may_be_present(x509.AuthorityKeyIdentifier, free, None)
    )
    verifier = (
        PolicyBuilder()
        .store(Store(others))
        .time(datetime.fromtimestamp(now, UTC))
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=for_signing)
        .build_client_verifier()
    )
    try:
        return verifier.verify(certificate, list(given[1:])).chain
    except VerificationError as error:
        raise ForeignX509(subject=subject, issuer=issuer, reason=str(error)) from error


def _demand_unrevoked(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
    now: int,
) -> None:
    subject, doubts = _name(certificate.subject), []
    for found in lists:
        if found.issuer != certificate.issuer:
            continue
        if doubt := _doubt(found, issuer, now):
            doubts.append(doubt)
            continue
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is None:
            return
        reasons = [one.value.reason.value for one in entry.extensions if isinstance(one.value, x509.CRLReason)]
        at = int(entry.revocation_date_utc.timestamp())
        raise X509Revoked(subject=subject, revoked_at=at, reason=", ".join(reasons))
    raise RevocationUnknown(subject=subject, reason="; ".join(doubts))


def _doubt(found: x509.CertificateRevocationList, issuer: x509.Certificate, now: int) -> str:
    """Tell why a list proves nothing; empty if it can be used."""
    usage, key = _find(issuer, x509.KeyUsage), issuer.public_key()
    if usage is not None and not usage.crl_sign:
        return "its issuer may not sign lists"
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or not found.is_signature_valid(key):
        return "the issuer did not sign the list"
    if found.signature_hash_algorithm is None or found.signature_hash_algorithm.name not in HASHES:
        return "the list's signature rests on another hash"
    if any(one.critical for one in found.extensions):  # such as a list of some certificates only, or of changes
        return "the list has a condition that is not known here"
    ends = found.next_update_utc
    if not found.last_update_utc.timestamp() <= now or ends is None or now > ends.timestamp():
        return "the list is not the present one"
    return ""


def _verify_signature(statement: IdentityStatement, certificate: x509.Certificate) -> None:
    subject, signature, key = _name(certificate.subject), statement.certificate_signature, certificate.public_key()
    if not signature:
        raise X509Unsigned(subject=subject, reason="there is no signature")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, statement.content(), PSS(MGF1(SHA256()), SALT_BYTES), SHA256())
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 (for the type checker: no other is strong)
            key.verify(signature, statement.content(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise X509Unsigned(subject=subject, reason="it is a signature of something else, or by another key") from error


def _find(certificate: x509.Certificate, kind: type[E]) -> E | None:
    return next((one.value for one in certificate.extensions if isinstance(one.value, kind)), None)


def _name(name: x509.Name) -> str:
    return name.rfc4514_string() or "nobody"
