"""`aeo-ledger webhook`: keys with which a gateway signs the news that it sends, and the messages that it could not deliver."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import INDEX, AsJson, PasswordFile
from aeo_ledger.cli.output import reporting, require_name, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.naming import count
from aeo_ledger.signing import obtain_password
from aeo_ledger.signing.webhooks import create_hook_key, create_hook_secret

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.gateway.webhook_store import HookStore, Letter

app = typer.Typer()

Folder = Annotated[
    Path | None, typer.Option("--folder", help="Folder of the gateway's embedded network; or give --index.")
]
Index = Annotated[
    str | None, typer.Option(envvar="AEO_LEDGER_INDEX", help="Database of the gateway's index, as the gateway has it.")
]
HookName = Annotated[str | None, typer.Option("--name", help="Only messages of the webhook with this name.")]


@app.command("secret")
@reporting
def secret(
    file: Annotated[Path, typer.Argument(help="The gateway's file, encrypted; nothing may be there yet.")],
    receiver: Annotated[
        Path,
        typer.Option(help="The receiver's file, NOT encrypted: hand it on, and delete it. Nothing may be there yet."),
    ],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Draw a secret that the gateway and one receiver share (HMAC-SHA256, `v1`): most receivers can check it."""
    require_name(file)
    require_name(receiver)
    password = obtain_password(named(file), file=password_file, twice=True)
    create_hook_secret(file, receiver, password, randomness=secrets.token_bytes)
    lines = [
        f"the gateway's secret is in {named(file)}",
        f"the receiver's is in {named(receiver)}, NOT encrypted: hand it on, and delete it",
    ]
    show({"file": str(file), "receiver": str(receiver)}, as_json=as_json, lines=lines)


@app.command("key")
@reporting
def key(
    file: Annotated[Path, typer.Argument(help="Path of the new key file; nothing may be there yet.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a key of the gateway's own (Ed25519, `v1a`). Receivers need its public part alone."""
    demand_extra("ledger", "cryptography")
    require_name(file)
    password = obtain_password(named(file), file=password_file, twice=True)
    public = create_hook_key(file, password, randomness=secrets.token_bytes)
    show({"file": str(file), "public": public}, as_json=as_json, lines=[f"{public} in {named(file)}"])


@app.command("list")
@reporting
def list_letters(folder: Folder = None, index: Index = None, name: HookName = None, as_json: AsJson = False) -> None:
    """List the messages that were given up, the oldest first."""
    with _opened(folder, index) as store:
        letters = store.letters(name)
    lines = [f"{count(len(letters), 'message')} not delivered"]
    lines += [
        f"{letter.id}  {letter.hook}, {show_moment(letter.failed_at)}: {said(letter.detail)}"
        + (" (is sent again)" if letter.due else "")
        for letter in letters
    ]
    show({"letters": [_describe(letter) for letter in letters]}, as_json=as_json, lines=lines)


@app.command("replay")
@reporting
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Of the messages; without any, all.")
    ] = None,
    folder: Folder = None,
    index: Index = None,
    name: HookName = None,
    as_json: AsJson = False,
) -> None:
    """Let the running gateway send messages again, with the same ids; what fails again stays in the list."""
    from aeo_ledger.errors.gateway import NoSuchLetter  # noqa: PLC0415 (rarely needed)

    with _opened(folder, index) as store:
        letters = store.letters(name)
        known = {letter.id for letter in letters}
        for one in ids or ():
            if one not in known:
                raise NoSuchLetter(id=one)
        chosen = [letter for letter in letters if not ids or letter.id in ids]
        store.mark_due(chosen)
    lines = [f"{count(len(chosen), 'message')} will be sent again by the gateway that runs"]
    show({"letters": [letter.id for letter in chosen]}, as_json=as_json, lines=lines)


def _describe(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "webhook": letter.hook,
        "failed_at": letter.failed_at,
        "detail": letter.detail,
        "due": letter.due,
        "body": letter.body.decode(),
    }


@contextmanager
def _opened(folder: Path | None, index: str | None) -> Iterator[HookStore]:
    """Open what a gateway remembers of its webhooks.

    Raises:
        ExtraMissing: the extra [gateway] is not installed.
        MalformedText: neither a folder nor a database is named, or both are.
        UnreadableFile: the folder has no index.
        NoIndex: the database has none.
    """
    demand_extra("gateway", "sqlalchemy")
    from aeo_ledger.errors.files import UnreadableFile  # noqa: PLC0415 (rarely needed)
    from aeo_ledger.gateway.webhook_store import HookStore  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415 (the same)

    if folder is not None:
        path = folder / INDEX
        if not path.is_file():
            raise UnreadableFile(path=str(path), detail="there is no such database: no gateway has run here")
        index = f"sqlite:///{path}"
    elif index is None:
        raise MalformedText("webhook", "neither --folder nor --index", "one of them")
    with IndexStore(index) as opened:
        opened.demand()
        store = HookStore(opened)
        store.prepare()
        yield store
