"""Private keys: this package alone signs, and it stores keys in encrypted files.

A key is read from a key file, or generated from random bytes that the caller supplies. It never leaves: no attribute, text, copy or
pickle of a `Signer` shows it. This package does not decide what may be signed. No package that verifies can import it.

`x509_key` has the key of an X.509 certificate, and needs an extra; all else is of the base install.

It trusts this process's memory and the machine's random numbers. Python cannot wipe memory, so a key stays in memory until the process
ends. To avoid that, keep the key outside, in a token, a service or a wallet, and name the command that signs with it: see `outside`.
"""

from aeo_ledger.protocol.signature import Signature
from aeo_ledger.signing.command import Command
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
from aeo_ledger.signing.outside import create_signer_file, open_signer, read_signer_file
from aeo_ledger.signing.passwords import VARIABLE, Password, obtain_password
from aeo_ledger.signing.signer import Signer, sign_message
from aeo_ledger.signing.transaction import Transaction, sign_transaction

__all__ = [
    "VARIABLE",
    "WORK_FACTOR",
    "Command",
    "Password",
    "Signature",
    "Signer",
    "Transaction",
    "add_to_key_store",
    "confirm_key_file",
    "create_key_file",
    "create_key_store",
    "create_signer_file",
    "export_key",
    "identify_key_file",
    "obtain_password",
    "open_key_file",
    "open_key_store",
    "open_signer",
    "read_signer_file",
    "sign_message",
    "sign_transaction",
    "write_engine_key",
    "write_key_file",
]
