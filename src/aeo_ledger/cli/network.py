"""`aeo-ledger network`: found a network, check it, turn it into a network of real nodes, or make its successor."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.acting import describe_progress, keep_act, read_act, tell_progress
from aeo_ledger.cli.backup import backup, restore, showing_reading
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.certify import certify
from aeo_ledger.cli.confirm import Yes, confirm
from aeo_ledger.cli.doctor import doctor
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.options import AsJson, PasswordFile, demand_embedded, split_urls
from aeo_ledger.cli.output import EXIT_CODES, YES, now, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.shared import KEEPS, Common, sharing
from aeo_ledger.errors import Unavailable, name_of
from aeo_ledger.errors.chain import LedgerSetBack
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import is_known, parse_moment, show_moment
from aeo_ledger.office.conclude import LIFETIME_S
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import obtain_password

if TYPE_CHECKING:  # takes its time to load, or needs the extra
    from aeo_ledger.network.succeed import Heir

Contracts = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the successor's compiled contracts, from scripts/compile. Default: this version's contracts."
    ),
]
OldTrust = Annotated[
    Path | None, typer.Option(help="Your own pinned bundle of the old ledger. Default: the one in its folder.")
]
OldNodes = Annotated[
    str | None, typer.Option("--rpc", help="URLs of the old ledger's nodes, URL[,URL], if it is not embedded.")
]

app = typer.Typer()


app.command("doctor")(doctor)
app.command("test-certificate")(certify)
app.command("backup")(backup)
app.command("restore")(restore)


@app.command("init")
@reporting
def init(
    folder: Annotated[Path, typer.Argument(help="The new folder; nothing may be there yet.")],
    parties: Annotated[str, typer.Option(help="Codes, a union with its members: BY,CN,KZ,EU=DE+PL")],
    engine: Annotated[
        str | None, typer.Option(help="besu or quorum: for real nodes of that engine. Default: the embedded ledger.")
    ] = None,
    fork: Annotated[
        str, typer.Option(help="Rules from block 0 on: berlin, or with --engine besu london, shanghai, cancun, prague.")
    ] = "berlin",
    keyed: Annotated[
        str | None,
        typer.Option(
            help="Codes of parties, as in KZ,BY, that open a keyed register themselves. All others' are open."
        ),
    ] = None,
    demonstration: Annotated[
        bool,
        typer.Option(
            "--demonstration",
            help="For a demonstration alone: block 0 says so for good. A workshop needs such a network.",
        ),
    ] = False,
    yes: Yes = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a network: genesis, keys, trust bundle. Without --engine also the embedded ledger (SIMULATED: one machine holds all keys)."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.cli.bars import founding_bar  # noqa: PLC0415 (takes its time to load)
    from aeo_ledger.network.engine import parse_engine, parse_fork  # noqa: PLC0415
    from aeo_ledger.network.found import found_network, parse_parties  # noqa: PLC0415 (needs the extra)

    founding, chosen = parse_parties(parties, keyed.split(",") if keyed else ()), parse_engine(engine)
    forks = parse_fork(fork, chosen)
    _ask_back([party.code for party in founding], yes=yes)
    password = obtain_password(f"all keys in {named(folder)}", file=password_file, twice=True)
    with founding_bar(as_json=as_json) as bar:
        task = bar.add_task("", total=len(founding) + 2)
        begun = count()

        def progress(step: str) -> None:
            bar.update(task, description=step, completed=next(begun))

        founded = found_network(
            folder,
            founding,
            password,
            now=now(),
            randomness=secrets.token_bytes,
            engine=chosen,
            forks=forks,
            demonstration=demonstration,
            progress=progress,
        )
    listed = [
        {"number": n, "code": p.code, "kind": p.kind.name.lower(), "seat": p.seat, "register": p.keeps_register}
        for n, p in enumerate(founded.parties, 1)
    ]
    lines = [f"chain {founded.chain_id} in {named(folder)}"]
    lines += [
        f"  {p['number']:>3}  {p['code']:<6} {p['kind']:<15} {'seat' if p['seat'] else '-':<5} "
        f"{'register' if p['register'] else '-'}"
        for p in listed
    ]
    lines += list(founded.warnings)
    lines.append(f"next: {named(folder / 'OPERATION.md')}" if engine else f"next: aeo-ledger gateway {named(folder)}")
    document = {
        "folder": str(folder),
        "chain_id": founded.chain_id,
        "demonstration": demonstration,
        "parties": listed,
        "warnings": list(founded.warnings),
    }
    show(document, as_json=as_json, lines=lines)


def _ask_back(codes: Sequence[str], *, yes: bool) -> None:
    """Ask for confirmation of codes that no country and no known union has: a party's code can never be changed.

    Raises:
        NotConfirmed: somebody said no, or nobody could be asked.
    """
    unknown = [code for code in codes if not is_known(code)]
    if unknown:
        what = "no country in ISO 3166-1 and no known union has this code, and it can never be changed"
        confirm(f"a founding with {', '.join(unknown)}: {what}", yes=yes)


def _check_store(folder: Path, *, as_json: bool) -> int:
    """Read a whole ledger (state, blocks, seals, logs, indexes, marks) and name the damage: exit code 5. Needs no key."""
    from aeo_ledger.network.check import check_network  # noqa: PLC0415 (needs the extra)

    with showing_reading(as_json=as_json) as progress:
        checked = check_network(folder, progress=progress)
    damage = [{"error": name_of(error), "detail": str(error)} for error in checked.damage.values()]
    head = to_hex(checked.head_hash)
    document = {
        "folder": str(folder),
        "head": {"number": checked.head, "hash": head},
        "read": checked.read,
        "damage": damage,
    }
    lines = [
        "read: " + ", ".join(f"{count:,} {what}" for what, count in checked.read.items()),
        f"head: block {checked.head} {head}",
        *(f"{'SET BACK' if isinstance(one, LedgerSetBack) else 'DAMAGED'}: {one}" for one in checked.damage.values()),
    ]
    damaged = sum(not isinstance(one, LedgerSetBack) for one in checked.damage.values())
    whole = f"everything{' that is there' if damage else ''} is unchanged"
    lines.append(f"{damaged:,} damaged" if damaged else whole)
    show(document, as_json=as_json, lines=lines)
    return EXIT_CODES[Unavailable] if damage else YES


@app.command("render")
@reporting
def render(
    folder: Annotated[Path, typer.Argument(help="Folder of a network of real nodes, with its network.toml.")],
    as_json: AsJson = False,
) -> None:
    """Write the files that run a network of real nodes again, from its network.toml: peers, compose files, start scripts, the page of operation."""
    demand_extra("ledger", "web3")
    from aeo_ledger.network.layout import LAYOUT, read_layout  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.network.render import render as write  # noqa: PLC0415

    layout = read_layout(folder / LAYOUT)
    rendered = write(folder, layout, randomness=secrets.token_bytes)
    document = {
        "folder": str(folder),
        "nodes": len(layout.nodes),
        "gateways": len(layout.gateways),
        "one_machine": layout.is_on_one_machine,
        "missing": list(rendered.missing),
        "left": list(rendered.left),
    }
    where = (
        "on one machine, or each party's on its own" if layout.is_on_one_machine else "each party's on its own machine"
    )
    lines = [f"{len(layout.nodes)} nodes and {len(layout.gateways)} gateways of {layout.engine}: {where}"]
    lines += [f"missing: {one}" for one in rendered.missing]
    lines += [f"left: {named(one)}, which this command did not write" for one in rendered.left]
    lines.append(f"next: {named(folder / 'OPERATION.md')}")
    show(document, as_json=as_json, lines=lines)


@app.command("graduate")
@reporting
def graduate(
    folder: Annotated[Path, typer.Argument(help="Folder of an embedded network; no gateway may have it open.")],
    engine: Annotated[str, typer.Option(help="besu or quorum.")],
    out: Annotated[Path, typer.Option(help="The new folder: what the engine's nodes need to go on.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Turn an embedded ledger into a network of real nodes, with every block."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.network.engine import parse_engine  # noqa: PLC0415
    from aeo_ledger.network.graduate import graduate as write  # noqa: PLC0415 (needs the extra)

    chosen = parse_engine(engine)
    assert chosen is not None  # noqa: S101 (for the type checker: an engine is named)
    demand_embedded(folder)
    password = obtain_password(f"the validators' keys in {named(folder)}", file=password_file)
    done = write(folder, chosen, out, password, randomness=secrets.token_bytes)
    files = [str(path) for path in done.blocks]
    document = {
        "folder": str(out),
        "blocks": files,
        "head": done.head,
        "head_hash": done.head_hash,
        "elsewhere": list(done.elsewhere),
    }
    written = ", ".join(map(named, files))
    lines = [
        f"blocks 1 to {done.head} in {written}" if done.head else f"no block yet: {written} is empty",
        f"the head after import: {done.head_hash}",
        f"next: {named(out / 'GRADUATION.md')}, then {named(out / 'OPERATION.md')}",
    ]
    lines += [f"{code} must bring its own node's key: it is not on this machine" for code in done.elsewhere]
    show(document, as_json=as_json, lines=lines)


@app.command("supersede")
@reporting
@sharing(KEEPS)
def supersede(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="ACT", help="File of the resolution, to be mailed on; it is drafted if the file is missing."
        ),
    ],
    common: Common,
    date: Annotated[
        str | None,
        typer.Option(help="For a draft: when the successor begins, a day (UTC) or a moment with its offset."),
    ] = None,
    contracts: Contracts = None,
) -> None:
    """Name the ledger that succeeds this one: add your authority's signature, and submit once two thirds of the seats have signed."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.office.govern import name_successor  # noqa: PLC0415 (needs the extra)

    with common.open_desk() as desk, keeping(desk, common.book, None):
        act = (
            read_act(file)
            if file.exists()
            else draft_succession(desk, date, contracts, keep_grounds(common.grounds, common.book))
        )
        signers = common.open_keys()
        done = name_successor(act, signers, desk, keep=lambda signed: keep_act(file, signed))
    chain, effective = (int(str(done.act.values[name])) for name in ("chain", "effective"))
    lines = [f"chain {chain} succeeds from {show_moment(effective)} on"]
    lines += tell_progress(done, "resolved", file, signed=bool(signers))
    if done.done is not None:
        lines.append("next, after that date: aeo-ledger network succeed")
    document = {
        "chain_id": chain,
        "effective": effective,
        **describe_progress(done, file),
    }
    show(document, as_json=common.as_json, lines=lines)


