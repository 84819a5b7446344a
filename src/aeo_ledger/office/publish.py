"""Publish status events: sign them as the issuer's operators (or its authority) and have them sealed, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Capacity
from aeo_ledger.office.desk import Desk, Receipt
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.signing import Signer, sign_message
from aeo_ledger.verify import TrustBundle

LIFETIME_S: Final = 600
"""How long a publication may be relayed after it was signed, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """One status event, as it is signed."""

    entry: bytes
    """32 bytes."""
    record: Record
    """The full new record; recorded at 0."""
    document: bytes
    """Salted commitment to the certificate's document, 32 bytes; zero if there is none."""


def sign_act(act: SignedAct, signers: Sequence[Signer], trust: TrustBundle) -> SignedAct:
    """Add signatures to an act, for the ledger that the trust bundle pins."""
    address = address_of(act.contract, trust)
    made = sign_message(signers, act.name, act.values, chain_id=trust.chain_id, contract=address)
    return act.signed_by(*made, chain_id=trust.chain_id, address=address)


def address_of(contract: Contract, trust: TrustBundle) -> bytes:
    """Find a contract's address in the trust bundle."""
    return trust.consortium if contract is Contract.CONSORTIUM else trust.registers


def publish(
    desk: Desk,
    events: Sequence[StatusEvent],
    *,
    register: int,
    issuer: int,
    signers: Sequence[Signer],
    trust: TrustBundle,
    now: int,
    capacity: Capacity = Capacity.OPERATORS,
    former: int = 0,
) -> Receipt:
    """Sign up to 100 events of one register as one publication and wait until it is sealed.

    Raises:
        RefusedByLedger: a rule says no to one of them; none was recorded.
        Unavailable: it was not sealed; it may be sent again as it is, since its sequences let it count once.
    """
    act = SignedAct(
        name="Publication",
        values={
            "register": register,
            "issuer": issuer,
            "former": former,
            "capacity": int(capacity),
            "deadline": now + LIFETIME_S,
            "events": [
                {"entry": event.entry, "record": encode_record(event.record), "document": event.document}
                for event in events
            ],
            "details": b"",
        },
    )
    return desk.submit(sign_act(act, signers, trust))
