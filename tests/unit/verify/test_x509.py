"""An X.509 certificate stands for an authority only while it holds, for a root that the reader trusts, and if its own key says so."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA224, SHA384
from cryptography.hazmat.primitives.serialization import Encoding

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
from aeo_ledger.evidence.identity import IdentityStatement
from aeo_ledger.verify.identity import ClaimedIdentity
from aeo_ledger.verify.x509 import ProvenIdentity, name_subject, verify_signed, verify_x509
from support.identities import DAY, KEYS, MIDDLE, OWN, ROOT, Certified, state
from support.sealed_world import NOW

UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0")
CLEAR = (MIDDLE.revoke(), ROOT.revoke())
"""Lists of both issuers, on which nobody is."""


def judge(
    *path: Certified,
    roots: tuple[Certified, ...] = (ROOT,),
    lists: tuple[bytes, ...] = (),
    now: int = NOW,
    statement: IdentityStatement | None = None,
) -> ProvenIdentity:
    claim = ClaimedIdentity(statement=statement or state(*path), signers=tuple(key.address for key in KEYS[:2]))
    return verify_x509(claim, roots=[one.der for one in roots], revocations=lists, now=now)


def test_a_certificate_that_leads_to_a_trusted_root_is_proven() -> None:
    proven = judge()
    assert (proven.subject, proven.issuer, proven.root) == (
        "CN=Customs of a state",
        "CN=Authority of a state",
        "CN=Root of a state",
    )
    assert (proven.until, proven.asked_revocation) == (NOW + 30 * DAY, False)
    assert judge(lists=CLEAR).asked_revocation
    assert judge(roots=(Certified(common="Another root", issues=True), ROOT)).root == proven.root
    assert judge(OWN, roots=(MIDDLE,)).root == "CN=Authority of a state"
    assert judge(roots=(OWN, ROOT)).root == proven.root
    assert name_subject(OWN.der) == proven.subject


@pytest.mark.parametrize(
    "own",
    [
        {"key": rsa.generate_private_key(65_537, 2_048)},
        {"key": ec.generate_private_key(ec.SECP384R1()), "hashed": SHA384()},
        {"key": ec.generate_private_key(ec.SECP521R1())},
        {"uses": ("content_commitment",)},
        {"extra": ((x509.SubjectAlternativeName([x509.DNSName("customs.example")]), False),)},
        {"extra": ((x509.ExtendedKeyUsage([x509.OID_EMAIL_PROTECTION]), False), (UNKNOWN, False))},
    ],
)
def test_the_usual_kinds_are_accepted(own: dict[str, Any]) -> None:
    assert judge(Certified(common="Customs", issuer=MIDDLE, **own), MIDDLE).subject == "CN=Customs"


def test_time_is_an_argument_and_both_ends_count() -> None:
    assert judge(now=NOW - DAY).subject
    assert judge(now=NOW + 30 * DAY).subject
    with pytest.raises(X509NotYetValid) as early:
        judge(now=NOW - DAY - 1)
    assert early.value.facts() == {"subject": "CN=Customs of a state", "from_at": NOW - DAY, "now": NOW - DAY - 1}
    with pytest.raises(X509Expired) as late:
        judge(now=NOW + 30 * DAY + 1)
    assert late.value.until_at == NOW + 30 * DAY


def test_an_authority_on_the_way_that_expired_is_named() -> None:
    old = Certified(common="Authority", issuer=ROOT, issues=True, until=NOW - 1)
    with pytest.raises(X509Expired) as caught:
        judge(Certified(common="Customs", issuer=old), old)
    assert caught.value.subject == "CN=Authority"


def test_a_root_that_expired_vouches_for_nothing() -> None:
    old = Certified(common="Root", issues=True, until=NOW - 1)
    with pytest.raises(ForeignX509):
        judge(Certified(common="Customs", issuer=old), roots=(old,))


STRANGER = Certified(common="Root of a state", issues=True)
"""A root of the same name with another key."""


@pytest.mark.parametrize(
    ("path", "roots"),
    [
        ((OWN, MIDDLE), ()),
        ((OWN, MIDDLE), (STRANGER,)),
        ((OWN, MIDDLE, STRANGER), (Certified(common="Another root", issues=True),)),
        ((OWN,), (ROOT,)),  # the authority between is not there
        ((OWN, Certified(common="Authority of a state", issuer=STRANGER, issues=True)), (ROOT,)),
        ((Certified(common="Customs", issuer=OWN), OWN, MIDDLE), (ROOT,)),  # a customs office cannot certify others
        ((Certified(common="Alone"),), (ROOT,)),
        ((OWN, MIDDLE), (OWN,)),  # it does not vouch for itself
        ((Certified(common="Customs", issuer=OWN),), (OWN,)),
        ((Certified(common="Customs", issuer=MIDDLE, extra=((UNKNOWN, True),)), MIDDLE), (ROOT,)),
    ],
)
def test_a_certificate_that_leads_to_no_trusted_root_is_foreign(
    path: tuple[Certified, ...], roots: tuple[Certified, ...]
) -> None:
    with pytest.raises(ForeignX509):
        judge(*path, roots=roots)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({"issues": True, "uses": ("digital_signature", "key_cert_sign")}, "issuing other certificates"),
        ({"uses": ("key_encipherment",)}, "other uses"),
        ({"states_use": False}, "no stated use"),
    ],
)
def test_a_certificate_that_is_not_for_signing_is_refused(own: dict[str, Any], found: str) -> None:
    with pytest.raises(WrongX509Usage) as caught:
        judge(Certified(common="Customs", issuer=MIDDLE, **own), MIDDLE)
    assert caught.value.found == found


def test_weak_and_unknown_keys_are_refused_wherever_they_stand() -> None:
    short = rsa.generate_private_key(65_537, 1_024)  # noqa: S505 (it must be refused)
    for key, found in (
        (short, "RSA of 1024 bits"),
        (ec.generate_private_key(ec.SECP256K1()), "a key on secp256k1"),
        (ec.generate_private_key(ec.SECP224R1()), "a key on secp224r1"),
    ):
        with pytest.raises(WeakX509) as caught:
            judge(Certified(common="Customs", issuer=MIDDLE, key=key), MIDDLE)
        assert caught.value.found == found
    weak = Certified(common="Authority", issuer=ROOT, issues=True, key=short)
    with pytest.raises(WeakX509) as caught:
        judge(Certified(common="Customs", issuer=weak), weak)
    assert caught.value.subject == "CN=Authority"
    for key in (short, ec.generate_private_key(ec.SECP224R1()), ec.generate_private_key(ec.SECP256K1())):
        root = Certified(common="Root", issues=True, key=key)
        with pytest.raises(ForeignX509):
            judge(Certified(common="Customs", issuer=root), roots=(root,))


def test_a_key_of_another_kind_is_refused() -> None:
    own = Certified(common="Customs", issuer=MIDDLE, key=ed25519.Ed25519PrivateKey.generate())
    statement = replace(state(by=OWN), certificates=(own.der, MIDDLE.der))
    with pytest.raises(WeakX509) as caught:
        judge(statement=statement)
    assert "Ed25519" in caught.value.found


@pytest.mark.parametrize(
    ("known", "unknown", "found"),
    [
        (bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030177"), "an unknown key"),
        (
            bytes.fromhex("06082a8648ce3d040302"),
            bytes.fromhex("06082a8648ce3d040377"),
            "a signature on an unknown hash",
        ),
    ],
    ids=["curve", "hash"],
)
def test_an_algorithm_of_which_nobody_here_heard_is_refused(known: bytes, unknown: bytes, found: str) -> None:
    """National algorithms have identifiers of their own; here one is put in place of the usual one."""
    assert known in OWN.der
    with pytest.raises(WeakX509) as caught:
        judge(statement=replace(state(), certificates=(OWN.der.replace(known, unknown), MIDDLE.der)))
    assert caught.value.found.startswith(found)


def test_a_signature_on_a_broken_hash_is_refused() -> None:
    with pytest.raises(WeakX509) as caught:
        judge(Certified(common="Customs", issuer=MIDDLE, hashed=SHA224()), MIDDLE)
    root = Certified(common="Root", issues=True, hashed=SHA224())
    assert (
        judge(Certified(common="Customs", issuer=root), roots=(root,)).root == "CN=Root"
    )  # nobody needs its own signature
    assert caught.value.found == "a signature on sha224"


def test_a_revoked_certificate_is_refused_with_its_date_and_reason() -> None:
    with pytest.raises(X509Revoked) as caught:
        judge(lists=(MIDDLE.revoke(OWN), ROOT.revoke()))
    assert caught.value.facts() == {
        "subject": "CN=Customs of a state",
        "revoked_at": NOW - 100,
        "reason": "keyCompromise",
    }
    with pytest.raises(X509Revoked, match=r"was revoked at \S+ \S+$"):
        judge(lists=(MIDDLE.revoke(OWN, reason=None), ROOT.revoke()))
    with pytest.raises(X509Revoked) as caught:
        judge(lists=(MIDDLE.revoke(), ROOT.revoke(MIDDLE)))
    assert caught.value.subject == "CN=Authority of a state"
    assert judge(
        lists=(MIDDLE.revoke(MIDDLE), ROOT.revoke(OWN))
    ).asked_revocation  # each list is about its issuer's own


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ((ROOT.revoke(),), ""),
        ((MIDDLE.revoke(),), ""),  # of the authority itself nothing is known
        ((MIDDLE.revoke(by=STRANGER), ROOT.revoke()), "the issuer did not sign the list"),
        ((MIDDLE.revoke(since=NOW - 2 * DAY, until=NOW - DAY), ROOT.revoke()), "the list is not the present one"),
        ((MIDDLE.revoke(since=NOW + 1), ROOT.revoke()), "the list is not the present one"),
        ((MIDDLE.revoke(hashed=SHA224()), ROOT.revoke()), "the list's signature rests on another hash"),
        (
            (MIDDLE.revoke(extra=((x509.DeltaCRLIndicator(1), True),)), ROOT.revoke()),
            "the list has a condition that is not known here",
        ),
    ],
)
def test_a_list_that_cannot_be_used_leaves_it_unknown_and_never_unrevoked(
    lists: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(RevocationUnknown) as caught:
        judge(lists=lists)
    assert caught.value.reason == reason


def test_an_old_list_does_not_hide_a_present_one() -> None:
    old = MIDDLE.revoke(since=NOW - 2 * DAY, until=NOW - DAY)
    with pytest.raises(X509Revoked):
        judge(lists=(old, MIDDLE.revoke(OWN), ROOT.revoke()))


def test_an_authority_that_may_not_sign_lists_signs_none() -> None:
    middle = Certified(common="Authority", issuer=ROOT, issues=True, uses=("key_cert_sign",))
    with pytest.raises(RevocationUnknown) as caught:
        judge(Certified(common="Customs", issuer=middle), middle, lists=(middle.revoke(), ROOT.revoke()))
    assert caught.value.reason == "its issuer may not sign lists"


@pytest.mark.parametrize(
    ("altered", "reason"),
    [
        ({"certificate_signature": b""}, "there is no signature"),
        ({"certificate_signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"}, "something else"),
        ({"certificate_signature": b"\0"}, "something else"),
        ({"made_at": NOW}, "something else"),
        ({"authority": (b"\1" * 20,)}, "something else"),
        ({"threshold": 1}, "something else"),
        ({"chain_id": 1}, "something else"),
        ({"code": "CN"}, "something else"),
    ],
)
def test_a_statement_that_its_key_did_not_sign_is_refused(altered: dict[str, Any], reason: str) -> None:
    statement = replace(state(), **altered)
    with pytest.raises(X509Unsigned) as caught:
        judge(statement=statement)
    assert reason in caught.value.reason
    with pytest.raises(X509Unsigned):
        verify_signed(statement)


def test_another_s_signature_is_refused_for_each_kind_of_key() -> None:
    verify_signed(state())
    for key in (rsa.generate_private_key(65_537, 2_048), ec.generate_private_key(ec.SECP256R1())):
        own = Certified(common="Customs", issuer=MIDDLE, key=key)
        verify_signed(state(own, MIDDLE))
        with pytest.raises(X509Unsigned):
            judge(statement=replace(state(own, MIDDLE), certificate_signature=OWN.sign(state())))


@pytest.mark.parametrize("der", [b"\x30\x00", b"\x30\x03\x02\x01\x01", OWN.der[:-1], OWN.der + b"\0"])
def test_bytes_that_are_no_certificate_are_malformed(der: bytes) -> None:
    statement = replace(state(), certificates=(der,))
    for judged in (lambda: judge(statement=statement), lambda: verify_signed(statement), lambda: name_subject(der)):
        with pytest.raises(MalformedX509):
            judged()
    claim = ClaimedIdentity(statement=state(), signers=())
    with pytest.raises(MalformedX509) as caught:
        verify_x509(claim, roots=[der], revocations=(), now=NOW)
    assert caught.value.what == "root 1"
    with pytest.raises(MalformedX509) as caught:
        verify_x509(claim, roots=[ROOT.der], revocations=[der], now=NOW)
    assert caught.value.what == "revocation list 1"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl as another judge")
@pytest.mark.parametrize(
    ("path", "good"),
    [
        ((OWN, MIDDLE), True),
        ((OWN,), False),
        ((OWN, Certified(common="Authority of a state", issuer=STRANGER, issues=True)), False),
        ((Certified(common="Customs", issuer=OWN), OWN, MIDDLE), False),
    ],
)
def test_openssl_judges_the_same_path(tmp_path: Path, path: tuple[Certified, ...], good: bool) -> None:
    for at, one in enumerate((*path, ROOT)):
        (tmp_path / f"{at}.pem").write_bytes(one.certificate.public_bytes(Encoding.PEM))
    between = [part for at in range(1, len(path)) for part in ("-untrusted", str(tmp_path / f"{at}.pem"))]
    command = ["openssl", "verify", "-attime", str(NOW), "-CAfile", str(tmp_path / f"{len(path)}.pem"), *between]
    told = subprocess.run([*command, str(tmp_path / "0.pem")], capture_output=True, text=True, check=False)
    assert (told.returncode == 0) is good, told.stderr
    if good:
        assert judge(*path).subject
    else:
        with pytest.raises(ForeignX509):
            judge(*path)
