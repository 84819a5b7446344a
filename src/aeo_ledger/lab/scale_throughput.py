"""Throughput against latency, with failures: single signed grants arrive at some rate, and a block a second is sealed on the simulated clock.

In the manner of Diablo (Gramoli and others, EuroSys 2023): the offered load is set, and what comes out and how late is measured. Each act is
really signed, executed and sealed; only time is simulated, so the ceiling is that of the chain's rules (a block a second, its gas limit) and not
of this machine, and the same seed gives the same figures. What a network between machines adds is not in it: `network init --engine besu` or
`--engine goquorum` makes real nodes, and `aeo-ledger register import --gateway` loads them.

Failures come as a schedule: how many of the four validators are silent in which second. Clients keep an act until it is sealed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.errors.chain import QuorumMissing
from aeo_ledger.lab.attacks_lists import PARTIES, TYPE_3
from aeo_ledger.lab.filled import trader
from aeo_ledger.lab.own_network import OwnNetwork, open_network, reopen_network
from aeo_ledger.lab.streams import Streams
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.signing import Transaction, sign_transaction

GAS: Final = 120_000
"""Gas that one act asks for; it uses nine tenths of it."""
_SILENT: Final = ("EU", "KZ", "CN")
"""Whose validators are silent, the first ones of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of one offered load."""

    offered: float
    """Acts a second."""
    schedule: str
    """Silent validators by second, such as `0 0 2 2 0`."""
    sealed: int
    """Acts that were sealed within the run."""
    waiting: int
    """Acts that still waited at its end."""
    throughput: float
    """Sealed acts a second, over the whole run."""
    median_s: float
    """From an act's arrival to its block; of the sealed ones."""
    p99_s: float
    blocks: int


def load(folder: Path, rate: float, schedule: Sequence[int], *, seed: int, drain_s: int = 0, gas: int = GAS) -> Loaded:
    """Offer a load, and measure what is sealed and how late.

    Args:
        folder: A new folder.
        rate: Acts a second; their arrivals are Poisson.
        schedule: How many validators are silent in each second; acts arrive for so long.
        seed: Keys and arrivals follow from it.
        drain_s: Seconds after the last arrival, in which all validators seal what waits.
        gas: Gas that each act asks for; a block takes no more than fit its limit by that.
    """
    gaps = Streams(seed).of("arrivals").exponential(1 / rate, int(rate * len(schedule) * 2) + 20)
    due = deque(float(at) for at in np.cumsum(gaps) if at < len(schedule))
    with open_network(folder, PARTIES, seed=seed) as founded:
        calls, clock, began, head = (
            _sign_grants(founded, len(due)),
            founded.clock,
            founded.clock.now,
            founded.embedded.head,
        )
    waiting: deque[tuple[float, bytes]] = deque()
    late: list[float] = []
    second = blocks = 0
    for silent, alike in groupby([*schedule, *([0] * drain_s)]):
        with reopen_network(folder, clock, without=_SILENT[:silent]) as network:
            for _ in alike:
                second += 1
                while due and due[0] < second:
                    waiting.append((due.popleft(), calls.popleft()))
                clock.now = max(clock.now, began + second)
                late += [clock.now - began - at for at in _seal(network, waiting, gas)]
            blocks = network.embedded.head - head
    times = np.array(late or [np.nan])
    return Loaded(
        offered=rate,
        schedule=" ".join(map(str, schedule)),
        sealed=len(late),
        waiting=len(waiting),
        throughput=len(late) / (len(schedule) + drain_s),
        median_s=float(np.median(times)),
        p99_s=float(np.percentile(times, 99)),
        blocks=blocks,
    )


def _sign_grants(network: OwnNetwork, count: int) -> deque[bytes]:
    """Sign grants to different traders, each an act and a call of its own."""
    number, now = network.number("BY"), int(network.clock())
    record = prepare(Change(kind=EventKind.GRANT, roles=1 << Role.EXPORTER), None, issuer=number, now=now)
    entries = (network.entry(trader(place), "BY", TYPE_3) for place in range(count))
    events = (StatusEvent(entry=entry, record=record, document=bytes(32)) for entry in entries)
    acts = (draft_publication([event], register=number, issuer=number, now=now) for event in events)
    return deque(encode_act(sign_act(act, [network.signer("BY")], network.trust)) for act in acts)


def _seal(network: OwnNetwork, waiting: deque[tuple[float, bytes]], gas: int) -> list[float]:
    """Send what waits, as much as fits a block, and seal it; return when each sealed act had arrived. Without a quorum, all of it waits on."""
    embedded, to = network.embedded, network.ledger.address(Contract.REGISTERS)
    fits = embedded.genesis.gas_limit // gas
    sent = [waiting.popleft() for _ in range(min(fits, len(waiting)))]
    nonce = embedded.next_nonce(network.relay_key.address)
    calls = (
        Transaction(chain_id=network.trust.chain_id, nonce=nonce + place, gas=gas, to=to, data=data, gas_price=0)
        for place, (_, data) in enumerate(sent)
    )
    try:
        receipts = [embedded.submit(sign_transaction(network.relay_key, call)) for call in calls]
        embedded.seal_pending()
    except QuorumMissing:
        waiting.extendleft(reversed(sent))
        return []
    if not all(receipt.result(timeout=0).succeeded for receipt in receipts):
        raise AssertionError("an act that was signed rightly was refused")
    return [at for at, _ in sent]
