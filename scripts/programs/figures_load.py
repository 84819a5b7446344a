"""Figures of whole registers: a plan, its carrying out, the plan of an unchanged register, and what they take in memory."""

from __future__ import annotations

import resource
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.network.reach import Running
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.prover.prove import prove_past
from aeo_ledger.registers.apply import Applied, apply_plan
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.plan import PLAN_FORM, Plan
from aeo_ledger.registers.planning import plan_register
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.signing import Password, Signer, open_key_file

CN_BY = """
name = "CN-BY"
text = "a stand-in"
[[recognition]]
recogniser = "CN"
register = "BY"
types = ["3"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2019-07-24
"""
"""An arrangement, so that there is something to ask about."""
_COLUMNS = ("certificate_number", "decided", "name", "address")


def rows_of(certificates: int) -> list[Row]:
    """Make a register of invented traders, with documents as long as real ones."""
    return [
        Row(line=n + 2, tin=Tin(f"BY{n:09}"), type_number=n % 3, roles=5, status=Status.ACTIVE, status_since=0,
            valid_from=1_500_000_000, valid_until=0,
            document={"tin": f"BY{n:09}", **{column: f"{column} of the trader {n:09}" for column in _COLUMNS}})
        for n in range(certificates)
    ]  # fmt: skip


def agree(running: Running, folder: Path, password: Password) -> None:
    """Conclude the arrangement; the parties' keys are in the network's folder."""
    office = ProvenDesk(running.relay, running.trust, approve=without_asking)
    signers = [open_key_file(folder / "parties" / code / "authority.json", password) for code in ("CN", "BY")]
    conclude(draft(CN_BY, office), signers, office, keep=lambda _: None)


class Loader:
    """An office of party 1 that leads its register to rows.

    Args:
        running: The network.
        signer: The party's operator.
        home: Folder of the book.
    """

    def __init__(self, running: Running, signer: Signer, home: Path) -> None:
        self._desk = ProvenDesk(running.relay, running.trust, approve=without_asking)
        self._running, self._signer = running, signer
        self._book = Book(str(home / "book.sqlite"), clock=lambda: int(time.time()), randomness=secrets.token_bytes)

    def plan(self, rows: Sequence[Row]) -> tuple[Plan, RegisterState]:
        """Plan, and write the plan as its file."""
        plan, state = plan_register(
            self._desk,
            self._book,
            rows,
            register=1,
            issuer=1,
            rules=Rules(),
            file=keccak256(b""),
            lifetime_s=3_600,
            allowed={},
            past=lambda party: prove_past((), [party], self._running.ledger, self._running.trust),
        )
        PLAN_FORM.encode_file(plan)
        return plan, state

    def apply(self, plan: Plan, state: RegisterState) -> Applied:
        """Carry out a plan."""
        return apply_plan(self._desk, self._book, plan, [self._signer], state=state)


def peak_mb() -> float:
    """Return the most memory that this process has used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
