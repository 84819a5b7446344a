"""A question and a receipt of each kind: the shortest, and one that has every part."""

from __future__ import annotations

from dataclasses import replace

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.evidence import Question
from aeo_ledger.evidence.receipt import Answer, Receipt
from aeo_ledger.signing import Signer
from aeo_ledger.signing.receipt import sign_receipt

SHORT = Question(tin=Tin("BY200988541"), recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER)
FULL = Question(
    tin=Tin("DE/1"),
    recogniser="EAEU",
    direction=Direction.TRANSIT,
    role=Role.FREIGHT_FORWARDER,
    certificate_type="AEOS",
    register="EU",
    on=1_700_000_000,
    known=1_700_000_001,
)

SECRET = b"\x11" * 32
YES = Receipt(
    question=SHORT,
    answer=Answer(
        recognised=True,
        reasons=(),
        benefits=("faster_release",),
        registers=("BY", "EAEU"),
        issuer="BY",
        decided_for=1_800_000_000,
        block_number=100,
        block_hash=b"\1" * 32,
        block_time=1_800_000_000,
        chain_id=1 << 40,
    ),
    evidence=b"\2" * 32,
    trust=b"\3" * 32,
    received_at=1_800_000_007,
    max_age=300,
)
NO = replace(
    YES,
    question=replace(YES.question, certificate_type="3", register="BY", on=1_700_000_000, known=1_750_000_000),
    answer=replace(YES.answer, recognised=False, reasons=("suspended", "role"), benefits=(), issuer=None),
)
SIGNED = sign_receipt(YES, Signer.from_secret(SECRET))
