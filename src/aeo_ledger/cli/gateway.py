"""`aeo-ledger gateway`: serve one ledger over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.cli.access import (
    AccessOption,
    CorsOption,
    OperatedByOption,
    RateOption,
    choose_access,
    demand_operator,
    tell_access,
)
from aeo_ledger.cli.booking import open_book
from aeo_ledger.cli.configuration import configure, describe, faults_of
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.gateway_check import check_gateway, find_conflicts
from aeo_ledger.cli.listen import listen, serve_until_stopped
from aeo_ledger.cli.operating import Log, Watching, counting_together
from aeo_ledger.cli.options import (
    INDEX,
    AliasesOption,
    HostNames,
    LookupKeysOption,
    PasswordFile,
    demand_embedded,
    held_keys,
    split_urls,
)
from aeo_ledger.cli.output import hear, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.workers import MOST, work_in_processes
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.alias_file import read_names
from aeo_ledger.office.ask import read_trust
from aeo_ledger.signing import obtain_password, open_signer

if TYPE_CHECKING:  # needs the extra
    from fastapi import FastAPI

    from aeo_ledger.gateway.journal import Journal
    from aeo_ledger.gateway.used_requests import StoredRequests
    from aeo_ledger.gateway.webhook_file import OpenHook
    from aeo_ledger.gateway.webhooks import Sender
    from aeo_ledger.network.reach import Running
    from aeo_ledger.prover.index_store import IndexStore
    from aeo_ledger.signing.lookup_file import HeldKeys

    _OpenNetwork = Callable[[IndexStore | None], AbstractContextManager[Running]]

_CARDS: Final = "cards"
"""The parties' cards, in the network's folder."""


@reporting
def serve(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Folder of an embedded network, from `network init`.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535, envvar="AEO_LEDGER_PORT")] = 8547,
    host: Annotated[
        str, typer.Option(help="Address to listen on; see --access for who may ask and relay signed acts there.")
    ] = "127.0.0.1",
    rpc: Annotated[
        str | None,
        typer.Option(
            help="Instead of a folder: URLs of the ledger's nodes, URL[,URL]; the first one that works is asked."
        ),
    ] = None,
    trust: Annotated[Path | None, typer.Option(help="With --rpc: the pinned trust bundle.")] = None,
    key: Annotated[
        Path | None, typer.Option(help="With --rpc: the relay's key file. This key has no rights on the ledger.")
    ] = None,
    genesis: Annotated[
        Path | None,
        typer.Option(
            help="With --rpc: the network's genesis.json, with places.json beside it; needed for the index, and so for snapshots."
        ),
    ] = None,
    aliases: AliasesOption = None,
    book: Annotated[
        str | None,
        typer.Option(
            "--book",
            metavar="FILE|URL",
            help="The book of your office: its documents are given to operators of parties that recognise the certificate.",
        ),
    ] = None,
    cards: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the parties' cards, CODE.json, which the gateway gives to everybody. Default: cards in the network's folder.",
            file_okay=False,
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            help="Database of the index, which other gateways may share: sqlite:///FILE or postgresql://USER@HOST/NAME. "
            "It can be deleted at any time. Otherwise index.sqlite in the folder; with --rpc, memory alone.",
            envvar="AEO_LEDGER_INDEX",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            help="With --rpc: processes that serve the port together; give them one --index, without which they give no documents.",
            min=1,
            max=MOST,
        ),
    ] = 1,
    lookup_keys: LookupKeysOption = None,
    lookup_password_file: Annotated[
        Path | None,
        typer.Option(
            help="File whose first line is the password of the lookup keys. Default: that of --password-file.",
            dir_okay=False,
        ),
    ] = None,
    webhooks: Annotated[
        Path | None,
        typer.Option(
            help="File of webhooks (TOML): who is sent news, signed with which keys. `aeo-ledger about news` shows one."
        ),
    ] = None,
    host_name: HostNames = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK",
            help="Network from which /metrics may be read, as in 10.1.0.0/16; repeatable. From this machine it always may.",
        ),
    ] = None,
    small_cells: Annotated[
        int,
        typer.Option(
            help="Counts of decisions below this are not given by /v1/statistics: a few may point to a trader.", min=1
        ),
    ] = 5,
    log: Annotated[
        Log, typer.Option(help="text, or json: lines for a program, with each request by its route and no TIN or name.")
    ] = Log.TEXT,
    config: Annotated[  # noqa: ARG001 (its callback reads it)
        Path | None,
        typer.Option(
            help='TOML file with these options by their names, as in host_name = ["a.example"]. '
            "Variables AEO_LEDGER_GATEWAY_NAME win over it, and flags over both.",
            is_eager=True,
            callback=configure,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell everything that is wrong with these options.")
    ] = False,
    access: AccessOption = None,
    rate: RateOption = None,
    cors: CorsOption = None,
    operated_by: OperatedByOption = None,
    console: Annotated[
        bool,
        typer.Option(
            "--console", help="Also show pages for people, at /console. They ask what programs ask, and no more."
        ),
    ] = False,
    confirm_clock: Annotated[
        bool, typer.Option("--confirm-clock", help="You checked the clock: go on although it seems to have jumped.")
    ] = False,
    password_file: PasswordFile = None,
) -> int:
    """Answer border systems and relay signed acts. With an embedded ledger it also holds the validators' keys, and says so."""
    demand_extra(
        "gateway",
        "eth",
        "web3",
        "fastapi",
        "uvicorn",
        "sqlalchemy",
        "prometheus_client",
        "structlog",
        "pydantic_settings",
        "stamina",
        "joserfc",
        "limits",
        "jinja2",
    )
    from aeo_ledger.gateway.app import create_app  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.gateway.counts import make_counts  # noqa: PLC0415
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415

    faults = faults_of(context)
    if check or faults:
        check_gateway(context.params, faults)
        show({}, as_json=False, lines=["everything is right", *describe(context)])
        return 0
    for conflict in find_conflicts(context.params):
        raise conflict
    watching = Watching(log=log, readers=metrics or (), small=small_cells)
    watching.keep_log()
    rules = choose_access(host, access, rate=rate, cors=cors, operated_by=operated_by)
    pinned = trust if folder is None else demand_embedded(folder) / "trust.json"
    if operated_by is not None and pinned is not None:
        demand_operator(operated_by, read_trust(pinned))
    traders = read_names(aliases)
    held = _open_held(lookup_keys, lookup_password_file or password_file, pinned)
    held = _keys_to_serve(held, watching.note, remembers=workers == 1 or index is not None)
    if folder is not None and index is None:
        index = f"sqlite:///{folder / INDEX}"
    hooks = _read_hooks(webhooks, pinned, password_file)
    with listen(port, host) as listener:
        open_network = (
            _reach(rpc, trust, key, genesis, password_file, has_index=index is not None)
            if rpc
            else _open(folder, password_file, confirm_clock)
        )
        shown = f"[{host}]" if ":" in host else host

        def work(listener: socket.socket = listener, counts: Path | None = None) -> None:
            with ExitStack() as opened:
                store = None if index is None else opened.enter_context(IndexStore(index))
                network = opened.enter_context(open_network(store))
                watching.note(network.banner)
                watching.note(
                    f"gateway of chain {network.trust.chain_id} on http://{shown}:{port} (API: /docs), {tell_access(rules)}"
                )
                app = create_app(
                    network.ledger,
                    network.relay,
                    network.trust,
                    behind=network.banner,
                    names=host_name or (),
                    traders=traders,
                    held=held,
                    book=None if book is None else opened.enter_context(open_book(book)),
                    used=_remember(store, network.relay.clock()),
                    cards=cards or (folder and folder / _CARDS),
                    sender=_make_sender(hooks, store, network.trust.chain_id),
                    operation=opened.enter_context(watching.begin(network, store)),
                    access=replace(rules, counts=counts),
                )
                _show_pages(app, network, f"http://{shown}:{port}" if console else "", watching.note)
                serve_until_stopped(app, listener, watching.keep_log)

        if workers > 1:
            listener.close()  # nobody else has the port: now several may
            with listen(port, host, shared=True), counting_together() as shared:
                counts = make_counts(shared)
                return work_in_processes(
                    workers,
                    lambda: work(listen(port, host, shared=True), counts),
                    note=watching.note,
                    last=lambda: rmtree(shared, ignore_errors=True),
                )
        work()
    watching.note("stopped; the ledger is closed")
    return 0


