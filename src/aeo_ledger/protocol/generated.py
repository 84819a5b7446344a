"""Facts of the compiled contracts; written by scripts/compile, do not edit."""

from typing import Final

CONSORTIUM_CODE_HASH: Final = bytes.fromhex("2b4ef8a18a489f6abeb3510970ef63f106b8525f088d5980a2c91e8e04ceaa0b")
"""keccak256 of the runtime code of `Consortium`, 32 bytes; the same on every network."""

CONSORTIUM_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

CONSORTIUM_GOVERNANCE_SLOT: Final = 2
"""Slot of `governance: address`."""

GOVERNANCE_CODE_HASH: Final = bytes.fromhex("6e7482a1eaf6069723099e06e202d79839ad311f83d6f1b75111af2017b71550")
"""keccak256 of the runtime code of `Governance`, 32 bytes; the same on every network."""

GOVERNANCE_CONSORTIUM_SLOT: Final = 1
"""Slot of `consortium: address`."""

REGISTERS_CODE_HASH: Final = bytes.fromhex("5b6bd31419de71e8491e277c12d98e8b584eee7ce04ecc4f6a73d0ee1b84de79")
"""keccak256 of the runtime code of `Registers`, 32 bytes; the same on every network."""

REGISTERS_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

REGISTERS_STANDINGS_SLOT: Final = 2
"""Slot of `standings: HashMap[bytes32, Standing]`."""

REGISTERS_CONSORTIUM_SLOT: Final = 3
"""Slot of `consortium: address`."""
