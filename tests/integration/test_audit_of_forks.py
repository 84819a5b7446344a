"""Blocks that anvil executed under later rules, then sealed as QBFT seals: the audit executes them again and finds the same."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_account import Account
from typer.testing import CliRunner
from web3.types import RPCEndpoint

from aeo_ledger.audit import Auditor, Report, audit_blocks, request_blocks
from aeo_ledger.chain.header import MIX_HASH, encode_extra_data
from aeo_ledger.cli.main import app
from aeo_ledger.errors.audit import BlockDiffers, NoAuditInput, RulesUnknown
from aeo_ledger.errors.verify import HeaderBreaksRule, TooFewSeals
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.forks import Fork
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.engine import parse_fork
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.verify import TrustBundle
from support.anvil import run_anvil
from support.network import PASSWORD, now
from support.relayed import RELAY, grant_once
from support.waiting import WITHIN_S

CODES = ["BY", "CN", "KZ", "EU"]
FORKS = [None, *Fork]
GWEI = 10**9
SENDER = Account.from_key(b"\x33" * 32)
Change = Callable[[list[Any]], None]
"""Changes a header's fields in place."""


def _nothing(_: list[Any]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Executed:
    """Blocks as anvil executed them, and the keys that seal them."""

    folder: Path
    raw: list[bytes]
    keys: list[Signer]

    @property
    def genesis(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "genesis.json").read_text())
        return found

    @property
    def trust(self) -> TrustBundle:
        return read_trust(self.folder / "trust.json")

    def sealed(self, changes: Mapping[int, Change] | None = None) -> list[bytes]:
        """Seal every block in turn, some of them changed; nobody else has to agree."""
        parent, found = self.trust.genesis_hash, []  # type: tuple[bytes, list[bytes]]
        for number, raw in enumerate(self.raw, 1):
            items: Any = rlp.decode(raw)
            header = items[0]
            header[0], header[2], header[7] = parent, self.keys[0].address, b"\1"
            header[12:15] = [encode_extra_data(bytes(32)), MIX_HASH, bytes(8)]
            (changes or {}).get(number, _nothing)(header)
            parent = keccak256(rlp.encode(header))
            seals = [_seal(key, parent) for key in self.keys]
            header[12] = encode_extra_data(bytes(32), seals)
            found.append(rlp.encode(items))
        return found

    def audit(self, blocks: list[bytes], **config: Any) -> Report:
        genesis = self.genesis
        genesis["config"] |= config
        return audit_blocks(blocks, Auditor(genesis))


def _seal(key: Signer, digest: bytes) -> bytes:
    signature = key.sign(digest)
    return signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + bytes([signature.v - 27])


def _dynamic(ledger: Ledger, trust: TrustBundle, fee: int) -> None:
    """Send a call of type 2, which rules before London's do not have."""
    call = {
        "type": 2, "chainId": trust.chain_id, "nonce": 0, "gas": 200_000, "to": trust.consortium, "value": 0,
        "maxFeePerGas": fee, "maxPriorityFeePerGas": fee // 4, "data": keccak256(b"getValidators()")[:4],
    }  # fmt: skip
    ledger.await_sealed(bytes(SENDER.sign_transaction(call).raw_transaction), timeout_s=WITHIN_S)


def _begin_at(folder: Path, block: bytes) -> None:
    """Let the rules begin at a block, with its base fee."""
    header = rlp.decode(block)[0]
    number, time = (int.from_bytes(header[place], "big") for place in (8, 11))
    genesis, trust = (json.loads((folder / name).read_text()) for name in ("genesis.json", "trust.json"))
    for fork in Fork:
        if fork.key in genesis["config"]:
            genesis["config"][fork.key] = trust["forks"][fork.value] = time if fork.is_timed else number
    del genesis["config"]["zeroBaseFee"]
    genesis["baseFeePerGas"] = hex(int.from_bytes(header[15], "big"))
    trust["chain"]["genesis"] = trust["checkpoint"]["hash"] = to_hex(Auditor(genesis).head_hash)
    (folder / "genesis.json").write_text(json.dumps(genesis))
    (folder / "trust.json").write_text(json.dumps(trust))


