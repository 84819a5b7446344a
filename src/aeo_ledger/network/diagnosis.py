"""Judge what `network.doctor` found: what is wrong with a network, what will be, and what to do. In plain words, with names for machines.

A *problem* stops the network or endangers it, or soon will. A *warning* costs reserve, time or disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aeo_ledger.customs.governance import quorum
from aeo_ledger.errors import show_utc
from aeo_ledger.network.doctor import LEAST_RECENT, SNAPSHOT_BLOCKS, ChainFacts, Facts, NodeFacts
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import show_span
from aeo_ledger.verify import TrustBundle

_YEAR_S: Final = 31_557_600
_LARGE_BYTES: Final = 10_000_000_000
"""Disk of a year from which it is a warning."""
_FETCHED_EACH_S: Final = 10
"""Blocks that a new Besu node fetched and checked each second: 5,305 in 507 s, with cryptography in pure Java."""
_SKEW_S: Final = 2.0
"""Seconds by which clocks may differ: Besu refuses a block that is more than a second ahead, and HTTP tells whole seconds."""
_HALTED: Final = "halted"
_HALTED_S: Final = 120
"""Seconds without a block after which the network counts as halted, or six block periods if that is longer."""
_EXPIRES_S: Final = 14 * 86_400
_ROUNDS: Final = 10
"""One block of so many in a later round is a warning."""
_NEEDED: Final = frozenset({"eth", "net", "web3", "rpc"})
_DANGEROUS: Final = frozenset({"admin", "debug", "personal", "miner"})
"""Namespaces with which a stranger can stop a node, or set its chain back."""


class Level(StrEnum):
    """How bad it is."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be."""

    name: str
    """For machines; another version does not change it."""
    level: Level
    says: str
    advice: str


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """List what is wrong, problems first."""
    found = [*_of_nodes(facts)]
    if facts.chain is not None:
        found += [*_of_sealing(facts, facts.chain), *_of_seats(facts, facts.chain), *_of_disk(facts.chain)]
        found += _of_restarts(facts, facts.chain)
    found += _of_bundles(facts)
    return tuple(sorted(found, key=lambda finding: finding.level is Level.WARNING))


def is_following(facts: Facts, begun: int | None) -> bool:
    """Tell whether every node follows, and the network is not halted: what one waits for after a start.

    A node that only answers may be stuck, and still be so near the head that it does not lag. So each one must have a new block.

    Args:
        facts: What was found.
        begun: The head when the wait began; None if no node told it yet.
    """
    if facts.chain is None or begun is None or any(node.fault is not None for node in facts.nodes):
        return False
    halts = any(finding.name == _HALTED for finding in _of_sealing(facts, facts.chain))
    return not halts and not list_still(facts, begun)


def list_still(facts: Facts, begun: int) -> tuple[Finding, ...]:
    """List the nodes that have had no new block since a wait began, at block `begun`."""
    still = [node for node in facts.nodes if node.fault is None and node.head is not None and node.head <= begun]
    return tuple(
        _problem(
            "no-new-block",
            f"{node.name} has had no new block since block {begun}, in all of this wait",
            "if another node has one, this one does not follow, so restart no other; if none has, nothing is sealed",
        )
        for node in still
    )


def list_unchecked(facts: Facts) -> tuple[str, ...]:
    """List what could not be examined, and why."""
    missing = []
    if facts.chain is None:
        missing.append("blocks, seals, rounds, disk: no node can be asked, or none makes sense")
    if not facts.bundles:
        missing.append("validators in the contract, and which chain this is: no trust bundle was given (--trust)")
    alive = [node for node in facts.nodes if node.fault is None]
    if alive and all(node.engine_validators is None for node in alive):
        missing.append("validators by the engines' own account: no node serves qbft or istanbul, and none need do so")
    if alive and all(node.address is None for node in alive):
        missing.append("which validator each node is: no node says so")
    silent = [node.name for node in alive if node.ahead_s is None]
    if silent:
        missing.append(f"clocks of {', '.join(silent)}: their answers have no date")
    if facts.chain is not None and (young := facts.chain.new_seats - list_active(facts.chain)):
        names = ", ".join(map(to_hex, sorted(young)))
        missing.append(f"whether {names} seals: it was seated by one of the last {len(facts.chain.recent)} blocks")
    return tuple(missing)


def _problem(name: str, says: str, advice: str) -> Finding:
    return Finding(name=name, level=Level.PROBLEM, says=says, advice=advice)


def _warning(name: str, says: str, advice: str) -> Finding:
    return Finding(name=name, level=Level.WARNING, says=says, advice=advice)


# ---- nodes


