"""The trusted validators, and how many of them make a quorum."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.verify import MalformedValidatorSet


@dataclass(frozen=True, slots=True)
class ValidatorSet:
    """Distinct addresses of 20 bytes, at least one. Their order has no meaning.

    Raises:
        MalformedValidatorSet: The set is empty, or an address has another length or is repeated.
    """

    addresses: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a set that would miscount a quorum."""
        if not self.addresses:
            raise MalformedValidatorSet(reason="empty, needed at least one address")
        if any(len(address) != 20 for address in self.addresses):
            raise MalformedValidatorSet(reason="an address is not 20 bytes long")
        if len(set(self.addresses)) != len(self.addresses):
            raise MalformedValidatorSet(reason="an address is repeated")

    @property
    def quorum(self) -> int:
        """Number of validators that must seal a block: two thirds, rounded up. So any two quorums share an honest member."""
        return -(-2 * len(self.addresses) // 3)

    def __contains__(self, address: bytes) -> bool:
        """Tell whether an address is a validator's."""
        return address in self.addresses

    def __len__(self) -> int:
        """Count the validators."""
        return len(self.addresses)
