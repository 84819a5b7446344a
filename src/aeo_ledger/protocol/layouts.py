"""How each fact is packed into a 256-bit word: the one table from which both contracts and Python read.

Fields are listed from the least significant bit. `scripts/compile` writes `contracts/words.vy` from these tables, so a
shift is never typed twice. Every word is whole in one storage slot, so that one storage proof shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


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
        """Derive the mask once: words are read by the thousand."""
        object.__setattr__(self, "mask", (1 << self.bits) - 1)

    def of(self, word: int) -> int:
        """Read the field out of a word."""
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
    code=48, kind=8, state=8, suspended_until=32, seat=1, keeps_register=1, reserved=6, union_1=8, union_2=8, union_3=8,
    union_4=8, threshold=8, operators=8, serial=32, changed_at=32, changes=16,
)  # fmt: skip
"""A party. `code` is six ASCII bytes, left-aligned, zero-padded.

`changes` counts alterations of state, unions or keeps-a-register.
"""

KEY: Final = _layout(party=16, role=8, added_at=32, retired_at=32)
"""What an address serves.

`added_at` 0 is a key that waits (a replacement authority); retired without having been added is burnt.
"""

REPLACEMENT: Final = _layout(key=160, ready_at=64)
"""A pending replacement of a lost authority."""

PAIR: Final = _layout(lanes=8, withheld=32, serial=32, changed_at=32)
"""An ordered pair (recogniser, register). `withheld` counts withholdings ever made."""

LANE: Final = _layout(
    state=8, arrangement=80, types=16, roles=16, directions=8, benefits=16, in_force_from=32, until=32, changed_at=32,
    changes=16,
)  # fmt: skip
"""A recognition: one lane of a pair. `arrangement` is up to ten ASCII bytes, left-aligned."""

WITHHOLDING: Final = _layout(withheld=8, changed_at=32, changes=16)
"""Whether a recogniser refuses benefits to one entry."""

REGISTER: Final = _layout(mode=8, types=16, epoch=32, changed_at=32)
"""A register: its mode for good, its types in use, its payload epoch."""

GOVERNANCE: Final = _layout(
    parties=16, resolutions=32, minimum_validators=16, replacement_delay=32, validators_changed_in=64
)
"""What governance counts. `replacement_delay` in seconds, `validators_changed_in` a block number."""

SUCCESSION: Final = _layout(contract=160, superseded_at=64)
"""The ledger that supersedes this one; absent while there is none."""

VALIDATOR: Final = _layout(node=160, party=16)
"""One seated validator."""

ALIAS: Final = _layout(bindings=16, serial=32, changed_at=32)
"""An alias that a recogniser uses: how many traders are bound to it."""

WORDS: Final = {
    "RECORD": RECORD, "PARTY": PARTY, "KEY": KEY, "REPLACEMENT": REPLACEMENT, "PAIR": PAIR, "LANE": LANE,
    "WITHHOLDING": WITHHOLDING, "REGISTER": REGISTER, "GOVERNANCE": GOVERNANCE, "SUCCESSION": SUCCESSION,
    "VALIDATOR": VALIDATOR, "ALIAS": ALIAS,
}  # fmt: skip
"""All layouts by the name that the contracts use."""


def pack(layout: dict[str, Field], **values: int) -> int:
    """Pack values into a word; a field not named is 0.

    Raises:
        ValueError: if a value does not fit its field. A programming error: callers check people's input before.
    """
    word = 0
    for name, value in values.items():
        part = layout[name]
        if not 0 <= value <= part.mask:
            raise ValueError(f"{name}: {value} does not fit {part.bits} bits")
        word |= value << part.at
    return word


def unpack(layout: dict[str, Field], word: int) -> dict[str, int]:
    """Read every field of a word."""
    return {name: word >> part.at & part.mask for name, part in layout.items()}
