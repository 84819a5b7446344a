"""`aeo-ledger trust list` and `trust chain`: what was trusted when, and the headers from kept evidence to a later checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, DEFAULT_TIMEOUT, AsJson, Gateway, Timeout, Trust, reach_gateway
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.written import CHAIN
from aeo_ledger.evidence.ancestry import HeaderChain
from aeo_ledger.office.archive import fetch_ancestry, write_chain
from aeo_ledger.office.ask import read_evidence, read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.trust_store import list_store, read_store
from aeo_ledger.primitives.hexadecimal import to_hex


@reporting
def list_pinned(trust: Trust, as_json: AsJson = False) -> None:
    """List every bundle that a trust store keeps, and when each was pinned; the last one is trusted now."""
    lines, pinned = [], []
    for entry, kept in zip(list_store(trust), read_store(trust), strict=True):
        checkpoint, until = kept.trust.checkpoint, kept.trust.expires_at
        pinned.append(
            {
                "at": entry.at,
                "way": entry.way.value,
                "bundle": to_hex(entry.bundle),
                "chain_id": kept.trust.chain_id,
                "block": checkpoint.number,
                "expires_at": until,
            }
        )
        lines.append(
            f"{show_moment(entry.at)}  {entry.way:7}  block {checkpoint.number} of chain {kept.trust.chain_id}, "
            f"until {show_moment(until)}  {to_hex(entry.bundle)}"
        )
    show({"store": str(trust), "pinned": pinned}, as_json=as_json, lines=lines)


@reporting
def chain(
    evidence: Annotated[
        Path, typer.Argument(metavar="EVIDENCE", help="The evidence file that you kept, JSON or CBOR.")
    ],
    out: Annotated[Path, typer.Option(help="File for the chain: JSON, or CBOR if the name ends in .cbor."), CHAIN],
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """Fetch the headers from the evidence's block to the next checkpoint that you pinned, and check them.

    The checkpoint's hash commits to every block below it. Without the chain,
    whoever gets the keys of a quorum of former validators can forge evidence at
    any time, by a header above an old checkpoint and below a newer one.

    Run it after `trust update`, and keep the file with the evidence for `verify
    --archived --chain FILE`. At most 262,144 blocks may lie between (91 days of
    an idle ledger). A block takes 6 bytes in CBOR, or up to 400 if it is full.
    """

    def fetch(since: int, until: int) -> HeaderChain:
        with reach_gateway(gateway, timeout, read_trust(trust)) as client:
            return client.header_chain(since, until)

    links, proven = fetch_ancestry(read_evidence(evidence), trust, fetch)
    write_chain(out, links)
    block, checkpoint = proven.header.number, proven.checkpoint.number
    document = {"block": block, "checkpoint": checkpoint, "bytes": out.stat().st_size, "out": str(out)}
    line = f"block {block} is on the chain that leads to block {checkpoint}, which you pinned: {out.stat().st_size:,} bytes in {out}"
    show(document, as_json=as_json, lines=[line])
