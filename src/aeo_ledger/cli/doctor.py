"""`aeo-ledger network doctor`: examine a running network by its nodes, and say in plain words what is wrong and what to do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, split_urls
from aeo_ledger.cli.output import EXIT_CODES, YES, now, reporting, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.errors import Unavailable, name_of
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span, show_span

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.network.diagnosis import Finding
    from aeo_ledger.network.doctor import ChainFacts, Facts

_PAUSE_S: Final = 1.0


@reporting
def doctor(
    rpc: Annotated[str, typer.Option(help="URLs of the nodes, URL[,URL]: name all that you can reach.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option(
            envvar="AEO_LEDGER_TRUST",
            help="A trust bundle or store; repeat it for each that you keep. The first says which chain this is.",
        ),
    ] = None,
    wait: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            help="How long to wait until each of these nodes has a new block and none lags, as in 5m, 1h: one may have just been started.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Examine a running network: who seals and who is silent, clocks, rounds, what nodes expose, disk, bundles. Changes nothing, needs no key.

    Exit code 5 if there is a problem; warnings alone are 0. With --wait it is 5 only if a node does not follow at the end.
    """
    demand_extra("ledger", "web3")
    from aeo_ledger.network.diagnosis import Level, diagnose, is_following, list_still, list_unchecked  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.network.doctor import examine  # noqa: PLC0415

    urls, bundles = split_urls(rpc), [(named(path), read_trust(path)) for path in trust or ()]
    until = time.monotonic() + (0 if wait is None else parse_span(wait))
    facts = examine(urls, bundles, clock=lambda: float(now()))
    begun = _head(facts)
    while not is_following(facts, begun) and time.monotonic() < until:
        time.sleep(_PAUSE_S)
        facts = examine(urls, bundles, clock=lambda: float(now()))
        begun = _head(facts) if begun is None else begun
    findings, unchecked = diagnose(facts), list_unchecked(facts)
    is_bad = any(one.level is Level.PROBLEM for one in findings)
    if wait is not None:
        is_bad = not is_following(facts, begun)
        findings = (*(() if begun is None else list_still(facts, begun)), *findings)
    show(_document(facts, findings, unchecked), as_json=as_json, lines=_lines(facts, findings, unchecked))
    return EXIT_CODES[Unavailable] if is_bad else YES


def _head(facts: Facts) -> int | None:
    return None if facts.chain is None else facts.chain.head.number


def _document(facts: Facts, findings: tuple[Finding, ...], unchecked: tuple[str, ...]) -> dict[str, Any]:
    return {
        "at": facts.now,
        "nodes": [
            {
                "name": node.name,
                "head": node.head,
                "client": node.client or None,
                "validator": None if node.address is None else to_hex(node.address),
                "peers": node.peers,
                "namespaces": sorted(node.namespaces),
                "clock_ahead_s": None if node.ahead_s is None else round(node.ahead_s, 1),
                "fault": None if node.fault is None else name_of(node.fault),
            }
            for node in facts.nodes
        ],
        "chain": None if facts.chain is None else _chain(facts, facts.chain),
        "bundles": [{"name": name, "expires_at": trust.expires_at} for name, trust in facts.bundles],
        "findings": [
            {"name": one.name, "level": str(one.level), "says": one.says, "advice": one.advice} for one in findings
        ],
        "not_checked": list(unchecked),
    }


def _chain(facts: Facts, chain: ChainFacts) -> dict[str, Any]:
    from aeo_ledger.network.diagnosis import bytes_a_year, count_proposals, list_active, list_silent  # noqa: PLC0415

    proposals, active, silent = count_proposals(chain), list_active(chain), list_silent(chain)
    here = {node.address: node.name for node in facts.nodes if node.address is not None}
    year = bytes_a_year(chain)
    return {
        "head": chain.head.number,
        "time": chain.head.time,
        "period_s": None if chain.period_s is None else round(chain.period_s, 2),
        "blocks_examined": len(chain.recent),
        "later_rounds": sum(block.round > 0 for block in chain.recent),
        "bytes_a_year": None if year is None else int(year),
        "validators": [
            {
                "address": to_hex(seat.address),
                "party": seat.party,
                "seals": seat.address in active,
                "silent": seat.address in silent,
                "proposals": proposals[seat.address],
                "node": here.get(seat.address),
            }
            for seat in chain.seats or ()
        ],
    }


def _lines(facts: Facts, findings: tuple[Finding, ...], unchecked: tuple[str, ...]) -> list[str]:
    lines = []
    for node in facts.nodes:
        about = "no answer" if node.head is None else f"block {node.head}"
        client = f", {said(node.client, 80)}" if node.client else ""
        peers = "" if node.peers is None else f", {node.peers} peers"
        lines.append(f"{node.name}: {about}{peers}{client}")
    if facts.chain is not None:
        lines += _chain_lines(facts, facts.chain)
    lines += [f"not checked: {one}" for one in unchecked]
    for finding in findings:
        lines += [f"{finding.level.upper()}: {finding.says}", *([f"  {finding.advice}"] if finding.advice else [])]
    if not findings:
        lines.append("nothing is wrong, as far as it was checked")
    return lines


def _chain_lines(facts: Facts, chain: ChainFacts) -> list[str]:
    found = _chain(facts, chain)
    age = facts.now - chain.head.time
    period = f", a block every {chain.period_s:.1f} s" if chain.period_s else ""
    lines = [f"head: block {chain.head.number} of {show_moment(chain.head.time)}, {show_span(max(age, 0))} old{period}"]
    if found["bytes_a_year"]:
        lines.append(f"a year of such blocks: {found['bytes_a_year'] / 1e9:,.1f} GB at least, on each node")
    parties = facts.bundles[0][1].by_number if facts.bundles else {}
    for seat, one in zip(chain.seats or (), found["validators"], strict=True):
        party = parties[seat.party].code if seat.party in parties else f"party {seat.party}"
        did = "silent" if one["silent"] else f"proposed {one['proposals']} of {found['blocks_examined']} blocks"
        lines.append(f"  {party:<6} {one['address']}  {did}" + (f", {one['node']}" if one["node"] else ""))
    return lines