def _execute(folder: Path, home: Path, fork: Fork | None, *, base_fee: int = 0) -> Executed:
    name = "berlin" if fork is None else fork.value
    found_network(
        folder, parse_parties("BY,CN,KZ,EU=DE+PL"), Password(PASSWORD), now=now() - 60, randomness=secrets.token_bytes,
        work_factor=2, engine=Engine.BESU, forks=parse_fork(name, Engine.BESU),
    )  # fmt: skip
    keys = [open_key_file(folder / "parties" / code / "node.json", Password(PASSWORD)) for code in CODES]
    if base_fee:
        genesis = json.loads((folder / "genesis.json").read_text())
        genesis["alloc"] |= {account: {"balance": hex(10**20)} for account in (RELAY.address.hex(), SENDER.address[2:])}
        (folder / "genesis.json").write_text(json.dumps(genesis))
    trust = read_trust(folder / "trust.json")
    with run_anvil(folder, home, hardfork=name, base_fee=base_fee) as nodes:
        nodes.make_request(RPCEndpoint("anvil_setBlockTimestampInterval"), [1])
        nodes.make_request(RPCEndpoint("anvil_setCoinbase"), [to_hex(keys[0].address)])
        ledger = Ledger(nodes, contracts_of(trust))
        relay = Relay(ledger, RELAY)
        for tin in ("BY511125808", "BY730439268"):
            relay.submit(grant_once(folder, tin))
        if fork is not None:
            _dynamic(ledger, trust, 4 * base_fee)

        def ask(method: str, params: Any) -> Mapping[str, Any]:
            return dict(nodes.make_request(RPCEndpoint(method), params))

        raw = list(request_blocks(ask, first=1, last=ledger.head()))
    if base_fee:
        _begin_at(folder, raw[0])
    return Executed(folder=folder, raw=raw, keys=keys)


@pytest.fixture(scope="module", params=FORKS, ids=lambda fork: "berlin" if fork is None else fork.value)
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Executed:
    home = tmp_path_factory.mktemp("fork")
    return _execute(home / "net", home, request.param)


def _with_own_states(executed: Executed) -> dict[int, Change]:
    """Take the state roots that the audit finds: anvil keeps words of 0 and empty accounts in its tries, and its own hashes (EIP-2935)."""
    roots: dict[int, bytes] = {}

    def set_root(header: list[Any]) -> None:
        header[3] = roots.get(int.from_bytes(header[8], "big"), header[3])

    changes: dict[int, Change] = dict.fromkeys(range(1, len(executed.raw) + 1), set_root)
    while (wrong := executed.audit(executed.sealed(changes)).wrong) is not None:
        assert isinstance(wrong.error, BlockDiffers), wrong.error
        assert (wrong.error.part, wrong.number in roots) == ("state root", False), wrong.error
        roots[wrong.number] = bytes.fromhex(wrong.error.needed[2:])
    return changes


@pytest.fixture(scope="module")
def changes(executed: Executed) -> dict[int, Change]:
    return _with_own_states(executed)


def _then(*steps: Change) -> Change:
    def apply(header: list[Any]) -> None:
        for step in steps:
            step(header)

    return apply


def _set(place: int, value: bytes) -> Change:
    def apply(header: list[Any]) -> None:
        header[place] = value

    return apply


def _number(fork: Fork | None) -> int:
    return 0 if fork is None else list(Fork).index(fork) + 1


def _fork(executed: Executed) -> int:
    forks = executed.trust.forks
    assert forks is not None
    return len(forks.begins)


def test_gas_receipts_and_logs_are_those_of_another_implementation(
    executed: Executed, changes: dict[int, Change]
) -> None:
    report = audit_blocks(executed.sealed(changes), Auditor(executed.genesis, executed.trust))
    assert report.wrong is None, str(report.wrong.error)
    dynamic = 1 if _fork(executed) else 0
    assert (report.blocks, report.transactions, report.reverted) == (len(executed.raw), 2 + dynamic, 0)
    assert report.acts["Publication"] == 2


def test_a_field_too_many_or_too_few_is_wrong(executed: Executed, changes: dict[int, Change]) -> None:
    for alter in (lambda header: header.append(bytes(32)), lambda header: header.pop()):
        if _fork(executed) == 0 and alter([1]) == 1:
            continue
        blocks = executed.sealed({**changes, 2: _then(changes[2], alter)})
        wrong = executed.audit(blocks).wrong
        assert wrong is not None
        assert (wrong.number, type(wrong.error)) == (2, HeaderBreaksRule)


def test_a_base_fee_where_there_is_none_is_wrong(executed: Executed, changes: dict[int, Change]) -> None:
    if not _fork(executed):
        pytest.skip("Berlin has no base fee")
    wrong = executed.audit(executed.sealed({**changes, 2: _then(changes[2], _set(15, b"\7"))})).wrong
    assert wrong is not None
    assert isinstance(wrong.error, BlockDiffers)
    assert (wrong.number, wrong.error.part, wrong.error.found, wrong.error.needed) == (2, "base fee per gas", "7", "0")