def draft_succession(
    desk: ProvenDesk, date: str | None, contracts: Path | None, grounds: bytes, lifetime_s: int = LIFETIME_S
) -> SignedAct:
    """Choose chain id and addresses of a successor, and draft the resolution that names it."""
    from aeo_ledger.network.succeed import draw_successor  # noqa: PLC0415
    from aeo_ledger.network.successor import read_contracts  # noqa: PLC0415
    from aeo_ledger.office import govern  # noqa: PLC0415 (needs the extra)

    if date is None:
        raise MalformedText("--date", "none", "when the successor begins, because there is no draft yet")
    effective = parse_moment(date, None, what="--date")
    named = draw_successor(effective, read_contracts(contracts).edition.code_hashes, secrets.token_bytes)
    return govern.draft_succession(desk, named, lifetime_s=lifetime_s, grounds=grounds)


@app.command("succeed")
@reporting
def succeed(
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", help="Folder of the superseded network; no gateway may have it open."),
    ],
    out: Annotated[Path, typer.Option(help="The new folder.")],
    contracts: Contracts = None,
    trust: OldTrust = None,
    rpc: OldNodes = None,
    as_json: AsJson = False,
) -> None:
    """Make the network that succeeds another, with every word as it was at the end. Nothing is signed again; no key is needed."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.network.successor import derive_heir, read_contracts, write_successor  # noqa: PLC0415 (needs the extra)

    heir = derive_heir(old, read_contracts(contracts), now=now(), trust=trust, urls=split_urls(rpc))
    write_successor(old, out, heir)
    _tell_heir(heir, out, as_json=as_json, last=f"next: aeo-ledger network check {out} --old {old}")


@app.command("check")
@reporting
def check(
    folder: Annotated[
        Path, typer.Argument(help="Folder of an embedded network, or a copy of it. A gateway may have it open.")
    ],
    old: Annotated[
        Path | None,
        typer.Option(help="Folder of the network that this one succeeds, your own or your node's, to compare with."),
    ] = None,
    contracts: Contracts = None,
    trust: OldTrust = None,
    rpc: OldNodes = None,
    as_json: AsJson = False,
) -> int:
    """Read a whole ledger (state, blocks, seals, logs, marks) and name what is damaged or set back: exit code 5. Needs no key.

    With --old: make the successor again from the old ledger, and compare. Exit code 4 if they differ.
    """
    demand_extra("ledger", "eth", "web3")
    if old is None:
        return _check_store(demand_embedded(folder), as_json=as_json)
    from aeo_ledger.network.successor import check_successor, derive_heir, read_contracts  # noqa: PLC0415 (needs the extra)

    heir = derive_heir(old, read_contracts(contracts), now=now(), trust=trust, urls=split_urls(rpc))
    check_successor(folder, heir)
    _tell_heir(
        heir,
        folder,
        as_json=as_json,
        last="every word follows from the old ledger: nothing is lost, nothing is added",
    )
    return YES


def _tell_heir(heir: Heir, folder: Path, *, as_json: bool, last: str) -> None:
    seam, inventory = heir.trust.predecessors[-1], heir.inventory
    document = {
        "folder": str(folder),
        "chain_id": heir.genesis.chain_id,
        "genesis": to_hex(heir.trust.genesis_hash),
        "begins": heir.genesis.timestamp,
        "seam": {"chain_id": seam.chain_id, "block": seam.number, "hash": to_hex(seam.header), "time": seam.time},
        "words": len(inventory.words),
        "standings": len(inventory.standings),
        "validators": len(heir.trust.validators),
    }
    lines = [
        f"chain {heir.genesis.chain_id} in {folder}, from {show_moment(heir.genesis.timestamp)} on",
        f"it succeeds chain {seam.chain_id} at block {seam.number} of {show_moment(seam.time)}, {to_hex(seam.header)}",
        f"carried: {len(inventory.words):,} words, {len(inventory.standings):,} standings, {len(heir.trust.validators)} validators",
        f"block 0: {to_hex(heir.trust.genesis_hash)}",
        last,
    ]
    show(document, as_json=as_json, lines=lines)