def _of_nodes(facts: Facts) -> Iterator[Finding]:
    for node in facts.nodes:
        for fault in (*([] if node.fault is None else [node.fault]), *node.odd):
            level = Level.WARNING if fault.wire == "node-lags" else Level.PROBLEM
            says = str(fault) if node.name in str(fault) else f"{node.name}: {fault}"
            yield Finding(name=fault.wire, level=level, says=says, advice=fault.advises or "")
        yield from _of_node(node)


def _of_node(node: NodeFacts) -> Iterator[Finding]:
    exposed = sorted(node.namespaces & _DANGEROUS)
    if exposed:
        says = f"{node.name} serves {', '.join(exposed)}: whoever reaches it can stop the node or set its chain back"
        advice = "serve eth and net only: an audit needs no more"
        yield (_warning if node.is_local else _problem)("exposed-namespaces", says, advice)
    if surplus := sorted(node.namespaces - _DANGEROUS - _NEEDED):
        yield _warning(
            "surplus-namespaces",
            f"{node.name} serves {', '.join(surplus)}, which nobody here needs",
            "serve eth and net only",
        )
    if node.ahead_s is not None and abs(node.ahead_s) > _SKEW_S:
        way = "ahead of" if node.ahead_s > 0 else "behind"
        yield _problem(
            "clock-skew",
            f"the clock of {node.name} is {abs(node.ahead_s):.0f} s {way} this machine's",
            "let both follow a time server: a validator refuses blocks from the future",
        )
    if node.peers == 0:
        yield _problem(
            "no-peers",
            f"{node.name} has no peers: it hears of no block, and nobody hears of its own",
            "compare static-nodes.json with the other nodes' addresses, and open the port for peers",
        )


# ---- blocks


def _of_sealing(facts: Facts, chain: ChainFacts) -> Iterator[Finding]:
    head, period = chain.head, chain.period_s or 0.0
    age = facts.now - head.time
    if age > max(_HALTED_S, 6 * period):
        yield _problem(
            _HALTED,
            f"no block since {show_utc(head.time)}, for {show_span(age)}: nothing is sealed, and nothing can be published",
            _way_on(facts, chain),
        )
    if age < -_SKEW_S:
        yield _problem(
            "block-from-the-future",
            f"block {head.number} is dated {show_utc(head.time)}, {-age} s ahead of this machine",
            "let this machine and the validators follow a time server",
        )
    sealed = [block for block in chain.recent if block.number]
    late = [block for block in sealed if block.round]
    if len(late) * _ROUNDS > len(sealed):
        worst = max(block.round for block in late)
        yield _warning(
            "late-rounds",
            f"{len(late)} of the last {len(sealed)} blocks were agreed in a later round, one in round {worst}: proposers were absent or slow",
            "find the silent validators below, and the slow connections between the others",
        )


def _way_on(facts: Facts, chain: ChainFacts) -> str:
    """Say how a halted network goes on."""
    if not _goquorums(facts):
        return "start the missing validators; Besu then goes on after some minutes, or after 15 s if all nodes are restarted together"
    if chain.seats is None or chain.former_seats == {seat.address for seat in chain.seats}:
        return "start the missing validators; each one that cannot verify its own blocks then gets an empty data folder, and fetches everything"
    if chain.former_seats == chain.stored_seats:
        return "the last act changed the validators: stop all GoQuorum nodes, then start all of them, so that each begins with the new ones"
    return (
        "the last act changed the validators, and they had changed shortly before: leave one node that runs, and empty the data folder of "
        "one after the other, until a block follows"
    )


def _goquorums(facts: Facts) -> list[str]:
    return [node.name for node in facts.nodes if node.is_goquorum]


def _of_seats(facts: Facts, chain: ChainFacts) -> Iterator[Finding]:
    if chain.seats is None or not chain.head.number:
        return
    seated = {seat.address: _name(seat.party, facts) for seat in chain.seats}
    active, silent = list_active(chain), list_silent(chain)
    needed = quorum(len(seated))
    for address in silent:
        yield _warning(
            "silent-validator",
            f"the validator of {seated[address]}, {to_hex(address)}, neither proposed nor sealed any of the last {len(chain.recent)} blocks",
            "ask its party to start it, or to replace it by resolution",
        )
    left = len(seated) - len(silent)
    if silent and left <= needed:
        yield _problem(
            "no-reserve",
            f"{left} of {len(seated)} validators seal, and {needed} are needed: if one more stops, the network halts",
            "start the silent ones first; restart no other",
        )
    if strangers := sorted(active - seated.keys()):
        yield _warning(
            "former-validators",
            f"{', '.join(map(to_hex, strangers))} sealed recent blocks, and the contract no longer names them",
            "if they were unseated just now, look again later",
        )
    for node in facts.nodes:
        if node.engine_validators is not None and node.engine_validators != seated.keys():
            yield _problem(
                "engine-disagrees",
                f"{node.name} goes by {len(node.engine_validators)} validators that are not the {len(seated)} in the contract",
                "compare its genesis file and its blocks with another node's",
            )


