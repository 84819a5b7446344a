"""One publication, as an office signs it, relayed by a key of no rights."""

from __future__ import annotations

from pathlib import Path

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import Password, Signer, open_key_file
from support.network import PASSWORD, now

BY = 1
ENTRY = make_entry(BY, 2, derive_open_holder(BY, 2, Tin("BY511125808")))
RELAY = Signer.from_secret(b"\x51" * 32)


def grant_once(folder: Path, tin: str = "BY511125808") -> SignedAct:
    """Sign the grant of a certificate of type 3 in Belarus's register."""
    entry = make_entry(BY, 2, derive_open_holder(BY, 2, Tin(tin)))
    change = Change(kind=EventKind.GRANT, roles=1 << Role.CARRIER, valid_from=now() - 30)
    record = prepare(change, None, issuer=BY, now=now() - 30)
    operator = open_key_file(folder / "parties/BY/operator.json", Password(PASSWORD))
    act = draft_publication(
        [StatusEvent(entry=entry, record=record, document=bytes(32))], register=BY, issuer=BY, now=now()
    )
    return sign_act(act, [operator], read_trust(folder / "trust.json"))
