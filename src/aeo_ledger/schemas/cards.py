"""The forms of a party's card, and of the statement in it."""

from __future__ import annotations

from typing import Final

from aeo_ledger.evidence import card, identity
from aeo_ledger.evidence.disclosure_key import LENGTHS
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.schemas.parts import ADDRESS, BIG, CODE, SIGNATURE, TIME
from aeo_ledger.schemas.shapes import Bytes, Either, Items, Keyed, Number, Record, Text, Word

_LINE: Final = Text(least=1, most=card.MAX_LINE)

IDENTITY_STATEMENT: Final = Record(
    "identity-statement",
    {
        "format": Word((identity.FORMAT,)),
        "chain": BIG,
        "contracts": Record("addresses", {contract.value: ADDRESS for contract in Contract}),
        "party": Number(255),
        "code": CODE,
        "authority": Items(ADDRESS, least=1, most=identity.MAX_KEYS, distinct=True),
        "threshold": Number(identity.MAX_KEYS, least=1),
        "made_at": TIME,
        "certificates": Items(Bytes(most=identity.MAX_CERTIFICATE_BYTES), least=1, most=identity.MAX_CERTIFICATES),
        "signatures": Items(SIGNATURE, most=identity.MAX_KEYS),
    },
    {"certificate_signature": Bytes(most=identity.MAX_SIGNATURE_BYTES)},
)

_DISCLOSURE_KEY: Final = Either(
    tuple(
        Record(
            f"{algorithm.lower().replace('_', '-')}-key",
            {"algorithm": Word((algorithm.value,)), "public_key": Bytes(exactly=length)},
        )
        for algorithm, length in LENGTHS.items()
    )
)

CARD: Final = Record(
    "card",
    {
        "format": Word((card.FORMAT,)),
        "party": CODE,
        "names": Keyed(card.LANGUAGE.pattern, _LINE, most=card.MAX_LANGUAGES),
        "time_zone": Text(pattern=card.ZONE.pattern),
        "contact": Record("contact", {"office": _LINE, "email": Text(pattern=card.EMAIL.pattern)}, {"phone": _LINE}),
        "programme": Record("programme", {"legal_basis": _LINE, "link": _LINE}),
    },
    {
        "gateway": _LINE,
        "disclosure_key": _DISCLOSURE_KEY,
        "reader_keys": Items(ADDRESS, least=1, most=card.MAX_READERS, distinct=True),
        "identity": IDENTITY_STATEMENT,
    },
)
