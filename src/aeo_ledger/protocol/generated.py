"""Facts of the compiled contracts; written by scripts/compile, do not edit."""

from typing import Final

CONSORTIUM_CODE_HASH: Final = bytes.fromhex("3432101adb8b34d046b40e7ed60ba68dcfe590d5274c113a2ce8161ea12ddcd0")
"""keccak256 of the runtime code of `Consortium`, 32 bytes; the same on every network."""

CONSORTIUM_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

REGISTERS_CODE_HASH: Final = bytes.fromhex("26ffb10e9d771cd80cdfdf429f822d55cc268ccde885d90b00598dc27dc38a3a")
"""keccak256 of the runtime code of `Registers`, 32 bytes; the same on every network."""

REGISTERS_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

REGISTERS_STANDINGS_SLOT: Final = 2
"""Slot of `standings: HashMap[bytes32, Standing]`."""

REGISTERS_CONSORTIUM_SLOT: Final = 3
"""Slot of `consortium: address`."""
