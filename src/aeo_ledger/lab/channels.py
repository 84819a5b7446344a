"""The rival channels, each a set of SimPy processes that carry the same trace.

A channel says when each partner knew of each event, when it had no answer, and what it sent. What a channel draws comes from streams of its
own name, so that changing one changes no other; the outages of servers are the same for all.

What is fair is decided here, once for each: a signed list is made, fetched and trusted for as long as this project's verifier lets an answer
be old; the ledger waits for a quorum of validators that fail like every other server.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import simpy

from aeo_ledger.lab.delays import draw_delays
from aeo_ledger.lab.servers import Quorum, Server, make_servers
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.trace import DAY_S, Floats, Trace, Whole
from aeo_ledger.lab.world import World

HOUR_S: Final = 3_600.0
MONTH_S: Final = 30.44 * DAY_S

Flags: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each event with each partner that recognises its register: row i is one of them."""

    event: Whole
    partner: tuple[str, ...]
    by_register: Mapping[str, Whole]
    """Rows of each register's events, in order of event and partner."""

    @classmethod
    def of(cls, trace: Trace, world: World) -> Pairs:
        """List them, in order of events."""
        partners = {register: world.recognisers(register) for register in trace.registers}
        codes = [trace.registers[place] for place in trace.register.tolist()]
        rows = [(event, partner) for event, code in enumerate(codes) for partner in partners[code]]
        events = np.array([event for event, _ in rows], dtype=np.int64)
        owners = np.array([codes[event] for event, _ in rows])
        by_register = {code: np.flatnonzero(owners == code) for code in trace.registers}
        return cls(events, tuple(partner for _, partner in rows), by_register)


@dataclass(slots=True)
class Carried:
    """What a channel did in one replication."""

    visible: Floats
    """Seconds since the beginning at which the partner of each pair knew; infinite if it never did."""
    messages: float = 0
    """Messages between administrations."""
    bytes: float = 0
    """Bytes between administrations."""
    links: set[tuple[str, str]] = field(default_factory=set)
    """Who sent to whom."""
    silent: Callable[[str, str, Floats], Flags] = lambda _recogniser, _register, times: np.zeros(
        len(times), dtype=np.bool_
    )
    """Says for (recogniser, register, times) where a question had no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every channel gets."""

    trace: Trace
    world: World
    pairs: Pairs
    parameters: Mapping[str, float]
    streams: Streams
    validators: tuple[str, ...]
    """Parties of the ledger."""
    sealing_s: Floats
    """Seconds from signature to seal of each event, from the run on the real ledger."""
    block_bytes: float
    """Mean bytes of a block of events."""
    heartbeat_bytes: float
    """Bytes of an empty block."""
    list_bytes: Mapping[str, float]
    """Bytes of each register's signed list, from real lists."""
    cascade_bytes: Mapping[str, float]
    """The same, compressed as CRLite does."""

    def delays(self, name: str, count: int, median_s: float) -> Floats:
        """Draw delays of a process."""
        return draw_delays(self.streams.of(name), count, median_s, self.parameters["human_sigma"])

    def servers(self, env: simpy.Environment, names: Sequence[str]) -> dict[str, Server]:
        """Make servers, with outages by name."""
        return make_servers(
            env, names, self.streams, up_h=self.parameters["server_up_h"], down_h=self.parameters["server_down_h"]
        )

    def questions(self, register: str) -> float:
        """Questions that partners ask about a register in the whole run."""
        days = self.trace.length_s / DAY_S
        return self.parameters["questions_per_day"] * self.world.sizes[register] * days


