"""How each fact is packed into a 256-bit word. Both contracts and Python use this one table.

Fields are listed from the least significant bit. `scripts/compile` writes `contracts/words.vy` from these tables, so no shift
is written twice. Every word fits into one storage slot, so one storage proof shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aeo_ledger.customs.entry import HOLDER_BYTES


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a word."""

    at: int
    """Position of its least significant bit."""
    bits: int
    """Width in bits."""
    mask: int = field(init=False)
    """Largest value, all ones."""

    def __post_init__(self) -> None:
        """Compute the mask once, because thousands of words are read."""
        object.__setattr__(self, "mask", (1 << self.bits) - 1)

    def of(self, word: int) -> int:
        """Read this field from a word."""
        return (word >> self.at) & self.mask


def _layout(**widths: int) -> dict[str, Field]:
    fields, at = {}, 0
    for name, bits in widths.items():
        fields[name] = Field(at, bits)
        at += bits
    if at > 256:
        raise AssertionError(f"{at} bits do not fit a word")
    return fields


RECORD: Final = _layout(
    status=4, kind=4, reason=8, issuer=16, roles=16, sequence=32, since=32, valid_from=32, valid_until=32,
    hold_until=32, recorded_at=32, review_day=16,
)  # fmt: skip
"""A standing's record. Times are UTC seconds; `review_day` counts days from 1970-01-01."""

PARTY: Final = _layout(
    code=48, kind=2, state=2, suspended_until=32, seat=1, keeps_register=1, opened=1, frozen=1, union_1=8, union_2=8,
    union_3=8, union_4=8, leaves_1=16, leaves_2=16, leaves_3=16, leaves_4=16, ejected_1=1, ejected_2=1, ejected_3=1,
    ejected_4=1, threshold=5, authority_keys=3, authority_threshold=2, epoch=16, changed_at=32, changes=8,
)  # fmt: skip
"""A party, with all that an answer needs to know. `code` is six ASCII bytes, left-aligned, zero-padded.

`leaves_N` is the day, counted from 1970-01-01, on which the party leaves union N, at its first second UTC (0: no notice).
`ejected_N` means that the union gave this notice. `epoch` counts replacements of its authority. `changes` counts changes of
state, unions or keeps-a-register (it stops at its maximum). `changed_at` is the time of the last one.
"""

OFFICE: Final = _layout(serial=32, envelopes=32, resolutions=32, operators=8, lifts=32)
"""A party's counters. No answer needs them.

Serial of its own acts, envelopes sent, resolutions about it, current number of operators, and how often a freeze was lifted.
"""

KEY: Final = _layout(party=16, role=8, added_at=32, retired_at=32, epoch=16)
"""What an address serves.

A key with `added_at` 0 is pending (a replacement authority). A key that is retired but was never added is burnt. A key of an
authority or operator counts only in its party's `epoch`.
"""

REPLACEMENT: Final = _layout(key=160, ready_at=32, suspended_until=32, objected=1)
"""A pending replacement of an authority. It lapses 30 days after `ready_at`.

`suspended_until` is not 0 if the replacement began while the party was suspended. It is the end of that suspension, which is
restored when the replacement is over.
"""

PAIR: Final = _layout(lanes=8, withheld=32, amendments=32, lane_acts=32)
"""An ordered pair (recogniser, register).

`withheld` counts all withholdings ever made. `amendments` counts conclusions and amendments. `lane_acts` counts the
recogniser's suspensions and resumptions.
"""

LANE: Final = _layout(
    state=2, arrangement=80, types=16, roles=16, directions=3, benefits=16, in_force_from=32, until=32, changed_at=32,
    changes=3, generation=8,
)  # fmt: skip
"""A recognition: one lane of a pair. `arrangement` is its name for this pair, up to ten ASCII bytes, left-aligned.

`changes` stops at its maximum. An ended lane may be used again: `generation` then grows by one, and `changes` is never 0.
"""

WITHHOLDING: Final = _layout(withheld=8, changed_at=32, serial=32)
"""Whether a recogniser refuses benefits to one entry."""

REGISTER: Final = _layout(mode=8, types=16, epoch=32, changed_at=32)
"""A register: its mode (which never changes), its types in use, its payload epoch."""

GOVERNANCE: Final = _layout(
    parties=16, minimum_validators=16, replacement_delay=32, validators_changed_in=64, network_resolutions=32,
    validator_resolutions=32,
)  # fmt: skip
"""Counters of governance. `replacement_delay` is in seconds, `validators_changed_in` is a block number.

Resolutions are numbered by subject: each party's in its `OFFICE` word, those on the network and on validators here.
"""

SUCCESSION: Final = _layout(consortium=160, effective=32)
"""The ledger that supersedes this one, and from when; absent if none was named."""

VALIDATOR: Final = _layout(node=160, party=16)
"""One seated validator."""

ALIAS: Final = _layout(
    types_0=16, types_1=16, types_2=16, types_3=16, types_4=16, types_5=16, types_6=16, types_7=16, serial=32,
    changed_at=32,
)  # fmt: skip
"""An alias that a recogniser uses. Each of its eight bindings has one bit for each bound type.

A binding without a type is free. An alias with more than one used binding is ambiguous.
"""

ENTRY: Final = _layout(holder=8 * HOLDER_BYTES, type=8, register=16)
"""The key of a standing as a number (`customs.entry` has it as bytes)."""

WORDS: Final = {
    "RECORD": RECORD, "PARTY": PARTY, "OFFICE": OFFICE, "KEY": KEY, "REPLACEMENT": REPLACEMENT, "PAIR": PAIR, "LANE": LANE,
    "WITHHOLDING": WITHHOLDING, "REGISTER": REGISTER, "GOVERNANCE": GOVERNANCE, "SUCCESSION": SUCCESSION,
    "VALIDATOR": VALIDATOR, "ALIAS": ALIAS, "ENTRY": ENTRY,
}  # fmt: skip
"""All layouts, by their names in the contracts."""


def pack(layout: dict[str, Field], **values: int) -> int:
    """Pack values into a word. A field that is not named is 0.

    Raises:
        ValueError: A value does not fit its field. This is a programming error: callers check people's input before.
    """
    word = 0
    for name, value in values.items():
        part = layout[name]
        if not 0 <= value <= part.mask:
            raise ValueError(f"{name}: {value} does not fit into {part.bits} bits")
        word |= value << part.at
    return word


def unpack(layout: dict[str, Field], word: int) -> dict[str, int]:
    """Read every field of a word."""
    return {name: word >> part.at & part.mask for name, part in layout.items()}
