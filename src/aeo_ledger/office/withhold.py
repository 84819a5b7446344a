"""Withhold benefits from one foreign operator, or grant them again: the recogniser's own act, whatever the issuer says."""

from __future__ import annotations

from collections.abc import Sequence

from aeo_ledger.office.desk import Desk, Receipt
from aeo_ledger.office.publish import LIFETIME_S, sign_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle


def withhold(
    desk: Desk,
    entry: bytes,
    *,
    withheld: bool,
    recogniser: int,
    signers: Sequence[Signer],
    trust: TrustBundle,
    now: int,
) -> Receipt:
    """Sign as the recogniser's operators that an entry (32 bytes) gets no benefits, or gets them again.

    Raises:
        RefusedByLedger: a rule says no, for instance that benefits already are so.
        Unavailable: it was not sealed.
    """
    pair = desk.pair(recogniser, int.from_bytes(entry[:2], "big"))
    act = SignedAct(
        name="Withholding",
        values={
            "recogniser": recogniser,
            "serial": pair.serial + 1,
            "deadline": now + LIFETIME_S,
            "entry": entry,
            "withheld": withheld,
        },
    )
    return desk.submit(sign_act(act, signers, trust))
