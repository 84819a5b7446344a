"""Sign a receipt: the asker confirms which answer it got."""

from __future__ import annotations

from dataclasses import replace

from aeo_ledger.evidence.receipt import Receipt
from aeo_ledger.signing.signer import Signer


def sign_receipt(receipt: Receipt, signer: Signer) -> Receipt:
    """Name the signer in a receipt and sign it; an earlier signature is replaced."""
    named = replace(receipt, signer=signer.address, signature=b"")
    return replace(named, signature=signer.sign(named.digest()).encode())