def _show_pages(app: FastAPI, network: Running, url: str, note: Callable[[str], None]) -> None:
    """Add the console to a gateway, and say where it is; without a URL do neither."""
    if not url:
        return
    from aeo_ledger.console.office import open_office  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.console.serve import add_console  # noqa: PLC0415 (the same)

    add_console(app)
    open_office(app, network.ledger, network.relay, network.trust)
    note(f"console on {url}/console")


def _open_held(path: Path | None, password_file: Path | None, trust: Path | None) -> HeldKeys:
    """Open the keys of keyed registers that are the pinned ledger's."""
    from aeo_ledger.office.ask import read_trust  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.signing.lookup_file import NOTHING_HELD  # noqa: PLC0415 (few commands need it)

    if path is None:
        return NOTHING_HELD
    assert trust is not None  # noqa: S101 (for the type checker)
    return held_keys(path, password_file, read_trust(trust))


def _keys_to_serve(held: HeldKeys, note: Callable[[str], None], *, remembers: bool) -> HeldKeys:
    """Return the keys with which a gateway answers, and say what it shows with them.

    A request for a document counts once. Who does not remember the used ones gets no payload keys, and so gives no documents: several
    processes remember them in the index's database alone.
    """
    from aeo_ledger.signing.lookup_file import NOTHING_HELD, HeldKeys  # noqa: PLC0415 (few commands need it)

    if held == NOTHING_HELD:
        return held
    note("It answers from lookup keys of keyed registers: whoever reaches it can try numbers, one with each request.")
    if remembers:
        return held
    note("With several workers and no --index it gives no documents.")
    return HeldKeys.of(held.lookup, [])


