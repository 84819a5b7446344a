"""Facts of the compiled contracts; written by scripts/compile, do not edit."""

from typing import Final

CONSORTIUM_CODE_HASH: Final = bytes.fromhex("422560058ea9cbc8b3738c97780b7f9243046fb1edb09d3b604e6195c905d047")
"""keccak256 of the runtime code of `Consortium`, 32 bytes; the same on every network."""

CONSORTIUM_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

CONSORTIUM_GOVERNANCE_SLOT: Final = 2
"""Slot of `governance: address`."""

GOVERNANCE_CODE_HASH: Final = bytes.fromhex("0955299f85f22ce1baad3e29d7331e10d4d40a7bb3b89364ee5c07aa110dced5")
"""keccak256 of the runtime code of `Governance`, 32 bytes; the same on every network."""

GOVERNANCE_CONSORTIUM_SLOT: Final = 1
"""Slot of `consortium: address`."""

REGISTERS_CODE_HASH: Final = bytes.fromhex("7d3aacce2c1aafe1afa5179a47cdf21c6bbc8dee90429034658704d399befa02")
"""keccak256 of the runtime code of `Registers`, 32 bytes; the same on every network."""

REGISTERS_TABLES_SLOT: Final = 1
"""Slot of `tables: HashMap[uint256, HashMap[uint256, uint256]]`."""

REGISTERS_STANDINGS_SLOT: Final = 2
"""Slot of `standings: HashMap[bytes32, Standing]`."""

REGISTERS_CONSORTIUM_SLOT: Final = 3
"""Slot of `consortium: address`."""