def test_excess_blob_gas_follows_from_the_parent(executed: Executed, changes: dict[int, Change]) -> None:
    if _fork(executed) < _number(Fork.CANCUN):
        pytest.skip("no blob gas before Cancun")
    wrong = executed.audit(executed.sealed({**changes, 2: _then(changes[2], _set(18, b"\1"))})).wrong
    assert wrong is not None
    assert isinstance(wrong.error, BlockDiffers)
    assert (wrong.number, wrong.error.part) == (2, "excess blob gas")
    wrong = executed.audit(executed.sealed({**changes, 2: _then(changes[2], _set(17, b"\1"))})).wrong
    assert wrong is not None
    assert isinstance(wrong.error, BlockDiffers)
    assert (wrong.number, wrong.error.part) == (2, "hash")


def test_rules_of_later_forks_are_not_judged_and_not_called_wrong(
    executed: Executed, changes: dict[int, Change]
) -> None:
    if _fork(executed) < _number(Fork.PRAGUE):
        pytest.skip("one fork is enough")
    blocks = executed.sealed(changes)
    second = decode_header(rlp.encode(rlp.decode(blocks[1])[0]))
    configs: list[dict[str, Any]] = [
        {"osakaTime": second.timestamp},
        {"someBlock": 2},
        {"transitions": {"qbft": [{"block": 2, "blockReward": "5"}]}},
        {"transitions": [{"block": 2, "miningBeneficiary": "0x" + "11" * 20}]},
    ]
    for config in configs:
        report = executed.audit(blocks, **config)
        assert report.wrong is not None
        assert isinstance(report.wrong.error, RulesUnknown)
        assert (report.wrong.number, report.blocks) == (2, 1)
    configs = [{"fixedBaseFee": True}, {"contractSizeLimit": 9}, {"blobSchedule": {"cancun": {"max": 1}}}]
    for config in configs:
        report = executed.audit(blocks, **config)
        assert report.wrong is not None
        assert isinstance(report.wrong.error, RulesUnknown)
        assert report.wrong.number == 1
    harmless = {"transitions": [{"block": 1, "blockperiodseconds": 5, "blockReward": "0x0"}], "muirGlacierBlock": 0}
    assert executed.audit(blocks, **harmless).wrong is None


def test_a_forged_seal_under_unknown_rules_is_wrong_all_the_same(executed: Executed) -> None:
    items: Any = rlp.decode(executed.sealed()[0])
    items[0][12] = encode_extra_data(bytes(32), [])
    report = executed.audit([rlp.encode(items)], osakaTime=0)
    assert report.wrong is not None
    assert isinstance(report.wrong.error, TooFewSeals)


def test_people_are_told_from_where_on_nothing_was_judged(
    executed: Executed, changes: dict[int, Change], tmp_path: Path
) -> None:
    if _fork(executed):
        pytest.skip("one fork is enough")
    (tmp_path / "blocks.rlp").write_bytes(b"".join(executed.sealed(changes)))
    genesis = executed.genesis
    genesis["config"]["osakaTime"] = 0
    (tmp_path / "genesis.json").write_text(json.dumps(genesis))
    options = ["--blocks", str(tmp_path / "blocks.rlp"), "--genesis", str(tmp_path / "genesis.json")]
    told = CliRunner().invoke(app, ["audit", *options])
    assert told.exit_code == 2
    assert "NOT JUDGED FROM HERE: block 1 is under rules that this version does not know: osakaTime" in told.stdout
    assert "FIRST WRONG" not in told.stdout


@pytest.mark.parametrize(
    "config", [{"shanghaiTime": 0}, {"londonBlock": -1}, {"londonBlock": 0, "shanghaiTime": 5, "cancunTime": 4}]
)
def test_a_genesis_with_forks_in_no_order_is_refused(executed: Executed, config: dict[str, int]) -> None:
    genesis = executed.genesis
    for fork in Fork:
        genesis["config"].pop(fork.key, None)
    genesis["config"] |= config
    with pytest.raises(NoAuditInput, match="forks"):
        Auditor(genesis)


@pytest.fixture(scope="module", params=[Fork.LONDON, Fork.PRAGUE], ids=lambda fork: fork.value)
def paid(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Executed:
    home = tmp_path_factory.mktemp("paid")
    return _execute(home / "net", home, request.param, base_fee=GWEI)


def test_rules_that_begin_later_and_a_base_fee_are_followed(paid: Executed) -> None:
    changes = _with_own_states(paid)
    assert paid.audit(paid.sealed(changes)).wrong is None
    first, second = (int.from_bytes(rlp.decode(raw)[0][15], "big") for raw in paid.raw[:2])
    assert first > second, "it falls while blocks are nearly empty"
    wrong = paid.audit(paid.sealed({**changes, 2: _then(changes[2], _set(15, b"\7"))})).wrong
    assert wrong is not None
    assert isinstance(wrong.error, BlockDiffers)
    assert (wrong.number, wrong.error.part, wrong.error.needed) == (2, "base fee per gas", str(second))
