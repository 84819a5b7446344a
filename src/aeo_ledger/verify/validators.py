"""The validators whose word is taken, and how many of them make a quorum."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.verify import MalformedValidatorSet


@dataclass(frozen=True, slots=True)
class ValidatorSet:
    """Distinct addresses of 20 bytes, at least one; their order means nothing.

    Raises:
        MalformedValidatorSet: It is empty, or an address is of another length or stands there twice.
    """

    addresses: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what would miscount a quorum."""
        if not self.addresses:
            raise MalformedValidatorSet(reason="empty, needed at least one address")
        if any(len(address) != 20 for address in self.addresses):
            raise MalformedValidatorSet(reason="an address is not 20 bytes long")
        if len(set(self.addresses)) != len(self.addresses):
            raise MalformedValidatorSet(reason="an address stands there twice")

    @property
    def quorum(self) -> int:
        """Validators that must seal a block: two thirds, rounded up, so that any two quorums share an honest member."""
        return -(-2 * len(self.addresses) // 3)

    def __contains__(self, address: bytes) -> bool:
        """Tell whether an address is a validator's."""
        return address in self.addresses

    def __len__(self) -> int:
        """Count the validators."""
        return len(self.addresses)
