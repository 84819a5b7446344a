"""How facts are written down and signed: words of storage, their slots, and EIP-712 messages.

It answers: which 256-bit word says this, in which slot of which contract does it lie, and which 32 bytes does an
administration sign for it? Nothing here is trusted or decided; a word may be a lie until `verify` has walked a proof
to it.

Decision: the tables here are the single source. `MESSAGES`, `WORDS` and `Table` are plain Python tables, as are the
numbers and refusals of `customs`, and `scripts/compile` writes the contracts' modules from them: a type string, a
shift or a table's number is typed once and cannot differ between Python and the chain. The way back is `generated`:
the compiler's storage layout and the hash of the code that has it. The price is that the contracts cannot be read
without their written modules, so these are committed.
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
