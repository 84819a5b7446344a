"""Govern: resolutions of the seats, signed by their authorities and by a new key where one takes part."""

from __future__ import annotations

from collections.abc import Sequence

from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.desk import Desk, Receipt
from aeo_ledger.office.publish import LIFETIME_S, sign_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle


def resolve(
    desk: Desk,
    ledger: Ledger,
    act: ResolutionAct,
    signers: Sequence[Signer],
    *,
    trust: TrustBundle,
    now: int,
    party: int = 0,
    key: bytes = bytes(20),
    detail: bytes = bytes(32),
    amount: int = 0,
) -> Receipt:
    """Carry out a resolution under the next number.

    Args:
        desk: Relays it.
        ledger: Tells the last resolution's number.
        act: What is resolved.
        signers: Seated authorities, two thirds of the seats, and the new key where the act has one.
        trust: The ledger's pins.
        now: UTC seconds.
        party: Number of the party concerned.
        key: The new authority, the node, or the succeeding contract: 20 bytes.
        detail: To admit, the candidate's word; to supersede, the code hash: 32 bytes.
        amount: To suspend, until when; to supersede, the chain id.

    Raises:
        RefusedByLedger: a rule says no.
        Unavailable: it was not sealed.
    """
    word = ledger.word(Contract.CONSORTIUM, word_slot(Table.GOVERNANCE, 0), ledger.head())
    values: dict[str, Value] = {
        "number": GOVERNANCE["resolutions"].of(word) + 1,
        "deadline": now + LIFETIME_S,
        "act": int(act),
        "party": party,
        "key": key,
        "detail": detail,
        "amount": amount,
    }
    return desk.submit(sign_act(SignedAct(name="Resolution", values=values), signers, trust))
