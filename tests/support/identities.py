"""Authorities that issue X.509 certificates, made with `cryptography` alone, and cards whose statements they vouch for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState
from aeo_ledger.evidence.card import Card
from aeo_ledger.evidence.disclosure_key import Algorithm, DisclosureKey
from aeo_ledger.evidence.identity import IdentityStatement
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.protocol.words import encode_key, encode_party
from aeo_ledger.signing import Signer
from aeo_ledger.verify import SealedHeader
from aeo_ledger.verify.state import ProvenWords
from support.sealed_world import BY, NOW, CustomsFacts, SealedWorld, trust

DAY = 86_400
Hash = SHA224 | SHA256 | SHA384
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, kw_only=True)
class Certified:
    """A certificate with its key, and who issued it: None for a root."""

    common: str
    issuer: Certified | None = None
    issues: bool = False
    uses: tuple[str, ...] | None = None
    """None for those that its kind has; empty for an extension that states no use."""
    states_use: bool = True
    since: int = NOW - DAY
    until: int = NOW + 30 * DAY
    hashed: Hash = field(default_factory=SHA256)
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    key: Any = field(default_factory=p256)

    @cached_property
    def certificate(self) -> x509.Certificate:
        above = self.issuer or self
        usual = ("key_cert_sign", "crl_sign") if self.issues else ("digital_signature",)
        uses = usual if self.uses is None else self.uses
        draft = (
            x509.CertificateBuilder()
            .subject_name(name(self.common))
            .issuer_name(name(above.common))
            .public_key(self.key.public_key())
            .serial_number(int.from_bytes(keccak256(self.common.encode())[:8], "big"))
            .not_valid_before(moment(self.since))
            .not_valid_after(moment(self.until))
            .add_extension(x509.BasicConstraints(ca=self.issues, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
        )
        if self.states_use:
            draft = draft.add_extension(x509.KeyUsage(**{use: use in uses for use in USES}), critical=True)
        for extension, critical in self.extra:
            draft = draft.add_extension(extension, critical=critical)
        return draft.sign(above.key, self.hashed)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def revoke(self, *ones: Certified, **how: Any) -> bytes:
        """Sign a list of revoked certificates, in DER."""
        return self.list_revoked(ones, **how).public_bytes(Encoding.DER)

    def list_revoked(
        self,
        ones: Iterable[Certified],
        *,
        at: int = NOW - 100,
        since: int = NOW - 50,
        until: int | None = NOW + DAY,
        by: Certified | None = None,
        hashed: Hash | None = None,
        extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
        reason: x509.ReasonFlags | None = x509.ReasonFlags.key_compromise,
    ) -> x509.CertificateRevocationList:
        draft = x509.CertificateRevocationListBuilder().issuer_name(name(self.common)).last_update(moment(since))
        draft = draft.next_update(moment(NOW + DAY if until is None else until))
        for one in ones:
            entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
            entry = entry.revocation_date(moment(at))
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            draft = draft.add_revoked_certificate(entry.build())
        for extension, critical in extra:
            draft = draft.add_extension(extension, critical=critical)
        return draft.sign((by or self).key, hashed or SHA256())

    def sign(self, statement: IdentityStatement) -> bytes:
        """Sign a statement as the format says, with no code of the package."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)
            return bytes(self.key.sign(statement.content(), pss, SHA256()))
        return bytes(self.key.sign(statement.content(), ec.ECDSA(SHA256())))


ROOT = Certified(common="Root of a state", issues=True)
MIDDLE = Certified(common="Authority of a state", issuer=ROOT, issues=True)
OWN = Certified(common="Customs of a state", issuer=MIDDLE)
"""The usual way: a root, an authority under it, and the certificate that is bound."""

KEYS = tuple(
    sorted((Signer.from_secret(keccak256(b"authority %d" % n)) for n in range(3)), key=lambda one: one.address)
)
"""An authority of three keys, of which two must sign."""
STRANGER = Signer.from_secret(keccak256(b"stranger"))


def state(
    *path: Certified, signers: Sequence[Signer] = KEYS[:2], by: Certified | None = None, **other: Any
) -> IdentityStatement:
    """Make a statement of Belarus's authority about the first certificate of a path, signed by both sides."""
    path = path or (OWN, MIDDLE)
    members: dict[str, Any] = {
        "chain_id": trust().chain_id,
        "contracts": {contract: trust().address(contract) for contract in Contract},
        "party": BY,
        "code": "BY",
        "authority": tuple(key.address for key in KEYS),
        "threshold": 2,
        "made_at": NOW - 10,
        "certificates": tuple(one.der for one in path),
    }
    draft = IdentityStatement(**{**members, **other})
    signatures = tuple(signer.sign(draft.digest()).encode() for signer in signers)
    return replace(draft, certificate_signature=(by or path[0]).sign(draft), signatures=signatures)


def card_of(statement: IdentityStatement | None = None, **other: Any) -> Card:
    """Make a card with every member."""
    members: dict[str, Any] = {
        "party": "BY",
        "names": {"en": "State Customs Committee", "be": "Дзяржаўны мытны камітэт"},
        "time_zone": "Europe/Minsk",
        "office": "Liaison desk",
        "email": "liaison@customs.example",
        "phone": "+375 17 000 00 00",
        "legal_basis": "Customs Code of the EAEU, chapter 61",
        "link": "https://customs.example/aeo?text=1",
        "gateway": "https://gateway.customs.example",
        "disclosure_key": DisclosureKey(Algorithm.X25519, b"\x07" * 32),
        "reader_keys": (b"\x08" * 20,),
        "identity": statement,
    }
    return Card(**{**members, **other})


BELARUS = Party(
    code="BY", kind=PartyKind.ADMINISTRATION, state=PartyState.ACTIVE, authority_keys=3, authority_threshold=2, epoch=1
)


def key_of(**other: Any) -> Key:
    members: dict[str, Any] = {"party": BY, "role": KeyRole.AUTHORITY, "added_at": NOW - DAY, "epoch": 1}
    return Key(**{**members, **other})


@dataclass
class Recorded:
    """What the ledger has of a card: its party's word, the keys of its authority, the card's hash and the certificate's fingerprint."""

    card: Card
    party: Party = BELARUS
    keys: dict[bytes, Key] = field(default_factory=lambda: {key.address: key_of() for key in KEYS})
    card_hash: bytes | None = None
    certificate: bytes | None = None

    def words(self) -> ProvenWords:
        """Give these words as if they were proven: the proofs themselves have tests of their own."""
        statement = self.card.identity
        fingerprint = bytes(32) if statement is None else statement.fingerprint
        kept = {
            slot_of(Table.PARTY, BY): encode_party(self.party),
            slot_of(Table.CARD, BY): int.from_bytes(
                self.card.hash() if self.card_hash is None else self.card_hash, "big"
            ),
            slot_of(Table.CERTIFICATE, BY): int.from_bytes(
                fingerprint if self.certificate is None else self.certificate, "big"
            ),
            **{
                slot_of(Table.KEY, int.from_bytes(address, "big")): encode_key(key)
                for address, key in self.keys.items()
            },
        }
        header = SealedWorld(CustomsFacts()).header
        pinned = trust()
        sealed = SealedHeader(header=header, hash=header.hash(), sealers=(), validators=pinned.validators)
        return ProvenWords(sealed, lambda contract, slot: kept.get((contract, slot), 0), pinned)
