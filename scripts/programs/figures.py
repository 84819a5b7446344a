"""Print this project's figures, each beside the nearest comparable system.

This is a benchmark and not a test: machines vary, so compare ratios.
Everything runs on an embedded ledger on disk, with real signatures;
`node --rpc` measures a real network.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from figures_audit import audit_figures
from figures_console import console_figures
from figures_filled import filled_figures
from figures_gateway import gateway_figures
from figures_lab import lab_figures
from figures_load import Loader, agree, peak_mb, rows_of
from figures_network import network_figures
from figures_node import node_figures
from figures_sheet import Sheet
from figures_snapshot import snapshot_figures
from figures_start import start_figures
from figures_verify import verify_figures

from aeo_ledger.customs.acts import Publication, StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.reach import Running
from aeo_ledger.network.run import run_network
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.readings import write_publication
from aeo_ledger.signing import Password, Signer, open_key_file

PUBLISHED = 100_000
"""The largest register that the figures of a gateway publish on a ledger."""
SECRET = "figures"  # noqa: S105 (of a network that ends with the figures)
PASSWORD = Password(SECRET)


@contextmanager
def workshop(parties: str, home: Path | None = None) -> Iterator[tuple[Running, Callable[[str], Signer]]]:
    """Found and open a network in a folder, by default a temporary one; yield it and its parties' operators."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = (home or Path(temporary)) / "network"
        now = int(time.time())
        found_network(folder, parse_parties(parties), PASSWORD, now=now, randomness=secrets.token_bytes, work_factor=2)

        def operator(code: str) -> Signer:
            return open_key_file(folder / "parties" / code / "operator.json", PASSWORD)

        with run_network(folder, PASSWORD, marks=folder.parent / "machine") as running:
            yield running, operator


def entry_of(number: int) -> bytes:
    """Derive the entry of an invented trader under the first type of register 1."""
    return make_entry(1, 0, derive_open_holder(1, 0, Tin(f"BY{number:09}")))


def gas(sheet: Sheet) -> None:
    """Measure the gas of signed publications (one signer, own register), beside that of comparable systems."""
    peers: dict[str, Any] = json.loads((Path(__file__).parent / "peer_gas.json").read_text())["per_item"]
    rows = ("issue_signed_batch100", "revoke_signed_batch100", "issue_signed", "revoke_signed", "reinstate")
    limits = dict(zip(rows, (51_000, 16_500, 105_000, 70_000, 70_000), strict=True))
    measured: dict[tuple[str, int], int] = {}
    with workshop("BY,CN,KZ,EU") as (running, operator):
        signer = operator("BY")

        def publish(kind: EventKind, numbers: range, details_each: int) -> int:
            entries = [entry_of(number) for number in numbers]
            standings = running.relay.standings(entries)
            change = Change(kind=kind, roles=5, valid_from=standings.time - 10**6 if kind is EventKind.GRANT else None)
            events = [
                StatusEvent(
                    entry=e, record=prepare(change, old, issuer=1, now=standings.time), document=secrets.token_bytes(32)
                )
                for e, old in zip(entries, standings.records, strict=True)
            ]
            act = publication(events, details=secrets.token_bytes(details_each * len(events)))
            return running.relay.submit(sign_act(act, [signer], running.trust)).gas_used // len(events)

        publish(EventKind.GRANT, range(1), 0)  # warm up: the first publication is not measured
        for details in (0, 160):
            start = 1 + details * 10
            batch, single = range(start, start + 100), range(start + 500, start + 501)
            measured["issue_signed_batch100", details] = publish(EventKind.GRANT, batch, details)
            measured["revoke_signed_batch100", details] = publish(EventKind.SUSPEND, batch, details)
            measured["issue_signed", details] = publish(EventKind.GRANT, single, details)
            measured["revoke_signed", details] = publish(EventKind.SUSPEND, single, details)
            measured["reinstate", details] = publish(EventKind.REINSTATE, single, details)
    acts = (
        "grant, signed batch of 100",
        "suspend, signed batch of 100",
        "grant, signed alone",
        "suspend, signed alone",
        "reinstate",
    )
    table = sheet.table(
        "Gas per certificate (Berlin rules, one signer, own register)", {"system": "text", **dict.fromkeys(acts, "gas")}
    )
    systems = {
        "AEO Ledger, details 0 B": {row: measured[row, 0] for row in rows},
        "reach: at most": limits,
        "AEO Ledger, details 160 B": {row: measured[row, 160] for row in rows},
        **peers,
    }
    for name, found in systems.items():
        table.add_row(name, *(f"{found[row]:,}" if found.get(row) else "-" for row in rows))
    sheet.print(table)
    sheet.print("Peers carry 160 B; most of them sign each item or none, and only ERC-5539 can reinstate.")
    if any(measured[row, 0] > limit for row, limit in limits.items()):
        raise SystemExit("a figure was not reached")


