"""How facts are stored and signed: words of storage, their slots, and EIP-712 messages.

This package answers: which 256-bit word stores a fact, which slot of which contract holds the word, and which 32 bytes does
an administration sign for it? Nothing here is trusted or decided. A word may be false until `verify` has proven it.

Decision: the tables here are the single source. `MESSAGES`, `WORDS` and `Table` are plain Python tables, like the numbers and
refusals of `customs`. `scripts/compile` writes the contracts' modules from them, so that a type string, a shift or a table's
number is written once and cannot differ between Python and the chain. `generated` goes the other way: it holds the
compiler's storage layout and the hashes of the code. The price: nobody can read the contracts without their generated
modules, so these are committed.
"""

from aeo_ledger.protocol.layouts import WORDS, Field, pack, unpack
from aeo_ledger.protocol.messages import MESSAGES, encode_type
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Table, lane_key, pair_key, record_slot, withholding_key, word_slot
from aeo_ledger.protocol.typed_data import Json, Value, digest, domain_separator, struct_hash, to_json

__all__ = [
    "MESSAGES",
    "WORDS",
    "Field",
    "Json",
    "Signature",
    "Table",
    "Value",
    "digest",
    "domain_separator",
    "encode_type",
    "lane_key",
    "pack",
    "pair_key",
    "record_slot",
    "struct_hash",
    "to_json",
    "unpack",
    "withholding_key",
    "word_slot",
]