Run: TypeAlias = Callable[[Setting, str], Carried]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, as the report names it."""

    name: str
    title: str
    run: Run
    converts: bool
    """Whether each pair converts codes of its own, as today; else a TIN is one text for all."""
    copied: bool = False
    """Whether people type its lists."""
    signed: str = ""
    """What is signed: empty for nothing that a third party could check."""


def carry(channel: Channel, setting: Setting) -> Carried:
    """Let a channel carry the trace. A partner never learns an earlier event of a trader after a later one."""
    carried = channel.run(setting, channel.name)
    trace, pairs = setting.trace, setting.pairs
    newest: dict[tuple[int, int, str], float] = {}
    visible = np.minimum(carried.visible, trace.length_s)
    for row, (event, partner) in enumerate(zip(pairs.event.tolist(), pairs.partner, strict=True)):
        key = (int(trace.register[event]), int(trace.operator[event]), partner)
        newest[key] = visible[row] = max(newest.get(key, 0.0), visible[row])
    carried.visible = visible
    return carried


def _files(period_s: float, people: str, *, full: bool) -> Run:
    """Send a file every period: the whole list, or what changed. Parameters begin with `people`."""

    def run(setting: Setting, name: str) -> Carried:
        env, carried = simpy.Environment(), Carried(np.full(len(setting.pairs.event), np.inf))
        for register in setting.trace.registers:
            env.process(_send_files(env, setting, carried, register, f"{name}/{register}", period_s, people, full=full))
        env.run(until=setting.trace.length_s)
        return carried

    return run


def _send_files(
    env: simpy.Environment,
    setting: Setting,
    carried: Carried,
    register: str,
    name: str,
    period_s: float,
    people: str,
    *,
    full: bool,
) -> Generator[Any, Any, None]:
    stream, parameters = setting.streams.of(name), setting.parameters
    rows = setting.pairs.by_register[register]
    decided = setting.trace.time[setting.pairs.event[rows]]
    partners = setting.world.recognisers(register)
    sent = 0
    yield env.timeout(stream.uniform(0, period_s))
    while True:
        until = int(np.searchsorted(decided, env.now, side="right"))
        delays = draw_delays(stream, 1 + len(partners), 1.0, parameters["human_sigma"]) * HOUR_S
        forgotten = stream.random() < parameters.get(f"{people}_missed", 0.0)
        if not forgotten:
            changed = (until - sent) // max(1, len(partners))
            size = parameters["row_bytes"] * (setting.world.sizes[register] if full else changed)
            for place, partner in enumerate(partners):
                wait = (
                    delays[0] * parameters[f"{people}_sender_h"]
                    + delays[place + 1] * parameters[f"{people}_receiver_h"]
                )
                mine = [row for row in rows[sent:until].tolist() if setting.pairs.partner[row] == partner]
                env.process(_receive(env, carried, mine, wait))
                carried.messages, carried.bytes = carried.messages + 1, carried.bytes + size
                carried.links.add((register, partner))
            sent = until
        yield env.timeout(period_s)


def _receive(env: simpy.Environment, carried: Carried, rows: Sequence[int], wait: float) -> Generator[Any, Any, None]:
    yield env.timeout(wait)
    carried.visible[rows] = np.minimum(carried.visible[rows], env.now)


def _web_service(setting: Setting, _: str) -> Carried:
    """Each question goes to the issuer's own register: never old, and silent while that server is down."""
    env, carried = simpy.Environment(), Carried(setting.trace.time[setting.pairs.event].copy())
    servers = setting.servers(env, setting.trace.registers)
    env.run(until=setting.trace.length_s)
    for register in setting.trace.registers:
        partners = setting.world.recognisers(register)
        carried.messages += 2 * setting.questions(register)
        carried.bytes += setting.parameters["query_bytes"] * setting.questions(register)
        carried.links |= {(partner, register) for partner in partners}
    carried.silent = lambda _recogniser, register, times: servers[register].is_down_at(times)
    return carried


def _central(setting: Setting, name: str) -> Carried:
    """One operator's database: issuers send each event, partners ask. When it is down, nobody writes and nobody reads."""
    env, carried = simpy.Environment(), Carried(np.full(len(setting.pairs.event), np.inf))
    server = setting.servers(env, ["the centre"])["the centre"]
    waits = setting.delays(f"{name}/push", len(setting.trace), setting.parameters["push_s"])
    rows = _rows_of_events(setting)

    def push(event: int) -> Generator[Any, Any, None]:
        yield env.timeout(setting.trace.time[event] + waits[event])
        yield from server.wait()
        carried.visible[rows[event]] = env.now

    for event in range(len(setting.trace)):
        env.process(push(event))
    env.run(until=setting.trace.length_s)
    asked = sum(setting.questions(register) for register in setting.trace.registers)
    carried.messages = len(setting.trace) + 2 * asked
    carried.bytes = len(setting.trace) * setting.parameters["row_bytes"] + setting.parameters["query_bytes"] * asked
    carried.links = {(party, "the centre") for party in setting.world.parties}
    carried.silent = lambda _recogniser, _register, times: server.is_down_at(times)
    return carried


def _list(sizes: Callable[[Setting], Mapping[str, float]]) -> Run:
    """A signed list on the issuer's web server, made and fetched again every period."""

    def run(setting: Setting, name: str) -> Carried:
        env, carried = simpy.Environment(), Carried(np.full(len(setting.pairs.event), np.inf))
        parameters, trace = setting.parameters, setting.trace
        period = parameters["list_period_s"]
        servers = setting.servers(env, trace.registers)
        signing = setting.delays(f"{name}/sign", len(trace), parameters["sign_s"])
        phase = setting.streams.of(f"{name}/phase")
        made = {register: phase.uniform(0, period) for register in trace.registers}
        fetched = {(lane.recogniser, lane.register): phase.uniform(0, period) for lane in setting.world.lanes}

        def follow(row: int, event: int, partner: str) -> Generator[Any, Any, None]:
            register = trace.registers[int(trace.register[event])]
            ready = _next(float(trace.time[event] + signing[event]), made[register], period)
            due = _next(ready, fetched[partner, register], period)
            yield env.timeout(due)
            yield from servers[register].wait()
            carried.visible[row] = _next(env.now, fetched[partner, register], period) if env.now > due else due

        for row, (event, partner) in enumerate(zip(setting.pairs.event.tolist(), setting.pairs.partner, strict=True)):
            env.process(follow(row, event, partner))
        env.run(until=trace.length_s)
        _count_fetches(setting, carried, sizes(setting), made, period)
        grace = period + parameters["list_grace_s"]
        carried.silent = lambda _recogniser, register, times: servers[register].is_down_at(times, longer_than=grace)
        return carried

    return run


