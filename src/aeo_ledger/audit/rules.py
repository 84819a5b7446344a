"""The rules by which a chain's blocks are executed: those of its genesis file, by py-evm's own machines.

A genesis may name rules that this version does not know: a later fork, or a setting that changes what a block does. Blocks under them
are not called wrong. The audit says where they begin.

Source: EIP-1559 (base fee), EIP-4844 (blob gas); Besu's genesis items `zeroBaseFee`, `fixedBaseFee`, `blockreward`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth.abc import BlockHeaderAPI
from eth.consensus.noproof import NoProofConsensus
from eth.constants import BLANK_ROOT_HASH, EMPTY_SHA256, EMPTY_UNCLE_HASH, ZERO_HASH32
from eth.rlp.headers import BlockHeader
from eth.vm.forks.berlin import BerlinVM
from eth.vm.forks.cancun import CancunVM
from eth.vm.forks.cancun.blocks import CancunBlockHeader
from eth.vm.forks.cancun.headers import calc_excess_blob_gas_cancun
from eth.vm.forks.london import LondonVM
from eth.vm.forks.london.blocks import LondonBlockHeader
from eth.vm.forks.london.constants import INITIAL_BASE_FEE
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.headers import calc_excess_blob_gas_prague
from eth.vm.forks.shanghai import ShanghaiVM
from eth.vm.forks.shanghai.blocks import ShanghaiBlockHeader

from aeo_ledger.errors.audit import RulesUnknown
from aeo_ledger.evidence.forks import Fork, Forks

_EARLIER: Final = frozenset(
    f"{name}Block"
    for name in (
        "homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "constantinopleFix", "petersburg", "istanbul",
        "muirGlacier", "berlin", "arrowGlacier", "grayGlacier", "mergeNetSplit", "daoFork",
    )
)  # fmt: skip
"""Members of `config` that begin rules before London's, or rules that only proof of work had."""
_SETTINGS: Final = ("fixedBaseFee", "contractSizeLimit", "evmStackSize", "ecCurve", "blobSchedule")
"""Members of `config` that change what a block does, or what it costs."""
_OF_QBFT: Final = ("blockreward", "miningbeneficiary")
"""The same, in `qbft` and in `transitions`."""


def _plain(machine: type[Any]) -> type[Any]:
    """Take proof of work and of stake, and rewards, from a machine: the proposer's account is touched only by what transactions pay."""
    without = {"consensus_class": NoProofConsensus, "_assign_block_rewards": lambda _self, _block: None}
    return type(f"Plain{machine.__name__}", (machine,), without)