def publication(events: list[StatusEvent], details: bytes = b"") -> SignedAct:
    """Make a publication of register 1 by its own party."""
    written = Publication(
        register=1,
        issuer=1,
        former=0,
        capacity=Capacity.OPERATORS,
        deadline=int(time.time()) + 600,
        events=tuple(events),
        details=details,
    )
    return SignedAct(name="Publication", values=write_publication(written))


def audit(sheet: Sheet, certificates: int) -> None:
    """Load a register, close the ledger, and measure its audit."""
    with tempfile.TemporaryDirectory() as home:
        with workshop("BY,CN,KZ,EU", Path(home)) as (running, operator):
            loader = Loader(running, operator("BY"), Path(home))
            loader.apply(*loader.plan(rows_of(certificates)))
        audit_figures(sheet, Path(home) / "network", certificates)


def gateway(sheet: Sheet, standings: int, home: Path | None) -> None:
    """Measure the gateways of a network of 100 parties, in which China recognises a large register of Belarus.

    Nobody waits until more than `PUBLISHED` certificates are published one by one, so their database is filled.
    """
    if standings > PUBLISHED:
        filled_figures(sheet, standings)
        return
    with tempfile.TemporaryDirectory() as temporary:
        kept = home or Path(temporary)
        if not (kept / "network").exists():
            with (
                sheet.busy(f"importing {standings:,} certificates"),
                workshop(_hundred_parties(), kept) as (running, operator),
            ):
                agree(running, kept / "network", PASSWORD)
                loader = Loader(running, operator("BY"), kept)
                loader.apply(*loader.plan(rows_of(standings)))
        gateway_figures(sheet, kept / "network", SECRET, standings)


def _hundred_parties() -> str:
    """Name Belarus, China, Kazakhstan, and a union with 96 members of invented codes. Four of them have a seat, and so a validator."""
    members = islice((first + second for first in "QVWYZOJL" for second in "ABCDEFGHIJKLMNOPQ"), 96)
    return f"BY,CN,KZ,EU={'+'.join(members)}"


def node(sheet: Sheet, asked: argparse.Namespace) -> None:
    """Measure requests to a node of the embedded ledger, or a real network."""
    if asked.rpc is None:
        node_figures(sheet)
        return
    secret = os.environ.get("AEO_LEDGER_PASSWORD")
    if asked.network is None or secret is None:
        raise SystemExit("--rpc needs --network FOLDER, and AEO_LEDGER_PASSWORD, which opens its keys")
    network_figures(sheet, asked.rpc.split(","), asked.network, Password(secret), asked.certificates)