def list_active(chain: ChainFacts) -> frozenset[bytes]:
    """List who proposed or sealed any of the newest blocks, 20 bytes each. A node stores a quorum of the seals, seldom all."""
    sealed = [block for block in chain.recent if block.number]
    return frozenset(address for block in sealed for address in (*block.sealers, block.proposer))


def list_silent(chain: ChainFacts) -> tuple[bytes, ...]:
    """List the validators in the contract, 20 bytes each, that had no part in any of the newest blocks, though each could have had one."""
    seated = [seat.address for seat in chain.seats or ()]
    if chain.head.number < len(seated):  # a new chain's block has a quorum of seals, so somebody always seems silent
        return ()
    part = list_active(chain) | chain.new_seats
    return tuple(address for address in seated if address not in part)


def count_proposals(chain: ChainFacts) -> Counter[bytes]:
    """Count the newest blocks by their proposers' addresses."""
    return Counter(block.proposer for block in chain.recent if block.number)


def _name(party: int, facts: Facts) -> str:
    known = facts.bundles[0][1].by_number.get(party) if facts.bundles else None
    return f"party {party}" if known is None else known.code


def bytes_a_year(chain: ChainFacts) -> float | None:
    """Estimate the bytes that blocks like the newest ones take in a year, before the engine's own overhead; None if there are too few."""
    if not chain.period_s or len(chain.recent) < LEAST_RECENT:
        return None
    return sum(block.size for block in chain.recent) / len(chain.recent) * _YEAR_S / chain.period_s


def _of_disk(chain: ChainFacts) -> Iterator[Finding]:
    year = bytes_a_year(chain)
    if year is None or chain.period_s is None or year < _LARGE_BYTES:
        return
    days = _YEAR_S / chain.period_s / _FETCHED_EACH_S / 86_400
    yield _warning(
        "disk",
        f"at a block every {chain.period_s:.1f} s a year takes at least {year / 1e9:.0f} GB on each node, and a new Besu node may need "
        f"{days:.0f} days to fetch it",
        "give idle blocks a longer period; OPERATION.md says how",
    )


def _of_restarts(facts: Facts, chain: ChainFacts) -> Iterator[Finding]:
    """Warn of restarts of GoQuorum: it cannot verify its own past over a change of validators."""
    nodes = _goquorums(facts)
    if not nodes or chain.seats is None:
        return
    seated = frozenset(seat.address for seat in chain.seats)
    following = (chain.head.number // SNAPSHOT_BLOCKS + 1) * SNAPSHOT_BLOCKS
    cure = "then empty the data folder of one node, let it fetch everything, and only then go on to the next"
    if seated != chain.stored_seats:
        yield _problem(
            "restart-halts",
            f"validators changed after block {following - SNAPSHOT_BLOCKS}, and {', '.join(nodes)} run GoQuorum: a restarted node cannot "
            "verify its own blocks, and a second one halts the network",
            f"restart no node and change no validator before block {following}; {cure}",
        )
    elif seated != chain.first_seats:
        yield _warning(
            "restart-refetches",
            f"validators have changed since block 0, and {', '.join(nodes)} run GoQuorum: a restarted node verifies its own blocks only if it "
            f"was running, and had caught up, at block {following - SNAPSHOT_BLOCKS}",
            f"restart one node after the other, when the one before follows; if one stays behind, {cure}",
        )


# ---- trust


def _of_bundles(facts: Facts) -> Iterator[Finding]:
    for name, trust in facts.bundles:
        left = trust.expires_at - facts.now
        if left <= 0:
            yield _problem(
                "bundle-expired",
                f"{name} expired at {show_utc(trust.expires_at)}: it proves nothing now",
                "pin a bundle again, out of band",
            )
        elif left < _EXPIRES_S:
            yield _warning(
                "bundle-expires", f"{name} expires at {show_utc(trust.expires_at)}, in {show_span(left)}", _UPDATE
            )
        yield from _of_seats_in(name, trust, facts)


_UPDATE: Final = "run `aeo-ledger trust update`, and hand the result on to gateways and border systems"


def _of_seats_in(name: str, trust: TrustBundle, facts: Facts) -> Iterator[Finding]:
    if facts.chain is None or facts.chain.seats is None:
        return
    seated, pinned = {seat.address for seat in facts.chain.seats}, set(trust.validators.addresses)
    if seated != pinned:
        says = f"{name} pins {len(pinned - seated)} validators that the contract no longer names, and lacks {len(seated - pinned)}"
        yield _warning("bundle-behind", says, _UPDATE)