PLAIN_BERLIN: Final = _plain(BerlinVM)
_MACHINES: Final[Mapping[Fork | None, tuple[type[Any], type[Any]]]] = {
    None: (PLAIN_BERLIN, BlockHeader),
    Fork.LONDON: (_plain(LondonVM), LondonBlockHeader),
    Fork.SHANGHAI: (_plain(ShanghaiVM), ShanghaiBlockHeader),
    Fork.CANCUN: (_plain(CancunVM), CancunBlockHeader),
    Fork.PRAGUE: (_plain(PragueVM), PragueBlockHeader),
}
"""The machine and the header of each fork; None: Berlin."""
_OF_RESULTS: Final[Mapping[str, Any]] = {
    "gas_used": 0, "bloom": 0, "transaction_root": BLANK_ROOT_HASH, "receipt_root": BLANK_ROOT_HASH, "uncles_hash": EMPTY_UNCLE_HASH,
    "withdrawals_root": BLANK_ROOT_HASH, "blob_gas_used": 0, "requests_hash": EMPTY_SHA256,
}  # fmt: skip
"""Header fields that follow from execution, before it."""
_EXCESS: Final = {Fork.CANCUN: calc_excess_blob_gas_cancun, Fork.PRAGUE: calc_excess_blob_gas_prague}


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Rules that this version does not know."""

    name: str
    begin: int
    is_timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a chain's blocks."""

    forks: Forks
    has_zero_base_fee: bool
    first_base_fee: int
    """Wei for each unit of gas in the first block that has a base fee."""
    unknown: tuple[_Unknown, ...]

    def forks_if_known(self, number: int, time: int) -> Forks | None:
        """Return the forks, which decide the header's fields; None if unknown rules hold for the block."""
        return None if any(True for _ in self._unknown_at(number, time)) else self.forks

    def demand_known(self, number: int, time: int) -> None:
        """Check that the rules of a block are known, by its number and its time in UTC seconds.

        Raises:
            RulesUnknown: They are not.
        """
        for one in self._unknown_at(number, time):
            raise RulesUnknown(number=number, rules=one.name)

    def _unknown_at(self, number: int, time: int) -> Iterator[_Unknown]:
        return (one for one in self.unknown if (time if one.is_timed else number) >= one.begin)

    def machine(self, number: int, time: int) -> type[Any]:
        """Return py-evm's machine for a block."""
        return _MACHINES[self._fork(number, time)][0]

    def header_before(self, header: BlockHeaderAPI, parent: BlockHeaderAPI) -> BlockHeaderAPI:
        """Return a block's header as it is before the block is executed: with what the proposer chose, and the parent's state."""
        fields = set(header._meta.field_names)  # type: ignore[attr-defined]  # noqa: SLF001 (rlp's public name)
        results = {name: value for name, value in _OF_RESULTS.items() if name in fields}
        return header.copy(state_root=parent.state_root, **results)

    def genesis_header(self, genesis: Mapping[str, Any], fields: Mapping[str, Any]) -> BlockHeaderAPI:
        """Make block 0's header of its first fields, and of those that the genesis file has for later rules.

        Raises:
            ValueError: A field is not a number in hexadecimal.
        """
        number, time = 0, int(fields["timestamp"])
        later: dict[Fork, dict[str, Any]] = {
            Fork.LONDON: {"base_fee_per_gas": self.first_base_fee},
            Fork.SHANGHAI: {"withdrawals_root": BLANK_ROOT_HASH},
            Fork.CANCUN: {
                "blob_gas_used": int(genesis.get("blobGasUsed", "0x0"), 16),
                "excess_blob_gas": int(genesis.get("excessBlobGas", "0x0"), 16),
                "parent_beacon_block_root": bytes.fromhex(genesis["parentBeaconBlockRoot"][2:])
                if "parentBeaconBlockRoot" in genesis
                else ZERO_HASH32,
            },
            Fork.PRAGUE: {"requests_hash": EMPTY_SHA256},
        }
        more = {name: value for fork in self.forks.at(number, time) for name, value in later[fork].items()}
        made: BlockHeaderAPI = _MACHINES[self._fork(number, time)][1](**fields, **more)
        return made

    def base_fee(self, header: BlockHeaderAPI, parent: BlockHeaderAPI) -> int | None:
        """Derive the base fee that a block must have; None if its rules have none."""
        if not self.forks.at(header.block_number, header.timestamp):
            return None
        if self.has_zero_base_fee:
            return 0
        if not hasattr(parent, "base_fee_per_gas"):
            return self.first_base_fee
        return calculate_expected_base_fee_per_gas(parent)

    def excess_blob_gas(self, header: BlockHeaderAPI, parent: BlockHeaderAPI) -> int | None:
        """Derive the excess blob gas that a block must have; None if its rules have none."""
        fork = self._fork(header.block_number, header.timestamp)
        return _EXCESS[fork](parent) if fork in _EXCESS else None

    def _fork(self, number: int, time: int) -> Fork | None:
        held = self.forks.at(number, time)
        return held[-1] if held else None


def read_rules(genesis: Mapping[str, Any]) -> Rules:
    """Read the rules of a genesis file.

    Raises:
        MalformedText: Its forks are in no possible order.
        KeyError, TypeError, ValueError: It cannot be read.
    """
    config = genesis["config"]
    named = {fork.value: int(config[fork.key]) for fork in Fork if config.get(fork.key) is not None}
    return Rules(
        forks=Forks.of(named),
        has_zero_base_fee=bool(config.get("zeroBaseFee", False)),
        first_base_fee=int(genesis.get("baseFeePerGas", hex(INITIAL_BASE_FEE)), 16),
        unknown=tuple(_list_unknown(config)),
    )


def _list_unknown(config: Mapping[str, Any]) -> Iterator[_Unknown]:
    known = _EARLIER | {fork.key for fork in Fork}
    for name, value in config.items():
        if name not in known and name.endswith(("Block", "Time")) and isinstance(value, int):
            yield _Unknown(name, value, name.endswith("Time"))
    if config.get("berlinBlock"):
        yield _Unknown("rules before Berlin's", 0, is_timed=False)
    yield from (_Unknown(name, 1, is_timed=False) for name in _SETTINGS if config.get(name))
    yield from (_Unknown(name, 1, is_timed=False) for name in _OF_QBFT if _is_set(config["qbft"], name))
    for change in _transitions(config):
        yield from (
            _Unknown(f"{name} in transitions", int(change["block"]), is_timed=False)
            for name in _OF_QBFT
            if _is_set(change, name)
        )


def _is_set(settings: Mapping[str, Any], name: str) -> bool:
    """Tell whether a setting is there and is not zero, in whatever capitals; engines ignore capitals."""
    found = next((value for key, value in settings.items() if key.lower() == name), None)
    return bool(found) and str(found).strip("0x") != ""


def _transitions(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the changes of QBFT's settings: Besu writes them by protocol, GoQuorum as a list."""
    found = config.get("transitions") or []
    return list(found.get("qbft", [])) if isinstance(found, Mapping) else list(found)