def load(sheet: Sheet, certificates: int) -> None:
    """Measure a register's way from rows to sealed blocks on disk: plan, carry out with signing, plan again; beside it, single acts."""
    rows = rows_of(certificates)
    with tempfile.TemporaryDirectory() as home, workshop("BY,CN,KZ,EU", Path(home)) as (running, operator):
        signer = operator("BY")
        loader = Loader(running, signer, Path(home))
        times = [time.perf_counter()]
        plan, state = loader.plan(rows)
        times.append(time.perf_counter())
        done = loader.apply(plan, state)
        times.append(time.perf_counter())
        again, _ = loader.plan(rows)
        times.append(time.perf_counter())
        planned, applied, unchanged = (after - before for before, after in itertools.pairwise(times))
        if again.changes:
            raise SystemExit("the second plan is not empty")
        bulk, memory = certificates / applied, peak_mb()
        singles = 100
        acts = [
            sign_act(publication([StatusEvent(entry=make_entry(1, 0, secrets.token_bytes(29)), record=_grant(), document=bytes(32))]),
                     [signer], running.trust)
            for _ in range(singles)
        ]  # fmt: skip
        started = time.perf_counter()
        with ThreadPoolExecutor(max_workers=singles) as pool:
            list(pool.map(running.relay.submit, acts))
        alone = singles / (time.perf_counter() - started)
    units = {"what": "text", "certificates/s": "1/s", "seconds": "s", "reach": "text"}
    table = sheet.table("Bulk load into the embedded ledger (signing, sealing and disk included)", units)
    reach = [f"{limit * certificates / 18_090:,.1f} s" for limit in (20, 10)]
    table.add_row(
        f"{certificates:,} rows planned, and kept in the book",
        f"{certificates / planned:,.0f}",
        f"{planned:,.1f}",
        reach[0],
    )
    table.add_row(
        f"carried out in {done.publications} signed batches, proven before and after",
        f"{bulk:,.0f}",
        f"{applied:,.1f}",
        "300/s",
    )
    table.add_row(
        "planned again, and nothing has changed", f"{certificates / unchanged:,.0f}", f"{unchanged:,.1f}", reach[1]
    )
    table.add_row(
        "the same contract, one signed grant a transaction, 100 at once", f"{alone:,.0f}", f"{singles / alone:,.1f}", ""
    )
    table.add_row("peer: EAS attestations one by one in py-evm (as published, another run)", "about 50", "", "")
    sheet.print(table)
    sheet.print(f"The EU's 18,090 operators would take {18_090 * (planned / certificates + 1 / bulk):,.0f} s.")
    sheet.print(f"Memory of office and ledger together, in one process: {memory:,.0f} MB at most.")
    limits = {
        "carrying out": bulk >= 300,
        "planning": planned <= 20 * max(1, certificates / 18_090),
        "unchanged": unchanged <= 10,
    }
    if missed := [name for name, reached in limits.items() if not reached]:
        raise SystemExit(f"not reached on this machine, this time: {', '.join(missed)}")


def _grant() -> Record:
    return prepare(
        Change(kind=EventKind.GRANT, roles=5, valid_from=1_500_000_000), None, issuer=1, now=int(time.time()) - 5
    )


def main() -> None:
    """Print the requested figures."""
    parser = argparse.ArgumentParser(
        prog="scripts/figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = (*FIGURES, "all")
    parser.add_argument(
        "what", nargs="?", default="all", choices=names, metavar="WHAT", help=f"one of {', '.join(names)} (all)"
    )
    parser.add_argument("--certificates", type=int, default=6_000, help="size of the bulk load (6,000)")
    parser.add_argument(
        "--largest", type=int, default=100_000, help="largest snapshot (100,000); 1,000,000 takes two minutes"
    )
    parser.add_argument(
        "--standings",
        type=int,
        default=50_000,
        help="size of the register behind the gateway (50,000); above 100,000 it is not published",
    )
    parser.add_argument(
        "--rpc", help="nodes of a real network, URL,URL: `node` loads it, asks it, and counts what reaches the nodes"
    )
    parser.add_argument(
        "--network", type=Path, help="its folder, made by `network init`; AEO_LEDGER_PASSWORD opens its keys"
    )
    parser.add_argument("--scenario", default="belarus-china", help="what the lab runs (belarus-china)")
    parser.add_argument(
        "--home", type=Path, help="folder that keeps the gateway's network and the lab's run for the next time"
    )
    parser.add_argument("--json", action="store_true", help="one document for machines: machine, commit, values, units")
    arguments = parser.parse_args(sys.argv[1:])
    sheet = Sheet(as_json=arguments.json)
    missed = []
    for name in FIGURES if arguments.what == "all" else [arguments.what]:
        try:
            FIGURES[name](sheet, arguments)
        except SystemExit as said:
            missed.append(f"{name}: {said}")
    if arguments.json:
        print(sheet.write_json("; ".join(missed) or None))
    if missed:
        raise SystemExit("\n".join(missed))


FIGURES: dict[str, Callable[[Sheet, argparse.Namespace], None]] = {
    "gas": lambda sheet, _: gas(sheet),
    "load": lambda sheet, asked: load(sheet, asked.certificates),
    "snapshot": lambda sheet, asked: snapshot_figures(sheet, asked.largest),
    "verify": lambda sheet, _: verify_figures(sheet),
    "start": lambda sheet, _: start_figures(sheet),
    "console": lambda sheet, _: console_figures(sheet),
    "node": node,
    "gateway": lambda sheet, asked: gateway(sheet, asked.standings, asked.home),
    "audit": lambda sheet, asked: audit(sheet, asked.certificates),
    "lab": lambda sheet, asked: lab_figures(sheet, asked.scenario, asked.home and asked.home / asked.scenario),
}
"""The figures by name."""


if __name__ == "__main__":
    main()