def _remember(store: IndexStore | None, now: int) -> StoredRequests | None:
    """Remember used requests for documents in the index's database, if there is one."""
    from aeo_ledger.gateway.used_requests import StoredRequests  # noqa: PLC0415 (needs the extra)

    return None if store is None else StoredRequests(store, since=now)


def _read_hooks(webhooks: Path | None, trust: Path | None, password_file: Path | None) -> tuple[OpenHook, ...]:
    """Read who is sent news; nobody, if no file is named."""
    if webhooks is None:
        return ()
    from aeo_ledger.gateway.webhook_file import read_hooks  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.signing.webhooks import open_hook_signer  # noqa: PLC0415 (few gateways need it)

    assert trust is not None  # noqa: S101 (for the type checker)
    return read_hooks(
        webhooks,
        read_trust(trust),
        lambda file, own: open_hook_signer(
            file, obtain_password(f"the webhooks' key in {named(file)}", file=own or password_file)
        ),
    )


def _make_sender(
    hooks: tuple[OpenHook, ...], store: IndexStore | None, chain_id: int
) -> Callable[[Journal], Sender] | None:
    from aeo_ledger.gateway.webhook_store import HookStore  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.gateway.webhooks import Sender  # noqa: PLC0415 (the same)

    if not hooks or store is None:
        return None
    remembered = HookStore(store)
    return lambda journal: Sender(hooks, journal, remembered, chain_id=chain_id)


def _open(folder: Path | None, password_file: Path | None, confirm_clock: bool) -> _OpenNetwork:
    """Ask for the password, and return how to open the network in a folder."""
    from aeo_ledger.network.run import run_network  # noqa: PLC0415 (needs the extra)

    assert folder is not None  # noqa: S101 (for the type checker)
    password = obtain_password(f"the validators' keys in {named(folder)}", file=password_file)
    return lambda store: run_network(folder, password, confirm_clock=confirm_clock, store=store)


def _reach(
    rpc: str,
    trust: Path | None,
    key: Path | None,
    genesis: Path | None,
    password_file: Path | None,
    *,
    has_index: bool,
) -> _OpenNetwork:
    """Read the files, and return how to connect to the network."""
    from aeo_ledger.network.reach import reach_network, read_beginning  # noqa: PLC0415
    from aeo_ledger.protocol.inventory import NOTHING  # noqa: PLC0415

    assert trust is not None  # noqa: S101 (for the type checker)
    assert key is not None  # noqa: S101
    pinned = read_trust(trust)
    if pinned.predecessors and genesis is None:
        raise MalformedText(
            "gateway --rpc",
            "no --genesis",
            "the genesis of a network that succeeds another: no log shows what came with it",
        )
    if has_index and genesis is None:
        raise MalformedText("gateway --index", "no --genesis", "the network's genesis: no log shows what it began with")
    beginning = NOTHING if genesis is None else read_beginning(genesis, pinned)
    signer = open_signer(
        key, lambda: obtain_password(f"the relay's key in {named(key)}", file=password_file), hear=hear
    )
    return lambda store: reach_network(split_urls(rpc), pinned, signer, beginning=beginning, store=store)
