"""The verifier's figures, beside OCSP and a Token Status List, measured in one run: scripts/figures verify.

The data are invented, in real tries under real QBFT headers (made by tests/support). No part of the verifier is skipped.
"""

from __future__ import annotations

import gc
import secrets
import sys
import time
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import ocsp
from figures_sheet import Sheet
from joserfc import jwt
from joserfc.jwk import ECKey

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from aeo_ledger.customs.party import NO_MEMBERSHIP, Party
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import PartyKind, PartyState
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.verify import TrustedParty, verify_recognition, verify_recognitions
from support.sealed_world import BY, BY_TRADER, CN, KZ, NOW, CustomsFacts, SealedWorld, lookup_keys, question, trust

STANDINGS = 50_000
MANIFEST = 1_000


def microseconds(run: Callable[[], object], *, repeats: int = 15, each: int = 1) -> float:
    """Return the median CPU time of several runs in this thread: CPU time depends less on other programs."""
    run()
    times = []
    for _ in range(repeats):
        started = time.thread_time()
        run()
        times.append((time.thread_time() - started) / each)
    return median(times) * 1e6


def trader(number: int) -> Tin:
    """Return the TIN of an invented trader of Belarus."""
    return Tin(f"BY{number:09}")


def keyed_trader(number: int) -> Tin:
    """Return the TIN of an invented trader of Kazakhstan, whose register is keyed."""
    return Tin(f"KZ{number:012}")


def world_of(standings: int, parties: int) -> tuple[CustomsFacts, tuple[TrustedParty, ...]]:
    """Make a simulated world of many standings, and of parties that recognise each other in pairs. Kazakhstan's register is keyed."""
    world = CustomsFacts().keyed(KZ).recognise(CN, BY).recognise(CN, KZ).grant(BY_TRADER, BY)
    world.parties[CN] = replace(world.parties[CN], memberships=(NO_MEMBERSHIP,) * 4)
    for number in range(standings - 1 - MANIFEST):
        world.grant(trader(number), BY)
    for number in range(MANIFEST):
        world.grant(keyed_trader(number), KZ)
    more = []
    for number in range(len(world.parties) + 1, parties + 1):
        code = f"Q{chr(65 + number // 26)}{chr(65 + number % 26)}"
        world.parties[number] = Party(
            code=code,
            kind=PartyKind.ADMINISTRATION,
            state=PartyState.ACTIVE,
            keeps_register=True,
            opened=True,
            changed_at=NOW - 10**7,
        )
        for step in (1, 2, 3):
            other = (number + 7 * step) % parties + 1
            if other != number:
                world.recognise(number, other)
        more.append(TrustedParty(number=number, code=code, name=code))
    return world, tuple(more)


