"""`gateway --check`: find every fault of a gateway's options at once, without opening a port or a ledger, or asking for a password."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aeo_ledger.cli.access import choose_access, demand_operator
from aeo_ledger.cli.options import demand_embedded, split_urls
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.cli import BadConfiguration
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.signing import WrongPassword
from aeo_ledger.office.alias_file import read_names
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.signing import obtain_password, open_signer
from aeo_ledger.signing.passwords import VARIABLE, Password

_NAME: Final = re.compile(r"[A-Z0-9_-]+(\.[A-Z0-9_-]+)*", re.ASCII | re.IGNORECASE)
"""What the `Host` of a request may name, beside addresses."""


def find_conflicts(options: Mapping[str, Any]) -> Iterator[MalformedText]:
    """Find what does not fit together, or names no ledger or two, before a port is opened or a password is asked for.

    Args:
        options: Their values by name.
    """
    folder, rpc, trust, key = (options[name] for name in ("folder", "rpc", "trust", "key"))
    book, index, workers = (options[name] for name in ("book", "index", "workers"))
    if (folder is None) == (not rpc):
        yield MalformedText("gateway", "a folder and --rpc" if rpc else "neither a folder nor --rpc", "one of them")
    if rpc and (trust is None or key is None):
        yield MalformedText("gateway --rpc", "no --trust" if trust is None else "no --key", "both")
    if folder is not None and workers > 1:
        needed = "--rpc: one process holds a ledger; `aeo-ledger node` serves it to several"
        yield MalformedText("gateway --workers", "a folder", needed)
    if book is not None and workers > 1 and index is None:
        needed = "an --index, in which the workers remember together which requests for documents were used"
        yield MalformedText("gateway --workers", "--book and no --index", needed)
    if options["webhooks"] is not None and folder is None and index is None:
        needed = "a database of the index, which remembers how far each got"
        yield MalformedText("gateway --webhooks", "no --index", needed)
    for name in options["host_name"] or ():
        if not _NAME.fullmatch(name):
            yield MalformedText("--host-name", ascii(name[:80]), "a name alone, as gateway.example: no scheme, no port")
    if book is not None and "://" not in book and not Path(book).is_file():
        yield MalformedText("--book", ascii(book[:200]), "a book that is there: its office makes it")
    if (cards := options["cards"]) is not None and not Path(cards).is_dir():
        yield MalformedText("--cards", ascii(str(cards)[:200]), "a folder that is there")


def check_gateway(options: Mapping[str, Any], faults: Sequence[str]) -> None:
    """Check a gateway's options by name.

    Args:
        options: Their values as the command line has them: a path is a text.
        faults: What is wrong in the file and the environment. If anything is, whether the options fit together cannot be told.

    Raises:
        BadConfiguration: It has all that is wrong.
    """
    found = list(faults)
    if not found:
        found += [str(conflict) for conflict in find_conflicts(options)]
    for check in _checks(options):
        try:
            check()
        except AeoLedgerError as error:
            found.append(f"{error.place}: {error}" if error.place else str(error))
    if found:
        raise BadConfiguration(faults=tuple(dict.fromkeys(found)))


def _checks(options: Mapping[str, Any]) -> Iterator[Callable[[], object]]:
    """Give a check for each option that names something to read."""
    from aeo_ledger.gateway.operation import read_networks  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.gateway.webhook_file import read_hooks  # noqa: PLC0415
    from aeo_ledger.network.reach import read_beginning  # noqa: PLC0415
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415
    from aeo_ledger.signing.keystore import open_key_store  # noqa: PLC0415 (few commands need it)
    from aeo_ledger.signing.lookup_file import open_held_keys  # noqa: PLC0415 (the same)
    from aeo_ledger.signing.webhooks import check_hook_signer  # noqa: PLC0415

    def look(file: Path, password_file: Path | None) -> None:
        check_hook_signer(file)
        if password_file is not None:
            read_file(password_file)

    folder, genesis, hooks = (_path(options, name) for name in ("folder", "genesis", "webhooks"))
    trust = _path(options, "trust") if folder is None else folder / "trust.json"
    index = options["index"]
    yield lambda: _resolve(options["host"], options["port"])
    yield lambda: read_names(_path(options, "aliases"))
    yield lambda: read_networks(options["metrics"] or ())
    rules = {name: options[name] for name in ("rate", "cors", "operated_by")}
    yield lambda: choose_access(options["host"], options["access"], **rules)
    yield lambda: [parse_url(url, what="URL of a node", has_query=True) for url in split_urls(options["rpc"])]
    password, others = (_path(options, name) for name in ("password_file", "lookup_password_file"))
    if folder is not None:
        yield lambda: _try_key(demand_embedded(folder) / "validators.keys", password, open_key_store)
    if (key := _path(options, "key")) is not None:
        yield lambda: _try_key(key, password, lambda path, known: open_signer(path, lambda: known))
    if trust is not None:
        yield lambda: demand_operator(options["operated_by"], read_trust(trust))
    if trust is not None and hooks is not None:
        yield lambda: read_hooks(hooks, read_trust(trust), look)
    if trust is not None and genesis is not None:
        yield lambda: read_beginning(genesis, read_trust(trust))
    keys = _path(options, "lookup_keys")
    if trust is not None and keys is not None:
        yield lambda: _try_key(
            keys, others or password, lambda path, known: open_held_keys(path, known, read_trust(trust).chains)
        )
    if index is not None:
        yield lambda: IndexStore(index)


def _try_key(path: Path, password_file: Path | None, open_with: Callable[[Path, Password], object]) -> None:
    """Open a file of keys as the start will. If it would ask for the password, only the file's form can be told."""
    is_known = password_file is not None or VARIABLE in os.environ
    password = obtain_password(path.name, file=password_file) if is_known else Password("not known")
    try:
        open_with(path, password)
    except WrongPassword:
        if is_known:
            raise


def _path(options: Mapping[str, Any], name: str) -> Path | None:
    return None if options[name] is None else Path(options[name])


def _resolve(host: str, port: int) -> None:
    try:
        socket.getaddrinfo(host, port, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise MalformedText("--host", ascii(host[:80]), "an address of this machine, such as 127.0.0.1") from error
