"""The form of a register plan."""

from __future__ import annotations

from typing import Final

from aeo_ledger.registers import plan
from aeo_ledger.registers.details import LONGEST
from aeo_ledger.schemas.parts import HASH, TIN
from aeo_ledger.schemas.shapes import Bytes, Either, Items, Number, Record, Text, Word

_TRADER: Final = Either((Word(("",)), TIN))
_LINE: Final = Number(plan.MAX_LINE)

REGISTER_PLAN: Final = Record(
    "register-plan",
    {
        "format": Word((plan.FORMAT,)),
        "chain": Number((1 << 53) - 1),
        "registers": Bytes(exactly=20),
        "register": Number(255),
        "issuer": Number(255),
        "file": HASH,
        "rows": _LINE,
        "made_at": Number(plan.MAX_TIME),
        "deadline": Number(plan.MAX_TIME),
        "block": Number(plan.MAX_TIME),
        "block_hash": HASH,
        "living": _LINE,
        "undocumented": _LINE,
        "allowed": Record("allowed", {}, {"ends": _LINE, "changes": _LINE}),
        "changes": Items(
            Record(
                "change",
                {
                    "line": _LINE,
                    "tin": _TRADER,
                    "entry": HASH,
                    "before": Bytes(most=64),
                    "events": Items(Bytes(exactly=64), least=1, most=plan.MOST_EVENTS),
                    "columns": Items(Text(least=1, most=plan.MAX_TEXT), most=plan.MOST_COLUMNS),
                },
                {"details": Bytes(most=4 + LONGEST)},
            ),
            most=plan.MOST_CHANGES,
        ),
        "missing": Items(Record("missing", {"entry": HASH, "tin": _TRADER}), most=plan.MOST_CHANGES),
        "doubts": Items(
            Record("doubt", {"line": _LINE, "tin": _TRADER, "reason": Text(least=1, most=plan.MAX_TEXT)}),
            most=plan.MOST_CHANGES,
        ),
        "signatures": Items(Bytes(most=65 * plan.MOST_SIGNERS), most=plan.MOST_CHANGES),
    },
)
