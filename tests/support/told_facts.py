"""What a signer has proven, without the proof: the words of the contracts in the EVM, and only those that an act rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.office.footing import slots_of, slots_of_keys
from aeo_ledger.office.who_signs import slots_of_sides
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import TrustBundle, TrustedParty
from aeo_ledger.verify.state import demand_pinned
from support.sealed_world import trust
from support.world import CODES, World

PINNED = trust(
    parties=tuple(TrustedParty(number=n, code=c, name=f"Customs of {c}") for n, c in CODES.items()), prefixes={}
)


class Facts(WordView):
    """The words of the contracts in the EVM, of which only those are there that an act says it rests on."""

    def __init__(
        self, world: World, act: SignedAct, pinned: TrustBundle = PINNED, *, signers: Iterable[bytes] = ()
    ) -> None:
        storage = {contract: dict(world.evm.storage[contract]) for contract in Contract}
        known = {*slots_of(act), *slots_of_keys(signers)}
        known |= {*slots_of_sides(act, _Desk(storage))}  # type: ignore[arg-type]

        def read(contract: Contract, slot: int) -> int:
            if (contract, slot) not in known:
                raise MissingNode(node_hash=slot.to_bytes(32, "big"))
            return storage[contract].get(slot, 0)

        super().__init__(read)
        self.time, self.trust, self.sealed = world.now, pinned, _SEALED

    def party(self, number: int) -> Any:
        return demand_pinned(super().party(number), number, self.trust)


class _Desk:
    """A desk that proves every word."""

    def __init__(self, storage: Mapping[Contract, Mapping[int, int]]) -> None:
        self._storage = storage

    def facts(self, _: object) -> WordView:
        return WordView(lambda contract, slot: self._storage[contract].get(slot, 0))


@dataclass(frozen=True)
class _Header:
    number: int = 7


@dataclass(frozen=True)
class _Sealed:
    header: _Header = _Header()


_SEALED = _Sealed()
