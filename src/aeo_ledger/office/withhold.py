"""Withhold benefits from one foreign operator, or grant them again. The recogniser decides this alone, whatever the issuer says."""

from __future__ import annotations

from collections.abc import Sequence

from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.office.carry_out import LIFETIME_S, Done, carry_out
from aeo_ledger.office.footing import slots_of_withholding
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer


def withhold(
    desk: ProvenDesk,
    entry: bytes,
    *,
    withheld: bool,
    recogniser: int,
    signers: Sequence[Signer],
    grounds: bytes = NO_GROUNDS,
    trader: str | None = None,
) -> Done:
    """Sign, as the recogniser's operators, that an entry (32 bytes) gets no benefits, or gets them again.

    `grounds` is the salted hash of a reasoned decision, 32 bytes; zero if there is no decision. `trader` is the entry's trader, to be
    shown to the signer.

    Raises:
        RefusedByLedger: a rule refuses it, for instance because nothing would change.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed, NotProvenDone, Unavailable: as `carry_out` does.
    """
    act = draft_withholding(desk, entry, withheld=withheld, recogniser=recogniser, grounds=grounds)
    return carry_out(desk, act, signers, {} if trader is None else {entry: trader})


def draft_withholding(
    desk: ProvenDesk,
    entry: bytes,
    *,
    withheld: bool,
    recogniser: int,
    grounds: bytes = NO_GROUNDS,
    lifetime_s: int = LIFETIME_S,
) -> SignedAct:
    """Draft what `withhold` signs; its serial is proven."""
    old = desk.facts(slots_of_withholding(recogniser, entry)).withholding(recogniser, entry)
    return SignedAct(
        name="Withholding",
        values={
            "recogniser": recogniser,
            "serial": old.serial + 1 if old else 1,
            "deadline": desk.now() + lifetime_s,
            "entry": entry,
            "withheld": withheld,
            "grounds": grounds,
        },
    )