_NOT_MODIFIED: Final = 200
"""Bytes of a request whose answer is that nothing changed."""


def _count_fetches(
    setting: Setting, carried: Carried, sizes: Mapping[str, float], made: Mapping[str, float], period: float
) -> None:
    for place, register in enumerate(setting.trace.registers):
        times = setting.trace.time[(setting.trace.register == place) & (setting.trace.change != 0)]
        changed = len(np.unique(np.floor((times - made[register]) / period)))
        fetches = setting.trace.length_s / period
        for partner in setting.world.recognisers(register):
            carried.messages += 2 * fetches
            carried.bytes += changed * sizes[register] + fetches * _NOT_MODIFIED
            carried.links.add((partner, register))


def _ledger(setting: Setting, name: str) -> Carried:
    """The ledger: signed, sealed by a quorum, then at each partner's node. The delay from signature to seal is that of the real run."""
    env, carried = simpy.Environment(), Carried(np.full(len(setting.pairs.event), np.inf))
    trace, parameters = setting.trace, setting.parameters
    servers = setting.servers(env, tuple(dict.fromkeys((*setting.validators, *setting.world.parties))))
    quorum = Quorum([servers[code] for code in setting.validators])
    signing = setting.delays(f"{name}/sign", len(trace), parameters["sign_s"])
    spreading = setting.delays(f"{name}/spread", len(setting.pairs.event), parameters["push_s"])
    rows = _rows_of_events(setting)

    def follow(event: int) -> Generator[Any, Any, None]:
        yield env.timeout(trace.time[event] + signing[event])
        yield from quorum.wait()
        for row in rows[event]:
            carried.visible[row] = env.now + setting.sealing_s[event] + spreading[row]

    for event in range(len(trace)):
        env.process(follow(event))
    env.run(until=trace.length_s)
    nodes = len(setting.validators)
    votes, beats = 2 * nodes * (nodes - 1), trace.length_s / parameters["heartbeat_s"]
    carried.messages = len(trace) + (len(trace) + beats) * (nodes - 1 + votes)
    carried.bytes = (len(trace) * setting.block_bytes + beats * setting.heartbeat_bytes) * (nodes - 1) + (
        len(trace) + beats
    ) * votes * _VOTE_BYTES
    carried.links = {(code, "the ledger") for code in setting.validators}
    grace = parameters["list_period_s"] + parameters["list_grace_s"]
    carried.silent = lambda recogniser, register, times: (
        servers[recogniser].is_down_at(times, longer_than=grace)
        & servers[register].is_down_at(times, longer_than=grace)
    )
    return carried


_VOTE_BYTES: Final = 160
"""Bytes of one prepare or commit message of QBFT: round, digest, signature, seal. Modelled: the embedded ledger sends none."""


def _rows_of_events(setting: Setting) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(len(setting.trace))]
    for row, event in enumerate(setting.pairs.event.tolist()):
        rows[event].append(row)
    return rows


def _next(time: float, phase: float, period: float) -> float:
    """Return the first time of a periodic job at or after `time`."""
    return phase + math.ceil((time - phase) / period) * period


CHANNELS: Final = (
    Channel("monthly mail", "Monthly e-mail of a spreadsheet", _files(MONTH_S, "monthly", full=True), converts=True, copied=True),
    Channel("weekly file", "Weekly file", _files(7 * DAY_S, "weekly", full=True), converts=True),
    Channel("daily exchange", "Daily automatic exchange, as the EU and the US have it", _files(DAY_S, "daily", full=False), converts=True),
    Channel("web service", "Bilateral web service", _web_service, converts=True),
    Channel("central database", "Central database of one operator", _central, converts=False),
    Channel(
        "status list", "Signed status list (Token Status List) on a web server", _list(lambda s: s.list_bytes), converts=False,
        signed="a list, by one signer",
    ),
    Channel(
        "compressed list", "Signed list compressed as CRLite does", _list(lambda s: s.cascade_bytes), converts=False,
        signed="a list, by one signer",
    ),
    Channel("ledger", "The ledger of this project", _ledger, converts=False, signed="each event by its issuer, each block by a quorum"),
)  # fmt: skip
"""In the order of the report."""