def ocsp_check() -> tuple[Callable[[], object], int]:
    """Prepare the check of an OCSP response by its CA, P-256: parse, signature, freshness."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    )
    certificate = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1)).sign(key, SHA256())
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=certificate, issuer=certificate, algorithm=SHA256(), cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(hours=1), next_update=now + timedelta(hours=1), revocation_time=None, revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
        .sign(key, SHA256())
        .public_bytes(__import__("cryptography").hazmat.primitives.serialization.Encoding.DER)
    )  # fmt: skip
    public = key.public_key()

    def check() -> object:
        found = ocsp.load_der_ocsp_response(response)
        public.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(SHA256()))
        assert found.next_update_utc is not None  # noqa: S101
        return found.certificate_status, found.next_update_utc > now

    return check, len(response)


def status_list_check() -> tuple[Callable[[], object], int]:
    """Prepare the check of a Token Status List of 131,072 bits, 1 % set, ES256: signature, inflate, one bit."""
    bits = bytearray(131_072 // 8)
    for _ in range(1_311):
        place = secrets.randbelow(131_072)
        bits[place // 8] |= 1 << place % 8
    packed = urlsafe_b64encode(zlib.compress(bytes(bits), 9)).rstrip(b"=").decode()
    key = ECKey.generate_key("P-256")
    token = jwt.encode(
        {"alg": "ES256", "typ": "statuslist+jwt"}, {"status_list": {"bits": 1, "lst": packed}, "exp": NOW}, key
    )

    def check() -> object:
        from base64 import urlsafe_b64decode  # noqa: PLC0415

        claims = jwt.decode(token, key, algorithms=["ES256"]).claims
        listed = claims["status_list"]["lst"]
        inflated = zlib.decompress(urlsafe_b64decode(listed + "=" * (-len(listed) % 4)))
        return inflated[4_242 // 8] >> 4_242 % 8 & 1

    return check, len(token)


def verify_figures(sheet: Sheet) -> None:
    """Measure and print."""
    asked = question(BY_TRADER, CN)
    world, more = world_of(STANDINGS, 100)
    sealed = SealedWorld(world)
    pinned = trust(parties=(*trust().parties, *more))
    evidence = sealed.prove(asked, trust=pinned)
    header = verify_recognition(evidence, asked, pinned, now=NOW, max_age=300).sealed
    manifest = tuple(question(trader(number * 40), CN) for number in range(MANIFEST))
    batch = sealed.prove(*manifest, trust=pinned)
    shared = Evidence(questions=manifest, header=batch.header, nodes=batch.nodes)
    keys = lookup_keys(KZ)
    in_keyed = tuple(question(keyed_trader(number), CN) for number in range(MANIFEST))
    keyed = sealed.prove(*in_keyed, trust=pinned, keys=keys)
    small = SealedWorld(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY)).prove(asked)
    gc.collect()
    gc.freeze()  # keep the garbage collector off the prover's tries: a verifier's process does not have them
    ocsp_run, ocsp_bytes = ocsp_check()
    list_run, list_bytes = status_list_check()
    cold = microseconds(lambda: verify_recognition(evidence, asked, pinned, now=NOW, max_age=300), repeats=201)
    warm = microseconds(
        lambda: verify_recognition(evidence, asked, pinned, now=NOW, max_age=300, sealed=header), repeats=201
    )
    together = microseconds(
        lambda: verify_recognitions(shared, manifest, pinned, now=NOW, max_age=300), repeats=9, each=MANIFEST
    )
    keyed_together = microseconds(
        lambda: verify_recognitions(keyed, in_keyed, pinned, now=NOW, max_age=300, keys=keys), repeats=9, each=MANIFEST
    )
    units = {"what": "text", "us": "us", "reach us": "us", "bytes": "B", "reach bytes": "B"}
    table = sheet.table(f"Verifying one recognition, {STANDINGS:,} standings, 100 parties (decision included)", units)
    nodes = sum(map(len, shared.nodes)) // MANIFEST
    table.add_row(
        f"in a batch of {MANIFEST:,} over a shared pool, each; bytes of nodes",
        f"{together:,.0f}",
        "30",
        f"{nodes:,}",
        "550",
    )
    table.add_row(
        "the same in a keyed register, with the lookup keys",
        f"{keyed_together:,.0f}",
        "30",
        f"{sum(map(len, keyed.nodes)) // MANIFEST:,}",
        "550",
    )
    table.add_row(
        "alone, header already checked", f"{warm:,.0f}", "180", f"{len(EVIDENCE_FORM.encode_cbor(evidence)):,}", "8,192"
    )
    table.add_row(
        "alone, cold, seals of 3 of 4 validators included",
        f"{cold:,.0f}",
        "380",
        f"{len(EVIDENCE_FORM.encode_cbor(evidence)):,}",
        "8,192",
    )
    table.add_row("size in a network as the demo's", "", "", f"{len(EVIDENCE_FORM.encode_cbor(small)):,}", "5,120")
    table.add_row(
        "OCSP response, P-256, signed by the CA (cryptography)",
        f"{microseconds(ocsp_run, repeats=101):,.0f}",
        "",
        f"{ocsp_bytes:,}",
        "",
    )
    table.add_row(
        "Token Status List, 131,072 bits, 1 % set (joserfc): one bit",
        f"{microseconds(list_run, repeats=101):,.0f}",
        "",
        f"{list_bytes:,}",
        "",
    )
    sheet.print(table)
    sheet.print(
        "OCSP and status lists prove one bit and trust one signer; the ledger's answer is a decision, a no included, sealed by two thirds."
    )
