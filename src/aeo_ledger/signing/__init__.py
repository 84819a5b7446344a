"""The only home of private keys: what signs, and the encrypted files in which keys rest.

A key comes in from a key file or is drawn from randomness that the caller gives, and never comes out: `Signer` has no
attribute, text, copy or pickle that shows it. Nothing here decides what may be signed, and nothing that verifies can
reach this package.

What is trusted: this process's memory and the machine's random numbers. Python cannot wipe memory, so a key that was
used stays in it until the process ends; keys that must not are kept on another machine or in a wallet, which signs
what `protocol.to_json` writes.
"""

from aeo_ledger.protocol.signature import Signature
from aeo_ledger.signing.keyfile import (
    WORK_FACTOR,
    confirm_key_file,
    create_key_file,
    identify_key_file,
    open_key_file,
    write_engine_key,
    write_key_file,
)
from aeo_ledger.signing.keystore import add_to_key_store, create_key_store, export_key, open_key_store
from aeo_ledger.signing.passwords import VARIABLE, Password, obtain_password
from aeo_ledger.signing.signer import Signer, sign_message
from aeo_ledger.signing.transaction import Transaction, sign_transaction

__all__ = [
    "VARIABLE",
    "WORK_FACTOR",
    "Password",
    "Signature",
    "Signer",
    "Transaction",
    "add_to_key_store",
    "confirm_key_file",
    "create_key_file",
    "create_key_store",
    "export_key",
    "identify_key_file",
    "obtain_password",
    "open_key_file",
    "open_key_store",
    "sign_message",
    "sign_transaction",
    "write_engine_key",
    "write_key_file",
]
