"""`aeo-ledger network`: found a network."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, PasswordFile
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.signing import obtain_password

app = typer.Typer(help="Found a network.", no_args_is_help=True)


@app.callback()
def network() -> None:
    """Found a network."""


@app.command("init")
@reporting
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to be made; nothing may be there yet.")],
    parties: Annotated[str, typer.Option(help="Codes, a union with its members: BY,CN,KZ,EU=DE+PL")],
    engine: Annotated[
        str | None, typer.Option(help="besu or quorum: for real nodes of that engine; else the embedded ledger.")
    ] = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a network: genesis, keys, trust bundle; and the embedded ledger (SIMULATED: one machine holds all keys) unless for an engine."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.office.engine import parse_engine  # noqa: PLC0415
    from aeo_ledger.office.found import found_network, parse_parties  # noqa: PLC0415 (needs the extra)

    founding = parse_parties(parties)
    password = obtain_password(f"all keys in {folder}", file=password_file, twice=True)
    founded = found_network(
        folder, founding, password, now=now(), randomness=secrets.token_bytes, engine=parse_engine(engine)
    )
    listed = [
        {"number": n, "code": p.code, "kind": p.kind.name.lower(), "seat": p.seat, "register": p.keeps_register}
        for n, p in enumerate(founded.parties, 1)
    ]
    lines = [f"chain {founded.chain_id} in {folder}"]
    lines += [
        f"  {p['number']:>3}  {p['code']:<6} {p['kind']:<15} {'seat' if p['seat'] else '-':<5} "
        f"{'register' if p['register'] else '-'}"
        for p in listed
    ]
    lines += list(founded.warnings)
    lines.append(f"next: {folder}/OPERATION.md" if engine else f"next: aeo-ledger gateway {folder}")
    document = {
        "folder": str(folder),
        "chain_id": founded.chain_id,
        "parties": listed,
        "warnings": list(founded.warnings),
    }
    show(document, as_json=as_json, lines=lines)


@app.command("graduate")
@reporting
def graduate(
    folder: Annotated[Path, typer.Argument(help="Folder of an embedded network; no gateway may have it open.")],
    engine: Annotated[str, typer.Option(help="besu or quorum.")],
    out: Annotated[Path, typer.Option(help="Folder to be made: what the nodes of the engine need to go on.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Let an embedded ledger become a real network, block for block."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.office.engine import parse_engine  # noqa: PLC0415
    from aeo_ledger.office.graduate import graduate as write  # noqa: PLC0415 (needs the extra)

    chosen = parse_engine(engine)
    assert chosen is not None  # noqa: S101 (for the type checker: an engine is named)
    password = obtain_password(f"the validators' keys in {folder}", file=password_file)
    done = write(folder, chosen, out, password, randomness=secrets.token_bytes)
    files = [str(path) for path in done.blocks]
    document = {
        "folder": str(out),
        "blocks": files,
        "head": done.head,
        "head_hash": done.head_hash,
        "elsewhere": list(done.elsewhere),
    }
    lines = [
        f"blocks 1 to {done.head} in {', '.join(files)}",
        f"the head after import: {done.head_hash}",
        f"next: {out}/OPERATION.md",
    ]
    lines += [f"{code} brings its own node's key: it is not on this machine" for code in done.elsewhere]
    show(document, as_json=as_json, lines=lines)
